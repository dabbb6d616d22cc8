"""The card, eval.yaml and Croissant metadata that stand beside the tables."""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
from huggingface_hub import DatasetCard
from prepared import split_corpus
from refusing import files_ending_at

from pixret.loader import prepare
from pixret.repository import DESCRIPTIONS, RepositoryError, describe_repository
from pixret.tables import SCHEMAS, ImagesRecord, Manifest, list_configs, load_manifest, read_distractors, write_manifest

Describe = Callable[..., Path]
IMAGES = ImagesRecord(variant="unknown", sha256="", sources={}, missing=(), boxes_beyond=())


@pytest.fixture
def describe(plain_tables: Path, tmp_path: Path) -> Describe:
    """Make a repository whose benchmarks have the tables of mini, with what else their manifests are to say."""

    def describe_benchmarks(*names: str, **changes: Any) -> Path:
        for name in names:
            shutil.copytree(plain_tables / "mini", tmp_path / name)
            manifest = msgspec.json.decode((tmp_path / name / "manifest.json").read_bytes(), type=Manifest)
            write_manifest(tmp_path / name, msgspec.structs.replace(manifest, benchmark=name, **changes))
        describe_repository(tmp_path)
        return tmp_path

    return describe_benchmarks


def card(folder: Path) -> Any:
    return DatasetCard.load(folder / "README.md")


def text(folder: Path) -> str:
    return " ".join(card(folder).text.split())


def test_preparing_leaves_a_described_repository(image_tables: Path) -> None:
    assert sorted(path.name for path in image_tables.iterdir()) == sorted([*DESCRIPTIONS, "mini"])


def test_the_card_names_every_configuration_with_its_files(describe: Describe) -> None:
    folder = describe("mini", "proxford")
    configs = card(folder).data.to_dict()["configs"]
    expected = [config.name for name in ("proxford", "mini") for config in list_configs(name)]
    assert [config["config_name"] for config in configs] == expected
    assert [config["config_name"] for config in configs if config.get("default")] == ["proxford-pairs"]
    for config in configs:
        (files,) = config["data_files"]
        assert files["split"] == "test"
        assert all((folder / path).is_file() for path in files["path"])


def test_views_are_aliases_of_the_same_files(describe: Describe) -> None:
    configs = {config["config_name"]: config for config in card(describe("mini")).data.to_dict()["configs"]}
    for table in ("corpus", "queries"):
        view = configs[f"mini-hard-{table}"]
        assert view["data_files"] == configs[f"mini-{table}"]["data_files"]
        assert view["columns"] == ["id", "image"]
    assert "columns" not in configs["mini-hard-qrels"]


def test_features_are_spelled_for_old_versions_of_datasets(describe: Describe) -> None:
    folder = describe("mini")
    infos = {info["config_name"]: info for info in card(folder).data.to_dict()["dataset_info"]}
    pairs = {feature["name"]: feature for feature in infos["mini-pairs"]["features"]}
    assert list(pairs) == SCHEMAS["pairs"].names
    assert pairs["polygons"]["sequence"] == {"sequence": "float64"}
    assert pairs["level"]["dtype"] == {"class_label": {"names": {"0": "easy", "1": "hard", "2": "junk"}}}
    assert pairs["segmentation"]["struct"][0] == {"name": "size", "sequence": "int32"}
    assert [feature["name"] for feature in infos["mini-easy-corpus"]["features"]] == ["id", "image"]
    assert "list:" not in (folder / "README.md").read_text().partition("\n---\n")[0]


def test_the_number_of_rows_is_left_to_the_text_since_filters_change_it(describe: Describe) -> None:
    folder = describe("mini")
    assert all("splits" not in info for info in card(folder).data.to_dict()["dataset_info"])
    assert "| `mini-pairs` | 156 |" in text(folder)
    assert "| mini | 12 | 126 | 60 | 72 | 24 | no: annotations only |" in text(folder)


def test_the_licences_of_images_labels_and_code_are_told_apart(describe: Describe) -> None:
    folder = describe("proxford")
    assert card(folder).data.license == "other"
    for said in (
        "**Images** of PROxford and PRParis are photographs from Flickr",
        "**Labels** are by An et al.",
        "**Code**",
    ):
        assert said in text(folder)


def test_mini_alone_is_under_the_licence_of_pixret(describe: Describe) -> None:
    folder = describe("mini")
    assert card(folder).data.license == "apache-2.0"
    assert "Flickr" not in text(folder)


@pytest.mark.parametrize(
    ("variant", "said"),
    [
        ("original", "those of the first release: faces are not blurred"),
        ("v1", "those of the re-release `-v1`: faces are blurred"),
        ("unknown", "the first or the one with blurred faces, is not known"),
    ],
)
def test_the_card_says_whether_faces_are_blurred(describe: Describe, variant: Any, said: str) -> None:
    images = msgspec.structs.replace(IMAGES, variant=variant)
    assert said in text(describe("prparis", images=images, annotations_only=False))


def test_the_card_names_what_is_wrong_with_a_benchmark(describe: Describe) -> None:
    missing = tuple(f"0_{i}" for i in range(12))
    images = msgspec.structs.replace(IMAGES, missing=("paris_x",))
    said = text(describe("prparis", ignored_queries=(57, 59), missing_labels=missing, images=images))
    assert "queries (by index) that its mAP leaves out, as the published scripts do (2): 57, 59." in said
    assert "positive pairs without a label (12): 0_0, 0_1, " in said
    assert "0_9, and so on; `manifest.json` has all." in said
    assert "images that are missing (1): paris_x." in said


def test_the_card_cites_both_benchmarks_and_explains_both_conventions(describe: Describe) -> None:
    said = text(describe("proxford"))
    for work in (
        "an2023pixel",
        "radenovic2018revisiting",
        "**official**",
        "**strict**",
        "Images are left out of PROxford.",
    ):
        assert work in said


def test_eval_yaml_has_a_task_for_every_protocol_and_kind_of_answer(describe: Describe) -> None:
    evaluation = yaml.safe_load((describe("mini", "prparis") / "eval.yaml").read_text())
    assert set(evaluation) == {"name", "description", "evaluation_framework", "tasks"}
    assert evaluation["evaluation_framework"] == "pixret"
    assert {"id": "prparis_hard_segmentation", "config": "prparis-pairs", "split": "test"} in evaluation["tasks"]
    assert len({task["id"] for task in evaluation["tasks"]}) == len(evaluation["tasks"]) == 8


def test_croissant_has_every_file_with_its_digest_and_every_column(describe: Describe) -> None:
    folder = describe("mini")
    metadata = json.loads((folder / "croissant.json").read_text())
    for file in metadata["distribution"]:
        assert hashlib.sha256((folder / file["contentUrl"]).read_bytes()).hexdigest() == file["sha256"]
    fields = {each["name"]: [field["name"] for field in each["field"]] for each in metadata["recordSet"]}
    assert fields == {f"mini-{table}": [f"mini-{table}/{name}" for name in SCHEMAS[table].names] for table in SCHEMAS}


def test_croissant_gathers_the_shards_of_a_table(image_tables: Path, tmp_path: Path) -> None:
    shutil.copytree(image_tables / "mini", tmp_path / "mini")
    split_corpus(tmp_path / "mini")
    describe_repository(tmp_path)
    metadata = json.loads((tmp_path / "croissant.json").read_text())
    (shards,) = (each for each in metadata["distribution"] if each["@type"] == "cr:FileSet")
    shard_paths = load_manifest(tmp_path / "mini").shards("corpus")
    assert {f"mini/{path}" for path in shard_paths} == {
        str(path.relative_to(tmp_path)) for path in tmp_path.glob(shards["includes"])
    }
    assert len(shard_paths) > 2


def test_distractors_are_described_with_the_benchmarks(with_distractors: Path) -> None:
    said, data = text(with_distractors), card(with_distractors).data.to_dict()
    *configs, last = data["configs"]
    assert [config["config_name"] for config in configs] == [config.name for config in list_configs("mini")]
    assert last["config_name"] == "r1m-corpus"
    assert sorted(with_distractors / path for path in last["data_files"][0]["path"]) == sorted(
        (with_distractors / "r1m").glob("*/*.parquet")
    )
    assert "`r1m-corpus` are R1M, 12 index images" in said
    assert "**R1M**: made by `pixret prepare` from revisitop's `revisitop1m.txt` and 3 of its archives" in said
    assert "**Images** of R1M are photographs from Flickr" in said
    assert data["license"] == "other"
    tasks = yaml.safe_load((with_distractors / "eval.yaml").read_text())["tasks"]
    assert {task["config"] for task in tasks} == {"mini-pairs"}
    metadata = json.loads((with_distractors / "croissant.json").read_text())
    assert metadata["recordSet"][-1]["@id"] == "r1m-corpus"
    assert metadata["distribution"][-1]["includes"] == "r1m/corpus/*.parquet"


def test_the_card_names_the_distractors_that_are_missing(with_distractors: Path) -> None:
    manifest = read_distractors(with_distractors)
    faults = {"missing": ("ab/00",), "unreadable": {"ab/01": "is empty"}}
    write_manifest(with_distractors / "r1m", msgspec.structs.replace(manifest, **faults))
    describe_repository(with_distractors)
    said = text(with_distractors)
    assert "images that are missing, and have no row (1): ab/00." in said
    assert "images that cannot be decoded, whose row is empty (1): ab/01." in said


def test_distractors_alone_are_not_described(with_distractors: Path, tmp_path: Path) -> None:
    shutil.copytree(with_distractors / "r1m", tmp_path / "alone" / "r1m")
    describe_repository(tmp_path / "alone")
    assert [path.name for path in (tmp_path / "alone").iterdir()] == ["r1m"]


def test_equal_tables_give_equal_descriptions(describe: Describe) -> None:
    folder = describe("mini", "prparis")
    first = {name: (folder / name).read_bytes() for name in DESCRIPTIONS}
    describe_repository(folder)
    assert {name: (folder / name).read_bytes() for name in DESCRIPTIONS} == first
    assert not list(folder.glob(".*"))


def test_a_description_that_cannot_be_written_stays_as_it_was_and_nothing_is_left_beside_it(describe: Describe) -> None:
    folder = describe("mini")
    before = (folder / "README.md").read_bytes()
    with files_ending_at(100), pytest.raises(OSError, match=r"File too large"):
        describe_repository(folder)
    assert (folder / "README.md").read_bytes() == before
    assert not list(folder.glob(".*"))


@pytest.mark.parametrize("name", DESCRIPTIONS)
def test_a_file_of_somebody_else_is_never_overwritten(mini_folder: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine")
    with pytest.raises(RepositoryError, match=rf"{name}: is not by pixret prepare, which writes such a file; move it"):
        prepare("mini", mini_folder / "pixel_retrieval_benchmarks", tmp_path, annotations_only=True)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text() == "mine"

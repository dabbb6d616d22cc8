"""`datasets` through the builder: what it gives, in which ways, and that its cache never lies."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import datasets
import pytest
from PIL import Image
from prepared import add_images

from pixret.loader import LoadError, PixelRetrieval, load
from pixret.metrics import Protocol
from pixret.tables import TablesError, list_configs, table_path

Build = Callable[..., PixelRetrieval]


@pytest.fixture
def build(image_tables: Path, tmp_path: Path) -> Build:
    def build_config(name: str | None = None, data: Path | None = image_tables, **options: Any) -> PixelRetrieval:
        data_dir = None if data is None else str(data)
        return PixelRetrieval(config_name=name, data_dir=data_dir, cache_dir=str(tmp_path / "cache"), **options)

    return build_config


def test_every_benchmark_has_its_tables_and_a_view_for_every_protocol() -> None:
    views = [f"{protocol}-{table}" for protocol in Protocol for table in ("corpus", "queries", "qrels")]
    names = ["pairs", "queries", "corpus", *views]
    expected = {f"{benchmark}-{name}" for benchmark in ("proxford", "prparis", "mini") for name in names}
    assert set(PixelRetrieval.builder_configs) == {*expected, "r1m-corpus"}
    assert list_configs("mini")[0].name == "mini-pairs"


@pytest.mark.parametrize("config", [config.name for config in list_configs("mini")])
def test_every_table_is_the_same_prepared_and_streamed(build: Build, config: str) -> None:
    builder = build(config)
    builder.download_and_prepare()
    table = builder.as_dataset(split="test").with_format("arrow")
    streamed = build(config).as_streaming_dataset(split="test")
    assert table.features == streamed.features == builder.info.features
    undecoded = [column for column in table.column_names if column != "image"]
    rows = table.select_columns(undecoded)[:].to_pylist()
    assert list(streamed.select_columns(undecoded)) == rows
    assert len(rows) > 0


def test_distractors_are_a_table_beside_those_of_benchmarks(with_distractors: Path, build: Build) -> None:
    builder = build("r1m-corpus", with_distractors)
    builder.download_and_prepare(num_proc=2)
    table = builder.as_dataset(split="test")
    streamed = build("r1m-corpus", with_distractors).as_streaming_dataset(split="test")
    assert table.features == streamed.features == build("mini-corpus").info.features
    for rows in (table, streamed):
        assert [(row["image_index"], row["image"].size) for row in rows] == [(i, (20 + i, 10)) for i in range(12)]


def test_views_are_columns_of_the_tables(build: Build) -> None:
    assert list(build("mini-hard-corpus").info.features) == ["id", "image"]
    assert list(build("mini-easy-queries").info.features) == ["id", "image"]
    assert list(build("mini-medium-qrels").info.features) == ["query-id", "corpus-id", "score"]


def test_several_processes_read_the_shards_in_their_order(sharded: Path, build: Build) -> None:
    builder = build("mini-corpus", sharded)
    builder.download_and_prepare(num_proc=2)
    assert builder.as_dataset(split="test")["image_index"][:] == list(range(126))
    streamed = build("mini-corpus", sharded).as_streaming_dataset(split="test")
    assert [row["image_index"] for row in streamed.select_columns(["image_index"])] == list(range(126))


def test_images_are_the_files_byte_for_byte_and_decode_to_the_recorded_size(build: Build, mini_folder: Path) -> None:
    for config, key in (("mini-queries", "query_id"), ("mini-corpus", "image_id")):
        builder = build(config)
        builder.download_and_prepare()
        table = builder.as_dataset(split="test")
        assert all(row["image"].size == (row["width"], row["height"]) for row in table)
        for row in table.cast_column("image", datasets.Image(decode=False)):
            path = mini_folder / "images" / f"{row[key]}.jpg"
            assert row["image"] == {"bytes": path.read_bytes(), "path": path.name}


def test_masks_are_read_without_decoding_an_image(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    builder = build("mini-pairs")
    builder.download_and_prepare()

    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("an image was opened")

    monkeypatch.setattr(Image, "open", refuse)
    masks = [row["segmentation"] for row in builder.as_dataset(split="test")]
    assert len(masks) == 156
    assert None in masks


def test_what_is_cached_is_read_again_once_the_tables_change(
    image_tables: Path, build: Build, mini_folder: Path, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    shutil.copytree(image_tables, data)
    first = build("mini-corpus", data)
    first.download_and_prepare()
    small = tmp_path / "images"
    shutil.copytree(mini_folder / "images", small)
    name = str(first.as_dataset(split="test")[7]["image_id"])
    Image.new("RGB", (8, 6)).save(small / f"{name}.jpg")
    add_images(data / "mini", {path.stem: path for path in small.iterdir()})
    second = build("mini-corpus", data)
    second.download_and_prepare()
    assert second.cache_dir != first.cache_dir
    assert second.as_dataset(split="test")[7]["image"].size == (8, 6)


def test_the_same_tables_elsewhere_are_found_in_the_cache(image_tables: Path, build: Build, tmp_path: Path) -> None:
    first = build("mini-pairs")
    shutil.copytree(image_tables, tmp_path / "elsewhere")
    assert build("mini-pairs", tmp_path / "elsewhere").cache_dir == first.cache_dir
    assert build("mini-pairs", columns=["area"]).cache_dir != first.cache_dir


def test_a_folder_that_is_not_given_or_holds_no_tables_is_named(build: Build, tmp_path: Path) -> None:
    with pytest.raises(LoadError, match="mini-pairs: say with data_dir where its tables are: the folder that pixret"):
        build("mini-pairs", None)
    with pytest.raises(TablesError, match=r"nowhere: holds no prepared benchmark; make one with pixret prepare"):
        build("mini-pairs", tmp_path / "nowhere")
    with pytest.raises(TablesError, match=r"holds no prparis, only mini; make it with pixret prepare prparis"):
        build("prparis-corpus")
    with pytest.raises(TablesError, match=r"holds no r1m; make it with pixret prepare r1m"):
        build("r1m-corpus")


def test_a_file_that_is_cut_or_gone_is_named(image_tables: Path, tmp_path: Path) -> None:
    shutil.copytree(image_tables, tmp_path / "data")
    path = tmp_path / "data" / "mini" / table_path("pairs")
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(TablesError, match=r"pairs.test-00000-of-00001\.parquet: has \d+ bytes, and the manifest says"):
        load("mini", tmp_path / "data", cache_dir=tmp_path / "cache")
    path.unlink()
    with pytest.raises(TablesError, match=r"test-00000-of-00001\.parquet: cannot be read: No such file"):
        load("mini", tmp_path / "data", cache_dir=tmp_path / "cache")


@pytest.mark.parametrize("streaming", [False, True])
@pytest.mark.parametrize("table", ["pairs", "easy-qrels", "corpus"])
def test_a_file_without_images_that_changed_is_named(
    image_tables: Path, plain_tables: Path, tmp_path: Path, table: str, streaming: bool
) -> None:
    shutil.copytree(plain_tables if table == "corpus" else image_tables, tmp_path / "data")
    path = tmp_path / "data" / "mini" / table_path(table)
    content = bytearray(path.read_bytes())
    content[len(content) // 4] ^= 1  # which Parquet may read as something else
    path.write_bytes(content)
    with pytest.raises(
        TablesError, match=r"test-00000-of-00001\.parquet: has changed since it was written: its SHA-256"
    ):
        load(f"mini-{table}", tmp_path / "data", cache_dir=tmp_path / "cache", streaming=streaming)


@pytest.mark.skipif(int(datasets.__version__.partition(".")[0]) > 3, reason="datasets 4 and newer run no scripts")
def test_the_script_of_the_guide_loads_in_datasets_3(image_tables: Path, tmp_path: Path) -> None:
    guide = (Path(__file__).parents[2] / "docs" / "data.md").read_text()
    script = tmp_path / "pixel_retrieval.py"
    script.write_text(guide.partition("```python\n# pixel_retrieval.py\n")[2].partition("```")[0])
    options = {"data_dir": str(image_tables), "split": "test", "trust_remote_code": True}
    table = datasets.load_dataset(str(script), "mini-pairs", cache_dir=str(tmp_path / "cache"), **options)
    assert table.num_rows == 156

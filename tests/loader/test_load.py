"""One function that loads a table from wherever it is, and puts local images into it."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from pixret.loader import LoadError, load
from pixret.tables import SCHEMAS, TablesError, load_manifest, table_path, write_manifest, write_table

Load = Callable[..., Any]


@pytest.fixture
def load_mini(image_tables: Path, tmp_path: Path) -> Load:
    def load_from(name: str, data: Path = image_tables, **options: Any) -> Any:
        return load(name, data, cache_dir=tmp_path / "cache", **options)

    return load_from


@pytest.fixture
def without_bytes(image_tables: Path, tmp_path: Path) -> Path:
    """Tables that know the images' digests, and do not hold them."""
    folder = tmp_path / "without" / "mini"
    shutil.copytree(image_tables / "mini", folder)
    manifest = load_manifest(folder)
    files = dict(manifest.files)
    for table in ("queries", "corpus"):
        rows = [{**row, "image": None} for row in pq.read_table(folder / table_path(table)).to_pylist()]
        files |= write_table(folder, table, [pa.RecordBatch.from_pylist(rows, SCHEMAS[table])])
    write_manifest(folder, msgspec.structs.replace(manifest, files=files, annotations_only=True))
    return folder.parent


def test_a_benchmarks_name_means_its_pairs(load_mini: Load) -> None:
    assert load_mini("mini")[:] == load_mini("mini-pairs")[:]


def test_columns_and_filters_are_applied_while_reading(load_mini: Load) -> None:
    options = {"columns": ["area", "query_id"], "filters": [("level", "==", 0)]}
    easy = load_mini("mini", **options)
    assert (easy.column_names, easy.num_rows) == (["area", "query_id"], 60)
    assert list(load_mini("mini", streaming=True, **options)) == list(easy)


def test_filters_may_leave_no_row(load_mini: Load, without_bytes: Path, mini_folder: Path) -> None:
    options = {"columns": ["area", "query_id"], "filters": [("area", ">", 10**9)]}
    for _ in range(2):  # from the tables, then from the cache
        none = load_mini("mini", **options)
        assert (none.column_names, none.num_rows) == (["area", "query_id"], 0)
        assert none.features == load_mini("mini", columns=["area", "query_id"]).features
    assert list(load_mini("mini", streaming=True, **options)) == []
    joined = load_mini("mini-corpus", without_bytes, filters=[("image_index", "<", 0)], images=mini_folder / "images")
    assert (joined.num_rows, joined.features) == (0, load_mini("mini-corpus").features)


@pytest.mark.parametrize("streaming", [False, True])
@pytest.mark.parametrize("config", ["mini-corpus", "mini-queries", "mini-easy-corpus"])
def test_local_images_are_joined_by_hash(
    load_mini: Load, without_bytes: Path, mini_folder: Path, tmp_path: Path, config: str, streaming: bool
) -> None:
    renamed = tmp_path / "renamed"
    renamed.mkdir()
    for number, path in enumerate(sorted((mini_folder / "images").iterdir())):
        shutil.copy(path, renamed / f"{number}.JPG")
    expected = list(load_mini(config))
    for folder in (mini_folder / "images", renamed):
        joined = load_mini(config, without_bytes, images=folder, streaming=streaming)
        assert [row["image"].tobytes() for row in joined] == [row["image"].tobytes() for row in expected]
    assert joined.column_names == list(expected[0])


@pytest.mark.parametrize("streaming", [False, True])
def test_local_images_are_joined_by_name_where_no_hash_is_known(
    load_mini: Load, plain_tables: Path, mini_folder: Path, streaming: bool
) -> None:
    joined = load_mini("mini-queries", plain_tables, images=mini_folder / "images", streaming=streaming)
    sizes = [row["image"].size for row in load_mini("mini-queries")]
    assert [row["image"].size for row in joined] == sizes


def test_joined_images_are_read_again_once_a_file_changes(
    load_mini: Load, plain_tables: Path, mini_folder: Path, tmp_path: Path
) -> None:
    images = tmp_path / "images"
    shutil.copytree(mini_folder / "images", images)
    first = load_mini("mini-queries", plain_tables, images=images)
    Image.new("RGB", (8, 6)).save(images / f"{first[0]['query_id']}.jpg")
    assert load_mini("mini-queries", plain_tables, images=images)[0]["image"].size == (8, 6)


def test_every_local_image_that_does_not_fit_is_named(
    load_mini: Load, without_bytes: Path, plain_tables: Path, mini_folder: Path, tmp_path: Path
) -> None:
    images = tmp_path / "images"
    shutil.copytree(mini_folder / "images", images)
    first, second = (str(name) for name in load_mini("mini-queries")["query_id"][:2])
    Image.new("RGB", (8, 6)).save(images / f"{first}.jpg")
    (images / f"{second}.jpg").unlink()
    with pytest.raises(LoadError) as fault:
        load_mini("mini-queries", without_bytes, images=images)
    message = str(fault.value)
    assert message.startswith(f"{images}: 2 of 12 images do not fit\n")
    assert f"\n  {first}: {images / first}.jpg has the SHA-256 " in message
    assert ", and the table says " in message
    assert f"\n  {second}: no file of that name, nor one with the SHA-256 " in message
    with pytest.raises(LoadError, match=f"{second}: no file of that name$"):
        load_mini("mini-queries", plain_tables, images=images)
    (images / "other").mkdir()
    shutil.copy(mini_folder / "images" / f"{first}.jpg", images / "other")
    with pytest.raises(LoadError, match=rf"{first}: .* and .* differ, and no SHA-256 says which is meant"):
        load_mini("mini-queries", plain_tables, images=images)


def test_many_faults_are_counted_and_the_first_are_listed(load_mini: Load, plain_tables: Path, tmp_path: Path) -> None:
    with pytest.raises(LoadError, match=r"126 of 126 images do not fit(?s:.*)and 106 more$"):
        load_mini("mini-corpus", plain_tables, images=tmp_path)


def test_a_table_that_does_not_exist_is_named(load_mini: Load) -> None:
    expected = r"there is no table mini-train; there are NAME-pairs, .*, and NAME is one of .*, mini; and r1m-corpus"
    with pytest.raises(LoadError, match=expected):
        load_mini("mini-train")


@pytest.mark.parametrize("streaming", [False, True])
@pytest.mark.parametrize("name", ["r1m", "r1m-corpus"])
def test_distractors_are_loaded_where_they_are(
    load_mini: Load, with_distractors: Path, name: str, streaming: bool
) -> None:
    options = {"columns": ["image_id"], "filters": [("image_index", ">", 9)], "streaming": streaming}
    assert list(load_mini(name, with_distractors, **options)) == [{"image_id": "0c/04"}, {"image_id": "0c/05"}]
    with pytest.raises(TablesError, match="holds no r1m; make it with pixret prepare r1m"):
        load_mini(name, **options)


def test_distractors_whose_manifest_is_not_one_are_refused(load_mini: Load, with_distractors: Path) -> None:
    path = with_distractors / "r1m" / "distractors.json"
    manifest = path.read_text()
    path.write_text(manifest.replace("distractors/1", "distractors/9"))
    with pytest.raises(TablesError, match=r"has the schema pixret\.distractors/9, and this .* reads pixret\.distract"):
        load_mini("r1m", with_distractors)
    path.write_text(manifest.replace("corpus/test-00000", "../test-00000"))
    with pytest.raises(TablesError, match=r"distractors\.json: is not a manifest: it names the files \.\./test-00000"):
        load_mini("r1m", with_distractors)


def test_what_cannot_be_asked_of_a_table_is_named(load_mini: Load, mini_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(LoadError, match="mini-pairs has no column mask; it has query_id, "):
        load_mini("mini", columns=["area", "mask"])
    fault = r"mini-pairs cannot be filtered by .*mask.*: No match for FieldRef\.Name\(mask\); write .* columns query_id"
    for streaming in (False, True):
        with pytest.raises(LoadError, match=fault):
            load_mini("mini", filters=[("mask", "==", 1)], streaming=streaming)
    with pytest.raises(LoadError, match=r"filtered by \('level', '==', 0\): .*; write \[\(COLUMN, OPERATOR, VALUE\), "):
        load_mini("mini", filters=("level", "==", 0))
    with pytest.raises(LoadError, match=r"images has nowhere to go, since the columns are query_id, .*; leave it out"):
        load_mini("mini", images=mini_folder)
    with pytest.raises(LoadError, match="nowhere: no such folder; give the one with the image files"):
        load_mini("mini-corpus", images=tmp_path / "nowhere")
    with pytest.raises(LoadError, match="is a folder, to which revision cannot apply; leave it out"):
        load_mini("mini", revision="main")
    with pytest.raises(LoadError, match="0 processes read nothing; give 1 or more, or None for this one"):
        load_mini("mini", num_proc=0)

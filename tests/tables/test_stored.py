"""Queries and index images read back one by one."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pixret.metrics import GroundTruth
from pixret.tables import (
    SCHEMAS,
    ImageTable,
    StoredImage,
    TablesError,
    load_manifest,
    read_images,
    read_stored,
    table_path,
    write_manifest,
    write_table,
)

Writer = Callable[[GroundTruth], Path]


def fill(data: Path, table: ImageTable, contents: dict[int, bytes], group: int) -> None:
    """Give some rows of a table an image, and write it in row groups of a size."""
    folder = data / "mini"
    rows: list[dict[str, Any]] = pq.read_table(folder / table_path(table)).to_pylist()
    for index, content in contents.items():
        rows[index]["image"] = {"bytes": content, "path": f"{index}.jpg"}
        rows[index]["sha256"] = hashlib.sha256(content).hexdigest()
    batches = [pa.RecordBatch.from_pylist(rows[i : i + group], SCHEMAS[table]) for i in range(0, len(rows), group)]
    manifest = load_manifest(folder)
    files = {**manifest.files, **write_table(folder, table, batches)}
    write_manifest(folder, msgspec.structs.replace(manifest, files=files))


def test_rows_are_read_in_the_order_of_their_index(truth: GroundTruth, write: Writer) -> None:
    data = write(truth)
    fill(data, "queries", {1: b"one"}, 1)
    first, second = read_stored(data, "queries")
    assert first == StoredImage("query_a", 0, None, None, None, (136.5, 34.1, 648.5 - 136.5, 955.7 - 34.1))
    assert (second.name, second.index, second.file_name) == ("query_b", 1, "1.jpg")
    assert second.sha256 == hashlib.sha256(b"one").hexdigest()
    images = read_stored(data, "corpus", "mini")
    assert [image.index for image in images] == list(range(6))
    assert images[1] == StoredImage("image_1", 1, None, 9, 7)


@pytest.mark.parametrize("group", [1, 4, 100])
def test_images_are_read_across_row_groups(truth: GroundTruth, write: Writer, group: int) -> None:
    data = write(truth)
    fill(data, "corpus", {0: b"zero", 3: b"", 5: b"five"}, group)
    assert list(read_images(data, "corpus", [5, 0, 3, 0, 1])) == [(0, b"zero"), (1, None), (3, b""), (5, b"five")]
    assert list(read_images(data, "corpus", [])) == []


def test_a_file_that_is_gone_or_none_is_named(truth: GroundTruth, write: Writer) -> None:
    path = write(truth) / "mini" / table_path("corpus")
    data = path.parents[2]
    path.write_bytes(b"no Parquet at all")
    with pytest.raises(TablesError, match=r"test-00000-of-00001\.parquet: is not a Parquet file: .*prepare again"):
        list(read_images(data, "corpus", [0]))
    path.unlink()
    with pytest.raises(TablesError, match=r"test-00000-of-00001\.parquet: cannot be read: .*prepare again"):
        read_stored(data, "corpus")

"""Reading the ground truth back from prepared tables."""

import hashlib
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from pixret.metrics import GroundTruth, JudgedPair, Label, Level, Mask
from pixret.tables._errors import TablesError
from pixret.tables._manifest import FileRecord, Manifest, load_manifest, prepared_folder
from pixret.tables._schema import SCHEMAS

_PAIR_COLUMNS = ("query_index", "image_index", "level", "segmentation", "polygons", "bbox", "area")


def read_ground_truth(directory: Path, benchmark: str | None = None) -> GroundTruth:
    """Read a benchmark's ground truth; without a name, that of the only benchmark in the directory.

    Sizes and digests of the files are checked, and the digest of what was read. Of files with images, which can be
    large, the size alone is checked: the names in them are part of the ground truth's own digest. Raises TablesError.
    """
    folder = prepared_folder(directory, benchmark)
    manifest = load_manifest(folder)
    queries = _read_table(folder, manifest, "queries", ["query_id"])
    corpus = _read_table(folder, manifest, "corpus", ["image_id"])
    pairs = _read_table(folder, manifest, "pairs", _PAIR_COLUMNS)
    try:
        truth = _ground_truth(manifest, queries, corpus, pairs)
    except (ValueError, TypeError) as error:
        raise TablesError(folder, f"holds rows that pixret never writes: {error}") from error
    if truth.digest != manifest.ground_truth:
        detail = f"holds the ground truth {truth.digest}, and its manifest names {manifest.ground_truth}"
        raise TablesError(folder, detail)
    return truth


def _read_table(folder: Path, manifest: Manifest, table: str, columns: Sequence[str]) -> pa.Table:
    with_digest = table == "pairs" or manifest.annotations_only
    shards = [
        _read_shard(folder / path, table, manifest.files[path], columns, with_digest=with_digest)
        for path in manifest.shards(table)
    ]
    return pa.concat_tables(shards)


def _read_shard(path: Path, table: str, record: FileRecord, columns: Sequence[str], *, with_digest: bool) -> pa.Table:
    try:
        with pa.memory_map(str(path)) as source:
            buffer = source.read_buffer()
        _check_file(buffer, record, path, with_digest=with_digest)
        file = pq.ParquetFile(pa.BufferReader(buffer))
        if not file.schema_arrow.equals(SCHEMAS[table]) or file.metadata.num_rows != record.rows:
            raise TablesError(path, f"is not the table of {table} that this version of pixret writes")
        return file.read(columns=list(columns))
    except OSError as error:
        raise TablesError(path, f"cannot be read: {error}") from error
    except (pa.ArrowException, UnicodeDecodeError) as error:  # the latter, for names that are no text
        raise TablesError(path, f"is not a Parquet file: {error}") from error


def _check_file(buffer: pa.Buffer, record: FileRecord, path: Path, *, with_digest: bool) -> None:
    if buffer.size != record.bytes:
        raise TablesError(path, f"has {buffer.size} bytes, and the manifest says {record.bytes}")
    if with_digest and hashlib.sha256(buffer).hexdigest() != record.sha256:
        raise TablesError(path, "has changed since it was written: its SHA-256 is not the manifest's")


def _ground_truth(manifest: Manifest, queries: pa.Table, corpus: pa.Table, pairs: pa.Table) -> GroundTruth:
    return GroundTruth(
        benchmark=manifest.benchmark,
        query_ids=_values(queries["query_id"]),
        image_ids=_values(corpus["image_id"]),
        pairs=_judged_pairs(pairs),
        ignored_queries=manifest.ignored_queries,
    )


def _judged_pairs(table: pa.Table) -> tuple[JudgedPair, ...]:
    levels = map(Level, _values(table["level"]))
    masks, polygons = _masks(table), _polygons(table["polygons"].combine_chunks())
    labels = [None if mask is None else Label(mask, shapes) for mask, shapes in zip(masks, polygons, strict=True)]
    return tuple(map(JudgedPair, _values(table["query_index"]), _values(table["image_index"]), levels, labels))


def _masks(table: pa.Table) -> Iterator[Mask | None]:
    segmentation: Any = table["segmentation"].combine_chunks()
    size, counts = segmentation.flatten()
    sizes, boxes = _tuples(size, 2), _tuples(table["bbox"].combine_chunks(), 4)
    rows = zip(sizes, counts.cast(pa.binary()).to_pylist(), _values(table["area"]), boxes, strict=True)
    for shape, data, area, box in rows:
        yield None if shape is None else Mask.trusted(shape[0], shape[1], data, area, box)


def _tuples(array: Any, length: int) -> list[Any]:
    """Values of a list column as tuples, None for a null."""
    valid = array.is_valid().to_pylist()
    values = _numpy(array.flatten())
    if len(values) != length * sum(valid):
        raise ValueError(f"{len(values)} values are not {sum(valid)} lists of {length}")
    rows = map(tuple, values.reshape(-1, length).tolist())
    return [next(rows) if has_one else None for has_one in valid]


def _polygons(array: Any) -> list[tuple[NDArray[np.float64], ...]]:
    """Shapes of every label, as read-only views of shape (n, 2) into one array; none for a null."""
    outlines = array.values
    points = _numpy(outlines.values).reshape(-1, 2)
    shapes = [points[start:stop] for start, stop in pairwise((_numpy(outlines.offsets) // 2).tolist())]
    return [tuple(shapes[start:stop]) for start, stop in pairwise(array.offsets.to_pylist())]


def _values(column: Any) -> tuple[Any, ...]:
    return tuple(column.to_pylist())


def _numpy(array: Any) -> NDArray[Any]:
    """View an array without nulls; `to_numpy` would import pandas for it."""
    return np.from_dlpack(array)

"""Writing the tables as Parquet."""

import hashlib
import inspect
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pixret.tables._manifest import FileRecord, table_path
from pixret.tables._schema import SCHEMAS

SHARD_BYTES = 500 * 10**6
"""Image bytes in a file, about as many as the Hub asks for."""

_IMAGES = "image.bytes"  # compressed already, and too long for statistics
_REPEATED = ["query_id", "image_id"]  # columns that a dictionary makes smaller


def write_table(
    folder: Path, table: str, batches: Iterable[pa.RecordBatch], shard_bytes: int = SHARD_BYTES
) -> dict[str, FileRecord]:
    """Write a table into its benchmark's folder; returns the records of its files, the shards, by path.

    Every batch becomes a row group, and one batch at a time is in memory. A batch with which a shard would hold more
    than `shard_bytes` of images begins the next one.
    """
    place = folder / table
    place.mkdir(parents=True, exist_ok=True)
    shards = []
    for number, shard in groupby(batches, _shard_numbers(shard_bytes)):
        unnamed = place / f"shard-{number}"  # the name says how many there are
        shards.append((unnamed, _write_shard(unnamed, SCHEMAS[table], shard)))
    records = {table_path(table, i, len(shards)): record for i, (_, record) in enumerate(shards)}
    for path, (unnamed, _) in zip(records, shards, strict=True):
        unnamed.rename(folder / path)
    return records


def _shard_numbers(shard_bytes: int) -> Callable[[pa.RecordBatch], int]:
    """Give a function that tells the shard of each of a table's batches, asked in their order."""
    shard = size = 0

    def number(batch: pa.RecordBatch) -> int:
        nonlocal shard, size
        more = _image_bytes(batch)
        if size and size + more > shard_bytes:
            shard, size = shard + 1, 0
        size += more
        return shard

    return number


def _image_bytes(batch: pa.RecordBatch) -> int:
    if "image" not in batch.schema.names:
        return 0
    lengths: Any = pc.binary_length(pc.struct_field(batch.column("image"), "bytes"))
    return pc.sum(lengths).as_py() or 0


def _write_shard(path: Path, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> FileRecord:
    rows = 0
    with pq.ParquetWriter(path, schema, **_options(schema)) as writer:
        for batch in batches:
            writer.write_batch(batch)
            rows += batch.num_rows
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return FileRecord(digest, path.stat().st_size, rows)


def _options(schema: pa.Schema) -> dict[str, Any]:
    leaves = [leaf for field in schema for leaf in _leaves(field.name, field.type)]
    options: dict[str, Any] = {
        "compression": {leaf: "none" if leaf == _IMAGES else "zstd" for leaf in leaves},
        "use_dictionary": [name for name in _REPEATED if name in leaves],
        "write_statistics": [leaf for leaf in leaves if leaf != _IMAGES],
        "write_page_index": True,
    }
    if "use_content_defined_chunking" in inspect.signature(pq.write_table).parameters:  # since pyarrow 21
        options["use_content_defined_chunking"] = True
    return options


def _leaves(path: str, kind: pa.DataType) -> Iterator[str]:
    """Paths of a column's leaves, as Parquet spells them."""
    if isinstance(kind, pa.StructType):
        for field in kind.fields:
            yield from _leaves(f"{path}.{field.name}", field.type)
    elif isinstance(kind, pa.ListType):
        yield from _leaves(f"{path}.list.element", kind.value_type)
    else:
        yield path

"""Writing the tables as Parquet."""

import hashlib
import inspect
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pixret.tables._manifest import FileRecord, table_path
from pixret.tables._schema import SCHEMAS

_UNCOMPRESSED = "image.bytes"  # images are compressed already
_REPEATED = ["query_id", "image_id"]  # columns that a dictionary makes smaller


def write_table(folder: Path, table: str, batches: Iterable[pa.RecordBatch]) -> FileRecord:
    """Write a table into its benchmark's folder; every batch becomes a row group (images: 100 rows each)."""
    path = folder / table_path(table)
    path.parent.mkdir(parents=True, exist_ok=True)
    schema = SCHEMAS[table]
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
        "compression": {leaf: "none" if leaf == _UNCOMPRESSED else "zstd" for leaf in leaves},
        "use_dictionary": [name for name in _REPEATED if name in leaves],
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

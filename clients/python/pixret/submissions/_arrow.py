"""Arrow and Parquet submissions, column by column: rows of Python objects would cost as much as the scoring."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from pixret.metrics import Prediction
from pixret.submissions._rows import CocoMask, Row
from pixret.submissions._submission import Submission, SubmissionError

_COLUMNS = Row.__struct_fields__
_ROWS = 1024


def read_parquet(path: Path) -> Submission:
    """Read a Parquet file with the columns of `Row`."""
    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise SubmissionError(path, f"not a Parquet file: {error}") from None
    _check_columns(file.schema_arrow, str(path))
    return Submission(lambda: _predictions(file.iter_batches(_ROWS), str(path)), file.metadata.num_rows)


def read_arrow(table: pa.Table) -> Submission:
    """Read an Arrow table with the columns of `Row`."""
    _check_columns(table.schema, "table")
    return Submission(lambda: _predictions(table.to_batches(_ROWS), "table"), table.num_rows)


def _check_columns(schema: pa.Schema, where: str) -> None:
    if unknown := [name for name in schema.names if name not in _COLUMNS]:
        raise SubmissionError(where, f"unknown columns {', '.join(unknown)}; a submission has {', '.join(_COLUMNS)}")
    for name in schema.names:
        kind = schema.field(name).type
        if pa.types.is_struct(kind) != (name == "segmentation"):
            raise SubmissionError(where, f"column {name} has type {kind}; segmentation alone is a struct")
        if pa.types.is_struct(kind) and {field.name for field in kind} != {"size", "counts"}:
            raise SubmissionError(where, f"segmentation has type {kind}; it takes the fields size and counts")


def _predictions(batches: Iterable[pa.RecordBatch], where: str) -> Iterator[Prediction]:
    row = 0
    for batch in batches:
        for values in _python_rows(batch):
            try:
                yield msgspec.convert(values, Row).prediction()
            except ValueError as error:
                raise SubmissionError(where, f"row {row}: {error}") from None
            row += 1


def _python_rows(batch: pa.RecordBatch) -> Iterator[dict[str, Any]]:
    columns = [_masks(column) if pa.types.is_struct(column.type) else column.to_pylist() for column in batch.columns]
    for values in zip(*columns, strict=True):
        yield dict(zip(batch.schema.names, values, strict=True))


def _masks(column: Any) -> list[CocoMask | None]:
    """Masks of a segmentation column; field by field, since a struct scalar costs ten times its fields."""
    sizes, counts = column.field("size").to_pylist(), column.field("counts")
    if pa.types.is_binary(counts.type) or pa.types.is_large_binary(counts.type):
        counts = counts.cast(pa.string())
    return [
        CocoMask(size, count) if valid else None
        for valid, size, count in zip(column.is_valid().to_pylist(), sizes, counts.to_pylist(), strict=True)
    ]

"""Arrow and Parquet submissions, column by column: rows of Python objects would cost as much as the scoring."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from pixret.metrics import Prediction
from pixret.submissions._columns import check_columns
from pixret.submissions._rows import CocoMask, Row, describe_fault
from pixret.submissions._submission import Submission, SubmissionError

_ROWS = 1024


def read_parquet(path: Path) -> Submission:
    """Read a Parquet file with the columns of `Row`."""
    try:
        file = pq.ParquetFile(path)
        schema = file.schema_arrow
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:  # the last, for names that are no text
        raise SubmissionError(path, f"not a Parquet file: {error}") from None
    check_columns(schema, str(path))
    return Submission(lambda: _predictions(file.iter_batches(_ROWS), str(path)), file.metadata.num_rows)


def read_arrow(table: pa.Table) -> Submission:
    """Read an Arrow table with the columns of `Row`."""
    check_columns(table.schema, "table")
    return Submission(lambda: _predictions(table.to_batches(_ROWS), "table"), table.num_rows)


def _predictions(batches: Iterable[pa.RecordBatch], where: str) -> Iterator[Prediction]:
    for row, values in enumerate(_python_rows(batches, where)):
        try:
            yield msgspec.convert(values, Row).prediction()
        except ValueError as error:
            raise SubmissionError(where, f"row {row}: {describe_fault(error, values)}") from None


def _python_rows(batches: Iterable[pa.RecordBatch], where: str) -> Iterator[dict[str, Any]]:
    row = 0
    try:
        for batch in batches:
            for values in zip(*map(_python_values, batch.columns), strict=True):
                yield dict(zip(batch.schema.names, values, strict=True))
            row += batch.num_rows
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise SubmissionError(where, f"row {row} or one after it cannot be read: {error}; write it anew") from None


def _python_values(column: Any) -> list[Any]:
    if not pa.types.is_struct(column.type):
        values: list[Any] = column.to_pylist()
        return values
    # Field by field, since a struct scalar costs ten times its fields.
    sizes, counts = column.field("size").to_pylist(), column.field("counts").to_pylist()
    return [
        _mask(size, count) if valid else None
        for valid, size, count in zip(column.is_valid().to_pylist(), sizes, counts, strict=True)
    ]


def _mask(size: list[int] | None, counts: Any) -> CocoMask | dict[str, Any]:
    """A mask, of whose column the types were checked; where parts are null, what conversion refuses by name."""
    if size is None or None in size or counts is None or (isinstance(counts, list) and None in counts):
        return {"size": size, "counts": counts.decode("ascii", "replace") if isinstance(counts, bytes) else counts}
    return CocoMask(size, counts)

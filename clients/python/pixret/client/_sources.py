"""What callers hand over as predictions."""

from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa

from pixret.metrics import Item
from pixret.submissions import Submission, open_submission, read_arrow

Source = Iterable[Item] | pa.Table | str | Path
"""Items, a `Submission`, an Arrow table, or a path to a Parquet, JSONL or COCO results file."""


def as_submission(source: Source) -> Submission:
    """Read a source as a submission; SubmissionError when it cannot be."""
    match source:
        case Submission():
            return source
        case str() | Path():
            return open_submission(Path(source))
        case pa.Table():
            return read_arrow(source)
        case _:
            items = source
            return Submission(lambda: iter(items))

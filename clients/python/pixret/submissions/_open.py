"""Any path to a submission."""

from pathlib import Path

from pixret.submissions._arrow import read_parquet
from pixret.submissions._authors import read_results
from pixret.submissions._jsonl import read_coco_results, read_jsonl
from pixret.submissions._submission import BenchmarkShape, Submission, SubmissionError

_READERS = {
    ".parquet": read_parquet,
    ".jsonl": read_jsonl,
    ".ndjson": read_jsonl,
    ".json": read_coco_results,
}


def open_submission(
    path: Path, benchmark: BenchmarkShape | None = None, *, method: str | None = None, ranking: str | None = None
) -> Submission:
    """Open a file by its ending, or a folder in the authors' ``results`` layout.

    Only the authors' layout needs `benchmark` and `method`; a file takes neither method nor ranking.

    Raises:
        SubmissionError: when there is nothing that can be read.
    """
    if path.is_dir():
        if benchmark is None or method is None:
            fault = "a folder is read in the authors' results layout, which takes --method NAME, one of its pixel-level"
            raise SubmissionError(path, fault)
        return read_results(path, benchmark, method, ranking)
    if not path.is_file():
        raise SubmissionError(path, "is not a regular file" if path.exists() else "no such file or folder")
    if method is not None or ranking is not None:
        raise SubmissionError(path, "--method and --ranking choose from a results folder, and this is a file")
    if path.suffix.lower() not in _READERS:
        endings = ", ".join(_READERS)
        raise SubmissionError(
            path, f"ending {path.suffix!r} is not known; a submission is a folder or one of {endings}"
        )
    return _READERS[path.suffix.lower()](path)

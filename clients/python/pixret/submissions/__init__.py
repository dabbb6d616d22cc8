"""Submissions of every form that people have them in, read as items to score."""

from pixret.submissions._arrow import read_arrow
from pixret.submissions._authors import read_results
from pixret.submissions._open import open_submission
from pixret.submissions._submission import BenchmarkShape, Submission, SubmissionError

__all__ = ["BenchmarkShape", "Submission", "SubmissionError", "open_submission", "read_arrow", "read_results"]

"""A submission of any form, as the items to score."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pixret.metrics import Item


class SubmissionError(ValueError):
    """A submission that cannot be read: where, what is wrong there, and what to do."""

    def __init__(self, path: Path | str, detail: str) -> None:
        super().__init__(f"{path}: {detail}")


@dataclass(frozen=True, slots=True)
class BenchmarkShape:
    """What a reader must know of the benchmark that a submission is for."""

    name: str
    query_count: int
    image_count: int


@dataclass(frozen=True, slots=True)
class Submission:
    """Items of one submission, which can be iterated over again.

    `count` is the number of items where it is known before reading. `distractors` counts the images that its ranking
    holds beyond the index. Iterating raises SubmissionError at the first place that cannot be read.
    """

    read: Callable[[], Iterator[Item]]
    count: int | None = None
    distractors: int = 0

    def __iter__(self) -> Iterator[Item]:
        return self.read()

"""What a snapshot costs as a session grows, by how many queries changed since the last, and what its bounds take."""

import statistics
import time
from collections.abc import Container, Iterable, Iterator
from typing import Any
from unittest import mock

from bench.case import IMAGES, QUERIES, full_case
from bench.timing import table
from pixret.metrics import NO_MASK, Accumulator, ImageRef, Item, MeasurePool, Prediction, _accumulator
from pixret.metrics._outlook import Outlook, foresee

_SHARES = (0.1, 0.25, 0.5, 1.0)
_TIMES = 7


def measure() -> str:
    """The table of this module: milliseconds of processor time, the median of several."""
    case = full_case()
    rows = []
    with MeasurePool() as pool:
        for share in _SHARES:
            count = int(share * len(case.predictions))
            accumulator = Accumulator(case.truth)
            accumulator.add(case.predictions[:count], pool)
            accumulator.snapshot()
            unseen = _unseen_images(case.predictions)
            one, _ = _median(accumulator, ([next(unseen[0])] for _ in range(_TIMES)))
            every, bounds = _median(accumulator, ([next(each) for each in unseen] for _ in range(_TIMES)))
            rows.append((str(count), f"{one:.1f}", f"{every:.1f}", f"{bounds:.1f}"))
    head = (
        "predictions in the session",
        "ms, 1 query changed",
        f"ms, all {QUERIES} queries changed",
        "bounds of these",
    )
    return table("A snapshot", head, rows)


def _unseen_images(predictions: Iterable[Prediction]) -> list[Iterator[Item]]:
    """By query, further predictions of images that the submission leaves out."""
    seen = {(each.query, each.image) for each in predictions}
    return [_further(query, seen) for query in range(QUERIES)]


def _further(query: int, seen: Container[tuple[ImageRef, ImageRef]]) -> Iterator[Item]:
    for image in range(IMAGES):
        if (query, image) not in seen:
            yield Prediction(query, image, NO_MASK, score=-1.0)


def _median(accumulator: Accumulator, batches: Iterable[list[Item]]) -> tuple[float, float]:
    """Milliseconds of processor time of a snapshot behind each batch, and those of its queries' bounds."""
    spent, bounding = [], []
    for batch in batches:
        accumulator.add(batch)
        with mock.patch.object(_accumulator, "foresee", _Stopwatch()) as bounds:
            started = time.process_time()
            accumulator.snapshot()
            spent.append(1e3 * (time.process_time() - started))
        bounding.append(1e3 * bounds.seconds)
    return statistics.median(spent), statistics.median(bounding)


class _Stopwatch:
    """Bounds a query, and adds up how long that takes."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self, *query: Any) -> Outlook:
        started = time.process_time()
        outlook = foresee(*query)
        self.seconds += time.process_time() - started
        return outlook

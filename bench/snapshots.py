"""What a snapshot costs as a session grows, and by how many queries changed since the last."""

import statistics
import time
from collections.abc import Container, Iterable, Iterator

from bench.case import IMAGES, QUERIES, full_case
from bench.timing import table
from pixret.metrics import NO_MASK, Accumulator, ImageRef, Item, MeasurePool, Prediction

_SHARES = (0.1, 0.25, 0.5, 1.0)
_TIMES = 7


def measure() -> str:
    """The table of this module: milliseconds, the median of several."""
    case = full_case()
    rows = []
    with MeasurePool() as pool:
        for share in _SHARES:
            count = int(share * len(case.predictions))
            accumulator = Accumulator(case.truth)
            accumulator.add(case.predictions[:count], pool)
            accumulator.snapshot()
            unseen = _unseen_images(case.predictions)
            one = _median(accumulator, ([next(unseen[0])] for _ in range(_TIMES)))
            every = _median(accumulator, ([next(each) for each in unseen] for _ in range(_TIMES)))
            rows.append((str(count), f"{one:.1f}", f"{every:.1f}"))
    head = ("predictions in the session", "ms, 1 query changed", f"ms, all {QUERIES} queries changed")
    return table("A snapshot", head, rows)


def _unseen_images(predictions: Iterable[Prediction]) -> list[Iterator[Item]]:
    """By query, further predictions of images that the submission leaves out."""
    seen = {(each.query, each.image) for each in predictions}
    return [_further(query, seen) for query in range(QUERIES)]


def _further(query: int, seen: Container[tuple[ImageRef, ImageRef]]) -> Iterator[Item]:
    for image in range(IMAGES):
        if (query, image) not in seen:
            yield Prediction(query, image, NO_MASK, score=-1.0)


def _median(accumulator: Accumulator, batches: Iterable[list[Item]]) -> float:
    milliseconds = []
    for batch in batches:
        accumulator.add(batch)
        started = time.perf_counter()
        accumulator.snapshot()
        milliseconds.append(1e3 * (time.perf_counter() - started))
    return statistics.median(milliseconds)

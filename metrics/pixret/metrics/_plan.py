"""What can be known of a query before anything is predicted."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from pixret.metrics._groundtruth import GroundTruth, JudgedPair, Level, Protocol


@dataclass(frozen=True, slots=True, eq=False)
class QueryPlan:
    """The judged images of one query, hard, easy, then junk: the order in which the published scripts take means.

    A slot is a position in `pairs`; `slots` finds it by image index, and `images` are the image indices. The first
    `positive_count` slots are positives, and `hard` tells which of those are hard. By protocol, `counted` tells which
    of the positive slots are its positives, `positives` says how many and `spans` where they lie, and `junk` tells
    which of all slots are its junk. `reachable`, of shape (convention, positive slot), tells where a prediction may
    have IoU 1.
    """

    pairs: tuple[JudgedPair, ...]
    slots: dict[int, int]
    images: NDArray[np.int64]
    positive_count: int
    hard: NDArray[np.bool_]
    counted: NDArray[np.bool_]
    positives: NDArray[np.int64]
    spans: tuple[slice, ...]
    junk: NDArray[np.bool_]
    reachable: NDArray[np.bool_]
    _by_image: NDArray[np.int64]  # slots, sorted by image index
    _ascending: NDArray[np.int64]  # image indices, ascending

    def positions_in(self, order: NDArray[np.int64]) -> NDArray[np.float64]:
        """Position of every judged image in an order of image indices, by slot; NaN where it is not there."""
        positions = np.full(len(self.pairs), np.nan)
        if len(self.pairs):
            nearest = np.minimum(np.searchsorted(self._ascending, order), len(self._ascending) - 1)
            judged = np.flatnonzero(self._ascending[nearest] == order)
            positions[self._by_image[nearest[judged]]] = judged
        return positions


_ORDER = (Level.HARD, Level.EASY, Level.JUNK)


@lru_cache(maxsize=16)  # a server opens many sessions on few ground truths
def plan_queries(truth: GroundTruth) -> tuple[QueryPlan, ...]:
    """Lay out every query of a ground truth, by query index."""
    by_query: list[dict[Level, list[JudgedPair]]] = [{level: [] for level in Level} for _ in truth.query_ids]
    for pair in truth.pairs:
        by_query[pair.query_index][pair.level].append(pair)
    return tuple(_plan([pair for level in _ORDER for pair in levels[level]]) for levels in by_query)


def _plan(pairs: list[JudgedPair]) -> QueryPlan:
    images = np.array([pair.image_index for pair in pairs], np.int64)
    levels = np.array([pair.level for pair in pairs], np.int64)
    by_image = np.argsort(images)
    positive_count = int(np.count_nonzero(levels != Level.JUNK))
    positive = np.array([np.isin(levels, list(protocol.positive_levels)) for protocol in Protocol])
    return QueryPlan(
        pairs=tuple(pairs),
        slots={image: slot for slot, image in enumerate(images.tolist())},
        images=images,
        positive_count=positive_count,
        hard=levels[:positive_count] == Level.HARD,
        counted=positive[:, :positive_count],
        positives=np.count_nonzero(positive, axis=1),
        spans=tuple(_span(each) for each in positive),
        junk=~positive,
        reachable=np.array([[_official_reaches(p), _strict_reaches(p)] for p in pairs[:positive_count]], bool)
        .reshape(-1, 2)
        .T,
        _by_image=by_image,
        _ascending=images[by_image],
    )


def _span(flags: NDArray[np.bool_]) -> slice:
    """Where the flags are set, which is side by side: a protocol takes hard, easy, or both."""
    where = np.flatnonzero(flags)
    return slice(where[0], where[-1] + 1) if len(where) else slice(0)


def _strict_reaches(pair: JudgedPair) -> bool:
    """Whether a mask can have IoU 1 with the label: the label itself, unless it has no pixel on its canvas."""
    return pair.label is not None and pair.label.mask.area > 0


def _official_reaches(pair: JudgedPair) -> bool:
    """Whether the published scripts can give a number for the pair once something is found there."""
    return pair.label is not None and pair.label.fault is None

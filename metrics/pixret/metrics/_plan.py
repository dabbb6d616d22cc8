"""What can be known of a query before anything is predicted."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from pixret.metrics._groundtruth import GroundTruth, JudgedPair, Level, Protocol


@dataclass(frozen=True, slots=True, eq=False)
class ProtocolPlan:
    """A protocol seen from one query: slots of its positives, hard before easy, and slots of its junk."""

    positives: NDArray[np.int64]
    junk: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class QueryPlan:
    """The judged images of one query, hard, easy, then junk: the order in which the published scripts take means.

    A slot is a position in `pairs`; `slots` finds it by image index. The first `positive_count` slots are positives,
    and `hard` tells which of those are hard. `counted` has shape (protocol, positive slot) and tells which of them
    are positives of the protocol.
    """

    pairs: tuple[JudgedPair, ...]
    slots: dict[int, int]
    positive_count: int
    hard: NDArray[np.bool_]
    counted: NDArray[np.bool_]
    protocols: tuple[ProtocolPlan, ...]
    _by_image: NDArray[np.int64]  # slots, sorted by image index
    _images: NDArray[np.int64]  # image indices, ascending

    def positions_in(self, order: NDArray[np.int64]) -> NDArray[np.float64]:
        """Position of every judged image in an order of image indices, by slot; NaN where it is not there."""
        positions = np.full(len(self.pairs), np.nan)
        if len(self.pairs):
            nearest = np.minimum(np.searchsorted(self._images, order), len(self._images) - 1)
            judged = np.flatnonzero(self._images[nearest] == order)
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
        positive_count=positive_count,
        hard=levels[:positive_count] == Level.HARD,
        counted=positive[:, :positive_count],
        protocols=tuple(ProtocolPlan(np.flatnonzero(each), np.flatnonzero(~each)) for each in positive),
        _by_image=by_image,
        _images=images[by_image],
    )

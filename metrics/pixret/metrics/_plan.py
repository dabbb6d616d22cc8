"""What can be known of a query before anything is predicted."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from pixret.metrics._groundtruth import GroundTruth, JudgedPair, Level, Protocol


@dataclass(frozen=True, slots=True, eq=False)
class ProtocolPlan:
    """A protocol seen from one query: slots of its positives, hard before easy, and slots of its junk.

    A slot is an index into `QueryPlan.images`.
    """

    positives: NDArray[np.int64]
    junk: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class QueryPlan:
    """The judged images of one query, hard, easy, then junk: the order in which the published scripts take means.

    `images` holds image indices by slot; `slots` is its inverse; `pairs` are the judged pairs by slot. The first
    `positive_count` slots are positives.
    """

    images: NDArray[np.int64]
    slots: dict[int, int]
    pairs: tuple[JudgedPair, ...]
    positive_count: int
    protocols: dict[Protocol, ProtocolPlan]


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
    return QueryPlan(
        images=images,
        slots={image: slot for slot, image in enumerate(images.tolist())},
        pairs=tuple(pairs),
        positive_count=int(np.count_nonzero(levels != Level.JUNK)),
        protocols={protocol: _protocol_plan(levels, protocol) for protocol in Protocol},
    )


def _protocol_plan(levels: NDArray[np.int64], protocol: Protocol) -> ProtocolPlan:
    positive = np.isin(levels, list(protocol.positive_levels))
    return ProtocolPlan(np.flatnonzero(positive), np.flatnonzero(~positive))

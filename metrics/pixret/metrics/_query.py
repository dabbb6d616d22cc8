"""What one query is worth."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pixret.metrics._average_precision import THRESHOLDS, average_precisions, ranks_without_junk
from pixret.metrics._groundtruth import Protocol
from pixret.metrics._plan import ProtocolPlan
from pixret.metrics._state import OFFICIAL, STRICT, QueryState

_CELLS = 4 * len(THRESHOLDS)


@dataclass(frozen=True, slots=True, eq=False)
class QueryScores:
    """What one query contributes, NaN where it contributes nothing. Axes: protocol, convention, task, threshold."""

    miou: NDArray[np.float64]  # (3, 2, 2)
    ap: NDArray[np.float64]  # (3, 2, 2, 10)
    ranking_ap: NDArray[np.float64]  # (3,)
    positives: NDArray[np.int64]  # (3,)
    predicted: NDArray[np.int64]  # (3,), of the positives


def evaluate(state: QueryState) -> QueryScores:
    """Score one query in all protocols, under both conventions."""
    # The published scripts take an empty prediction for 0 on a hard pair and leave it out on an easy one.
    saved = state.found | state.plan.hard
    predicted = np.zeros(state.plan.positive_count, bool)
    predicted[list(state.measurements)] = True
    hits = (state.ious[:, :, None, :] > THRESHOLDS[:, None]).reshape(_CELLS, -1)
    positions = state.positions()
    scores = _blank()
    for index, protocol in enumerate(Protocol):
        parts = state.plan.protocols[protocol]
        scores.miou[index, OFFICIAL] = _mean_ious(state.ious[OFFICIAL], parts.positives[saved[parts.positives]])
        scores.miou[index, STRICT] = _mean_ious(state.ious[STRICT], parts.positives)
        ap = _average_precisions(hits, positions, parts)
        scores.ap[index] = ap[:_CELLS].reshape(2, 2, -1)
        scores.ranking_ap[index] = ap[_CELLS]
        scores.positives[index] = len(parts.positives)
        scores.predicted[index] = np.count_nonzero(predicted[parts.positives])
    return scores


def _blank() -> QueryScores:
    cells = (len(Protocol), 2, 2)
    return QueryScores(
        miou=np.full(cells, np.nan),
        ap=np.full((*cells, len(THRESHOLDS)), np.nan),
        ranking_ap=np.full(len(Protocol), np.nan),
        positives=np.zeros(len(Protocol), np.int64),
        predicted=np.zeros(len(Protocol), np.int64),
    )


def _mean_ious(ious: NDArray[np.float64], slots: NDArray[np.int64]) -> NDArray[np.float64] | float:
    """Mean IoU by task, NaN where there is nothing to take the mean of; each as np.mean gives it for a list."""
    return ious.take(slots, axis=1).mean(axis=1) if len(slots) else np.nan


def _average_precisions(
    hits: NDArray[np.bool_], positions: NDArray[np.float64], parts: ProtocolPlan
) -> NDArray[np.float64]:
    """APs of one protocol: convention x task x threshold, and last that of the ranking alone.

    The conventions differ in the recall denominator: official counts the positives that pass, strict all of them.
    """
    slots, junk = parts.positives, positions[parts.junk]
    ranked = slots[np.argsort(positions[slots])]  # NaN sorts last
    ranked = ranked[: np.count_nonzero(~np.isnan(positions[slots]))]
    ranks = ranks_without_junk(positions[ranked].astype(np.int64), np.sort(junk[~np.isnan(junk)]).astype(np.int64))
    denominators = np.full(_CELLS + 1, len(slots))
    official = slice(_CELLS // 2 * OFFICIAL, _CELLS // 2 * (OFFICIAL + 1))
    denominators[official] = np.count_nonzero(hits[official].take(slots, axis=1), axis=1)
    judged = np.ones((_CELLS + 1, len(ranked)), bool)
    hits.take(ranked, axis=1, out=judged[:_CELLS])
    return average_precisions(judged, ranks, denominators)

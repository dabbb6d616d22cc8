"""What one query is worth."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pixret.metrics._average_precision import THRESHOLDS, average_precisions, ranks_without_junk
from pixret.metrics._groundtruth import Protocol
from pixret.metrics._state import OFFICIAL, STRICT, QueryState

_CELLS = 4 * len(THRESHOLDS)
_OFFICIAL = slice(_CELLS // 2 * OFFICIAL, _CELLS // 2 * (OFFICIAL + 1))


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
    plan = state.plan
    # The published scripts take an empty prediction for 0 on a hard pair and leave it out on an easy one.
    saved = state.found | plan.hard
    predicted = np.zeros(plan.positive_count, bool)
    predicted[list(state.measurements)] = True
    ap = _average_precisions(state)
    scores = QueryScores(
        miou=np.full((len(Protocol), 2, 2), np.nan),
        ap=ap[:, :_CELLS].reshape(len(Protocol), 2, 2, -1),
        ranking_ap=ap[:, _CELLS],
        positives=np.count_nonzero(plan.counted, axis=1),
        predicted=np.count_nonzero(plan.counted & predicted, axis=1),
    )
    for index, parts in enumerate(plan.protocols):
        scores.miou[index, OFFICIAL] = _mean_ious(state.ious[OFFICIAL], parts.positives[saved[parts.positives]])
        scores.miou[index, STRICT] = _mean_ious(state.ious[STRICT], parts.positives)
    return scores


def _mean_ious(ious: NDArray[np.float64], slots: NDArray[np.int64]) -> NDArray[np.float64] | float:
    """Mean IoU by task, NaN where there is nothing to take the mean of; each as np.mean gives it for a list."""
    return ious.take(slots, axis=1).mean(axis=1) if len(slots) else np.nan


def _average_precisions(state: QueryState) -> NDArray[np.float64]:
    """APs by protocol: of convention x task x threshold, and last that of the ranking alone.

    The conventions differ in the recall denominator: official counts the positives that pass, strict all of them.
    """
    plan, positions = state.plan, state.positions()
    hits = np.ones((_CELLS + 1, plan.positive_count), bool)
    np.greater(state.ious[:, :, None, :], THRESHOLDS[:, None], out=hits[:_CELLS].reshape(2, 2, len(THRESHOLDS), -1))
    counted_hits = hits & plan.counted[:, None, :]
    denominators = np.repeat(np.count_nonzero(plan.counted, axis=1)[:, None], _CELLS + 1, axis=1)
    denominators[:, _OFFICIAL] = np.count_nonzero(counted_hits[:, _OFFICIAL], axis=2)
    ranked = np.argsort(positions[: plan.positive_count])  # NaN sorts last
    ranked = ranked[: np.count_nonzero(~np.isnan(positions[: plan.positive_count]))]
    places = positions[ranked].astype(np.int64)
    ranks = np.array([ranks_without_junk(places, _ascending(positions[parts.junk])) for parts in plan.protocols])
    return average_precisions(counted_hits.take(ranked, axis=2), ranks, denominators)


def _ascending(positions: NDArray[np.float64]) -> NDArray[np.int64]:
    """Positions of what is ranked, in order."""
    return np.sort(positions[~np.isnan(positions)]).astype(np.int64)

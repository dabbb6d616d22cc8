"""What one query is worth."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pixret.metrics._average_precision import THRESHOLDS, average_precisions, ranks_without_junk
from pixret.metrics._groundtruth import Level, Protocol
from pixret.metrics._plan import ProtocolPlan, QueryPlan
from pixret.metrics._state import QueryState

OFFICIAL, STRICT = 0, 1
"""Positions on the axis of conventions."""
DETECTION, SEGMENTATION = 0, 1
"""Positions on the axis of tasks."""

_CELLS = 4 * len(THRESHOLDS)


@dataclass(frozen=True, slots=True, eq=False)
class QueryScores:
    """What one query contributes, NaN where it contributes nothing. Axes: protocol, convention, task, threshold."""

    miou: NDArray[np.float64]  # (3, 2, 2)
    ap: NDArray[np.float64]  # (3, 2, 2, 10)
    ranking_ap: NDArray[np.float64]  # (3,)
    positives: NDArray[np.int64]  # (3,)
    predicted: NDArray[np.int64]  # (3,), of the positives


def evaluate(plan: QueryPlan, state: QueryState) -> QueryScores:
    """Score one query in all protocols, under both conventions."""
    ious, saved = _pair_ious(plan, state)
    hits = ious[:, :, None, :] > THRESHOLDS[:, None]
    positions = _slot_positions(plan, state)
    predicted = np.zeros(plan.positive_count, bool)
    predicted[list(state.measurements)] = True
    scores = _blank()
    for index, protocol in enumerate(Protocol):
        parts = plan.protocols[protocol]
        scores.miou[index] = _mean_ious(ious, saved, parts.positives)
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


def _pair_ious(plan: QueryPlan, state: QueryState) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """IoUs of shape (convention, task, slot), and which slots the published scripts save an IoU for.

    The scripts take an empty prediction for 0 on a hard pair and leave it out on an easy one.
    """
    ious = np.zeros((2, 2, plan.positive_count))
    saved = np.array([pair.level is Level.HARD for pair in plan.pairs[: plan.positive_count]], bool)
    for slot, measurement in state.measurements.items():
        if measurement.found:
            saved[slot] = True
            ious[STRICT, :, slot] = measurement.strict
            if measurement.official is not None:
                ious[OFFICIAL, :, slot] = measurement.official
    return ious, saved


def _slot_positions(plan: QueryPlan, state: QueryState) -> NDArray[np.float64]:
    """Position by slot, NaN where the image is not ranked."""
    positions = np.full(len(plan.images), np.nan)
    for slot, position in state.positions(plan).items():
        positions[slot] = position
    return positions


def _mean_ious(
    ious: NDArray[np.float64], saved: NDArray[np.bool_], positives: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Mean IoU of shape (convention, task), NaN where there is nothing to take the mean of."""
    kept = positives[saved[positives]]
    means = np.full((2, 2), np.nan)
    for convention, slots in ((OFFICIAL, kept), (STRICT, positives)):
        if len(slots):
            for task in (DETECTION, SEGMENTATION):
                means[convention, task] = np.mean(ious[convention, task][slots])
    return means


def _average_precisions(
    hits: NDArray[np.bool_], positions: NDArray[np.float64], parts: ProtocolPlan
) -> NDArray[np.float64]:
    """APs of one protocol: convention x task x threshold, and last that of the ranking alone.

    The conventions differ in the recall denominator: official counts the positives that pass, strict all of them.
    """
    slots = parts.positives
    slots = slots[np.argsort(positions[slots])]  # NaN sorts last
    ranked = slots[~np.isnan(positions[slots])]
    junk = positions[parts.junk]
    ranks = ranks_without_junk(positions[ranked].astype(np.int64), np.sort(junk[~np.isnan(junk)]).astype(np.int64))
    denominators = np.full((2, 2, len(THRESHOLDS)), len(slots), np.int64)
    denominators[OFFICIAL] = np.count_nonzero(hits[OFFICIAL][:, :, slots], axis=-1)
    judged = np.ones((_CELLS + 1, len(ranked)), bool)
    judged[:_CELLS] = hits[:, :, :, ranked].reshape(_CELLS, len(ranked))
    return average_precisions(judged, ranks, np.append(denominators, len(slots)))

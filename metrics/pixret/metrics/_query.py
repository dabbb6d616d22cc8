"""What one query is worth."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pixret.metrics._average_precision import average_precisions, ranks_without_junk, threshold_precisions
from pixret.metrics._groundtruth import Protocol
from pixret.metrics._plan import QueryPlan
from pixret.metrics._state import OFFICIAL, STRICT, QueryState


@dataclass(frozen=True, slots=True, eq=False)
class QueryScores:
    """What one query contributes, NaN where it contributes nothing. Axes: protocol, convention, task, threshold."""

    miou: NDArray[np.float64]  # (3, 2, 2)
    ap: NDArray[np.float64]  # (3, 2, 2, 10)
    ranking_ap: NDArray[np.float64]  # (3,)
    positives: NDArray[np.int64]  # (3,)
    predicted: NDArray[np.int64]  # (3,), of the positives


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """How the positives of one query are ordered, by the positions of all judged images; NaN where one is not ranked.

    `slots` are all positive slots: first those that are ranked, in their order, then the others. `counted`, of shape
    (protocol, slot), tells which are positives of the protocol. `ranks` has shape (protocol, ranked slot), each
    protocol's junk removed.
    """

    plan: QueryPlan
    positions: NDArray[np.float64]
    slots: NDArray[np.int64]
    counted: NDArray[np.bool_]
    ranks: NDArray[np.int64]

    @classmethod
    def of(cls, plan: QueryPlan, positions: NDArray[np.float64]) -> "Standing":
        """Read it off the positions."""
        order = np.argsort(positions)  # NaN sorts last
        ranked = order[: len(order) - np.count_nonzero(np.isnan(positions))]
        ranks = ranks_without_junk(positions[ranked].astype(np.int64), plan.junk.take(ranked, axis=1))
        slots = order[order < plan.positive_count]
        counted = plan.counted.take(slots, axis=1)
        return cls(plan, positions, slots, counted, ranks.compress(ranked < plan.positive_count, axis=1))

    @property
    def ranked(self) -> NDArray[np.int64]:
        """The ranked slots."""
        return self.slots[: self.ranks.shape[1]]

    def precisions(self, ious: NDArray[np.float64]) -> NDArray[np.float64]:
        """APs by protocol, convention, task and threshold; `ious` are by convention, task and positive slot.

        The conventions differ in the recall denominator: official counts the positives that pass, strict all of them.
        """
        aps = self.judged(ious[OFFICIAL])
        if not np.array_equal(ious[OFFICIAL], ious[STRICT]):  # as they are without points
            aps[STRICT] = self.judged(ious[STRICT])[STRICT]
        return aps.swapaxes(0, 1)

    def judged(self, ious: NDArray[np.float64], beside: NDArray[np.int64] | None = None) -> NDArray[np.float64]:
        """APs with the denominators of both conventions, and convention first, by the IoUs of one.

        `beside` counts, by protocol, what official counts besides the positives that pass.
        """
        by_slot = ious.take(self.slots, axis=1)
        beside = np.zeros_like(self.plan.positives) if beside is None else beside
        return threshold_precisions(by_slot, self.counted, self.ranks, self.plan.positives, beside)

    def ranking_precisions(self) -> NDArray[np.float64]:
        """APs of the ranking alone by protocol: every positive is a hit."""
        hits = self.counted[:, None, : self.ranks.shape[1]]
        return average_precisions(hits, self.ranks, self.plan.positives[:, None])[:, 0]

    def behind(self, images: NDArray[np.int64]) -> "Standing":
        """The same with further wrong images: so many, by protocol and ranked slot, before each."""
        return replace(self, ranks=self.ranks + images)


def evaluate(state: QueryState, standing: Standing) -> QueryScores:
    """Score one query in all protocols, under both conventions, by the standing that its images have."""
    plan = state.plan
    return QueryScores(
        # The published scripts take an empty prediction for 0 on a hard pair and leave it out on an easy one.
        miou=mean_ious(plan, state.ious, state.found | plan.hard),
        ap=standing.precisions(state.ious),
        ranking_ap=standing.ranking_precisions(),
        positives=plan.positives,
        predicted=np.count_nonzero(plan.counted & state.predicted[: plan.positive_count], axis=1),
    )


def mean_ious(plan: QueryPlan, ious: NDArray[np.float64], saved: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Mean IoUs by protocol, convention and task; official takes only what the scripts have saved."""
    means = np.empty((len(Protocol), 2, 2))
    for index, span in enumerate(plan.spans):
        means[index, OFFICIAL] = _mean(ious[OFFICIAL, :, span].compress(saved[span], axis=1))
        means[index, STRICT] = _mean(ious[STRICT, :, span])
    return means


def _mean(ious: NDArray[np.float64]) -> NDArray[np.float64] | float:
    """Mean by task, NaN where there is nothing to take the mean of; as np.mean gives it for a list, and faster."""
    return np.add.reduce(ious, axis=1) / ious.shape[1] if ious.shape[1] else np.nan

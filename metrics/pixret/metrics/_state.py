"""What was predicted for one query."""

from array import array
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from pixret.metrics._errors import ItemError, Reason
from pixret.metrics._measure import Measurement, Outcome
from pixret.metrics._plan import QueryPlan
from pixret.metrics._resolve import Ordering, ResolvedPrediction


@dataclass(slots=True, eq=False)
class QueryState:
    """What was predicted for one query; slots are those of its `QueryPlan`.

    `images` are ordered by `keys`, ascending, and by themselves where keys are equal. A packed ranking keeps the
    positions of judged slots only, so that a million entries cost nothing later. `refused` holds the faults of
    masks for positives that no accepted prediction has come for, `undefined` why the published scripts give no
    number for an accepted one; `exact_count` counts the measurements that are exact.
    """

    ordering: Ordering | None = None
    predicted: set[int] = field(default_factory=set)
    images: "array[int]" = field(default_factory=lambda: array("q"))
    keys: "array[float]" = field(default_factory=lambda: array("d"))
    ranking_positions: dict[int, int] = field(default_factory=dict)
    ranking_length: int = 0
    measurements: dict[int, Measurement] = field(default_factory=dict)
    refused: dict[int, str] = field(default_factory=dict)
    undefined: dict[int, str] = field(default_factory=dict)
    exact_count: int = 0

    @property
    def ranked_count(self) -> int:
        """Number of images that the query's order holds."""
        return self.ranking_length if self.ordering is Ordering.RANKING else len(self.images)

    def set_ranking(self, images: NDArray[np.int64], plan: QueryPlan) -> None:
        """Take a complete order; ItemError when the query has an order already."""
        if self.ordering is Ordering.RANKING:
            raise ItemError(Reason.DUPLICATE, "ranking.query", "the query's ranking was accepted before")
        self._check_ordering(Ordering.RANKING, "ranking")
        self.ordering = Ordering.RANKING
        self.ranking_positions = _judged_positions(images, plan)
        self.ranking_length = len(images)

    def add(self, prediction: ResolvedPrediction, outcome: Outcome) -> None:
        """Take a prediction with what its mask is worth; ItemError when it cannot count."""
        slot = prediction.slot
        if isinstance(outcome, ItemError):
            if slot is not None and slot not in self.measurements:
                self.refused[slot] = f"its prediction is refused: {outcome.message}"
            raise outcome
        if prediction.image_index in self.predicted:
            raise ItemError(Reason.DUPLICATE, "image", "this image was predicted for this query before")
        if prediction.ordering is not None:
            self._check_ordering(prediction.ordering, prediction.ordering.value)
            self.ordering = prediction.ordering
            self.images.append(prediction.image_index)
            self.keys.append(prediction.key)
        self.predicted.add(prediction.image_index)
        if slot is not None:
            self._measure(slot, outcome)

    def positions(self, plan: QueryPlan) -> dict[int, int]:
        """Position in the order, from 0, of the judged images that are ranked, by slot."""
        if self.ordering is Ordering.RANKING:
            return self.ranking_positions
        images, keys = np.frombuffer(self.images, np.int64), np.frombuffer(self.keys, np.float64)
        return _judged_positions(images[np.lexsort((images, keys))], plan)

    def conflict(self, other: "QueryState") -> str | None:
        """Why the two cannot be one, if they cannot."""
        if both := self.predicted & other.predicted:
            return f"index image {min(both)} was predicted in both"
        orderings = {self.ordering, other.ordering} - {None}
        if len(orderings) == 2 or (orderings == {Ordering.RANKING} and self.ordering is other.ordering):
            return "both order its images, and not in one way"
        return None

    def merge(self, other: "QueryState") -> None:
        """Take all of another state that is not in conflict."""
        if other.ordering is Ordering.RANKING:
            self.ranking_positions, self.ranking_length = dict(other.ranking_positions), other.ranking_length
        self.ordering = self.ordering or other.ordering
        self.predicted |= other.predicted
        self.images.extend(other.images)
        self.keys.extend(other.keys)
        for slot, measurement in other.measurements.items():
            self._measure(slot, measurement)
        for slot, reason in other.refused.items():
            if slot not in self.measurements:
                self.refused[slot] = reason

    def _measure(self, slot: int, measurement: Measurement) -> None:
        self.measurements[slot] = measurement
        self.exact_count += measurement.exact
        self.refused.pop(slot, None)
        if measurement.undefined is not None:
            self.undefined[slot] = measurement.undefined

    def _check_ordering(self, ordering: Ordering, field_name: str) -> None:
        if self.ordering not in (None, ordering):
            message = f"the query is ordered by {self.ordering.value} already; order all its images in one way"
            raise ItemError(Reason.INVALID_ORDER, field_name, message)


def _judged_positions(order: NDArray[np.int64], plan: QueryPlan) -> dict[int, int]:
    judged = np.flatnonzero(np.isin(order, plan.images))
    positions = zip(order[judged].tolist(), judged.tolist(), strict=True)
    return {plan.slots[image]: position for image, position in positions}

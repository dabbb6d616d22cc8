"""What was predicted for one query."""

from array import array

import numpy as np
from numpy.typing import NDArray

from pixret.metrics._errors import ItemError, Reason
from pixret.metrics._measure import Measurement, Outcome
from pixret.metrics._plan import QueryPlan
from pixret.metrics._resolve import FIRST_KEYS, Ordering, ResolvedPrediction

OFFICIAL, STRICT = 0, 1
"""Positions on the axis of conventions."""
DETECTION, SEGMENTATION = 0, 1
"""Positions on the axis of tasks."""


class QueryState:
    """What was predicted for one query; slots are those of its plan.

    `ious` has shape (convention, task, positive slot) and stays 0 where nothing was found, which `found` tells;
    `predicted` tells, of all slots, for which an accepted prediction came.
    `refused` holds, by slot, the faults of masks for positives that no accepted prediction has come for, and
    `undefined` why the published scripts give no number for an accepted one.
    """

    def __init__(self, plan: QueryPlan) -> None:
        self.plan = plan
        self.ordering: Ordering | None = None
        self.ious = np.zeros((2, 2, plan.positive_count))
        self.found = np.zeros(plan.positive_count, bool)
        self.predicted = np.zeros(len(plan.pairs), bool)
        self.measurements: dict[int, Measurement] = {}
        self.refused: dict[int, str] = {}
        self.undefined: dict[int, str] = {}
        self._inexact = 0
        self._predicted: set[int] = set()
        # Images in order of arrival with the keys that sort them; a packed ranking keeps judged positions only, so
        # that its million entries cost nothing later.
        self._images: array[int] = array("q")
        self._keys: array[float] = array("d")
        self._unordered: array[int] = array("q")
        self._ranking_positions: NDArray[np.float64] | None = None
        self._ranking_length = 0

    @property
    def ranked_count(self) -> int:
        """Number of images that the query's order holds."""
        return len(self._images) or self._ranking_length

    @property
    def is_exact(self) -> bool:
        """Whether every positive was predicted in a form that the published scripts could have read."""
        return len(self.measurements) == self.plan.positive_count and not self._inexact

    def set_ranking(self, images: NDArray[np.int64]) -> None:
        """Take a complete order; ItemError when the query has an order already."""
        if self.ordering is Ordering.RANKING:
            raise ItemError(Reason.DUPLICATE, "ranking.query", "the query's ranking was accepted before")
        self._check_ordering(Ordering.RANKING, "ranking")
        self.ordering = Ordering.RANKING
        self._ranking_positions = self.plan.positions_in(images)
        self._ranking_length = len(images)

    def add(self, prediction: ResolvedPrediction, outcome: Outcome) -> None:
        """Take a prediction with what its mask is worth; ItemError when it cannot count."""
        slot = prediction.slot
        if isinstance(outcome, ItemError):
            if slot is not None and slot not in self.measurements:
                self.refused[slot] = f"its prediction is refused: {outcome.message}"
            raise outcome
        if prediction.image_index in self._predicted:
            raise ItemError(Reason.DUPLICATE, "image", "this image was predicted for this query before")
        if prediction.ordering is not None:
            self._check_ordering(prediction.ordering, prediction.ordering.value)
            self.ordering = prediction.ordering
            self._images.append(prediction.image_index)
            self._keys.append(prediction.key)
        else:
            self._unordered.append(prediction.image_index)
        self._predicted.add(prediction.image_index)
        judged = self.plan.slots.get(prediction.image_index)
        if judged is not None:
            self.predicted[judged] = True
        if slot is not None:
            self._measure(slot, outcome)

    def positions(self) -> NDArray[np.float64]:
        """Position in the order, from 0, of the judged images by slot; NaN where one is not ranked."""
        if self._ranking_positions is not None:
            return self._ranking_positions
        images, keys = np.frombuffer(self._images, np.int64), np.frombuffer(self._keys, np.float64)
        return self.plan.positions_in(images[np.lexsort((images, keys))])

    @property
    def predicted_count(self) -> int:
        """Number of images that were predicted."""
        return len(self._predicted)

    def predicted_below(self, images: NDArray[np.int64]) -> NDArray[np.int64]:
        """How many images with a lower index were predicted, for each of some images."""
        arrived = np.sort(np.concatenate([np.frombuffer(each, np.int64) for each in (self._images, self._unordered)]))
        return np.searchsorted(arrived, images)

    def foremost(self) -> NDArray[np.int64]:
        """Images that nothing but a lower index can precede, ascending: they have the best score or rank there is."""
        if self.ordering not in FIRST_KEYS:
            return np.zeros(0, np.int64)
        images, keys = np.frombuffer(self._images, np.int64), np.frombuffer(self._keys, np.float64)
        return np.sort(images[keys == FIRST_KEYS[self.ordering]])

    def conflict(self, other: "QueryState") -> str | None:
        """Why the two cannot be one, if they cannot."""
        if both := self._predicted & other._predicted:
            return f"index image {min(both)} was predicted in both"
        orderings = {self.ordering, other.ordering} - {None}
        if len(orderings) == 2 or (orderings == {Ordering.RANKING} and self.ordering is other.ordering):
            return "both order its images, and not in one way"
        return None

    def merge(self, other: "QueryState") -> None:
        """Take all of another state that is not in conflict."""
        if other._ranking_positions is not None:
            self._ranking_positions, self._ranking_length = other._ranking_positions, other._ranking_length
        self.ordering = self.ordering or other.ordering
        self._predicted |= other._predicted
        self.predicted |= other.predicted
        self._unordered.extend(other._unordered)
        self._images.extend(other._images)
        self._keys.extend(other._keys)
        for slot, measurement in other.measurements.items():
            self._measure(slot, measurement)
        self.refused |= {slot: why for slot, why in other.refused.items() if slot not in self.measurements}

    def _measure(self, slot: int, measurement: Measurement) -> None:
        self.measurements[slot] = measurement
        self._inexact += not measurement.exact
        self.refused.pop(slot, None)
        if measurement.found:
            self.found[slot] = True
            self.ious[STRICT, :, slot] = measurement.strict
            if isinstance(measurement.official, str):
                self.undefined[slot] = measurement.official
            else:
                self.ious[OFFICIAL, :, slot] = measurement.official

    def _check_ordering(self, ordering: Ordering, field_name: str) -> None:
        if self.ordering is not None and self.ordering is not ordering:
            message = f"the query is ordered by {self.ordering.value} already; order all its images in one way"
            raise ItemError(Reason.INVALID_ORDER, field_name, message)

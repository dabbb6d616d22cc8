"""What one query can still be worth, over all ways to go on. docs/bounds.md derives every step and uses its terms."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pixret.metrics._average_precision import THRESHOLDS
from pixret.metrics._final_order import official_extremes
from pixret.metrics._query import QueryScores, Standing, mean_ious
from pixret.metrics._resolve import Ordering
from pixret.metrics._state import OFFICIAL, STRICT, QueryState

_TRIED = 8
"""Free positives up to which the greatest official AP behind a wrong image at the first place is exact."""
_CLEARLY = 1.0 + 1e-9
"""A step in which a quotient grows by more than this is no matter of rounding."""


class Outlook(NamedTuple):
    """The least and the greatest that a query can contribute.

    An official AP that can be undefined as well has its bounds over the ways in which it is defined, and NaN where
    there is none. `choices` counts, by protocol, the positives that official may yet count or not.
    """

    least: QueryScores
    greatest: QueryScores
    choices: NDArray[np.int64]


def foresee(state: QueryState, standing: Standing, scores: QueryScores, image_count: int) -> Outlook:
    """Bound the final scores of a query that scores so now, in an index of so many images, distractors included."""
    query = _Query(state, standing, scores, image_count)
    match state.ordering:
        case None:
            least, greatest = query.without_order()
        case Ordering.RANKING:
            least, greatest = query.in_final_order()
        case _:
            least, greatest = query.least_of_open_order(), query.greatest_of_open_order()
    least_miou, greatest_miou = query.mean_ious()
    choices = np.count_nonzero(query.plan.counted & query.reachable[OFFICIAL], axis=1)
    return Outlook(replace(least, miou=least_miou), replace(greatest, miou=greatest_miou), choices)


class _Query:
    """One query: what was predicted, and the positives that are free, for which anything may still come.

    `best` holds the IoUs when every free positive is found as well as can be.
    """

    def __init__(self, state: QueryState, standing: Standing, scores: QueryScores, image_count: int) -> None:
        self.state, self.plan, self.standing, self.scores = state, state.plan, standing, scores
        self.free = ~state.predicted[: self.plan.positive_count]
        self.reachable = self.free & self.plan.reachable
        self.best = np.where(self.reachable[:, None], 1.0, state.ious)
        self.unjudged = image_count - state.predicted_count - int(np.count_nonzero(~state.predicted))
        self.front = state.foremost()

    def mean_ious(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Mean IoUs when every free positive has IoU 0, and 1; official saves both, and nothing as empty."""
        if not self.free.any():
            return self.scores.miou, self.scores.miou
        saved = self.state.found | self.plan.hard | self.reachable[OFFICIAL]
        return mean_ious(self.plan, self.state.ious, saved), mean_ious(self.plan, self.best, saved)

    def without_order(self) -> tuple[QueryScores, QueryScores]:
        """A packed ranking may put all hits first, or leave all out."""
        passing = self.best[:, :, None] > THRESHOLDS[:, None]
        hits = np.count_nonzero(passing & self.plan.counted[:, None, None, None], axis=-1)
        ap, ranking_ap = _all_first(hits, self.plan.positives), _all_first(self.plan.positives, self.plan.positives)
        ap[:, OFFICIAL] = np.where(hits[:, OFFICIAL] > 0, 1.0, np.nan)
        greatest = replace(self.scores, ap=ap, ranking_ap=ranking_ap)
        return replace(greatest, ap=0.0 * ap, ranking_ap=0.0 * ranking_ap), greatest

    def in_final_order(self) -> tuple[QueryScores, QueryScores]:
        """A packed ranking is there: all positions are final, and free positives pass or fail where they stand."""
        if not self.free.any():
            return self.scores, self.scores
        least, greatest = self.scores.ap.copy(), self.scores.ap.copy()
        greatest[:, STRICT] = self.standing.judged(self.best[STRICT])[STRICT]
        least[:, OFFICIAL], greatest[:, OFFICIAL] = self._official_of_final_order()
        return replace(self.scores, ap=least), replace(self.scores, ap=greatest)

    def greatest_of_open_order(self) -> QueryScores:
        """Every free positive as a hit, in the first place that it can take."""
        if not self.free.any():
            return self.scores
        chosen = self.reachable[STRICT]
        ahead = self._inserted(chosen, self.front)
        ap = ahead.precisions(self.best)
        if len(self.front) or not np.array_equal(chosen, self.reachable[OFFICIAL]):
            ap[:, OFFICIAL] = self._official_greatest()
        if not np.array_equal(chosen, self.free):
            ahead = self._inserted(self.free, self.front)
        return replace(self.scores, ap=ap, ranking_ap=ahead.ranking_precisions())

    def least_of_open_order(self) -> QueryScores:
        """Every free image as a miss before all that it can precede."""
        behind = self.standing.behind(self._unjudged_before())
        if not self.free.any():
            return replace(self.scores, ap=behind.precisions(self.best), ranking_ap=behind.ranking_precisions())
        ap = np.empty_like(self.scores.ap)
        ap[:, STRICT] = behind.behind(self._before(self.free)).judged(self.state.ious[STRICT])[STRICT]
        unreachable = self.free & ~self.reachable[OFFICIAL]
        ap[:, OFFICIAL] = self._official_least(behind.behind(self._before(unreachable)))
        return replace(self.scores, ap=ap, ranking_ap=behind.ranking_precisions())

    def _official_greatest(self) -> NDArray[np.float64]:
        """Official APs when the first k free positives pass in the first place that they can take, for the best k.

        One that nothing wrong precedes never lowers an AP. One behind a wrong image may: those are tried one by one
        while they are few, and else taken to be before it, which is more than can be attained.
        """
        chosen = self.reachable[OFFICIAL]
        greatest: NDArray[np.float64] = self._inserted(chosen, self.front[:0]).judged(self.best[OFFICIAL])[OFFICIAL]
        free = np.flatnonzero(chosen)
        if len(self.front) == 0 or len(free) > _TRIED:
            return greatest
        attained: NDArray[np.float64] = np.full(greatest.shape, np.nan)
        by_image = free[np.argsort(self.plan.images[free])]
        for count in range(len(free), -1, -1):
            first = np.zeros(len(chosen), bool)
            first[by_image[:count]] = True
            ious = np.where(first, 1.0, self.state.ious[OFFICIAL])
            attained = np.fmax(attained, self._inserted(first, self.front).judged(ious)[OFFICIAL])
            if np.array_equal(attained, greatest, equal_nan=True):
                break
        return attained

    def _inserted(self, chosen: NDArray[np.bool_], front: NDArray[np.int64]) -> Standing:
        """The standing when chosen positives get the first key, beside images in front that have it already."""
        images, positives = self.plan.images, self.plan.positive_count
        new = images[:positives][chosen]
        ascending = np.sort(new)
        positions = self.standing.positions + len(ascending)
        if len(front):
            first = self.standing.positions < len(front)
            positions[first] += np.searchsorted(ascending, images[first]) - len(ascending)
        positions[:positives][chosen] = np.searchsorted(ascending, new) + np.searchsorted(front, new)
        return Standing.of(self.plan, positions)

    def _unjudged_before(self) -> NDArray[np.int64]:
        """How many unjudged images that are free can precede each ranked positive."""
        before = np.full(len(self.standing.ranked), self.unjudged)
        if len(first := self._foremost()):
            images = self.plan.images[self.standing.ranked[first]]
            unpredicted = self.plan.images[~self.state.predicted]
            judged = np.count_nonzero(unpredicted < images[:, None], axis=1)
            before[first] = images - self.state.predicted_below(images) - judged
        return before

    def _before(self, chosen: NDArray[np.bool_]) -> NDArray[np.int64]:
        """How many of the chosen free positives, by protocol, can precede each ranked positive."""
        counted = self.plan.counted & chosen
        before = np.repeat(np.count_nonzero(counted, axis=1)[:, None], len(self.standing.ranked), axis=1)
        if len(first := self._foremost()):
            images = self.plan.images[self.standing.ranked[first]]
            lower = self.plan.images[: self.plan.positive_count] < images[:, None]
            before[:, first] = np.count_nonzero(counted[:, None] & lower, axis=2)
        return before

    def _foremost(self) -> NDArray[np.int64]:
        """Places, among the ranked positives, of those that nothing but a lower index can precede."""
        if len(self.front) == 0:
            return np.zeros(0, np.int64)
        return np.flatnonzero(self.standing.positions[self.standing.ranked] < len(self.front))

    def _official_least(self, behind: Standing) -> NDArray[np.float64]:
        """Official APs when k free positives pass without being ranked and the others are misses, for the worst k.

        Each that passes enlarges the denominator and takes a miss away. The quotient is quasi-convex in k, so we go
        down from all of them until it grows; far behind, where every rank is beyond the denominator, it does at once.
        """
        least: NDArray[np.float64] = behind.judged(self.best[OFFICIAL])[OFFICIAL]
        totals = np.count_nonzero(self.plan.counted & self.reachable[OFFICIAL], axis=1)
        misses = self._before(self.reachable[OFFICIAL])
        if ((misses == 0) | (behind.ranks + 1 >= self.plan.positives[:, None])).all():
            return least
        for count in range(1, int(totals.max()) + 1):
            beside = np.maximum(totals - count, 0)
            aps = behind.behind(np.minimum(misses, count)).judged(self.state.ious[OFFICIAL], beside)[OFFICIAL]
            grown = (aps > least * _CLEARLY) | (least == 0.0) | np.isnan(least) | np.isnan(aps)
            least = np.fmin(least, aps)
            if grown.all():
                break
        return least

    def _official_of_final_order(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Official APs when the first, or the last, k free positives pass where they stand, for the best k."""
        fixed, either = self._hits(self.state.ious), self._hits(self.best)
        return official_extremes(fixed, either & ~fixed, self.standing.ranks)

    def _hits(self, ious: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which positives pass under official, in the order of the standing: (protocol, task, threshold, n)."""
        order = self.standing.slots
        passing: NDArray[np.bool_] = ious[OFFICIAL].take(order, axis=1)[:, None] > THRESHOLDS[:, None]
        return passing & self.standing.counted[:, None, None]


def _all_first(hits: NDArray[np.int64], positives: NDArray[np.int64]) -> NDArray[np.float64]:
    """APs, by protocol first, when so many hits stand before all else; NaN without positives."""
    aps = np.full(hits.shape, np.nan)
    for protocol, count in enumerate(positives.tolist()):
        if count:  # summed as an AP is, one step a hit
            steps = np.cumsum(np.full(count, 1.0 / count))
            aps[protocol] = np.concatenate([[0.0], steps])[hits[protocol]]
    return aps

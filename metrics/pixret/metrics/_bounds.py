"""Bounds of queries to bounds of the numbers of a benchmark. docs/bounds.md derives them."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from pixret.metrics._aggregate import ScoreTable, quotients, sums_in_order
from pixret.metrics._groundtruth import Protocol
from pixret.metrics._outlook import Outlook
from pixret.metrics._query import QueryScores
from pixret.metrics._snapshot import Bounds, TaskMetrics
from pixret.metrics._state import OFFICIAL

_ROUNDING = 2.0**-53


class BoundTable:
    """The outlooks of all queries, stacked."""

    def __init__(self, query_count: int, ignored_queries: tuple[int, ...]) -> None:
        self._least = _End(query_count, ignored_queries, is_greatest=False)
        self._greatest = _End(query_count, ignored_queries, is_greatest=True)

    def replace(self, query_index: int, outlook: Outlook, scores: QueryScores) -> None:
        """Set the row of one query, which scores so now."""
        is_certain = ~np.isnan(scores.ap[:, OFFICIAL])
        for end, values in ((self._least, outlook.least), (self._greatest, outlook.greatest)):
            end.replace(query_index, values)
            end.certain[query_index] = is_certain
            end.choices[query_index] = outlook.choices

    def official(self, protocol: int) -> Bounds:
        """Bounds under official, outwards by what its sums may round differently."""
        return Bounds(*(end.official(protocol, is_ranked=True) for end in (self._least, self._greatest)))

    def strict(self, protocol: int) -> Bounds:
        """Bounds under strict, whose sums round alike in every continuation: they hold to the last bit."""
        return Bounds(*(end.strict(protocol, is_ranked=True) for end in (self._least, self._greatest)))


class _End(ScoreTable):
    """One end of the bounds, as a table of scores.

    `certain`, of shape (query, protocol, task, threshold), tells which official APs are defined whatever comes; the
    others may be left out of the mean. `choices` counts, by query and protocol, the positives that official may yet
    count or not.
    """

    def __init__(self, query_count: int, ignored_queries: tuple[int, ...], *, is_greatest: bool) -> None:
        super().__init__(query_count, ignored_queries)
        self.certain = np.zeros(np.delete(self.ap.shape, 2), bool)
        self.choices = np.zeros((query_count, len(Protocol)), np.int64)
        self._sign = 1.0 if is_greatest else -1.0

    def _official_task(self, protocol: int, task: int, *, is_ranked: bool) -> TaskMetrics:
        metrics = super()._official_task(protocol, task, is_ranked=is_ranked)
        return (
            metrics if metrics.miou is None else replace(metrics, miou=min(1.0, self._outward(metrics.miou, protocol)))
        )

    def _official_maps(self, protocol: int, task: int) -> tuple[tuple[float, ...] | None, str | None]:
        aps, certain = self.ap[self._counted, protocol, OFFICIAL, task], self.certain[self._counted, protocol, task]
        maps = self._best_quotients(np.where(certain, aps, np.nan), np.where(certain, np.nan, aps))
        if np.isnan(maps).any():
            return None, "in no continuation does a positive pass every threshold"
        return tuple(self._outward(value, protocol) for value in maps.tolist()), None

    def _best_quotients(self, certain: NDArray[np.float64], optional: NDArray[np.float64]) -> NDArray[np.float64]:
        """Quotients of the certain APs with the best of the optional ones, for the best number of them."""
        best_first = self._sign * -np.sort(-self._sign * optional, axis=0)  # NaN, for those that are neither, last
        ignored = len(self._counted) - len(certain)
        sums = np.cumsum(np.concatenate([sums_in_order(certain)[None], best_first]), axis=0)
        counts = np.arange(len(sums))[:, None] + np.count_nonzero(~np.isnan(certain), axis=0) + ignored
        best: NDArray[np.float64] = np.fmax.reduce(self._sign * quotients(sums, counts), axis=0)
        return self._sign * best

    def _outward(self, value: float, protocol: int) -> float:
        """A little beyond the value, where continuations sum other numbers of terms and so round differently."""
        if not self.choices[:, protocol].any():
            return value
        terms = int(self._positives[:, protocol].max()) + len(self._counted) + 8
        return max(0.0, value + self._sign * 16 * terms * _ROUNDING)  # an AP may itself pass 1 by its rounding

"""Per-query scores to the numbers of a benchmark."""

import numpy as np
from numpy.typing import NDArray

from pixret.metrics._average_precision import THRESHOLDS
from pixret.metrics._groundtruth import Protocol
from pixret.metrics._query import QueryScores
from pixret.metrics._snapshot import ConventionMetrics, TaskMetrics
from pixret.metrics._state import DETECTION, OFFICIAL, SEGMENTATION, STRICT

NO_ORDER = "nothing is ranked: no prediction carries a score or a rank, and no ranking was sent"


class ScoreTable:
    """Scores of all queries, stacked, so that a snapshot only replaces the rows of queries that changed.

    Axes: query, protocol, convention, task, threshold.
    """

    def __init__(self, query_count: int, ignored_queries: tuple[int, ...]) -> None:
        shape = (query_count, len(Protocol), 2, 2)
        self.miou = np.full(shape, np.nan)
        self.ap = np.full((*shape, len(THRESHOLDS)), np.nan)
        self.ranking_ap = np.full((query_count, len(Protocol)), np.nan)
        self._predicted = np.zeros((query_count, len(Protocol)), np.int64)
        self._positives = np.zeros((query_count, len(Protocol)), np.int64)
        self._counted = np.ones(query_count, bool)
        self._counted[list(ignored_queries)] = False

    def replace(self, query_index: int, scores: QueryScores) -> None:
        """Set the row of one query."""
        self.miou[query_index] = scores.miou
        self.ap[query_index] = scores.ap
        self.ranking_ap[query_index] = scores.ranking_ap
        self._predicted[query_index] = scores.predicted
        self._positives[query_index] = scores.positives

    def coverage(self, protocol: int) -> float | None:
        """Fraction of the protocol's positives that were predicted."""
        positives = int(self._positives[:, protocol].sum())
        return int(self._predicted[:, protocol].sum()) / positives if positives else None

    def official(self, protocol: int, *, is_ranked: bool) -> ConventionMetrics:
        """The published scripts' means: a mean of NaN is undefined, ignored queries stay in the denominator."""
        tasks = [self._official_task(protocol, task, is_ranked=is_ranked) for task in (DETECTION, SEGMENTATION)]
        return ConventionMetrics(tasks[0], tasks[1], self.ranking_map(protocol) if is_ranked else None)

    def strict(self, protocol: int, *, is_ranked: bool) -> ConventionMetrics:
        """Means over the queries that have a positive; ignored queries leave the mAP."""
        tasks = [self._strict_task(protocol, task, is_ranked=is_ranked) for task in (DETECTION, SEGMENTATION)]
        return ConventionMetrics(tasks[0], tasks[1], self.ranking_map(protocol) if is_ranked else None)

    def ranking_map(self, protocol: int) -> float | None:
        """Image-level mAP, over all queries that have a positive."""
        aps = self.ranking_ap[:, protocol]
        defined = np.count_nonzero(~np.isnan(aps))
        return float(sums_in_order(aps)) / int(defined) if defined else None

    def _official_task(self, protocol: int, task: int, *, is_ranked: bool) -> TaskMetrics:
        reasons = []
        per_query = self.miou[:, protocol, OFFICIAL, task]
        unsaved = np.flatnonzero(np.isnan(per_query))
        if len(unsaved):
            reasons.append(f"mIoU: query {unsaved[0]} has no IoU to average, so that the scripts' mean is NaN")
        maps, reason = self._official_maps(protocol, task) if is_ranked else (None, NO_ORDER)
        reasons += [f"mAP: {reason}"] if reason else []
        return _task_metrics(None if len(unsaved) else _mean(per_query), maps, reasons)

    def _official_maps(self, protocol: int, task: int) -> tuple[tuple[float, ...] | None, str | None]:
        maps = self._quotients(self.ap[self._counted, protocol, OFFICIAL, task])
        undefined = THRESHOLDS[np.isnan(maps)]
        if len(undefined):
            reason = f"no query has a positive with IoU > {undefined[0]:.2f}, and the scripts divide by zero"
            return None, reason
        return tuple(maps.tolist()), None

    def _quotients(self, aps: NDArray[np.float64]) -> NDArray[np.float64]:
        """By threshold, the sum of the APs of shape (query, threshold) over the number that the scripts divide by."""
        denominators = len(self._counted) - np.count_nonzero(np.isnan(aps), axis=0)
        return quotients(sums_in_order(aps), denominators)

    def _strict_task(self, protocol: int, task: int, *, is_ranked: bool) -> TaskMetrics:
        has_positives = ~np.isnan(self.miou[:, protocol, STRICT, task])
        if not has_positives.any():
            return _task_metrics(None, None, ["no query has a positive in this protocol"])
        miou = _mean(self.miou[has_positives, protocol, STRICT, task])
        counted = has_positives & self._counted
        if not is_ranked:
            return _task_metrics(miou, None, [f"mAP: {NO_ORDER}"])
        if not counted.any():
            return _task_metrics(miou, None, ["mAP: all queries with a positive are ignored"])
        maps = np.ascontiguousarray(self.ap[counted, protocol, STRICT, task].T).mean(axis=1)
        return _task_metrics(miou, tuple(maps.tolist()), [])


def _task_metrics(miou: float | None, maps: tuple[float, ...] | None, reasons: list[str]) -> TaskMetrics:
    mean = float(np.average(maps)) if maps is not None else None
    return TaskMetrics(miou, mean, maps, "; ".join(reasons) or None)


def _mean(values: NDArray[np.float64]) -> float:
    """Mean as np.mean gives it for a list, whose elements lie side by side."""
    return float(np.mean(np.ascontiguousarray(values)))


def quotients(sums: NDArray[np.float64], denominators: NDArray[np.int64]) -> NDArray[np.float64]:
    """Sums over denominators, NaN where that is 0."""
    undefined: NDArray[np.float64] = np.full(sums.shape, np.nan)
    return np.divide(sums, denominators, where=denominators > 0, out=undefined)


def sums_in_order(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sums over the first axis from left to right without NaN, as ``total += value`` does; np.sum adds otherwise."""
    return np.cumsum(np.nan_to_num(values, nan=0.0), axis=0)[-1] if len(values) else np.zeros(values.shape[1:])

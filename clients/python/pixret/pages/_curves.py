"""Precision over recall, averaged over queries so that the area below a curve is the mAP."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pixret.metrics import THRESHOLDS, Protocol
from pixret.pages._judged import JudgedQuery
from pixret.pages._views import View
from pixret.reports import CONVENTIONS, TASKS, ScoreReport

BINS = 100


@dataclass(frozen=True, slots=True, eq=False)
class Curves:
    """Mean precision in each hundredth of the recall; the mean of a curve is an mAP.

    `by_threshold` has shape (threshold, bin). `ranking` is that of the ranking alone, for which every positive counts.
    """

    by_threshold: NDArray[np.float64]
    ranking: NDArray[np.float64]


def draw_curves(report: ScoreReport, queries: Sequence[JudgedQuery], view: View) -> Curves | None:
    """Average the curves as the convention averages APs; None where the report has no mAP."""
    if view.metric("map_50_95").read(report).value is None:
        return None
    counted = [query for query, record in zip(queries, report.per_query, strict=True) if not record.ignored_in_map]
    ignored = len(queries) - len(counted)
    curves = [
        _mean(_task_curves(counted, view, threshold), ignored if view.convention == "official" else 0)
        for threshold in THRESHOLDS.tolist()
    ]
    return Curves(np.array(curves), _mean(_ranking_curves(queries, view.protocol), 0))


def _task_curves(queries: Sequence[JudgedQuery], view: View, threshold: float) -> Iterator[NDArray[np.float64]]:
    """Curves of the queries that do not leave the mean: strict asks for a positive, official for one that passes."""
    convention, task = CONVENTIONS.index(view.convention), TASKS.index(view.task)
    for query in queries:
        counted = query.counted(view.protocol)
        hits = counted & (query.ious[convention, task] > threshold)
        denominator = np.count_nonzero(hits if view.convention == "official" else counted)
        if denominator:
            yield _curve(query, counted, hits, int(denominator))


def _ranking_curves(queries: Sequence[JudgedQuery], protocol: Protocol) -> Iterator[NDArray[np.float64]]:
    for query in queries:
        counted = query.counted(protocol)
        if counted.any():
            yield _curve(query, counted, counted, int(np.count_nonzero(counted)))


def _curve(
    query: JudgedQuery, counted: NDArray[np.bool_], hits: NDArray[np.bool_], denominator: int
) -> NDArray[np.float64]:
    """One query's mean precision by bin, between the points that revisitop's AP takes its trapezoids from."""
    order = np.argsort(query.positions)[: np.count_nonzero(~np.isnan(query.positions))]
    junk = ~counted[order]
    ranks = (query.positions[order] - (np.cumsum(junk) - junk))[hits[order]]
    if not len(ranks):
        return np.zeros(BINS)
    found = np.arange(len(ranks))
    before = np.where(ranks == 0, 1.0, found / np.maximum(ranks, 1))
    return _bin_means(before, (found + 1) / (ranks + 1), denominator)


def _bin_means(before: NDArray[np.float64], after: NDArray[np.float64], denominator: int) -> NDArray[np.float64]:
    """Means of a line that goes from `before` to `after` at each hit, and is 0 beyond the last one."""
    edges = np.clip(np.linspace(0, denominator, BINS + 1), 0, len(before))
    hit = np.minimum(edges.astype(np.int64), len(before) - 1)
    part = edges - hit
    whole = np.concatenate([[0.0], np.cumsum((before + after) / 2)])
    areas = whole[hit] + before[hit] * part + (after - before)[hit] * part**2 / 2
    means: NDArray[np.float64] = np.diff(areas) * BINS / denominator
    return means


def _mean(curves: Iterator[NDArray[np.float64]], more: int) -> NDArray[np.float64]:
    """Mean of curves and of `more` that are 0."""
    stacked = np.array(list(curves), np.float64).reshape(-1, BINS)
    mean: NDArray[np.float64] = stacked.sum(axis=0) / max(len(stacked) + more, 1)
    return mean

"""One report beside another, number by number and query by query."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pixret.reports._comparable import check_comparable
from pixret.reports._contributions import Contributions
from pixret.reports._errors import ReportError
from pixret.reports._metric import HEADLINE, Metric
from pixret.reports._report import ScoreReport
from pixret.reports._resampling import Draws, bootstrap_interval, randomization_p_value

_MOVED = 5


@dataclass(frozen=True, slots=True)
class QueryChange:
    """One query in both reports."""

    query_id: str
    first: float
    second: float


@dataclass(frozen=True, slots=True)
class Difference:
    """What second - first is, and whether it is more than noise.

    `low` and `high` bound the interval. Wins are queries in which the second is higher; `apart` are those that leave
    the mean in either report, so that there is nothing to compare. `moved` are the queries that changed most.
    """

    value: float
    low: float | None
    high: float | None
    p_value: float
    wins: int
    losses: int
    ties: int
    apart: int
    moved: tuple[QueryChange, ...]


@dataclass(frozen=True, slots=True)
class MetricComparison:
    """One number in both reports; without a difference, `undefined` says why."""

    metric: Metric
    first: float | None
    second: float | None
    difference: Difference | None
    undefined: str | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two reports; `notes` says what else differs between them."""

    benchmark: str
    names: tuple[str, str]
    draws: Draws
    notes: tuple[str, ...]
    metrics: tuple[MetricComparison, ...]


def compare(
    first: ScoreReport,
    second: ScoreReport,
    *,
    metrics: Sequence[Metric] = HEADLINE,
    names: tuple[str, str] = ("A", "B"),
    draws: Draws | None = None,
) -> Comparison:
    """Compare two reports of the same benchmark.

    Raises:
        ReportError: when their numbers mean different things, or they tell of no single query.
    """
    notes = check_comparable(first, second, names)
    if not first.per_query:
        detail = "tells of no single query, as where the ground truth is hidden, so that no difference can be told from"
        raise ReportError(
            names[0], f"{detail} noise; pixret gate NEW --baseline OLD --max-drop POINTS takes such reports"
        )
    draws = draws or Draws()
    compared = tuple(_compare_metric((first, second), metric, names, draws) for metric in metrics)
    return Comparison(first.benchmark, names, draws, notes, compared)


def _compare_metric(
    reports: tuple[ScoreReport, ScoreReport], metric: Metric, names: tuple[str, str], draws: Draws
) -> MetricComparison:
    first, second = (metric.read(report) for report in reports)
    if first.value is None or second.value is None:
        reasons = {name: each.reason for name, each in zip(names, (first, second), strict=True) if each.reason}
        undefined = "; ".join(f"undefined in {name}: {reason}" for name, reason in reasons.items())
        return MetricComparison(metric, first.value, second.value, None, undefined)
    parts = [Contributions.of(report, metric, name) for report, name in zip(reports, names, strict=True)]
    if not parts[0].query_ids:  # official, whose denominator still counts the ignored ones
        undefined = "without a difference: every query with a positive is ignored"
        return MetricComparison(metric, first.value, second.value, None, undefined)
    difference = _difference(second.value - first.value, parts[0], parts[1], draws)
    return MetricComparison(metric, first.value, second.value, difference, None)


def _difference(value: float, first: Contributions, second: Contributions, draws: Draws) -> Difference:
    low, high = bootstrap_interval(first, second, draws)
    before, after = _common(first.each(), second.each())
    changes = after - before
    return Difference(
        value=value,
        low=None if np.isnan(low) else low,
        high=None if np.isnan(high) else high,
        p_value=randomization_p_value(first, second, draws),
        wins=int(np.count_nonzero(changes > 0)),
        losses=int(np.count_nonzero(changes < 0)),
        ties=int(np.count_nonzero(changes == 0)),
        apart=int(np.count_nonzero(np.isnan(changes))),
        moved=tuple(
            QueryChange(first.query_ids[query], float(before[query]), float(after[query]))
            for query in np.argsort(-np.abs(np.nan_to_num(changes)), kind="stable")[:_MOVED].tolist()
            if abs(changes[query]) > 0  # neither equal nor NaN
        ),
    )


def _common(first: NDArray[np.float64], second: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Each query's mean over the ratios that it has in both, NaN when it has none."""
    shared = ~np.isnan(first) & ~np.isnan(second)
    count = np.count_nonzero(shared, axis=1)
    totals = (np.where(shared, each, 0).sum(axis=1) for each in (first, second))
    before, after = (np.where(count > 0, total / np.maximum(count, 1), np.nan) for total in totals)
    return before, after

"""What each query adds to a number, so that the number can be computed again over other draws of the queries."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from pixret.metrics import THRESHOLDS
from pixret.reports._errors import ReportError
from pixret.reports._metric import MEANS, TASKS, Metric
from pixret.reports._report import QueryProtocol, QueryTask, ScoreReport

_ROUNDING = 1e-9  # the report sums in another order


@dataclass(frozen=True, slots=True, eq=False)
class Contributions:
    """A number as the mean of ratios: one, or one for each IoU threshold.

    Axes: query, ratio. The queries are those with a positive in the protocol that mAP does not ignore: what a draw
    may leave out or take twice. A query that leaves the mean of a ratio adds 0 to both of its sides. `fixed` is what
    ignored queries add to each denominator, in every draw.
    """

    query_ids: tuple[str, ...]
    numerators: NDArray[np.float64]
    denominators: NDArray[np.float64]
    fixed: int

    @classmethod
    def of(cls, report: ScoreReport, metric: Metric, source: str) -> Self:
        """Take a defined number apart. Raises ReportError when it is not what the report's queries give."""
        is_map = metric.task in TASKS and metric.number != MEANS[0]
        rows = [
            (query.query_id, query.protocols[metric.protocol])
            for query in report.per_query
            if query.protocols[metric.protocol].positives and not (is_map and query.ignored_in_map)
        ]
        ignored = sum(query.ignored_in_map for query in report.per_query)
        made = cls(
            tuple(query_id for query_id, _ in rows),
            *_sides([row for _, row in rows], metric),
            fixed=ignored if is_map and metric.convention == "official" else 0,
        )
        value, told = float(made.means(np.ones((1, len(rows))))[0]), metric.read(report).value
        if told is None or not abs(value - told) < _ROUNDING:
            raise ReportError(source, f"its queries give {value} for {metric.path}, and it says {told}; score it again")
        return made

    def means(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """The number for several draws; `weights` of shape (draw, query) says how often each query was drawn."""
        return mean_ratios(weights @ self.numerators, self.fixed + weights @ self.denominators)

    def each(self) -> NDArray[np.float64]:
        """Every query's own ratios, NaN where it leaves the mean."""
        with np.errstate(invalid="ignore"):
            return self.numerators / self.denominators


def mean_ratios(numerators: NDArray[np.float64], denominators: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean over the last axis of the ratios; NaN where one is 0/0."""
    with np.errstate(invalid="ignore"):
        means: NDArray[np.float64] = np.mean(numerators / denominators, axis=-1)
    return means


def _sides(rows: list[QueryProtocol], metric: Metric) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if not metric.convention:
        counts = np.array([(row.predicted, row.positives) for row in rows], np.float64).reshape(-1, 2)
        return counts[:, :1], counts[:, 1:]
    ratios = len(THRESHOLDS) if metric.number == MEANS[1] else 1
    terms = np.array([_terms(row, metric) for row in rows], np.float64).reshape(-1, ratios)
    return np.nan_to_num(terms), (~np.isnan(terms)).astype(np.float64)


def _terms(row: QueryProtocol, metric: Metric) -> list[float | None]:
    if metric.task == "ranking":
        return [row.ranking_ap]
    task: QueryTask = getattr(getattr(row, metric.convention), metric.task)
    if metric.number == MEANS[0]:
        return [task.miou]
    _, _, threshold = metric.number.partition("@")
    return [task.ap[threshold]] if threshold else [task.ap[each] for each in sorted(task.ap)]

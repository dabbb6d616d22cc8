"""The numbers of a report, each by the path that the report itself gives it."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from pixret.metrics import THRESHOLDS, Protocol
from pixret.reports._errors import ReportError
from pixret.reports._report import ProtocolScores, ScoreReport, TaskScores

CONVENTIONS = ("official", "strict")
TASKS = ("detection", "segmentation")
MEANS = ("miou", "map_50_95")
_MAPS = tuple(f"map@{threshold:.2f}" for threshold in THRESHOLDS)
_UNRANKED = "nothing is ranked, or no query has a positive in this protocol"


class Reading(NamedTuple):
    """A number of a report, in [0, 1]; None where it is undefined, and `reason` says why."""

    value: float | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Metric:
    """Where a number stands in a report.

    `strict.medium.segmentation.map_50_95` and `strict.hard.ranking.map` are such places, and `coverage.easy`, whose
    `convention` and `task` are empty. The `number` of one threshold reads `map@0.75`.
    """

    convention: str
    protocol: Protocol
    task: str
    number: str

    @property
    def path(self) -> str:
        """Its name, as gates take it."""
        if not self.convention:
            return f"{self.number}.{self.protocol}"
        return f"{self.convention}.{self.protocol}.{self.task}.{self.number}"

    def read(self, report: ScoreReport) -> Reading:
        """Look the number up."""
        if not self.convention:
            value = report.coverage[self.protocol]
            return Reading(value, None if value is not None else "no query has a positive in this protocol")
        scores: ProtocolScores = getattr(report.conventions, self.convention).protocols[self.protocol]
        if self.task == "ranking":
            return Reading(scores.ranking.map, _UNRANKED if scores.ranking.map is None else None)
        task: TaskScores = getattr(scores, self.task)
        value = self._number(task)
        return Reading(value, (task.undefined or "the report gives no reason") if value is None else None)

    def _number(self, task: TaskScores) -> float | None:
        name, _, threshold = self.number.partition("@")
        value: float | None = task.map[threshold] if threshold else getattr(task, name)
        return value


def _all_metrics() -> Iterator[Metric]:
    for convention in CONVENTIONS:
        for protocol in Protocol:
            for task in TASKS:
                for number in (*MEANS, *_MAPS):
                    yield Metric(convention, protocol, task, number)
            yield Metric(convention, protocol, "ranking", "map")
    for protocol in Protocol:
        yield Metric("", protocol, "", "coverage")


METRICS = {metric.path: metric for metric in _all_metrics()}
"""Every number of a report, by path."""

# The ranking has one mAP, which both conventions name: strict's stands for it.
HEADLINE = tuple(
    metric
    for metric in METRICS.values()
    if metric.number in (*MEANS, "coverage") or (metric.convention, metric.task) == ("strict", "ranking")
)
"""What the table of `pixret score` shows."""


def find_metric(path: str, source: str) -> Metric:
    """Find a number by its path; `source` is who asks. Raises ReportError, which lists what there is."""
    if path in METRICS:
        return METRICS[path]
    near = difflib.get_close_matches(path, METRICS, n=1)
    meant = f"; {near[0]} is meant, perhaps" if near else ""
    protocols, conventions = f"{{{','.join(Protocol)}}}", f"{{{','.join(CONVENTIONS)}}}"
    numbers = ",".join((*MEANS, _MAPS[0], "...", _MAPS[-1]))
    known = (
        f"{conventions}.{protocols}.{{{','.join(TASKS)}}}.{{{numbers}}}",
        f"{conventions}.{protocols}.ranking.map",
        f"coverage.{protocols}",
    )
    raise ReportError(source, f"no number {path!r}{meant}. A report has {' and '.join(known)}")

"""What a reader can choose: one convention, one protocol, one task."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from pixret.metrics import THRESHOLDS, Protocol
from pixret.reports import CONVENTIONS, METRICS, TASKS, Metric, QueryRecord, QueryTask, ScoreReport

THRESHOLD_KEYS = tuple(f"{threshold:.2f}" for threshold in THRESHOLDS)


@dataclass(frozen=True, slots=True)
class View:
    """One side of a report, such as strict, medium, segmentation."""

    convention: str
    protocol: Protocol
    task: str

    def metric(self, number: str) -> Metric:
        """One of its numbers: `miou`, `map_50_95`, `map@0.75`."""
        return METRICS[f"{self.convention}.{self.protocol}.{self.task}.{number}"]


def _all_views() -> Iterator[View]:
    for convention in reversed(CONVENTIONS):
        for protocol in (Protocol.MEDIUM, Protocol.HARD, Protocol.EASY):
            for task in reversed(TASKS):
                yield View(convention, protocol, task)


VIEWS = tuple(_all_views())
"""All sides; the first one is shown first."""


class QueryRow(NamedTuple):
    """One query in one view. Scores are in [0, 1], None where the query leaves the mean."""

    number: int
    name: str
    ignored: bool
    positives: int
    predicted: int
    ranked: int
    scores: tuple[float | None, ...]


COLUMNS = ("#", "query", "positives", "predicted", "ranked", "AP of ranking", "mIoU", "mAP", *THRESHOLD_KEYS)
"""Headings of a row; the last ones are of its scores: mAP is AP@50:5:95, then comes the AP at each IoU threshold."""


def query_rows(report: ScoreReport, view: View) -> tuple[QueryRow, ...]:
    """Rows of all queries; none where the ground truth is hidden."""
    return tuple(_row(number, query, view) for number, query in enumerate(report.per_query))


def _row(number: int, query: QueryRecord, view: View) -> QueryRow:
    found = query.protocols[view.protocol]
    task: QueryTask = getattr(getattr(found, view.convention), view.task)
    aps = tuple(task.ap[key] for key in THRESHOLD_KEYS)
    defined = [ap for ap in aps if ap is not None]
    mean = float(np.mean(defined)) if defined else None
    scores = (found.ranking_ap, task.miou, mean, *aps)
    return QueryRow(
        number, query.query_id, query.ignored_in_map, found.positives, found.predicted, query.ranked, scores
    )

"""What a submission shows beyond the numbers of its report."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pixret.browse import Findings
from pixret.metrics import GroundTruth, Item, MeasurePool
from pixret.pages._agreement import check_agreement
from pixret.pages._curves import Curves, draw_curves
from pixret.pages._extremes import Extremes, find_extremes
from pixret.pages._judged import judged_queries
from pixret.pages._overlaps import Overlaps, count_overlaps
from pixret.pages._pictures import Gallery
from pixret.pages._views import VIEWS, View
from pixret.reports import CONVENTIONS, TASKS, parse_report


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """Curves and distributions of IoU, None where the report has no number for them, and single pairs.

    Distributions are by convention and task.
    """

    curves: Mapping[View, Curves | None]
    overlaps: Mapping[tuple[str, str], Overlaps | None]
    extremes: Extremes


def collect_evidence(
    content: bytes,
    truth: GroundTruth,
    submission: Iterable[Item],
    gallery: Gallery,
    *,
    names: tuple[str, str] = ("the report", "the submission"),
    distractors: int = 0,
    pairs: int = 6,
    pool: MeasurePool | None = None,
) -> Evidence:
    """Score a submission again, whose items must be such that one can iterate over them twice.

    `content` are the bytes of its report, `names` are those of report and submission in messages, and up to `pairs`
    pairs are shown from either end. Raises PageError when it does not give every number of the report.
    """
    findings = Findings(truth, submission, distractors, pool)
    check_agreement(content, findings.accumulator, *names)
    report, queries = parse_report(content, names[0]), judged_queries(findings.accumulator)
    return Evidence(
        curves={view: draw_curves(report, queries, view) for view in VIEWS},
        overlaps={(each, task): count_overlaps(queries, each, task) for each in CONVENTIONS for task in TASKS},
        extremes=find_extremes(findings, gallery, pairs),
    )

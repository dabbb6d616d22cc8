"""A report as one HTML file that needs nothing but itself."""

import hashlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pixret.browse import outline, page_environment
from pixret.files import write_whole
from pixret.metrics import Protocol
from pixret.pages._evidence import Evidence
from pixret.pages._headline import arrange_headline
from pixret.pages._plots import plot_curves, plot_overlaps, plot_thresholds
from pixret.pages._views import COLUMNS, THRESHOLD_KEYS, VIEWS, query_rows
from pixret.reports import parse_report

MAX_LISTED = 200
"""Refused items, and pairs without an official number, that a page names; the report has them all."""


@dataclass(frozen=True, slots=True, eq=False)
class ReportPage:
    """All that a page shows: the bytes of a report, its name, and what else is known.

    `is_signed` says that there is a signature; `key` is the fingerprint of the key that it was verified with, if any.
    """

    content: bytes
    name: str
    is_signed: bool = False
    key: str | None = None
    evidence: Evidence | None = None


def write_report_page(page: ReportPage, path: Path) -> None:
    """Write the page in one step, with its folder. Raises ReportError, PageError without Matplotlib, and OSError."""
    report = parse_report(page.content, page.name)
    environment = page_environment("pixret.pages")
    environment.filters |= {"percent": percent, "outline": outline}
    text = environment.get_template("report.html.j2").render(
        page=page,
        report=report,
        sha256=hashlib.sha256(page.content).hexdigest(),
        protocols=tuple(Protocol),
        headline=arrange_headline(report),
        thresholds=THRESHOLD_KEYS,
        threshold_plots=plot_thresholds(report),
        views=VIEWS,
        columns=COLUMNS,
        rows={view: query_rows(report, view) for view in VIEWS},
        refused=Counter(each.reason for each in report.rejections),
        max_listed=MAX_LISTED,
        **_plots_of(page.evidence),
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, text.encode("utf-8"))


def percent(value: float | None) -> str:
    """Format a number in [0, 1] in percent, as `pixret score` does."""
    return "–" if value is None else f"{100 * value:.2f}"


def _plots_of(evidence: Evidence | None) -> dict[str, Any]:
    """The plots that take a submission, by what they show; None where there is no number to plot."""
    if evidence is None:
        return {"curve_plots": {}, "overlap_plots": {}}
    curves = {view: plot_curves(one, view) if one else None for view, one in evidence.curves.items()}
    overlaps = {key: plot_overlaps(one, *key) if one else None for key, one in evidence.overlaps.items()}
    return {"curve_plots": curves, "overlap_plots": overlaps}

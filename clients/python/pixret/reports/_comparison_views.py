"""A comparison for machines and for job summaries."""

from dataclasses import asdict
from typing import Any

from pixret.reports._comparison import Comparison, MetricComparison
from pixret.reports._markdown import escape, markdown_table, percent
from pixret.reports._resampling import Draws

COMPARISON_SCHEMA = "pixret.comparison/1"


def comparison_json(comparison: Comparison) -> dict[str, Any]:
    """A comparison as JSON values."""
    return {
        "schema": COMPARISON_SCHEMA,
        "benchmark": comparison.benchmark,
        "first": comparison.names[0],
        "second": comparison.names[1],
        **asdict(comparison.draws),
        "notes": list(comparison.notes),
        "metrics": {each.metric.path: _metric(each) for each in comparison.metrics},
    }


def comparison_markdown(comparison: Comparison) -> str:
    """A comparison as a section of Markdown, in percent."""
    first, second = comparison.names
    header = ("metric", first, second, "difference", "interval", "p", "wins / losses / ties")
    rows = (_row(each) for each in comparison.metrics)
    table = markdown_table([escape(cell) for cell in header], rows, right=(1, 2, 3, 4, 5, 6))
    notes = "".join(f"\n{escape(note)}\n" for note in comparison.notes)
    title = escape(f"{comparison.benchmark}: {second} against {first}")
    return f"### {title}\n\n{table}{notes}\n{escape(method(comparison.draws))}\n"


def method(draws: Draws) -> str:
    """Say how intervals and p-values come about, with all that is needed to get them again."""
    return (
        f"in percent; {100 * draws.confidence:g} % interval of the difference by paired bootstrap over queries, p by "
        f"paired randomization, each metric by itself; {draws.resamples} draws, seed {draws.seed}"
    )


def interval(low: float | None, high: float | None) -> str:
    """Format an interval of a difference, in points."""
    return "–" if low is None or high is None else f"{100 * low:+.2f} {100 * high:+.2f}"


def _metric(each: MetricComparison) -> dict[str, Any]:
    values = {"first": each.first, "second": each.second, "undefined": each.undefined}
    return values if each.difference is None else values | {"difference": asdict(each.difference)}


def _row(each: MetricComparison) -> tuple[str, ...]:
    values = each.metric.path, percent(each.first), percent(each.second)
    if each.difference is None:
        return *values, each.undefined or "", "", "", ""
    found = each.difference
    return (
        *values,
        f"{100 * found.value:+.4f}",
        interval(found.low, found.high),
        f"{found.p_value:.4f}",
        f"{found.wins} / {found.losses} / {found.ties}",
    )

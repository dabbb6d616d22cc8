"""``pixret compare``: two stored reports, and whether their differences are more than noise."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.table import Table

from pixret.cli._console import WholeTable, messages, results
from pixret.cli._gating import write_markdown, write_text

if TYPE_CHECKING:
    from pixret.reports import Comparison, Difference, MetricComparison

_MOVED_IN = "strict.medium.segmentation.map_50_95"  # whose queries are shown when no number is asked for


def compare(
    first: Annotated[Path, typer.Argument(help="A report that pixret score --json wrote.")],
    second: Annotated[Path, typer.Argument(help="Another one; differences are second - first.")],
    metric: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PATH", help="What to compare, as gates name it; repeatable. By default, headline numbers."
        ),
    ] = None,
    resamples: Annotated[
        int, typer.Option(min=100, max=100_000, help="Draws of bootstrap and randomization.")
    ] = 10_000,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same intervals and p-values.")] = 0,
    confidence: Annotated[float, typer.Option(min=0.5, max=0.999, help="Of the intervals.")] = 0.95,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write the comparison as JSON; - for stdout, without the table.")
    ] = None,
    markdown: Annotated[
        Path | None,
        typer.Option("--markdown", help="Write the comparison as Markdown; $GITHUB_STEP_SUMMARY is appended to."),
    ] = None,
) -> None:
    """Compare two reports, number by number and query by query."""
    from pixret.reports import HEADLINE, Draws, comparison_json, comparison_markdown, find_metric, read_report
    from pixret.reports import compare as compare_reports

    metrics = [find_metric(path, f"--metric {path}") for path in dict.fromkeys(metric or ())] or HEADLINE
    comparison = compare_reports(
        read_report(first),
        read_report(second),
        metrics=metrics,
        names=(str(first), str(second)),
        draws=Draws(resamples, seed, confidence),
    )
    for note in comparison.notes:
        messages.print(f"note: {note}", style="yellow", markup=False)
    if json_file is not None:
        content = json.dumps(comparison_json(comparison), indent=1, ensure_ascii=False, allow_nan=False) + "\n"
        write_text(json_file, content)
    if markdown is not None:
        write_markdown(markdown, comparison_markdown(comparison))
    if json_file != Path("-"):
        _show(comparison, metric[0] if metric else _MOVED_IN)


def _show(comparison: "Comparison", moved_in: str) -> None:
    from pixret.reports import method

    first, second = comparison.names
    results.print(f"{comparison.benchmark}: A is {first}, B is {second}", markup=False)
    results.print(_table(comparison))
    legend = f"w/l/t: queries in which B is higher, lower, equal; {method(comparison.draws)}"
    results.print(legend, style="dim", markup=False)
    for each in comparison.metrics:
        if each.undefined is not None:
            results.print(f"{each.metric.path} is {each.undefined}", style="yellow", markup=False)
        if each.metric.path == moved_in and each.difference is not None:
            _show_moved(moved_in, each.difference)


def _show_moved(path: str, difference: "Difference") -> None:
    if difference.moved:
        results.print(f"\nmoved most in {path}:", markup=False)
    for query in difference.moved:
        results.print(f"  {query.query_id}: {100 * query.first:.2f} to {100 * query.second:.2f}", markup=False)


def _table(comparison: "Comparison") -> Table:
    table = WholeTable(box=box.SIMPLE_HEAD, padding=0)
    table.add_column("", no_wrap=True)
    for column in ("A", "B", "B - A", "interval", "p", "w/l/t"):
        table.add_column(column, justify="right", no_wrap=True)
    section = ""
    for each in comparison.metrics:
        place = f"{each.metric.convention}.{each.metric.protocol}" if each.metric.convention else ""
        if place != section:
            table.add_row(place, style="bold")
            section = place
        table.add_row(each.metric.path.removeprefix(f"{place}."), *_cells(each))
    return table


def _cells(each: "MetricComparison") -> tuple[str, ...]:
    from pixret.reports import interval

    values = tuple("–" if value is None else f"{100 * value:.2f}" for value in (each.first, each.second))
    if each.difference is None:
        return *values, "–"
    found = each.difference
    counts = f"{found.wins}/{found.losses}/{found.ties}"
    return *values, f"{100 * found.value:+.2f}", interval(found.low, found.high), f"{found.p_value:.4f}", counts

"""Numbers for people: a report, or a snapshot on its way, as a table."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from pixret.cli._console import WholeTable

if TYPE_CHECKING:
    from pixret.metrics import Snapshot

Headline = Mapping[str, Sequence[float | None]]
"""By protocol: mIoU and mAP of detection and segmentation, official then strict; ranking mAP; coverage."""

_COLUMNS = (
    *(
        f"{convention} {task}\n{number}"
        for convention in ("off.", "str.")
        for task in "DS"
        for number in ("mIoU", "mAP")
    ),
    "rank.\nmAP",
    "cover-\nage",
)
_LEGEND = (
    "off. official, str. strict; D detection (boxes), S segmentation (masks); "
    "mAP is mAP@50:5:95, rank. that of the ranking alone; all in percent"
)
_TASKS = ("detection", "segmentation")


def snapshot_table(snapshot: "Snapshot", title: str) -> Table:
    """The headline numbers of a snapshot, in percent: protocols as rows, conventions side by side."""
    headline = {
        protocol.value: [
            *(
                value
                for convention in (metrics.official, metrics.strict)
                for task in (convention.detection, convention.segmentation)
                for value in (task.miou, task.map_50_95)
            ),
            metrics.strict.ranking_map,
            metrics.coverage,
        ]
        for protocol, metrics in snapshot.protocols.items()
    }
    return _table(headline, title)


def report_view(report: Mapping[str, Any]) -> RenderableType:
    """The report: its table, what is undefined and why, and the signature."""
    predictions = report["predictions"]
    title = (
        f"{report['benchmark']}: {predictions['received']} items, {predictions['accepted']} accepted, "
        f"{predictions['rejected']} rejected"
    )
    notes = [Text(note, style="yellow") for note in _notes(report)]
    return Group(
        _table(_report_headline(report), title),
        Text(_LEGEND, style="dim"),
        *notes,
        Text(f"signature {report['signature']}", style="dim"),
    )


def rejection_lines(report: Mapping[str, Any]) -> list[str]:
    """A line for every refused item that the report names."""
    lines = [
        f"item {each['offset']} (query {each['query'] or '?'}, image {each['image'] or '-'}) is rejected: "
        f"{each['reason']}: {each['field']}: {each['message']}"
        for each in report["rejections"]
    ]
    left_out = report["rejections_left_out"]
    return [*lines, f"and {left_out} more rejected items"] if left_out else lines


def _report_headline(report: Mapping[str, Any]) -> Headline:
    official, strict = (report["conventions"][name]["protocols"] for name in ("official", "strict"))
    return {
        protocol: [
            *(
                convention[protocol][task][number]
                for convention in (official, strict)
                for task in _TASKS
                for number in ("miou", "map_50_95")
            ),
            strict[protocol]["ranking"]["map"],
            coverage,
        ]
        for protocol, coverage in report["coverage"].items()
    }


def _table(headline: Headline, title: str) -> Table:
    table = WholeTable(title=title, box=box.SIMPLE_HEAD, title_justify="left", padding=0)
    table.add_column("", no_wrap=True)
    for column in _COLUMNS:
        table.add_column(column, justify="right", no_wrap=True)
    for protocol, values in headline.items():
        table.add_row(protocol, *("–" if value is None else f"{100 * value:.2f}" for value in values))
    return table


def _notes(report: Mapping[str, Any]) -> list[str]:
    """Whether the official numbers are exact, and every reason for a number that is not there."""
    official = report["conventions"]["official"]
    notes = [] if official["exact"] else ["official is not exact: not every positive was predicted as one polygon"]
    notes += [
        f"official is undefined for pair {each['pair']}: {each['reason']}" for each in official["undefined_pairs"]
    ]
    for name, convention in report["conventions"].items():
        where: dict[str, list[str]] = {}
        for protocol, tasks in convention["protocols"].items():
            for reason in {tasks[task].get("undefined") for task in _TASKS} - {None}:
                where.setdefault(reason, []).append(protocol)
        notes += [f"{name}, {' and '.join(protocols)}: {reason}" for reason, protocols in sorted(where.items())]
    return notes

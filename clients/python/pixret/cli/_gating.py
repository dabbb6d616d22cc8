"""What `pixret score` and `pixret gate` share: the options of gates, and where their outcomes go."""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from pixret.cli._console import WholeTable, messages
from pixret.cli._ending import append_file, write_file

if TYPE_CHECKING:
    from pixret.reports import DropLimit, Floor, Outcome, ScoreReport

GATE_FAILED = 1
"""Exit code when a gate failed."""

_PANEL = "Gates"
FailUnder = Annotated[
    list[str] | None,
    typer.Option(
        rich_help_panel=_PANEL,
        metavar="PATH=VALUE",
        help="Fail when a number is lower, as in strict.hard.ranking.map=0.4; repeatable.",
    ),
]
Baseline = Annotated[
    Path | None, typer.Option(rich_help_panel=_PANEL, help="Report that --max-drop compares with, by --json.")
]
MaxDrop = Annotated[
    list[str] | None,
    typer.Option(
        rich_help_panel=_PANEL,
        metavar="[PATH=]POINTS",
        help="Fail when a number is more points (hundredths) below the baseline's; without PATH, every headline "
        "number; repeatable.",
    ),
]
Markdown = Annotated[
    Path | None,
    typer.Option(
        "--markdown",
        rich_help_panel=_PANEL,
        help="Write the outcomes as Markdown; $GITHUB_STEP_SUMMARY is appended to.",
    ),
]
Junit = Annotated[Path | None, typer.Option("--junit", rich_help_panel=_PANEL, help="Write the outcomes as JUnit XML.")]


@dataclass(frozen=True, slots=True)
class Gates:
    """The gates of a command line, read before anything is scored."""

    floors: "tuple[Floor, ...]"
    limits: "tuple[DropLimit, ...]"
    baseline: "ScoreReport | None"
    baseline_name: str

    def check(self, report: "ScoreReport", name: str) -> "tuple[list[Outcome], tuple[str, ...]]":
        """Outcomes, and notes on what differs from the baseline. Raises ReportError."""
        from pixret.reports import check_comparable, check_drops, check_floors

        outcomes = check_floors(report, self.floors)
        if self.baseline is None:
            return outcomes, ()
        notes = check_comparable(report, self.baseline, (name, self.baseline_name))
        return outcomes + check_drops(report, self.baseline, self.limits), notes


@dataclass(frozen=True, slots=True)
class Outlets:
    """Where outcomes go beside the table: files, each optional."""

    json: Path | None
    markdown: Path | None
    junit: Path | None


def read_gates(fail_under: Sequence[str] | None, baseline: Path | None, max_drop: Sequence[str] | None) -> Gates | None:
    """Read what the options ask for; None when they ask for nothing. Raises ReportError."""
    if not (fail_under or baseline or max_drop):
        return None
    from pixret.reports import read_drop_limits, read_floors, read_report

    if bool(baseline) != bool(max_drop):
        given, missing = ("--baseline", "--max-drop") if baseline else ("--max-drop", "--baseline")
        raise typer.BadParameter(f"{given} needs {missing}", param_hint=given)
    floors, limits = read_floors(fail_under or ()), read_drop_limits(max_drop or ())
    return Gates(floors, limits, read_report(baseline) if baseline else None, str(baseline))


def pass_gates(gates: Gates, report: "ScoreReport", name: str, outlets: Outlets, console: Console) -> bool:
    """Check a report, tell the outcomes, and say whether every gate passed."""
    from pixret.reports import any_failed, gates_json, gates_junit, gates_markdown, summary

    outcomes, notes = gates.check(report, name)
    for note in notes:
        messages.print(f"note: {note}", style="yellow", markup=False)
    failed = [outcome for outcome in outcomes if outcome.verdict == "failed"]
    console.print(summary(report, outcomes), style="bold red" if failed else "bold green", markup=False)
    if failed:
        console.print(_table(failed))
    if outlets.json is not None:
        content = json.dumps(gates_json(report, outcomes, notes), indent=1, ensure_ascii=False, allow_nan=False) + "\n"
        write_text(outlets.json, content)
    if outlets.markdown is not None:
        write_markdown(outlets.markdown, gates_markdown(report, outcomes, notes))
    if outlets.junit is not None:
        write_file(outlets.junit, gates_junit(report, outcomes))
    return not any_failed(outcomes)


def write_text(path: Path, content: str) -> None:
    """Write a file, or stdout when the path is -."""
    if path == Path("-"):
        typer.echo(content, nl=False)
    else:
        write_file(path, content.encode())


def write_markdown(path: Path, content: str) -> None:
    """Write a file of Markdown; the summary of a GitHub step is appended to, since other steps write there too."""
    step_summary = os.environ.get("GITHUB_STEP_SUMMARY")
    appended = step_summary is not None and path.absolute() == Path(step_summary).absolute()
    (append_file if appended else write_file)(path, content.encode())


def _table(outcomes: "Sequence[Outcome]") -> Table:
    table = WholeTable(box=box.SIMPLE_HEAD, padding=0, caption="in percent", caption_justify="left")
    table.add_column("failed", no_wrap=True)
    table.add_column("value", justify="right", no_wrap=True)
    table.add_column("at least", justify="right", no_wrap=True)
    table.add_column("")
    for each in outcomes:
        cells = ("–" if number is None else f"{100 * number:.4f}" for number in (each.value, each.least))
        table.add_row(each.metric, *cells, each.detail)
    return table

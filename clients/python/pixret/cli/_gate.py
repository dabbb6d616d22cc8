"""``pixret gate``: what a stored report must reach."""

from pathlib import Path
from typing import Annotated

import typer

from pixret.cli._console import messages, results
from pixret.cli._gating import (
    GATE_FAILED,
    Baseline,
    FailUnder,
    Junit,
    Markdown,
    MaxDrop,
    Outlets,
    pass_gates,
    read_gates,
)


def gate(
    report: Annotated[Path, typer.Argument(help="A report that pixret score --json wrote.")],
    fail_under: FailUnder = None,
    baseline: Baseline = None,
    max_drop: MaxDrop = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write the outcomes as JSON; - for stdout, without the table.")
    ] = None,
    markdown: Markdown = None,
    junit: Junit = None,
) -> None:
    """Hold a stored report against floors and a baseline. Exits with 1 when a gate fails."""
    gates = read_gates(fail_under, baseline, max_drop)
    if gates is None:
        raise typer.BadParameter("give --fail-under, or --baseline with --max-drop", param_hint="gate")
    from pixret.reports import read_report

    outlets = Outlets(json_file, markdown, junit)
    console = messages if json_file == Path("-") else results
    if not pass_gates(gates, read_report(report), str(report), outlets, console):
        raise typer.Exit(GATE_FAILED)

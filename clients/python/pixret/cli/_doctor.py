"""``pixret doctor``: whether a server would do well with its settings."""

from pathlib import Path
from typing import Annotated

import typer

from pixret.cli._console import results

_STYLES = {"ok": "green", "warning": "yellow", "failed": "red"}


def doctor(
    data: Annotated[list[Path] | None, typer.Option(help="Folder of prepared tables, as for serve.")] = None,
    state: Annotated[str | None, typer.Option(help="State, as for serve.")] = None,
    config: Annotated[Path | None, typer.Option(help="TOML file of settings, as for serve.")] = None,
    assignments: Annotated[list[str] | None, typer.Option("--set", help="Any setting, as NAME=VALUE.")] = None,
) -> None:
    """Check what `pixret serve` depends on, under the same settings. Exit code 1 when a check fails."""
    from pixret.service import examine, read_settings

    findings = [*examine(read_settings({"data": data, "state": state}, config, assignments or ()))]
    for finding in findings:
        results.print(f"{finding.verdict:8}", style=_STYLES[finding.verdict], end="")
        results.print(f"{finding.check}: {finding.message}", markup=False)
    if any(finding.verdict == "failed" for finding in findings):
        raise typer.Exit(1)

"""``pixret replay``: a session's numbers again, from its journal."""

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pixret.cli._console import messages, results
from pixret.cli._ending import write_file
from pixret.cli._gating import GATE_FAILED
from pixret.cli._render import report_view

if TYPE_CHECKING:
    from pixret.metrics import GroundTruth
    from pixret.service import Replay


def replay(
    session: Annotated[str, typer.Argument(help="The session, sessions/...")],
    state: Annotated[str, typer.Option(help="Folder or postgresql:// URL that pixret serve --state was given.")],
    data: Annotated[list[Path], typer.Option(help="Folder of prepared tables; may be given several times.")],
    offset: Annotated[
        int | None, typer.Option(min=0, help="Score the items below this offset alone; by default all.")
    ] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the report as JSON; - for stdout.")] = None,
    snapshot_file: Annotated[Path | None, typer.Option("--snapshot", help="Write the snapshot as JSON.")] = None,
    hidden_step: Annotated[
        float | None, typer.Option(min=0.001, max=100, help="Tell what a server with this hidden_step tells.")
    ] = None,
) -> None:
    """Score a session again from what was written down of it, without its masks.

    Numbers are those of the snapshot or report at that offset, to the last bit. Exits with 1 when the report that the
    session was finalized with is another one.
    """
    from pixret.service import ReplayError, read_truths, snapshot_json

    if "://" not in state and not Path(state).is_dir():
        raise ReplayError(f"there is no state in {state}; give the folder that pixret serve --state was given")
    found = asyncio.run(_replay(session, state, read_truths(data), offset, hidden_step))
    report, snapshot = found.report(), found.snapshot()
    if snapshot_file is not None:
        write_file(snapshot_file, snapshot_json(snapshot))
    if json_file == Path("-"):
        typer.echo(report, nl=False)
    else:
        if json_file is not None:
            write_file(json_file, report)
        results.print(report_view(json.loads(report)))
        results.print(f"offset {snapshot.received}, chain digest {found.chain.hex()}", markup=False)
    if found.is_final:
        _compare(found, report)


async def _replay(
    session: str, state: str, truths: "list[GroundTruth]", offset: int | None, hidden_step: float | None
) -> "Replay":
    from pixret.service import open_journal, replay

    journal = open_journal(state)
    try:
        return await replay(journal, session, truths, offset=offset, hidden_step=hidden_step)
    finally:
        await journal.close()


def _compare(found: "Replay", report: bytes) -> None:
    """Hold the report against the one that the session was finalized with."""
    if report == found.stored:
        messages.print("equal to the report that the session was finalized with, byte for byte", markup=False)
        return
    messages.print(
        f"pixret: {found.state.name} was finalized with another report than its items give here; other versions in its "
        "signature, or a hidden ground truth (--hidden-step), may be why",
        style="red",
        markup=False,
    )
    raise typer.Exit(GATE_FAILED)

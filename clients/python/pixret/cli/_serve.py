"""``pixret serve``: the scoring service."""

from pathlib import Path
from typing import Annotated

import typer

from pixret.cli._console import messages, results


def serve(
    data: Annotated[list[Path], typer.Option(help="Folder of prepared tables; may be given several times.")],
    listen: Annotated[str, typer.Option(help="HOST:PORT; port 0 takes a free one.")] = "127.0.0.1:50051",
    workers: Annotated[int | None, typer.Option(min=1, help="Threads, and processes for points; one a core.")] = None,
    state: Annotated[
        str | None, typer.Option(help="Folder or postgresql:// URL where sessions outlast the server; else in memory.")
    ] = None,
    keep_masks: Annotated[
        bool, typer.Option("--keep-masks", help="Keep items as they came in the state, too.")
    ] = False,
) -> None:
    """Score submissions over gRPC until SIGTERM or SIGINT, which drain the service."""
    from pixret.service import ServiceConfig, open_journal, read_truths, run_server

    truths = read_truths(data)
    for truth in truths:
        messages.print(f"{truth.benchmark}: {len(truth.query_ids)} queries, {truth.digest}", markup=False)
    config = ServiceConfig(workers=workers, keep_masks=keep_masks)
    journal = None if state is None else open_journal(state)
    run_server(truths, listen, config=config, journal=journal, on_ready=_announce)


def _announce(address: str) -> None:
    """Tell the address on stdout at once, so that whoever started the server can wait for this line."""
    results.print(f"listening on {address}", markup=False)
    results.file.flush()

"""``pixret serve``: the scoring service."""

from pathlib import Path
from typing import Annotated

import typer

from pixret.cli._console import messages, results


def serve(
    data: Annotated[list[Path], typer.Option(help="Folder of prepared tables; may be given several times.")],
    listen: Annotated[str, typer.Option(help="HOST:PORT; port 0 takes a free one.")] = "127.0.0.1:50051",
    workers: Annotated[int | None, typer.Option(min=1, help="Threads, and processes for points; one a core.")] = None,
) -> None:
    """Score submissions over gRPC until SIGTERM or SIGINT, which drain the service."""
    from pixret.service import ServiceConfig, read_truths, run_server

    truths = read_truths(data)
    for truth in truths:
        messages.print(f"{truth.benchmark}: {len(truth.query_ids)} queries, {truth.digest}", markup=False)
    run_server(truths, listen, config=ServiceConfig(workers=workers), on_ready=_announce)


def _announce(address: str) -> None:
    """Tell the address on stdout at once, so that whoever started the server can wait for this line."""
    results.print(f"listening on {address}", markup=False)
    results.file.flush()

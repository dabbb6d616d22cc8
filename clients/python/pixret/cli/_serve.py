"""``pixret serve``: the scoring service."""

import os
import signal
from pathlib import Path
from typing import Annotated

import typer

from pixret.cli._console import messages, results
from pixret.cli._ending import end_within

_CLOSING = 12.0
"""Seconds after the grace, for a mask that takes hours, or a state that does not answer; what was acked is kept."""


def serve(
    data: Annotated[
        list[Path] | None, typer.Option(help="Folder of prepared tables; may be given several times.")
    ] = None,
    listen: Annotated[
        str | None, typer.Option(help="HOST:PORT, by default 127.0.0.1:50051; port 0 is a free one.")
    ] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Threads, and processes for points; one a core.")] = None,
    state: Annotated[
        str | None, typer.Option(help="Folder or postgresql:// URL where sessions outlast the server; else in memory.")
    ] = None,
    keep_masks: Annotated[
        bool | None, typer.Option("--keep-masks", help="Keep items as they came in the state, too.")
    ] = None,
    tls_certificate: Annotated[
        Path | None, typer.Option(help="PEM file with the certificate chain; TLS is on.")
    ] = None,
    tls_key: Annotated[Path | None, typer.Option(help="PEM file with its key.")] = None,
    tls_client_ca: Annotated[Path | None, typer.Option(help="PEM file with the authorities of clients (mTLS).")] = None,
    signing_key: Annotated[
        Path | None, typer.Option(help="Private key to sign reports with; see pixret keygen.")
    ] = None,
    token_file: Annotated[Path | None, typer.Option(help="File of the tokens to let in; see pixret token.")] = None,
    insecure_plaintext: Annotated[
        bool | None, typer.Option("--insecure-plaintext", help="Serve other machines without TLS.")
    ] = None,
    insecure_anonymous: Annotated[
        bool | None, typer.Option("--insecure-anonymous", help="Serve other machines without tokens.")
    ] = None,
    metrics_listen: Annotated[str | None, typer.Option(help="HOST:PORT for Prometheus' metrics.")] = None,
    config: Annotated[
        Path | None, typer.Option(help="TOML file of settings, under the names of --print-config.")
    ] = None,
    assignments: Annotated[
        list[str] | None, typer.Option("--set", help="Any setting, as NAME=VALUE; may be given several times.")
    ] = None,
    print_config: Annotated[
        bool, typer.Option("--print-config", help="Print all settings as they are, without secrets, and end.")
    ] = False,
) -> None:
    """Score submissions over gRPC until SIGTERM or SIGINT, which drain the service.

    Every setting can be a flag, a variable PIXRET_SERVE_NAME of the environment or a line of the configuration file;
    flags win over the environment, and that over the file.
    """
    # Read when grpc is imported. What it writes is in no form of ours; a variable that is set asks for it.
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    from pixret.service import configure_logs, open_journal, read_settings, read_truths, run_server, show_settings

    flags = {
        "data": data,
        "listen": listen,
        "workers": workers,
        "state": state,
        "keep_masks": keep_masks,
        "tls_certificate": tls_certificate,
        "tls_key": tls_key,
        "tls_client_ca": tls_client_ca,
        "signing_key": signing_key,
        "token_file": token_file,
        "insecure_plaintext": insecure_plaintext,
        "metrics_listen": metrics_listen,
        "insecure_anonymous": insecure_anonymous,
    }
    settings = read_settings(flags, config, assignments or ())
    if print_config:
        results.print(show_settings(settings), markup=False)
        return
    configure_logs(settings.log_format, settings.log_level)
    if not settings.data:
        raise typer.BadParameter("there is nothing to serve: say --data FOLDER", param_hint="--data")
    truths = read_truths(settings.data)
    for truth in truths if settings.log_format == "text" else ():
        messages.print(f"{truth.benchmark}: {len(truth.query_ids)} queries, {truth.digest}", markup=False)
    journal = None if settings.state is None else open_journal(settings.state)
    run_server(
        truths,
        settings.listen,
        config=settings,
        journal=journal,
        on_ready=_announce,
        on_stopping=lambda: end_within(settings.grace + _CLOSING, 128 + signal.SIGTERM),
    )


def _announce(address: str) -> None:
    """Tell the address on stdout at once, so that whoever started the server can wait for this line."""
    results.print(f"listening on {address}", markup=False)
    results.file.flush()

"""``pixret health``: whether a server serves, for probes."""

from pathlib import Path
from typing import Annotated

import typer

from pixret.cli._connection import TlsCertificate, TlsKey, UseTls
from pixret.cli._console import messages, results

UNHEALTHY = 1
"""Exit code when a server does not serve; what runs probes keeps 2 for itself."""


def health(
    address: Annotated[
        str, typer.Argument(envvar="PIXRET_HEALTH_ADDRESS", help="HOST:PORT of a scoring service.")
    ] = "127.0.0.1:50051",
    service: Annotated[str, typer.Option(help="Whose health; by default the server's as a whole.")] = "",
    timeout: Annotated[float, typer.Option(min=0.1, help="Seconds to wait for the answer.")] = 3.0,
    tls: UseTls = False,
    tls_ca: Annotated[
        Path | None,
        typer.Option("--tls-ca", envvar="PIXRET_HEALTH_TLS_CA", help="PEM file with the authorities of the server."),
    ] = None,
    tls_certificate: TlsCertificate = None,
    tls_key: TlsKey = None,
) -> None:
    """Ask a server by gRPC's health protocol. Exits with 1 unless it is SERVING."""
    from pixret.client import ClientError, Tls, check_health

    trusted = Tls(tls_ca, tls_certificate, tls_key) if tls or tls_ca or tls_certificate or tls_key else None
    try:
        status = check_health(address, service=service, tls=trusted, timeout=timeout)
    except ClientError as error:
        messages.print(f"pixret: {error}", style="red", markup=False)
        raise typer.Exit(UNHEALTHY) from None
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--tls-certificate") from None
    results.print(status, markup=False)
    if status != "SERVING":
        raise typer.Exit(UNHEALTHY)

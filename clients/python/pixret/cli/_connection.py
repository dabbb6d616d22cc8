"""How a command reaches a server: the options, and what they make."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from pixret.client import Client

TlsCa = Annotated[
    Path | None, typer.Option("--tls-ca", help="PEM file with the authorities that the server's certificate is of.")
]
TlsCertificate = Annotated[
    Path | None, typer.Option("--tls-certificate", help="PEM file to show to the server (mTLS).")
]
TlsKey = Annotated[Path | None, typer.Option("--tls-key", help="PEM file with the key of --tls-certificate.")]
TokenFile = Annotated[Path | None, typer.Option("--token-file", help="File with the token to show to the server.")]
UseTls = Annotated[bool, typer.Option("--tls", help="Speak TLS with authorities that are known; --tls-ca implies it.")]


def check_server_named(server: str | None, *given: object) -> None:
    """Raise a usage error for options that tell how to reach a server, where none is named: they would do nothing."""
    if server is None and any(given):
        raise typer.BadParameter(
            "they tell how to reach a server; give --server, too", param_hint="--tls, --token-file"
        )


def connect(
    address: str, *, tls: bool, ca: Path | None, certificate: Path | None, key: Path | None, token_file: Path | None
) -> "Client":
    """A client as the options say; a usage error when they do not go together."""
    from pixret.client import Client, Tls

    try:
        token = None if token_file is None else token_file.read_text(encoding="utf-8").strip()
        use_tls = tls or any((ca, certificate, key))
        return Client(address, tls=Tls(ca, certificate, key) if use_tls else None, token=token)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--server") from None

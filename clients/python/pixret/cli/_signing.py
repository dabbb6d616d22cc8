"""``pixret keygen`` and ``pixret verify``: keys that sign reports, and whether a report is what was signed."""

from pathlib import Path
from typing import Annotated

import typer

from pixret.cli._console import messages, results
from pixret.cli._gating import GATE_FAILED

Sign = Annotated[
    Path | None, typer.Option("--sign", help="Private key to sign the report with, into FILE.sig beside --json FILE.")
]


def keygen(
    path: Annotated[Path, typer.Argument(help="File for the private key; the public one becomes PATH.pub.")],
) -> None:
    """Make a key pair that signs reports (Ed25519, PEM)."""
    from pixret.signing import new_key

    new_key(path)
    results.print(f"{path} signs, keep it to yourself; {path}.pub verifies, give it away", markup=False)


def verify(
    report: Annotated[Path, typer.Argument(help="A report that pixret score --json wrote.")],
    key: Annotated[Path, typer.Option(help="Public key of whoever signed it.")],
    signature: Annotated[Path | None, typer.Option(help="The signature; by default REPORT.sig.")] = None,
) -> None:
    """Check that a report is the one that was signed. Exits with 1 when it is not; masks are not needed."""
    from pixret.signing import FalseSignatureError, read_verifying_key, signature_path, verify_report

    public = read_verifying_key(key)
    content, signed = report.read_bytes(), (signature or signature_path(report)).read_bytes()
    try:
        found = verify_report(content, signed, public, str(report))
    except FalseSignatureError as error:
        messages.print(f"pixret: {error}", style="red", markup=False)
        raise typer.Exit(GATE_FAILED) from None
    results.print(f"{report}: {found.benchmark}, signed with the key {found.key}\n{found.depends_on}", markup=False)

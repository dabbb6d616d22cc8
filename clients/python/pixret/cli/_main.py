"""The `pixret` command: its subcommands, and the one place where errors become messages and exit codes."""

import sys
from concurrent.futures import BrokenExecutor

import typer

from pixret.cli._console import messages
from pixret.cli._demo import demo
from pixret.cli._info import info
from pixret.cli._prepare import prepare
from pixret.cli._score import score
from pixret.cli._serve import serve
from pixret.cli._synth import synth
from pixret.client import ClientError, UnencodableItemError
from pixret.loader import PrepareError
from pixret.rawfiles import RawFileError
from pixret.service import ServiceError
from pixret.submissions import SubmissionError
from pixret.synth import SynthError
from pixret.tables import TablesError

WRONG_INPUT = 2

app = typer.Typer(
    name="pixret",
    help="Data, metrics and a scoring service for the pixel-retrieval benchmarks PROxford and PRParis.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for command in (demo, synth, prepare, serve, score, info):
    app.command()(command)

_EXPECTED = (
    BrokenExecutor,
    ClientError,
    OSError,
    PrepareError,
    RawFileError,
    ServiceError,
    SubmissionError,
    SynthError,
    TablesError,
    UnencodableItemError,
)


def main() -> None:
    """Run the command line. Exit codes: 0 fine, 1 a gate failed, 2 wrong input or usage."""
    try:
        app()
    except _EXPECTED as error:
        messages.print(f"pixret: {error}", style="red", markup=False)
        sys.exit(WRONG_INPUT)
    except KeyboardInterrupt:
        sys.exit(130)

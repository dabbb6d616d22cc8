"""The `pixret` command: its subcommands, and the one place where errors become messages and exit codes.

Modules of commands import at their top what describes a command, and inside functions what runs it: the help, and a
usage error, come without waiting for Arrow, OpenCV and gRPC.
"""

import sys
from importlib.metadata import version
from typing import Annotated

import typer

from pixret.cli._browse import browse
from pixret.cli._compare import compare
from pixret.cli._console import WRONG_INPUT, messages, results
from pixret.cli._demo import demo
from pixret.cli._doctor import doctor
from pixret.cli._ending import end_when_asked
from pixret.cli._gate import gate
from pixret.cli._health import health
from pixret.cli._info import info
from pixret.cli._prepare import prepare
from pixret.cli._publish import publish
from pixret.cli._push import push
from pixret.cli._replay import replay
from pixret.cli._report import report
from pixret.cli._score import score
from pixret.cli._serve import serve
from pixret.cli._signing import keygen, verify
from pixret.cli._strip import strip
from pixret.cli._synth import synth
from pixret.cli._token import token

app = typer.Typer(
    name="pixret",
    help="Data, metrics and a scoring service for the pixel-retrieval benchmarks PROxford and PRParis.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
_DATA = (demo, synth, prepare, strip, push, browse)
_SCORES = (serve, health, score, gate, compare, report, publish, replay, keygen, verify)
for command in (*_DATA, *_SCORES, info, doctor):
    app.command()(command)
app.add_typer(token)


def _show_version(wanted: bool) -> None:
    if wanted:
        results.print(f"pixret {version('pixret')}", markup=False)
        raise typer.Exit


@app.callback()
def _options(
    _version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_show_version, help="Print the version; info prints more."),
    ] = False,
) -> None:
    """Take the options before a command; the help is the application's."""


_LEFT_OUT = {"cv2": "OpenCV (opencv-python-headless)", "datasets": "datasets"}
"""Dependencies that an installation may do without, by what is imported."""


_ERRORS = {
    "pixret.archives": ("ArchiveError",),
    "pixret.browse": ("BrowseError",),
    "pixret.client": ("ClientError", "UnencodableItemError"),
    "pixret.downloads": ("DownloadError",),
    "pixret.loader": ("LoadError", "PrepareError"),
    "pixret.metrics": ("NoRasterizerError",),
    "pixret.pages": ("PageError",),
    "pixret.publishing": ("PublishError",),
    "pixret.rawfiles": ("RawFileError",),
    "pixret.reports": ("ReportError",),
    "pixret.repository": ("RepositoryError",),
    "pixret.service": ("ServiceError",),
    "pixret.signing": ("SigningError",),
    "pixret.submissions": ("SubmissionError",),
    "pixret.synth": ("SynthError",),
    "pixret.tables": ("TablesError",),
}
"""Errors whose message is for the user, by the package that exports them."""


def main() -> None:
    """Run the command line. Exit codes: 0 fine, 1 a gate failed, 2 wrong input or usage, 143 asked to end."""
    end_when_asked()
    try:
        app(prog_name="pixret")  # also as python -m pixret.cli
    except KeyboardInterrupt:
        sys.exit(130)
    except ModuleNotFoundError as error:
        if error.name not in _LEFT_OUT:
            raise
        message = f"this takes {_LEFT_OUT[error.name]}, which is not installed here; pixret's image leaves it out"
        messages.print(f"pixret: {message}", style="red", markup=False)
        sys.exit(WRONG_INPUT)
    except UnicodeEncodeError as error:
        message = f"{error.object!r} has letters that this locale cannot express; set LC_ALL=C.UTF-8, say"
        messages.print(f"pixret: {message}", style="red", markup=False)
        sys.exit(WRONG_INPUT)
    except Exception as error:
        if not isinstance(error, _expected_errors()):
            raise
        messages.print(f"pixret: {_said(error)}", style="red", markup=False)
        sys.exit(WRONG_INPUT)


def _said(error: Exception) -> str:
    """Say what went wrong; the system tells it of a file without pixret's form, ITEM: FAULT."""
    if isinstance(error, OSError) and error.filename is not None and error.strerror:
        return f"{error.filename}: {error.strerror}"
    return str(error)


def _expected_errors() -> tuple[type[Exception], ...]:
    """What the user can do something about; only a package that was imported can have raised its error."""
    from concurrent.futures import BrokenExecutor

    loaded = (package for package in _ERRORS if package in sys.modules)
    ours = (getattr(sys.modules[package], name) for package in loaded for name in _ERRORS[package])
    return BrokenExecutor, OSError, *ours

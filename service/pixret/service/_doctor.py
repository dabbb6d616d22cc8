"""What an operator wants to know before a server starts, or when it does not do what it should."""

import asyncio
import os
import platform
import shutil
import socket
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from pixret.metrics import COMPILED, Mask, NoRasterizerError
from pixret.service._catalog import check_hidden
from pixret.service._errors import ServiceError
from pixret.service._settings import ServeSettings, shown_setting
from pixret.service._telemetry import open_traces
from pixret.service._tokens import read_tokens
from pixret.service._transport import (
    Certificates,
    check_exposure,
    check_metrics_exposure,
    check_traces_exposure,
    split_address,
)

if TYPE_CHECKING:
    from cryptography import x509

_LIBRARIES = ("pixret", "grpcio", "protobuf", "numpy", "pycocotools", "sqlalchemy")
_SOON = timedelta(days=30)
_PATIENCE = 5.0  # seconds for a collector of traces
_LITTLE_ROOM = 2**30  # bytes; a full submission takes a few MB of state
_DATABASE = "sessions.sqlite3"

Verdict = Literal["ok", "warning", "failed"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found."""

    check: str
    verdict: Verdict
    message: str


def examine(settings: ServeSettings) -> Iterator[Finding]:
    """Check everything that a server with these settings depends on; changes nothing."""
    yield Finding("versions", "ok", ", ".join(f"{name} {version(name)}" for name in _LIBRARIES))
    yield _kernel()
    for check, find in (
        ("ground truth", _ground_truth),
        ("state", _state),
        ("exposure", _exposure),
        ("certificate", _certificate),
        ("tokens", _tokens),
        ("traces", _traces),
        ("clock", _clock),
    ):
        yield from _findings(check, find, settings)


def _findings(
    check: str, find: Callable[[ServeSettings], Iterator[tuple[Verdict, str]]], settings: ServeSettings
) -> Iterator[Finding]:
    from pixret.tables import TablesError

    try:
        for verdict, message in find(settings):
            yield Finding(check, verdict, message)
    except (ServiceError, TablesError, OSError, ValueError, sqlite3.Error) as error:
        yield Finding(check, "failed", str(error))


def _kernel() -> Finding:
    if COMPILED:
        return Finding("kernel", "ok", f"compiled, on {platform.machine()} with Python {platform.python_version()}")
    try:
        Mask.from_polygons([[(0, 0)]], 1, 1)
    except NoRasterizerError as error:
        return Finding("kernel", "failed", str(error))
    return Finding("kernel", "warning", "not compiled, so that masks take three times as long; build with a C compiler")


def _ground_truth(settings: ServeSettings) -> Iterator[tuple[Verdict, str]]:
    from pixret.tables import list_prepared, read_ground_truth

    if not settings.data:
        yield "failed", "no folder of prepared tables; say data"
    served = []
    for folder in settings.data:
        for name in list_prepared(folder) or [None]:
            truth = read_ground_truth(folder, name)  # compares the digest with the manifest's
            served.append(truth.benchmark)
            yield "ok", f"{truth.benchmark} in {folder}: {truth.digest}"
    check_hidden(served, settings)


def _state(settings: ServeSettings) -> Iterator[tuple[Verdict, str]]:
    if settings.state is None:
        yield "warning", "in memory: sessions end with the server; say state to keep them"
    elif "://" in settings.state:
        from pixret.service._state._engine import open_engine

        engine = open_engine(settings.state)
        yield "ok", f"{shown_setting('state', settings.state)} answers"
        engine.dispose()
    else:
        yield from _folder(Path(settings.state))


def _folder(folder: Path) -> Iterator[tuple[Verdict, str]]:
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not os.access(there, os.W_OK | os.X_OK):
        yield "failed", f"{there} cannot be written to"
    free = shutil.disk_usage(there).free
    verdict: Verdict = "ok" if free >= _LITTLE_ROOM else "warning"
    yield verdict, f"{folder} has {free / 2**30:.1f} GiB of room"
    if (database := folder / _DATABASE).exists():
        with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            (answer,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        yield ("ok", f"{database} is sound") if answer == "ok" else ("failed", f"{database} is damaged: {answer}")


def _exposure(settings: ServeSettings) -> Iterator[tuple[Verdict, str]]:
    host, _ = split_address(settings.listen)
    check_exposure(host, settings)
    if settings.metrics_listen is not None:
        check_metrics_exposure(settings)
    tls = "with TLS" if settings.tls_certificate else "in plaintext"
    tokens = "to holders of tokens" if settings.token_file else "to everyone who reaches it"
    yield "ok", f"{settings.listen}, {tls}, {tokens}"


def _certificate(settings: ServeSettings) -> Iterator[tuple[Verdict, str]]:
    from cryptography import x509

    if settings.tls_certificate is not None:
        Certificates(settings).credentials()
    for path in filter(None, (settings.tls_certificate, settings.tls_client_ca)):
        for certificate in x509.load_pem_x509_certificates(path.read_bytes()):
            yield _validity(path, certificate)


def _validity(path: Path, certificate: "x509.Certificate") -> tuple[Verdict, str]:
    now, end = datetime.now(UTC), certificate.not_valid_after_utc
    if now < certificate.not_valid_before_utc:
        return "failed", f"{path} is valid only from {certificate.not_valid_before_utc:%Y-%m-%d %H:%M} UTC"
    if now > end:
        return "failed", f"{path} expired on {end:%Y-%m-%d}; replace the file, the server reads it anew"
    return ("warning" if end - now < _SOON else "ok"), f"{path} is valid until {end:%Y-%m-%d}"


def _tokens(settings: ServeSettings) -> Iterator[tuple[Verdict, str]]:
    if settings.token_file is None:
        return
    tokens = read_tokens(settings.token_file)
    expired = [token.name for token in tokens if token.expires is not None and token.expires < datetime.now(UTC)]
    yield ("ok" if tokens else "warning"), f"{settings.token_file} holds {len(tokens)} tokens"
    if expired:
        yield "warning", f"tokens of {', '.join(sorted(expired))} have expired; remove them"


def _traces(settings: ServeSettings) -> Iterator[tuple[Verdict, str]]:
    if settings.traces is None:
        return
    check_traces_exposure(settings)
    asyncio.run(open_traces(settings.traces).close())
    url = urlsplit(settings.traces)
    try:
        socket.create_connection((url.hostname or "", url.port or 0), _PATIENCE).close()
        yield "ok", f"{settings.traces} answers"
    except OSError as error:
        yield "warning", f"{settings.traces} does not answer: {error.strerror or error}; traces are lost until it does"


def _clock(settings: ServeSettings) -> Iterator[tuple[Verdict, str]]:
    """A clock that is behind what was written before makes tokens and certificates last too long."""
    files = [settings.tls_certificate, settings.token_file, *(Path(folder) for folder in settings.data)]
    newest = max((path.stat().st_mtime for path in files if path is not None and path.exists()), default=0.0)
    now = time.time()
    if newest > now + 60:
        yield "failed", f"the clock is {newest - now:.0f} s behind the newest file of the server"
    else:
        yield "ok", f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC"

"""The gRPC scoring server: sessions that take streamed predictions and answer with metrics at any time."""

from pixret.service._catalog import read_truths
from pixret.service._config import ServiceConfig
from pixret.service._errors import ServiceError
from pixret.service._journal import Append, Entry, Journal, Progress, SessionSpec, SessionState, VolatileJournal
from pixret.service._server import SERVICE_NAME, Server, run_server, serve
from pixret.service._state import open_journal

__all__ = [
    "SERVICE_NAME",
    "Append",
    "Entry",
    "Journal",
    "Progress",
    "Server",
    "ServiceConfig",
    "ServiceError",
    "SessionSpec",
    "SessionState",
    "VolatileJournal",
    "open_journal",
    "read_truths",
    "run_server",
    "serve",
]

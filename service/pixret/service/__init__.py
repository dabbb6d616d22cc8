"""The gRPC scoring server: sessions that take streamed predictions and answer with metrics at any time."""

from pixret.service._catalog import read_truths
from pixret.service._config import ServiceConfig
from pixret.service._errors import ServiceError
from pixret.service._journal import Entry, Journal, SessionHeader, VolatileJournal
from pixret.service._server import SERVICE_NAME, Server, run_server, serve

__all__ = [
    "SERVICE_NAME",
    "Entry",
    "Journal",
    "Server",
    "ServiceConfig",
    "ServiceError",
    "SessionHeader",
    "VolatileJournal",
    "read_truths",
    "run_server",
    "serve",
]

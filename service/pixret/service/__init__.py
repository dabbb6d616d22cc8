"""The gRPC scoring server: sessions that take streamed predictions and answer with metrics at any time."""

from pixret.service._access import SERVICE_NAME
from pixret.service._catalog import read_truths
from pixret.service._config import ServiceConfig
from pixret.service._doctor import Finding, examine
from pixret.service._errors import ServiceError
from pixret.service._journal import Append, Entry, Journal, Progress, SessionSpec, SessionState
from pixret.service._logs import configure_logs
from pixret.service._replay import Replay, ReplayError, replay
from pixret.service._server import Server, run_server, serve
from pixret.service._settings import ServeSettings, SettingsError, read_settings, show_settings
from pixret.service._state import open_journal
from pixret.service._tokens import RoleName, new_token
from pixret.service._views import snapshot_json
from pixret.service._volatile import VolatileJournal

__all__ = [
    "SERVICE_NAME",
    "Append",
    "Entry",
    "Finding",
    "Journal",
    "Progress",
    "Replay",
    "ReplayError",
    "RoleName",
    "ServeSettings",
    "Server",
    "ServiceConfig",
    "ServiceError",
    "SessionSpec",
    "SessionState",
    "SettingsError",
    "VolatileJournal",
    "configure_logs",
    "examine",
    "new_token",
    "open_journal",
    "read_settings",
    "read_truths",
    "replay",
    "run_server",
    "serve",
    "show_settings",
    "snapshot_json",
]

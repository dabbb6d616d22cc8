"""The log: text for people or JSON for machines, every line with the call that it belongs to."""

import logging
import sys
from contextvars import ContextVar
from typing import Literal

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

LogFormat = Literal["text", "json"]
LogLevel = Literal["debug", "info", "warning", "error"]

_CALL: ContextVar[dict[str, str] | None] = ContextVar("call", default=None)
"""What is known of the call that is under way; one dictionary for all tasks of the call."""


def begin_call(**known: str) -> None:
    """Let what is logged from now on in this context belong to a new call."""
    _CALL.set(dict(known))


def note(**known: str) -> None:
    """Add to what is known of the call that is under way."""
    if (call := _CALL.get()) is not None:
        call.update(known)


def known_of_call() -> dict[str, str]:
    """What is known of the call that is under way."""
    return dict(_CALL.get() or {})


def configure_logs(form: LogFormat, level: LogLevel) -> None:
    """Write the log of this process to stderr."""
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _add_call,
    ]
    renderer: list[Processor] = (
        [structlog.processors.dict_tracebacks, structlog.processors.JSONRenderer()]
        if form == "json"
        else [structlog.dev.ConsoleRenderer(colors=False)]
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    logging.getLogger("alembic.runtime.plugins").setLevel(logging.WARNING)  # lists its own parts at every start


def _add_call(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    event.update(known_of_call())
    return event

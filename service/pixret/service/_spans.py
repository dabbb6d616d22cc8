"""What a traced call spends its time on; where calls are not traced, nothing happens here."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer

TRACER: "ContextVar[Tracer | None]" = ContextVar("tracer", default=None)
"""What makes spans for the call that is under way; None where it is not traced."""


@contextmanager
def span(name: str, **counts: int) -> Iterator[None]:
    """Let what happens within be a span below the current one, which has failed if it ends with an exception."""
    tracer = TRACER.get()
    if tracer is None:
        yield
        return
    attributes = {f"pixret.{key}": count for key, count in counts.items()}
    with tracer.start_as_current_span(name, attributes=attributes, record_exception=False):
        yield

"""Work that goes on to its end, whatever happens to whoever waits for it."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

_LOG = logging.getLogger("pixret.service")
_T = TypeVar("_T")
_RUNNING: set[asyncio.Task[Any]] = set()  # the loop itself holds its tasks weakly


def start(work: Coroutine[Any, Any, _T], on_done: Callable[[asyncio.Task[_T]], None] | None = None) -> asyncio.Task[_T]:
    """Run a coroutine as a task of its own, that nothing forgets and whose fault nobody has to fetch."""
    task = asyncio.create_task(work)
    _RUNNING.add(task)
    task.add_done_callback(_forget)
    if on_done is not None:
        task.add_done_callback(on_done)
    return task


async def unbroken(work: Coroutine[Any, Any, _T]) -> _T:
    """Await a coroutine that a cancelled caller must not break off, since it holds a lock or changes state."""
    return await asyncio.shield(start(work))


def _forget(task: asyncio.Task[Any]) -> None:
    _RUNNING.discard(task)
    if not task.cancelled() and (error := task.exception()) is not None:
        _LOG.debug("%s ended with %r", task.get_coro(), error)

"""What a server does by itself from time to time: it looks whether it is ready, and lets old sessions go."""

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from itertools import count

from grpc_health.v1 import health, health_pb2

from pixret.service._access import SERVICE_NAME
from pixret.service._config import ServiceConfig
from pixret.service._errors import ScoringError, UnknownResourceError
from pixret.service._store import SessionStore
from pixret.service._tasks import start

_LOG = logging.getLogger("pixret.service")
LIVENESS = "liveness"
"""Name in the health protocol under which a server is serving as long as it lives."""

_READY, _NOT_READY = health_pb2.HealthCheckResponse.SERVING, health_pb2.HealthCheckResponse.NOT_SERVING
_INTERVAL = 2.0  # seconds between two looks
_PATIENCE = 5.0  # seconds that a look may take of a server that is ready
_TIDYING = 30  # looks of which one looks for sessions that were deleted elsewhere, too
_PAGE = 100


class Upkeep:
    """Keeps readiness, told under the name of the service and the empty one, and the age of sessions."""

    def __init__(self, store: SessionStore, servicer: health.aio.HealthServicer, config: ServiceConfig) -> None:
        self._store, self._health, self._config = store, servicer, config
        self._is_ready: bool | None = None
        self._task: asyncio.Task[None] | None = None
        self._looking: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """Look for the first time, and then again and again."""
        await self._health.set(LIVENESS, _READY)
        await self._look()
        self._task = start(self._repeat())

    async def end(self) -> None:
        """Look no more, and be ready no more; the server still lives."""
        if self._task is not None:
            self._task.cancel()
        await self._tell(is_ready=False)

    async def settle(self) -> None:
        """Return when the last look is over, after which the state may be closed, or when it does not end."""
        if self._looking is not None:
            await asyncio.wait({self._looking}, timeout=_PATIENCE)

    async def _repeat(self) -> None:
        for number in count(1):
            await asyncio.sleep(_INTERVAL)
            await self._look(tidies=number % _TIDYING == 0)

    async def _look(self, *, tidies: bool = False) -> None:
        self._looking = looking = start(self._read_state(tidies=tidies))
        await asyncio.wait({looking}, timeout=_PATIENCE)
        try:
            if not looking.done():
                await self._tell_not_ready(f"the state of the sessions has not answered for {_PATIENCE:g} s")
            await looking
        except ScoringError as error:
            await self._tell_not_ready(str(error))
        else:
            await self._tell(is_ready=True)

    async def _read_state(self, *, tidies: bool) -> None:
        if tidies:
            await self._store.forget_deleted()
        if self._config.max_session_age is not None:
            await self._expire(timedelta(seconds=self._config.max_session_age))
        else:
            await self._store.page(0, 1)

    async def _expire(self, age: timedelta) -> None:
        """Delete the sessions that are too old; pages come oldest first."""
        while page := await self._store.page(0, _PAGE):
            old = [state for state in page if datetime.now(UTC) - state.create_time > age]
            for state in old:
                _LOG.info("%s is older than %s and goes", state.name, age)
                try:
                    await self._store.delete(state.name)
                except UnknownResourceError:
                    continue  # somebody else was faster
            if len(old) < len(page):
                return

    async def _tell_not_ready(self, reason: str) -> None:
        if self._is_ready is not False:
            _LOG.error("not ready: %s", reason)
        await self._tell(is_ready=False)

    async def _tell(self, *, is_ready: bool) -> None:
        self._is_ready = is_ready
        for name in ("", SERVICE_NAME):
            await self._health.set(name, _READY if is_ready else _NOT_READY)

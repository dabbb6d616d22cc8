"""All sessions of a server: the journal knows them, and those in use are held in memory."""

import asyncio
import secrets
from collections.abc import Mapping

from pixret.metrics import GroundTruth
from pixret.service._config import ServiceConfig
from pixret.service._errors import MovedError, TruthChangedError, UnknownResourceError
from pixret.service._journal import Journal, SessionSpec, SessionState
from pixret.service._measuring import Measurer
from pixret.service._session import Session
from pixret.service._tasks import start, unbroken


class SessionStore:
    """Creates, finds and forgets sessions.

    A session is read from the journal when it is first used. Since another server may write to the same journal, it
    is compared with it at every use, and read anew when it went on elsewhere.
    """

    def __init__(
        self, truths: Mapping[str, GroundTruth], measurer: Measurer, journal: Journal, config: ServiceConfig
    ) -> None:
        self._truths, self._measurer, self._journal, self._config = truths, measurer, journal, config
        self._live: dict[str, Session] = {}
        self._loading: dict[str, asyncio.Task[Session]] = {}

    async def create(self, spec: SessionSpec) -> SessionState:
        """Open a session, or find the one of the same request_id; ConflictError when that one is another."""
        name = f"sessions/{secrets.token_urlsafe(16)}"
        return await unbroken(self._journal.create(name, spec, self._config.max_sessions))

    async def describe(self, name: str) -> SessionState:
        """A session as it stands, whatever became of its ground truth; UnknownResourceError when there is none."""
        return await self._journal.find(name)

    async def page(self, after: int, count: int) -> list[SessionState]:
        """Sessions with a greater sequence number than `after`, oldest first, `count` at most."""
        return await self._journal.page(after, count)

    async def use(self, name: str) -> Session:
        """A session to work with, as the journal has it.

        Raises:
            UnknownResourceError: when there is none.
            TruthChangedError: when its ground truth is not the one that is served.
        """
        try:
            state = await self._journal.find(name)
        except UnknownResourceError as gone:
            self._drop(name, gone)
            raise
        session = self._live.get(name)
        if session is not None and not await session.is_behind(state):
            return session
        return await self._load(state)

    async def delete(self, name: str) -> None:
        """End and forget a session; UnknownResourceError when there is none."""
        await unbroken(self._journal.delete(name))
        self._drop(name, UnknownResourceError("pixret.Session", name, f"{name} was deleted"))

    def _drop(self, name: str, reason: MovedError | UnknownResourceError) -> None:
        if (session := self._live.pop(name, None)) is not None:
            session.end(reason)

    async def _load(self, state: SessionState) -> Session:
        """Read a session, once for all who ask for it meanwhile."""
        name = state.name
        if (loading := self._loading.get(name)) is None:
            if (former := self._live.get(name)) is not None:
                self._drop(name, MovedError(name, former.progress.committed, state.progress.committed))
            loading = self._loading[name] = start(self._read(state), lambda _: self._forget(name))
        return await asyncio.shield(loading)

    def _forget(self, name: str) -> None:
        del self._loading[name]

    async def _read(self, state: SessionState) -> Session:
        session = Session(state, self._truth(state), self._measurer, self._journal, self._config)
        while (at := session.progress.committed) < state.progress.committed:
            entries = await self._journal.read(state.name, at)
            whole = [entry for entry in entries if entry.end <= state.progress.committed]
            if not whole:
                break
            await asyncio.to_thread(session.restore, whole)
        session.complete(await self._journal.report(state.name) if state.is_finalized else None)
        self._live[state.name] = session
        return session

    def _truth(self, state: SessionState) -> GroundTruth:
        truth = self._truths.get(state.spec.benchmark)
        if truth is None or truth.digest != state.spec.truth_digest:
            mine = None if truth is None else truth.digest
            raise TruthChangedError(state.name, state.spec.benchmark, state.spec.truth_digest, mine)
        return truth

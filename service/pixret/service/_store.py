"""All sessions of a server: the journal knows them, and those in use are held in memory."""

import asyncio
import secrets
from collections.abc import Mapping

from pixret.metrics import GroundTruth, Snapshot
from pixret.service._access import GRANT, Role
from pixret.service._config import ServiceConfig
from pixret.service._errors import MovedError, TruthChangedError, UnknownResourceError
from pixret.service._hidden import BlindMeasurer, Measuring
from pixret.service._journal import Allowance, Journal, SessionSpec, SessionState, unknown_session
from pixret.service._logs import note
from pixret.service._measuring import Measurer
from pixret.service._session import Session, Totals
from pixret.service._tasks import start, unbroken
from pixret.service._telemetry import SESSIONS


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
        limits = self._config.max_sessions, self._config.quota_sessions
        return await unbroken(self._journal.create(name, spec, *limits))

    async def describe(self, name: str) -> SessionState:
        """A session as it stands, whatever became of its ground truth; UnknownResourceError when there is none."""
        return _visible(await self._journal.find(name))

    async def page(self, after: int, count: int) -> list[SessionState]:
        """Sessions with a greater sequence number than `after`, oldest first, `count` at most."""
        grant = GRANT.get()
        return await self._journal.page(after, count, None if grant.role is Role.ADMIN else grant.principal)

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
        _visible(state)
        session = self._live.get(name)
        if session is not None and not await session.is_behind(state):
            return session
        return await self._load(state)

    async def snapshot(self, session: Session) -> Snapshot:
        """Score what is committed of a session; QuotaError when its numbers may not be told."""
        snapshot = await session.snapshot()
        hides, limit = self._config.hides(session.benchmark), self._config.quota_snapshots
        if hides:
            a_session = min(self._config.hidden_snapshots, limit or self._config.hidden_snapshots)
            await self._tell(session, snapshot.received, Allowance(a_session, self._config.hidden_daily))
        elif limit is not None:
            await self._tell(session, snapshot.received, Allowance(limit, None))
        return snapshot

    async def finalize(self, session: Session, totals: Totals) -> bytes:
        """Close a session and return its report, whose numbers count as told where they are hidden."""
        if self._config.hides(session.benchmark):
            await self._tell(session, session.progress.committed, Allowance(None, self._config.hidden_daily))
        return await session.finalize(totals)

    async def _tell(self, session: Session, offset: int, allowance: Allowance) -> None:
        await unbroken(self._journal.tell(session.name, offset, allowance))

    async def delete(self, name: str) -> None:
        """End and forget a session; UnknownResourceError when there is none."""
        await self.describe(name)
        await unbroken(self._journal.delete(name))
        self._drop(name, UnknownResourceError("pixret.Session", name, f"{name} was deleted"))

    async def forget_deleted(self) -> None:
        """Let go of the sessions that were deleted through another server, and tell their writers."""
        for name in list(self._live):
            try:
                await self._journal.find(name)
            except UnknownResourceError as gone:
                self._drop(name, gone)

    def _drop(self, name: str, reason: MovedError | UnknownResourceError) -> None:
        if (session := self._live.pop(name, None)) is not None:
            SESSIONS.set(len(self._live))
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
        session = Session(state, self._truth(state), self._measurer_for(state), self._journal, self._config)
        while (at := session.progress.committed) < state.progress.committed:
            entries = await self._journal.read(state.name, at)
            whole = [entry for entry in entries if entry.end <= state.progress.committed]
            if not whole:
                break
            await asyncio.to_thread(session.restore, whole)
        session.complete(await self._journal.report(state.name) if state.is_finalized else None)
        self._live[state.name] = session
        SESSIONS.set(len(self._live))
        return session

    def _measurer_for(self, state: SessionState) -> Measuring:
        return BlindMeasurer(self._measurer) if self._config.hides(state.spec.benchmark) else self._measurer

    def _truth(self, state: SessionState) -> GroundTruth:
        truth = self._truths.get(state.spec.benchmark)
        if truth is None or truth.digest != state.spec.truth_digest:
            mine = None if truth is None else truth.digest
            raise TruthChangedError(state.name, state.spec.benchmark, state.spec.truth_digest, mine)
        return truth


def _visible(state: SessionState) -> SessionState:
    """The session, if the caller may know of it; else the very error of a name that names none."""
    note(session=state.name)
    if not GRANT.get().sees(state.spec.owner):
        raise unknown_session(state.name)
    return state

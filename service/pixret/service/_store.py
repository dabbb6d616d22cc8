"""All sessions of a server."""

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from pixret.metrics import GroundTruth
from pixret.service._config import ServiceConfig
from pixret.service._errors import ConflictError, QuotaError, UnknownResourceError
from pixret.service._journal import Journal, SessionHeader
from pixret.service._measuring import Measurer
from pixret.service._session import Session


@dataclass(frozen=True, slots=True)
class SessionSpec:
    """What a client asks for; `benchmark` is one that the server has, and an empty `request_id` is none."""

    benchmark: str
    request_id: str
    distractors: int
    display_name: str


class SessionStore(Protocol):
    """Creates, finds and forgets sessions."""

    async def create(self, spec: SessionSpec) -> Session:
        """Open a session, or find the one of the same request_id; ConflictError when that one is another."""

    def get(self, name: str) -> Session:
        """Find a session by its resource name; UnknownResourceError when there is none."""

    def page(self, after: int, count: int) -> list[Session]:
        """Sessions with a greater sequence number than `after`, oldest first, `count` at most."""

    async def delete(self, name: str) -> None:
        """End and forget a session; UnknownResourceError when there is none."""


class MemoryStore:
    """Holds live sessions in memory, and writes down in a journal what a durable server needs."""

    def __init__(
        self, truths: Mapping[str, GroundTruth], measurer: Measurer, journal: Journal, config: ServiceConfig
    ) -> None:
        self._truths, self._measurer, self._journal, self._config = truths, measurer, journal, config
        self._sessions: dict[str, Session] = {}  # in the order of creation
        self._by_request: dict[str, Session] = {}
        self._sequence = 0
        self._creating = asyncio.Lock()  # so that a retry which overtakes its first try finds it

    async def create(self, spec: SessionSpec) -> Session:
        """Open a session, or find the one of the same request_id; ConflictError when that one is another."""
        async with self._creating:
            if (known := self._by_request.get(spec.request_id)) is not None:
                return _same(known, spec)
            if len(self._sessions) >= self._config.max_sessions:
                message = f"the server holds {len(self._sessions)} sessions, and that is the most; delete some"
                raise QuotaError("sessions", message)
            session = await self._open(spec)
            self._sessions[session.name] = session
            if spec.request_id:
                self._by_request[spec.request_id] = session
            return session

    def get(self, name: str) -> Session:
        """Find a session by its resource name; UnknownResourceError when there is none."""
        try:
            return self._sessions[name]
        except KeyError:
            raise UnknownResourceError("pixret.Session", name, f"no session {name[:80]!r} on this server") from None

    def page(self, after: int, count: int) -> list[Session]:
        """Sessions with a greater sequence number than `after`, oldest first, `count` at most."""
        return [session for session in self._sessions.values() if session.header.sequence > after][:count]

    async def delete(self, name: str) -> None:
        """End and forget a session; UnknownResourceError when there is none."""
        session = self.get(name)
        await self._journal.delete(name)
        session.end()
        self._sessions.pop(name, None)
        self._by_request.pop(session.header.request_id, None)

    async def _open(self, spec: SessionSpec) -> Session:
        self._sequence += 1
        header = SessionHeader(
            name=f"sessions/{secrets.token_urlsafe(16)}",
            sequence=self._sequence,
            benchmark=spec.benchmark,
            request_id=spec.request_id,
            distractors=spec.distractors,
            display_name=spec.display_name,
            create_time=datetime.now(UTC),
        )
        await self._journal.create(header)
        return Session(header, self._truths[spec.benchmark], self._measurer, self._journal, self._config)


def _same(known: Session, spec: SessionSpec) -> Session:
    header = known.header
    if (header.benchmark, header.distractors, header.display_name) != (
        spec.benchmark,
        spec.distractors,
        spec.display_name,
    ):
        message = f"request_id {spec.request_id!r} opened {known.name} with other fields; choose another request_id"
        raise ConflictError("pixret.Session", known.name, message)
    return known

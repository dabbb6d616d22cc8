"""What a server writes down of its sessions, so that a restart can find them again."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from pixret.metrics import Batch, Outcome


@dataclass(frozen=True, slots=True)
class SessionHeader:
    """What a session is from its first moment. `sequence` counts sessions in the order of creation."""

    name: str
    sequence: int
    benchmark: str
    request_id: str
    distractors: int
    display_name: str
    create_time: datetime


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """Consecutive items with their outcomes: all that `Accumulator.commit` takes.

    A journal keeps outcomes and not masks: of each item the names, what it resolved to without the job, the outcome
    of the job, and the digest. That is enough to commit the entry again.
    """

    offset: int
    batch: Batch
    outcomes: list[Outcome]
    digests: bytes


class Journal(Protocol):
    """The durable record of all sessions. A call that returns is durable; one that raises changed nothing."""

    async def create(self, header: SessionHeader) -> None:
        """Record a new session."""

    async def append(self, session: str, entry: Entry) -> None:
        """Record items; called in offset order for one session, and before anything of the entry is visible."""

    async def finalize(self, session: str, report: bytes) -> None:
        """Record that a session takes nothing more, and its report."""

    async def delete(self, session: str) -> None:
        """Forget a session."""


class VolatileJournal:
    """Keeps nothing: sessions last as long as the server."""

    async def create(self, header: SessionHeader) -> None:
        """Keep nothing."""

    async def append(self, session: str, entry: Entry) -> None:
        """Keep nothing."""

    async def finalize(self, session: str, report: bytes) -> None:
        """Keep nothing."""

    async def delete(self, session: str) -> None:
        """Keep nothing."""

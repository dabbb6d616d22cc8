"""What a server writes down of its sessions, so that a restart, or another server, can find them again."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, Protocol

from pixret.metrics import Batch, Outcome
from pixret.scoring import CHAIN_START
from pixret.service._errors import (
    ConflictError,
    FencedError,
    FinalizedError,
    MovedError,
    QuotaError,
    UnknownResourceError,
)


class Progress(NamedTuple):
    """Outcomes so far."""

    accepted: int
    rejected: int

    @property
    def committed(self) -> int:
        """First offset that is not committed."""
        return self.accepted + self.rejected


NO_PROGRESS = Progress(0, 0)


@dataclass(frozen=True, slots=True)
class SessionSpec:
    """What a client asks for, and the digest of the ground truth; an empty `request_id` is none.

    `owner` is the principal that asked, empty where there are no tokens. Each has request_ids of its own.
    """

    owner: str
    benchmark: str
    truth_digest: str
    request_id: str
    distractors: int
    display_name: str


@dataclass(frozen=True, slots=True)
class SessionState:
    """What is durable of one session at one moment.

    `sequence` counts sessions in the order of creation, `epoch` the writers of this one. `chain` is the chain digest
    of all items below `progress.committed`.
    """

    name: str
    sequence: int
    spec: SessionSpec
    create_time: datetime
    epoch: int = 0
    progress: Progress = NO_PROGRESS
    chain: bytes = CHAIN_START
    is_finalized: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """Consecutive items with their outcomes: all that `Accumulator.commit` takes.

    A journal keeps outcomes and not masks: of each item the names, what it resolved to without the job, the outcome
    of the job, and the digest. That is enough to commit the entry again. `messages` are the items themselves as they
    came, empty unless masks are kept.
    """

    offset: int
    batch: Batch
    outcomes: Sequence[Outcome]
    digests: bytes
    messages: Sequence[bytes] = ()

    @property
    def end(self) -> int:
        """Offset after the last item."""
        return self.offset + len(self.batch.items)


@dataclass(frozen=True, slots=True, eq=False)
class Append:
    """Entries that follow one another, and what is true of the session once they are in it.

    With an `epoch`, nothing is appended unless it is still the session's.
    """

    session: str
    epoch: int | None
    entries: Sequence[Entry]
    progress: Progress
    chain: bytes

    @property
    def offset(self) -> int:
        """Offset of the first item."""
        return self.entries[0].offset


@dataclass(frozen=True, slots=True)
class Allowance:
    """How much of the ground truth's numbers may be told: offsets of a session, and of all sessions of an owner a day.

    None where there is no limit.
    """

    a_session: int | None
    a_day: int | None


class Journal(Protocol):
    """The record of all sessions, and the judge of who may write.

    A call that returns is durable. One that raises one of the errors below changed nothing; after a `StateError`
    nobody knows, and the session has to be read again. Every call about a session raises UnknownResourceError when
    there is none.
    """

    async def create(
        self, name: str, spec: SessionSpec, max_sessions: int, max_owned: int | None = None
    ) -> SessionState:
        """Record a new session, or find the one of the same request_id.

        Raises:
            ConflictError: when that one was asked for with other fields.
            QuotaError: when there are so many sessions already, at all or of the owner.
        """

    async def find(self, name: str) -> SessionState:
        """A session as it stands."""

    async def page(self, after: int, count: int, owner: str | None = None) -> list[SessionState]:
        """Sessions, of one owner or all, with a greater sequence number than `after`, oldest first, `count` at most."""

    async def tell(self, name: str, offset: int, allowance: Allowance) -> None:
        """Record that a session's numbers at an offset are told, which counts once; QuotaError beyond the allowance.

        The record outlasts the session, or who deletes it would begin anew.
        """

    async def read(self, name: str, offset: int) -> list[Entry]:
        """Some of the entries that follow an offset, none after the last; without messages."""

    async def attach(self, name: str, committed: int) -> int:
        """Count a new writer and fence the former; the new epoch. FinalizedError, MovedError as for `append`."""

    async def append(self, append: Append) -> None:
        """Record items; called in offset order, and before anything of them is visible.

        Raises:
            FencedError: when there is a newer writer.
            FinalizedError: when the session takes no more.
            MovedError: when the session does not end where the entries begin.
        """

    async def finalize(self, name: str, committed: int, report: bytes) -> bytes:
        """Record that a session takes nothing more, and its report; the report that stands. MovedError."""

    async def report(self, name: str) -> bytes | None:
        """The report of a session that is finalized, None before."""

    async def delete(self, name: str) -> None:
        """Forget a session."""

    async def close(self) -> None:
        """Finish what is under way, and let go of what is held."""


def check_append(state: SessionState, epoch: int | None, offset: int) -> None:
    """Raise why nothing can be appended at an offset by the writer of an epoch, if so."""
    if state.is_finalized:
        raise FinalizedError(state.name)
    if epoch is not None and state.epoch != epoch:
        raise FencedError(state.name, epoch)
    if state.progress.committed != offset:
        raise MovedError(state.name, offset, state.progress.committed)


def check_same(known: SessionState, spec: SessionSpec) -> SessionState:
    """The session of a request_id; ConflictError when it was asked for with other fields."""
    if replace(known.spec, truth_digest=spec.truth_digest) != spec:
        message = f"request_id {spec.request_id!r} opened {known.name} with other fields; choose another request_id"
        raise ConflictError("pixret.Session", known.name, message)
    return known


def unknown_session(name: str) -> UnknownResourceError:
    """The error for a name that names no session."""
    return UnknownResourceError("pixret.Session", name, f"no session {name[:80]!r} on this server")


def check_room(count: int, owned: int, spec: SessionSpec, max_sessions: int, max_owned: int | None) -> None:
    """Raise QuotaError when there are so many sessions already that there can be no other."""
    if max_owned is not None and owned >= max_owned:
        message = f"{spec.owner or 'everyone'} has {owned} sessions, and that is the most; delete some"
        raise QuotaError(spec.owner or "sessions", message)
    if count >= max_sessions:
        raise QuotaError("sessions", f"the server holds {count} sessions, and that is the most; delete some")


DAY = timedelta(days=1)
"""The time in which an `Allowance.a_day` counts."""


def check_allowance(
    state: SessionState, offset: int, offsets: Collection[int], recent: Sequence[datetime], allowance: Allowance
) -> bool:
    """Whether the numbers at an offset are told for the first time; QuotaError when they may not be.

    Args:
        state: the session.
        offset: where the session is.
        offsets: what was told of the session before.
        recent: when, in the last day, something was told to its owner; oldest first.
        allowance: how much may be told.
    """
    if offset in offsets:
        return False
    if allowance.a_session is not None and len(offsets) >= allowance.a_session:
        message = f"the metrics of {state.name} were told {len(offsets)} times, and that is the most"
        raise QuotaError(state.name, message)
    if allowance.a_day is not None and len(recent) >= allowance.a_day:
        message = (
            f"metrics were told {len(recent)} times to {state.spec.owner or 'everyone'} in a day, the most there is"
        )
        retry = (recent[len(recent) - allowance.a_day] + DAY - datetime.now(UTC)).total_seconds()
        raise QuotaError(state.spec.owner or "snapshots", message, retry=max(retry, 1.0))
    return True

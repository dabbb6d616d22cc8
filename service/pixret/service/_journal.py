"""What a server writes down of its sessions, so that a restart, or another server, can find them again."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
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
    """What a client asks for, and the digest of the ground truth; an empty `request_id` is none."""

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


class Journal(Protocol):
    """The record of all sessions, and the judge of who may write.

    A call that returns is durable. One that raises one of the errors below changed nothing; after a `StateError`
    nobody knows, and the session has to be read again. Every call about a session raises UnknownResourceError when
    there is none.
    """

    async def create(self, name: str, spec: SessionSpec, max_sessions: int) -> SessionState:
        """Record a new session, or find the one of the same request_id.

        Raises:
            ConflictError: when that one was asked for with other fields.
            QuotaError: when there are so many sessions already.
        """

    async def find(self, name: str) -> SessionState:
        """A session as it stands."""

    async def page(self, after: int, count: int) -> list[SessionState]:
        """Sessions with a greater sequence number than `after`, oldest first, `count` at most."""

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


def too_many_sessions(count: int) -> QuotaError:
    """The error for one session more than there may be."""
    return QuotaError("sessions", f"the server holds {count} sessions, and that is the most; delete some")


class VolatileJournal:
    """Sessions last as long as the server: states are kept in memory, items and masks not at all."""

    def __init__(self) -> None:
        self._states: dict[str, SessionState] = {}  # in the order of creation
        self._reports: dict[str, bytes] = {}
        self._by_request: dict[str, str] = {}
        self._sequence = 0

    async def create(self, name: str, spec: SessionSpec, max_sessions: int) -> SessionState:
        """Record a new session, or find the one of the same request_id."""
        if (known := self._by_request.get(spec.request_id)) is not None:
            return check_same(self._states[known], spec)
        if len(self._states) >= max_sessions:
            raise too_many_sessions(len(self._states))
        self._sequence += 1
        state = self._states[name] = SessionState(name, self._sequence, spec, datetime.now(UTC))
        if spec.request_id:
            self._by_request[spec.request_id] = name
        return state

    async def find(self, name: str) -> SessionState:
        """A session as it stands."""
        return self._find(name)

    async def page(self, after: int, count: int) -> list[SessionState]:
        """Sessions with a greater sequence number than `after`, oldest first, `count` at most."""
        return [state for state in self._states.values() if state.sequence > after][:count]

    async def read(self, name: str, offset: int) -> list[Entry]:  # noqa: ARG002, the protocol names them
        """Nothing: whoever appended still holds it."""
        return []

    async def attach(self, name: str, committed: int) -> int:
        """Count a new writer."""
        state = self._find(name)
        check_append(state, None, committed)
        self._states[name] = replace(state, epoch=state.epoch + 1)
        return state.epoch + 1

    async def append(self, append: Append) -> None:
        """Take note of how far the session is."""
        state = self._find(append.session)
        check_append(state, append.epoch, append.offset)
        self._states[append.session] = replace(state, progress=append.progress, chain=append.chain)

    async def finalize(self, name: str, committed: int, report: bytes) -> bytes:
        """Take note that a session takes nothing more."""
        state = self._find(name)
        if name not in self._reports:
            check_append(state, None, committed)
            self._states[name], self._reports[name] = replace(state, is_finalized=True), report
        return self._reports[name]

    async def report(self, name: str) -> bytes | None:
        """The report of a session that is finalized, None before."""
        return self._reports.get(self._find(name).name)

    async def delete(self, name: str) -> None:
        """Forget a session."""
        state = self._find(name)
        self._by_request.pop(state.spec.request_id, None)
        self._reports.pop(name, None)
        del self._states[name]

    async def close(self) -> None:
        """Hold on to nothing."""

    def _find(self, name: str) -> SessionState:
        try:
            return self._states[name]
        except KeyError:
            raise unknown_session(name) from None

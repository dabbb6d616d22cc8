"""The journal of a server without a state: sessions last as long as it does."""

from dataclasses import replace
from datetime import UTC, datetime

from pixret.service._journal import (
    DAY,
    Allowance,
    Append,
    Entry,
    SessionSpec,
    SessionState,
    check_allowance,
    check_append,
    check_room,
    check_same,
    unknown_session,
)


class VolatileJournal:
    """Sessions last as long as the server: states are kept in memory, items and masks not at all."""

    def __init__(self) -> None:
        self._states: dict[str, SessionState] = {}  # in the order of creation
        self._reports: dict[str, bytes] = {}
        self._by_request: dict[tuple[str, str], str] = {}
        self._told: list[tuple[str, str, int, datetime]] = []  # owner, session, offset, when
        self._sequence = 0

    async def create(
        self, name: str, spec: SessionSpec, max_sessions: int, max_owned: int | None = None
    ) -> SessionState:
        """Record a new session, or find the one of the same request_id."""
        if (known := self._by_request.get((spec.owner, spec.request_id))) is not None:
            return check_same(self._states[known], spec)
        owned = sum(state.spec.owner == spec.owner for state in self._states.values())
        check_room(len(self._states), owned, spec, max_sessions, max_owned)
        self._sequence += 1
        state = self._states[name] = SessionState(name, self._sequence, spec, datetime.now(UTC))
        if spec.request_id:
            self._by_request[spec.owner, spec.request_id] = name
        return state

    async def find(self, name: str) -> SessionState:
        """A session as it stands."""
        return self._find(name)

    async def page(self, after: int, count: int, owner: str | None = None) -> list[SessionState]:
        """Sessions, of one owner or all, with a greater sequence number than `after`, oldest first, `count` at most."""
        following = (state for state in self._states.values() if state.sequence > after)
        return [state for state in following if owner is None or state.spec.owner == owner][:count]

    async def tell(self, name: str, offset: int, allowance: Allowance) -> None:
        """Take note of what is told, for a day after the session is gone."""
        state, now = self._find(name), datetime.now(UTC)
        self._told = [told for told in self._told if told[1] in self._states or told[3] > now - DAY]
        offsets = {at for _, session, at, _ in self._told if session == name}
        recent = [when for owner, _, _, when in self._told if owner == state.spec.owner and when > now - DAY]
        if check_allowance(state, offset, offsets, recent, allowance):
            self._told.append((state.spec.owner, name, offset, now))

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
        self._by_request.pop((state.spec.owner, state.spec.request_id), None)
        self._reports.pop(name, None)
        del self._states[name]

    async def close(self) -> None:
        """Hold on to nothing."""

    def _find(self, name: str) -> SessionState:
        try:
            return self._states[name]
        except KeyError:
            raise unknown_session(name) from None

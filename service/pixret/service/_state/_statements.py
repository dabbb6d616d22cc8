"""The statements of the journal, each for a connection whose transaction the caller begins and ends."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from pixret.scoring import CHAIN_START
from pixret.service._errors import DamagedStateError, MovedError
from pixret.service._journal import (
    DAY,
    Allowance,
    Append,
    Entry,
    Progress,
    SessionSpec,
    SessionState,
    check_allowance,
    check_append,
    check_room,
    check_same,
    unknown_session,
)
from pixret.service._state._records import decode_entry, encode_outcomes
from pixret.service._state._schema import entries, reports, sessions, told

_AT_ONCE = 64  # entries that are read together


def create(
    connection: sa.Connection, name: str, spec: SessionSpec, max_sessions: int, max_owned: int | None
) -> SessionState:
    """Insert a session, or find the one of the same request_id."""
    _take_turns(connection, spec.owner)
    mine = sessions.c.owner == spec.owner
    if spec.request_id and (known := _find_where(connection, mine & (sessions.c.request_id == spec.request_id))):
        return check_same(known, spec)
    counts = sa.select(sa.func.count(), sa.func.count().filter(mine)).select_from(sessions)
    count, owned = connection.execute(counts).one()
    check_room(count, owned, spec, max_sessions, max_owned)
    values: dict[str, object] = {
        "name": name,
        "owner": spec.owner,
        "benchmark": spec.benchmark,
        "truth_digest": spec.truth_digest,
        "request_id": spec.request_id or None,
        "distractors": spec.distractors,
        "display_name": spec.display_name,
        "create_time": datetime.now(UTC).isoformat(),
        "epoch": 0,
        "committed": 0,
        "accepted": 0,
        "chain": CHAIN_START,
        "is_finalized": False,
    }
    connection.execute(sessions.insert().values(values))
    return find(connection, name)


def find(connection: sa.Connection, name: str) -> SessionState:
    """A session as it stands; UnknownResourceError when there is none."""
    if (state := _find_where(connection, sessions.c.name == name)) is None:
        raise unknown_session(name)
    return state


def page(connection: sa.Connection, after: int, count: int, owner: str | None) -> list[SessionState]:
    """Sessions, of one owner or all, with a greater sequence number, oldest first."""
    select = sa.select(sessions).where(sessions.c.sequence > after).order_by(sessions.c.sequence).limit(count)
    if owner is not None:
        select = select.where(sessions.c.owner == owner)
    return [_state(row) for row in connection.execute(select)]


def tell(connection: sa.Connection, name: str, offset: int, allowance: Allowance) -> None:
    """Insert what is told, once; QuotaError beyond the allowance."""
    state, now = find(connection, name), datetime.now(UTC)
    _take_turns(connection, state.spec.owner)
    since = (now - DAY).isoformat()
    offsets = connection.execute(sa.select(told.c.committed).where(told.c.session == name)).scalars().all()
    recent = sa.select(told.c.time).where(told.c.owner == state.spec.owner, told.c.time > since).order_by(told.c.time)
    times = [datetime.fromisoformat(time) for time in connection.execute(recent).scalars()]
    if check_allowance(state, offset, offsets, times, allowance):
        row = {"session": name, "committed": offset, "owner": state.spec.owner, "time": now.isoformat()}
        connection.execute(told.insert().values(row))


def read(connection: sa.Connection, name: str, offset: int) -> list[Entry]:
    """Some of the entries that follow an offset; DamagedStateError when one cannot be read."""
    select = (
        sa.select(entries.c.start, entries.c.outcomes, entries.c.digests)
        .join(sessions)
        .where(sessions.c.name == name, entries.c.start >= offset)
        .order_by(entries.c.start)
        .limit(_AT_ONCE)
    )
    try:
        return [decode_entry(*row) for row in connection.execute(select)]
    except msgspec.MsgspecError as error:
        message = f"the state of {name} is damaged from offset {offset} on ({error}); restore it from a backup"
        raise DamagedStateError(message) from None


def attach(connection: sa.Connection, name: str, committed: int) -> int:
    """Count a new writer, if the session is open and ends at an offset."""
    update = _if_at(name, committed).values(epoch=sessions.c.epoch + 1).returning(sessions.c.epoch)
    epoch: int | None = connection.execute(update).scalar()
    if epoch is None:
        raise _refusal(find(connection, name), None, committed)
    return epoch


def append(connection: sa.Connection, append: Append) -> None:
    """Insert entries and move the end of the session, if its writer and its end are as they should be."""
    move = _if_at(append.session, append.offset).values(
        committed=append.progress.committed, accepted=append.progress.accepted, chain=append.chain
    )
    if append.epoch is not None:
        move = move.where(sessions.c.epoch == append.epoch)
    session: int | None = connection.execute(move.returning(sessions.c.sequence)).scalar()
    if session is None:
        raise _refusal(find(connection, append.session), append.epoch, append.offset)
    connection.execute(entries.insert(), [_row(session, entry) for entry in append.entries])


def finalize(connection: sa.Connection, name: str, committed: int, report: bytes) -> bytes:
    """Insert the report of an open session that ends at an offset; the report that stands."""
    update = _if_at(name, committed).values(is_finalized=True).returning(sessions.c.sequence)
    session: int | None = connection.execute(update).scalar()
    if session is not None:
        connection.execute(reports.insert().values(session=session, content=report))
        return report
    state = find(connection, name)
    if not state.is_finalized:
        raise _refusal(state, None, committed)
    return read_report(connection, name) or report


def read_report(connection: sa.Connection, name: str) -> bytes | None:
    """The report of a session, None before it is finalized."""
    select = sa.select(reports.c.content).join(sessions).where(sessions.c.name == name)
    content: bytes | None = connection.execute(select).scalar()
    return content


def delete(connection: sa.Connection, name: str) -> None:
    """Delete a session and all that belongs to it."""
    if connection.execute(sessions.delete().where(sessions.c.name == name)).rowcount == 0:
        raise unknown_session(name)


def _take_turns(connection: sa.Connection, owner: str) -> None:
    """Let no other transaction look at what an owner has until this one ends; SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(owner))))


def _if_at(name: str, committed: int) -> sa.Update:
    """The compare-and-set: changes the session only while it is open and ends at an offset."""
    return sessions.update().where(
        sessions.c.name == name, sessions.c.committed == committed, sessions.c.is_finalized.is_(False)
    )


def _refusal(state: SessionState, epoch: int | None, offset: int) -> Exception:
    """Why a compare-and-set changed nothing, which is told by what is there now."""
    try:
        check_append(state, epoch, offset)
    except Exception as refusal:  # noqa: BLE001, the caller raises it
        return refusal
    return MovedError(state.name, offset, state.progress.committed)


def _find_where(connection: sa.Connection, condition: sa.ColumnElement[bool]) -> SessionState | None:
    row = connection.execute(sa.select(sessions).where(condition)).one_or_none()
    return None if row is None else _state(row)


def _state(row: sa.Row[Any]) -> SessionState:
    spec = SessionSpec(
        row.owner, row.benchmark, row.truth_digest, row.request_id or "", row.distractors, row.display_name
    )
    progress = Progress(row.accepted, row.committed - row.accepted)
    created = datetime.fromisoformat(row.create_time)
    return SessionState(row.name, row.sequence, spec, created, row.epoch, progress, row.chain, row.is_finalized)


def _row(session: int, entry: Entry) -> dict[str, object]:
    messages: Sequence[bytes] = entry.messages
    return {
        "session": session,
        "start": entry.offset,
        "digests": entry.digests,
        "outcomes": encode_outcomes(entry),
        "messages": msgspec.msgpack.encode(messages) if messages else None,
    }

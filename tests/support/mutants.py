"""Servers with one promise broken. Each swaps one seam of the real one, and a check of the suite has to notice."""

import asyncio
from dataclasses import replace

from sqlalchemy import event

from pixret.service import open_journal
from pixret.service._failpoints import reach
from pixret.service._log import Log
from pixret.service._state._engine import open_engine
from pixret.service._state._sql import SqlJournal


class AckFirst(SqlJournal):
    """Says that it is durable, and only then sees to it."""

    async def append(self, append):
        self._late = asyncio.ensure_future(self._append_later(append))

    async def _append_later(self, append):
        await asyncio.sleep(0.1)  # in which the ack arrives, also on a busy machine
        await super().append(append)


class NoFencing(SqlJournal):
    """Takes from every writer what fits the end of the session."""

    async def append(self, append):
        await super().append(replace(append, epoch=None))


class NoDedupe(Log):
    """Takes what is sent again for something new."""

    def append(self, chunk, epoch=None):
        return super().append(replace(chunk, offset=max(chunk.offset, self.tail)), epoch)


def _in_two_transactions(engine):
    """Commits the session's new end before its entries."""

    @event.listens_for(engine, "before_cursor_execute")
    def part(_connection, cursor, statement, *_):
        if statement.startswith("INSERT INTO entries"):
            cursor.execute("COMMIT")
            reach("before_commit")
            cursor.execute("BEGIN")

    return engine


def _without_fsync(engine):
    """Commits without waiting for the disk."""

    @event.listens_for(engine, "connect")
    def hurry(connection, _):
        if engine.dialect.name == "sqlite":
            connection.execute("PRAGMA synchronous = OFF")
        else:
            connection.execute("SET SESSION synchronous_commit = off")
            connection.commit()

    engine.dispose()
    return engine


def make_journal(state, mutant):
    """The journal of a mutant by its name, or the real one."""
    match mutant:
        case "ack first":
            return AckFirst(open_engine(state))
        case "two transactions":
            return SqlJournal(_in_two_transactions(open_engine(state)))
        case "no fencing":
            return NoFencing(open_engine(state))
        case "no fsync":
            return SqlJournal(_without_fsync(open_engine(state)))
        case "no dedupe":
            from pixret.service import _session

            _session.Log = NoDedupe
    return open_journal(state)

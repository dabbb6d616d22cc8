"""The journal in a database: transactions, threads and what can go wrong in them."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Concatenate, ParamSpec, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from pixret.service._errors import ScoringError, StateError
from pixret.service._failpoints import reach
from pixret.service._journal import Allowance, Append, Entry, SessionSpec, SessionState
from pixret.service._state import _statements
from pixret.service._state._engine import state_error
from pixret.service._state._group import GroupCommit

_P = ParamSpec("_P")
_T = TypeVar("_T")
_Statement = Callable[Concatenate[sa.Connection, _P], _T]


class SqlJournal:
    """A journal in a database, where a compare-and-set in the transaction of an append says who may write."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._reader = engine.execution_options(reads=True)
        self._group = GroupCommit(self._append_all)

    async def create(
        self, name: str, spec: SessionSpec, max_sessions: int, max_owned: int | None = None
    ) -> SessionState:
        """Record a new session, or find the one of the same request_id."""
        return await self._write(_statements.create, name, spec, max_sessions, max_owned)

    async def find(self, name: str) -> SessionState:
        """A session as it stands."""
        return await self._read(_statements.find, name)

    async def page(self, after: int, count: int, owner: str | None = None) -> list[SessionState]:
        """Sessions, of one owner or all, with a greater sequence number than `after`, oldest first, `count` at most."""
        return await self._read(_statements.page, after, count, owner)

    async def tell(self, name: str, offset: int, allowance: Allowance) -> None:
        """Record that a session's numbers at an offset are told; QuotaError beyond the allowance."""
        await self._write(_statements.tell, name, offset, allowance)

    async def read(self, name: str, offset: int) -> list[Entry]:
        """Some of the entries that follow an offset, none after the last; without messages."""
        return await self._read(_statements.read, name, offset)

    async def attach(self, name: str, committed: int) -> int:
        """Count a new writer and fence the former; the new epoch."""
        return await self._write(_statements.attach, name, committed)

    async def append(self, append: Append) -> None:
        """Record items, in one transaction with those of other sessions."""
        await self._group.submit(append)

    async def finalize(self, name: str, committed: int, report: bytes) -> bytes:
        """Record that a session takes nothing more, and its report; the report that stands."""
        return await self._write(_statements.finalize, name, committed, report)

    async def report(self, name: str) -> bytes | None:
        """The report of a session that is finalized, None before."""
        return await self._read(_statements.read_report, name)

    async def delete(self, name: str) -> None:
        """Forget a session."""
        await self._write(_statements.delete, name)

    async def close(self) -> None:
        """Finish what is under way, and close the connections."""
        await self._group.close()
        await asyncio.to_thread(self._engine.dispose)

    async def _read(self, statement: _Statement[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        return await _run(self._reader, statement, *args, **kwargs)

    async def _write(self, statement: _Statement[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        return await _run(self._engine, statement, *args, **kwargs)

    def _append_all(self, appends: Sequence[Append]) -> list[Exception | None]:
        """Append in one transaction; if that fails as a whole, each in its own, since one may be to blame."""
        try:
            with _transaction(self._engine) as connection:
                faults = [self._append(connection, append) for append in appends]
                reach("before_commit")
            reach("after_commit")
        except StateError as error:
            return [error] if len(appends) == 1 else [self._append_all([append])[0] for append in appends]
        return faults

    def _append(self, connection: sa.Connection, append: Append) -> Exception | None:
        """Append, or tell why not: a refusal comes before anything is changed, so that others are not concerned."""
        try:
            _statements.append(connection, append)
        except ScoringError as refusal:
            return refusal
        return None


async def _run(engine: sa.Engine, statement: _Statement[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
    """Run a statement in a transaction, in a thread."""

    def run() -> _T:
        with _transaction(engine) as connection:
            return statement(connection, *args, **kwargs)

    return await asyncio.to_thread(run)


@contextmanager
def _transaction(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction that is durable when the block ends well; StateError when the database fails."""
    try:
        with engine.connect() as connection, connection.begin():
            yield connection
    except SQLAlchemyError as error:
        raise state_error(error) from error

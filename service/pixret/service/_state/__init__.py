"""The journal in a database: SQLite in a folder, or PostgreSQL for several servers."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pixret.service._state._sql import SqlJournal


def open_journal(state: str) -> "SqlJournal":
    """Open the state in a folder or behind a postgresql:// URL, made or upgraded as needed; ServiceError if not."""
    from pixret.service._state._engine import open_engine
    from pixret.service._state._sql import SqlJournal

    return SqlJournal(open_engine(state))

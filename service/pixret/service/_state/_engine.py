"""Opening a database so that what is committed is on the disk, and bringing its tables up to date."""

import sqlite3
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from pixret.service._errors import ServiceError, StateError, StateFullError
from pixret.service._state._schema import REVISION

_FILE = "sessions.sqlite3"
_WAIT = 10  # seconds for another process that writes, and for a connection to PostgreSQL
_CONNECTION = {
    "application_name": "pixret",
    "connect_timeout": _WAIT,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 25_000,
}
"""What holds of a connection to PostgreSQL, unless the URL says otherwise; a machine that is gone is seen in 25 s."""
_DISK_FULL = "53100"  # PostgreSQL, Appendix A: disk_full


def open_engine(state: str) -> sa.Engine:
    """Open the database that a folder or a postgresql:// URL names; ServiceError when that cannot be."""
    engine = _postgres(state) if "://" in state else _sqlite(Path(state))
    try:
        _upgrade(engine)
    except SQLAlchemyError as error:
        engine.dispose()
        raise ServiceError(f"cannot keep state in {_shown(engine)}: {_reason(error)}") from None
    except BaseException:
        engine.dispose()
        raise
    return engine


def state_error(error: SQLAlchemyError) -> StateError:
    """What a failed statement is to the service."""
    cause = getattr(error, "orig", None)
    full = getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
    if full or getattr(cause, "sqlstate", None) == _DISK_FULL:
        return StateFullError(f"the state of the sessions has no room for more ({_reason(error)}); nothing was taken")
    return StateError(f"the state of the sessions cannot be used now ({_reason(error)}); try again later")


def _sqlite(folder: Path) -> sa.Engine:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ServiceError(f"cannot keep state in {folder}: {error.strerror}; choose another folder") from None
    url = sa.URL.create("sqlite", database=str(folder / _FILE))
    engine = sa.create_engine(url, connect_args={"timeout": _WAIT, "check_same_thread": False})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _: object) -> None:
    connection.isolation_level = None  # transactions are begun by _begin_sqlite, and by nothing else
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: sa.Connection) -> None:
    """Take the write lock at once: what read first and then writes would fail when another wrote between."""
    reads = connection.get_execution_options().get("reads", False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _postgres(state: str) -> sa.Engine:
    try:
        url = sa.make_url(state)
        if url.get_backend_name() != "postgresql":
            raise ServiceError(f"cannot keep state in {url.render_as_string()}: give a folder or a postgresql:// URL")
        arguments = {name: value for name, value in _CONNECTION.items() if name not in url.query}
        engine = sa.create_engine(url.set(drivername="postgresql+psycopg"), connect_args=arguments, pool_pre_ping=True)
    except (ArgumentError, ValueError) as error:
        raise ServiceError(f"cannot keep state in {state.partition('@')[2] or 'this URL'}: {error}") from None
    except (ImportError, NoSuchModuleError):
        raise ServiceError(
            "state in PostgreSQL needs psycopg; install it with pip install 'pixret[postgres]'"
        ) from None
    event.listen(engine, "connect", _prepare_postgres)
    return engine


def _prepare_postgres(connection: Any, _: object) -> None:
    """Wait for the disk at every commit, whatever the server's default is."""
    with connection.cursor() as cursor:
        cursor.execute("SET SESSION synchronous_commit = on")
    connection.commit()


def _upgrade(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql" and connection.exec_driver_sql("SHOW fsync").scalar() != "on":
            message = "the server runs with fsync=off, so that nothing is durable; turn it on"
            raise ServiceError(f"cannot keep state in {_shown(engine)}: {message}")
        if _revision(connection) != REVISION:
            connection.rollback()
            _migrate(connection)


def _revision(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()


def _migrate(connection: sa.Connection) -> None:
    # A quarter of a second to import, which only a state that is not current has to wait for.
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", "pixret.service._state:migrations")
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, REVISION)
    except CommandError as error:
        message = f"{error}; it was written by a newer pixret, or is no state of pixret"
        raise ServiceError(f"cannot keep state in {_shown(connection.engine)}: {message}") from None


def _shown(engine: sa.Engine) -> str:
    """The place without its password."""
    return engine.url.render_as_string() if engine.dialect.name == "postgresql" else str(engine.url.database)


def _reason(error: SQLAlchemyError) -> str:
    """What the database itself says, on one line."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    return " ".join(str(cause).split())

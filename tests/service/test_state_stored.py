"""What a state holds, in SQLite and in PostgreSQL: what is kept, what is found damaged, and what is refused."""

import asyncio

import grpc
import msgspec
import pytest
import sqlalchemy as sa
from service_kit import append, details, failing, new_session, submission
from state_kit import database, mixed, serving

from pixret.metrics import Batch
from pixret.scoring import canonical_bytes
from pixret.scoring.v1 import scoring_pb2 as pb
from pixret.service import Append, Entry, Progress, ServiceError, SessionSpec, open_journal
from pixret.service._errors import StateError
from pixret.service._state import _schema


@pytest.mark.parametrize("keep", [True, False])
async def test_masks_are_kept_only_when_asked_for(state, keep):
    async with serving(state, keep_masks=keep) as stub:
        session = await new_session(stub)
        await append(stub, session, 0, mixed()[:30])
        await append(stub, session, 20, mixed()[20:])
    with database(state) as connection:
        kept = (
            connection.execute(sa.select(_schema.entries.c.messages).order_by(_schema.entries.c.start)).scalars().all()
        )
    if keep:
        messages = [message for each in kept for message in msgspec.msgpack.decode(each)]
        assert messages == [canonical_bytes(item) for item in mixed()]
    else:
        assert kept == [None, None]


DAMAGE = {
    "an entry is missing": _schema.entries.delete().where(_schema.entries.c.start == 5),
    "all entries are missing": _schema.entries.delete(),
    "an outcome is no outcome": _schema.entries.update().values(outcomes=b"\xc1"),
    "a digest is another": _schema.entries.update().values(digests=b"x" * 80),
    "a count is another": _schema.sessions.update().values(accepted=4),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
async def test_a_damaged_state_is_told_and_not_scored(state, damage):
    async with serving(state) as stub:
        session, other = await new_session(stub), await new_session(stub)
        await append(stub, session, 0, submission()[:5])
        await append(stub, session, 5, submission()[5:10])
    with database(state) as connection:
        connection.execute(damage)
    async with serving(state) as stub:
        error = await failing(stub.GetSnapshot(pb.GetSnapshotRequest(session=session)))
        assert error.code() is grpc.StatusCode.DATA_LOSS
        assert f"the state of {session} is damaged" in error.details()
        if damage.table is _schema.entries:
            await append(stub, other, 0, submission())


async def test_migrations_make_the_tables_that_the_code_expects(state):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with database(state) as connection:
        assert compare_metadata(MigrationContext.configure(connection), _schema.metadata) == []


async def test_a_state_of_a_newer_pixret_is_refused(state):
    with database(state) as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(ServiceError, match="it was written by a newer pixret, or is no state of pixret"):
        open_journal(state)


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ("/proc/none", "cannot keep state in /proc/none: .*; choose another folder"),
        ("mysql://localhost/x", "give a folder or a postgresql:// URL"),
        (
            "postgresql://user:secret@127.0.0.1:1/x",
            r"cannot keep state in postgresql\+psycopg://user:\*\*\*@127.0.0.1:1/x",
        ),
        ("postgresql://user:secret@host:port/x", "cannot keep state in host:port/x"),
    ],
)
def test_a_state_that_cannot_be_opened_is_told_without_its_password(state, message):
    with pytest.raises(ServiceError, match=message) as caught:
        open_journal(state)
    assert "secret" not in str(caught.value)


def test_postgresql_on_a_machine_that_is_gone_is_given_up_as_the_url_says_or_in_half_a_minute(postgres):
    state = postgres.new_database()
    times = ("connect_timeout", "keepalives_idle", "keepalives_interval", "keepalives_count", "tcp_user_timeout")
    for url, expected in ((state, ["10", "10", "5", "3", "25000"]), (f"{state}&keepalives_idle=7", ["10", "7"])):
        with database(url) as connection:
            used = connection.connection.dbapi_connection.info.get_parameters()
            assert [used[name] for name in times][: len(expected)] == expected


def test_a_file_that_is_no_database_is_told(tmp_path):
    (tmp_path / "sessions.sqlite3").write_bytes(b"not a database" * 100)
    with pytest.raises(ServiceError, match=f"cannot keep state in {tmp_path}.*: file is not a database"):
        open_journal(str(tmp_path))


@pytest.mark.parametrize("field", ["request_id", "display_name"])
async def test_a_name_with_a_nul_is_refused(stub, field):
    request = pb.CreateSessionRequest(benchmark="benchmarks/tiny", **{field: "a\0b"})
    error = await failing(stub.CreateSession(request))
    assert details(error)["BadRequest"].field_violations[0].field == field


async def test_appends_that_go_together_are_each_other_no_harm(state):
    journal = open_journal(state)
    names = ("sessions/a", "sessions/b", "sessions/c")
    try:
        for name in names:
            await journal.create(name, SessionSpec("", "tiny", "sha256:0", "", 0, ""), 10)
        with database(state) as connection:  # as damage may leave it: an entry where none has been
            row = {"session": 2, "start": 0, "digests": b"", "outcomes": b""}
            connection.execute(_schema.entries.insert().values(row))
        entry = Entry(0, Batch([], [], ()), [], b"")
        appends = [Append(name, None, [entry], Progress(1, 0), bytes(32)) for name in names]
        faults = await asyncio.gather(*map(journal.append, appends), return_exceptions=True)
        assert [type(fault) for fault in faults] == [type(None), StateError, type(None)]
        assert [(await journal.find(name)).progress.committed for name in names] == [1, 0, 1]
    finally:
        await journal.close()

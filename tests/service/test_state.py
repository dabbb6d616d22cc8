"""Sessions that outlast their server, in SQLite and in PostgreSQL: what is there again, and what is refused."""

import asyncio
from contextlib import asynccontextmanager, contextmanager

import grpc
import msgspec
import pytest
import sqlalchemy as sa
from service_kit import Stream, append, details, failing, make_truth, new_session, prediction, rle, submission

from pixret.metrics import Accumulator, report_bytes
from pixret.scoring import CHAIN_START, canonical_bytes, extend_chain, item_digest
from pixret.scoring.v1 import scoring_pb2 as pb
from pixret.scoring.v1.scoring_pb2_grpc import ScoringServiceStub
from pixret.service import Server, ServiceConfig, ServiceError, open_journal
from pixret.service._state import _schema
from pixret.service._state._engine import open_engine
from pixret.service._wire import read_items


def mixed():
    """Sound items, faults of several kinds, a ranking, and pairs that come twice."""
    ranking = pb.Item(ranking=pb.Ranking(query=pb.ImageRef(index=3), image_indices=[2, 0, 1]))
    unordered = pb.Item(prediction=pb.Prediction(query=pb.ImageRef(index=3), image=pb.ImageRef(index=1), rle=rle(5, 7)))
    torn = pb.RleMask(height=48, width=64, counts=b"\xff")
    faulty = [pb.Item(), prediction(99, 0), prediction(1, 1, mask=torn), prediction(0, 3), ranking]
    return [*submission()[:20], ranking, unordered, *faulty, *submission()[20:36]]


def chain_of(items):
    return extend_chain(CHAIN_START, b"".join(item_digest(canonical_bytes(item)) for item in items))


def report_of(items):
    accumulator = Accumulator(make_truth())
    accumulator.add(read_items(items))
    return report_bytes(accumulator)


@asynccontextmanager
async def serving(state, truth=None, **config):
    """A server on a state; yields the stub."""
    settings = ServiceConfig(workers=1, grace=0.2, **config)
    async with (
        Server([truth or make_truth()], config=settings, journal=open_journal(state)) as server,
        grpc.aio.insecure_channel(server.address) as channel,
    ):
        yield ScoringServiceStub(channel)


@contextmanager
def database(state):
    """A connection to a state, beside the server's."""
    engine = open_engine(state)
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def finalize(stub, session, items, **fields):
    return stub.FinalizeSession(pb.FinalizeSessionRequest(session=session, item_count=len(items), **fields))


async def state_of(stub, session):
    return (await stub.GetSession(pb.GetSessionRequest(name=session))).session


async def rejections_of(stub, session):
    return [*(await stub.ListRejections(pb.ListRejectionsRequest(session=session))).rejections]


async def test_a_restart_after_every_few_items_changes_no_byte(state):
    items = mixed()
    session = None
    for start in range(0, len(items), 15):
        async with serving(state) as stub:
            session = session or await new_session(stub)
            assert (await state_of(stub, session)).committed_offset == start
            await append(stub, session, start, items[start : start + 15])
    async with serving(state) as stub:
        whole = await new_session(stub)
        await append(stub, whole, 0, items)
        assert await rejections_of(stub, session) == await rejections_of(stub, whole)
        snapshots = [
            (await stub.GetSnapshot(pb.GetSnapshotRequest(session=name))).snapshot for name in (session, whole)
        ]
        assert snapshots[0] == snapshots[1]
        assert (await finalize(stub, session, items)).report_json == report_of(items)


async def test_a_finalized_session_gives_the_same_report_after_a_restart_and_takes_nothing(state):
    items = submission()[:10]
    async with serving(state) as stub:
        session = await new_session(stub)
        await append(stub, session, 0, items)
        first = await finalize(stub, session, items, chain_digest=chain_of(items))
    async with serving(state) as stub:
        assert await finalize(stub, session, items) == first
        assert (await failing(finalize(stub, session, items[1:]))).code() is grpc.StatusCode.FAILED_PRECONDITION
        error = await failing(append(stub, session, 10, submission()[10:11]))
        assert details(error)["ErrorInfo"].reason == "FINALIZED"
        assert (await state_of(stub, session)).state == pb.SESSION_STATE_FINALIZED


async def test_creation_is_idempotent_across_a_restart(state):
    async with serving(state) as stub:
        session = await new_session(stub, request_id="one", display_name="Größe")
    async with serving(state) as stub:
        names = await asyncio.gather(*(new_session(stub, request_id="one", display_name="Größe") for _ in range(4)))
        assert set(names) == {session}
        error = await failing(
            stub.CreateSession(pb.CreateSessionRequest(benchmark="benchmarks/tiny", request_id="one"))
        )
        assert error.code() is grpc.StatusCode.ALREADY_EXISTS


async def test_what_was_sent_before_is_known_after_a_restart(state):
    items = submission()
    async with serving(state) as stub:
        session = await new_session(stub)
        await append(stub, session, 0, items[:20])
    async with serving(state) as stub:
        assert (await append(stub, session, 7, items[7:20])).ack.committed_offset == 20
        error = await failing(append(stub, session, 7, [prediction(3, 3)]))
        assert "offset 7 was sent before with other content" in error.details()
        assert (await failing(append(stub, session, 21, items[21:]))).code() is grpc.StatusCode.OUT_OF_RANGE
        assert (await append(stub, session, 15, items[15:])).ack.accepted_count == 48


async def test_sessions_are_listed_in_the_order_of_their_creation_and_deleted_for_good(state):
    async with serving(state) as stub:
        names = [await new_session(stub) for _ in range(3)]
        await append(stub, names[1], 0, mixed())
    async with serving(state) as stub:
        await stub.DeleteSession(pb.DeleteSessionRequest(name=names[1]))
        newer = await new_session(stub)
        first = await stub.ListSessions(pb.ListSessionsRequest(page_size=2))
        rest = await stub.ListSessions(pb.ListSessionsRequest(page_token=first.next_page_token))
        assert [each.name for each in (*first.sessions, *rest.sessions)] == [names[0], names[2], newer]
    async with serving(state) as stub:
        error = await failing(stub.GetSession(pb.GetSessionRequest(name=names[1])))
        assert error.code() is grpc.StatusCode.NOT_FOUND
    with database(state) as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(_schema.entries)).scalar() == 0


async def test_the_chain_digest_is_compared_on_finalizing_and_shown_before(state):
    items = mixed()
    async with serving(state) as stub:
        session = await new_session(stub)
        assert (await state_of(stub, session)).chain_digest == CHAIN_START
        await append(stub, session, 0, items)
        assert (await state_of(stub, session)).chain_digest == chain_of(items)
        other = chain_of([*items[:-1], items[0]])
        error = await failing(finalize(stub, session, items, chain_digest=other))
        assert error.code() is grpc.StatusCode.FAILED_PRECONDITION
        assert details(error)["ErrorInfo"].reason == "DIGEST_DIFFERS"
        assert other.hex() in error.details()
        await finalize(stub, session, items, chain_digest=chain_of(items))


async def test_ground_truth_that_changed_refuses_the_session_and_mixes_nothing(state):
    async with serving(state) as stub:
        session = await new_session(stub)
        await append(stub, session, 0, submission()[:5])
    changed = make_truth(images=13)
    async with serving(state, changed) as stub:
        stream = Stream(stub, session)
        for call in (
            append(stub, session, 5, submission()[5:6]),
            stub.GetSnapshot(pb.GetSnapshotRequest(session=session)),
            finalize(stub, session, submission()[:5]),
            stream.attach(),
        ):
            error = await failing(call)
            assert error.code() is grpc.StatusCode.FAILED_PRECONDITION
            assert details(error)["ErrorInfo"].reason == "GROUND_TRUTH_CHANGED"
            assert make_truth().digest in error.details()
            assert changed.digest in error.details()
        assert (await state_of(stub, session)).committed_offset == 5
    async with serving(state, make_truth("another")) as stub:
        error = await failing(stub.GetSnapshot(pb.GetSnapshotRequest(session=session)))
        assert "does not serve that benchmark" in error.details()
    async with serving(state) as stub:
        assert (await append(stub, session, 5, submission()[5:])).ack.accepted_count == 48


async def test_a_writer_through_another_server_takes_over_and_the_first_is_told(state):
    items = submission()
    async with serving(state) as one, serving(state) as two:
        session = await new_session(one)
        zombie = Stream(one, session)
        await zombie.attach()
        await zombie.send(0, items[:10])
        await zombie.ack(10)
        newer = Stream(two, session)
        attached = await newer.attach()
        assert (attached.session.committed_offset, attached.writer_epoch) == (10, 2)
        await newer.send(10, items[10:20])
        await newer.ack(20)
        await zombie.send(10, items[10:20])
        error = await zombie.failure()
        assert error.code() is grpc.StatusCode.ABORTED
        assert details(error)["ErrorInfo"].metadata["writer_epoch"] == "1"
        await newer.send(20, items[20:])
        await newer.ack(48)
        assert (await finalize(one, session, items)).report_json == report_of(items)
        await newer.send(48, items[:1])
        assert (await newer.failure()).code() is grpc.StatusCode.FAILED_PRECONDITION


async def test_two_servers_append_one_after_the_other_and_both_see_all(state):
    items = submission()
    async with serving(state) as one, serving(state) as two:
        session = await new_session(one)
        for at in range(0, 48, 8):
            first, second = (one, two) if at % 16 else (two, one)
            await append(first, session, at, items[at : at + 4])
            await append(second, session, at + 4, items[at + 4 : at + 8])
            snapshot = (await first.GetSnapshot(pb.GetSnapshotRequest(session=session))).snapshot
            assert snapshot.offset == at + 8
        await two.DeleteSession(pb.DeleteSessionRequest(name=session))
        assert (await failing(append(one, session, 48, items[:1]))).code() is grpc.StatusCode.NOT_FOUND


async def test_two_servers_that_append_at_once_take_every_item_once(state):
    items = submission()

    async def send(stub, session, start):
        while True:
            try:
                return await append(stub, session, start, items[start : start + 4])
            except grpc.aio.AioRpcError as error:
                assert error.code() in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.OUT_OF_RANGE)
                await asyncio.sleep(0.01)

    async with serving(state) as one, serving(state) as two:
        session = await new_session(one)
        await asyncio.gather(*(send(stub, session, at) for at in range(0, 48, 4) for stub in (one, two)))
        assert (await finalize(two, session, items, chain_digest=chain_of(items))).report_json == report_of(items)


async def test_many_sessions_commit_together_and_stay_apart(state):
    items = mixed()
    async with serving(state) as stub:
        names = [await new_session(stub) for _ in range(12)]

        async def fill(session):
            for at in range(0, len(items), 5):
                await append(stub, session, at, items[at : at + 5])

        await asyncio.gather(*map(fill, names))
    async with serving(state) as stub:
        for session in names:
            assert (await finalize(stub, session, items, chain_digest=chain_of(items))).report_json == report_of(items)


async def test_the_most_sessions_count_over_restarts(state):
    async with serving(state, max_sessions=2) as stub:
        await new_session(stub)
        await new_session(stub)
    async with serving(state, max_sessions=2) as stub:
        error = await failing(stub.CreateSession(pb.CreateSessionRequest(benchmark="benchmarks/tiny")))
        assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


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


def test_a_file_that_is_no_database_is_told(tmp_path):
    (tmp_path / "sessions.sqlite3").write_bytes(b"not a database" * 100)
    with pytest.raises(ServiceError, match=f"cannot keep state in {tmp_path}.*: file is not a database"):
        open_journal(str(tmp_path))


@pytest.mark.parametrize("field", ["request_id", "display_name"])
async def test_a_name_with_a_nul_is_refused(stub, field):
    request = pb.CreateSessionRequest(benchmark="benchmarks/tiny", **{field: "a\0b"})
    error = await failing(stub.CreateSession(request))
    assert details(error)["BadRequest"].field_violations[0].field == field

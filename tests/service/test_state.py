"""Sessions that outlast their server, in SQLite and in PostgreSQL: what is there again."""

import asyncio

import grpc
import sqlalchemy as sa
from service_kit import Stream, append, details, failing, make_truth, new_session, prediction, submission
from state_kit import chain_of, database, finalize, mixed, rejections_of, report_of, serving, state_of

from pixret.scoring import CHAIN_START
from pixret.scoring.v1 import scoring_pb2 as pb
from pixret.service._state import _schema


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

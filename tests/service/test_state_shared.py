"""Several servers on one state, in SQLite and in PostgreSQL: nothing is taken twice, and nothing is lost."""

import asyncio

import grpc
from service_kit import Stream, append, details, failing, make_truth, new_session, submission
from state_kit import chain_of, finalize, report_of, serving

from pixret.scoring.v1 import scoring_pb2 as pb
from pixret.scoring.v1.scoring_pb2_grpc import ScoringServiceStub
from pixret.service import Server, ServiceConfig, _upkeep, open_journal


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


async def test_a_request_id_opens_one_session_however_many_ask_at_once(state):
    async with serving(state) as one, serving(state) as two:
        for request_id in ("a", "b", "c"):
            asked = [new_session(stub, request_id=request_id) for stub in (one, two) * 6]
            assert len(set(await asyncio.gather(*asked))) == 1


async def test_a_session_that_is_deleted_elsewhere_is_let_go_of_and_its_writer_is_told(state, monkeypatch):
    monkeypatch.setattr(_upkeep, "_INTERVAL", 0.05)
    monkeypatch.setattr(_upkeep, "_TIDYING", 2)
    one = Server([make_truth()], config=ServiceConfig(workers=1, grace=0.2), journal=open_journal(state))
    async with one, serving(state) as two, grpc.aio.insecure_channel(one.address) as channel:
        stub = ScoringServiceStub(channel)
        stream, kept = Stream(stub, await new_session(stub)), await new_session(stub)
        await stream.attach()
        await append(stub, kept, 0, submission())
        await two.DeleteSession(pb.DeleteSessionRequest(name=stream.session))
        assert (await stream.failure()).code() is grpc.StatusCode.NOT_FOUND
        assert list(one._servicer._sessions._live) == [kept]

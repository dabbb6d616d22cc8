"""What a server does when it is given much to do, or a client does not listen."""

import asyncio
import os
import signal
import time

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from service_kit import Stream, append, failing, make_truth, new_session, prediction, submission

from pixret.metrics import MaskJob, MaskLimits, NoMask
from pixret.scoring.v1 import scoring_pb2 as pb
from pixret.service import Progress, Server, ServiceConfig, _wire
from pixret.service._errors import MeasuringError, StateError
from pixret.service._measuring import Measurer
from pixret.service._outbox import Outbox
from pixret.service._state._engine import open_engine
from pixret.service._state._sql import SqlJournal


class Deadly:
    """A mask that kills the worker which unpickles it."""

    def __reduce__(self):
        return os._exit, (1,)


class Slow:
    """A mask that keeps a worker busy."""

    def __reduce__(self):
        return time.sleep, (0.01,)


@pytest.fixture
def rigged(monkeypatch):
    """Masks that say "deadly" or "slow" as their detail are so."""
    kinds = {"deadly": Deadly, "slow": Slow}
    monkeypatch.setitem(_wire._REGIONS, "unreadable", lambda mask: kinds[mask.detail]())


def mask_that_is(kind):
    mask = pb.UnreadableMask(detail=kind)
    return pb.Item(prediction=pb.Prediction(query=pb.ImageRef(index=0), image=pb.ImageRef(index=0), unreadable=mask))


async def test_a_killed_worker_loses_nothing(server, stub, rigged):
    session = await new_session(stub)
    stream = Stream(stub, session)
    await stream.attach()
    await stream.send(0, [mask_that_is("slow")] * 60)
    await stream.send(60, submission())
    await asyncio.sleep(0.2)
    for pid in list(server._measurer._pool._executor._processes):
        os.kill(pid, signal.SIGKILL)
    ack = await stream.ack(108)
    assert (ack.accepted_count, ack.rejected_count) == (48, 60)
    await stream.rest()
    assert await stream.call.code() is grpc.StatusCode.OK


async def test_masks_that_kill_workers_twice_end_the_stream_and_nothing_of_them_is_taken(stub, rigged):
    session = await new_session(stub)
    stream = Stream(stub, session)
    await stream.attach()
    other = await new_session(stub)
    await stream.send(0, submission()[:10])
    await stream.send(10, [mask_that_is("deadly"), *submission()[10:20]])
    await stream.send(21, submission()[20:30])
    innocent = append(stub, other, 0, submission())
    error = await stream.failure()
    assert error.code() is grpc.StatusCode.INTERNAL
    assert error.details().startswith("a worker process died twice on this batch; nothing of it was taken")
    assert (await innocent).ack.accepted_count == 48
    state = (await stub.GetSession(pb.GetSessionRequest(name=session))).session
    assert state.committed_offset == 10
    again = Stream(stub, session)
    assert (await again.attach()).session.committed_offset == 10
    await again.send(10, submission()[10:])
    assert (await again.ack(48)).accepted_count == 48


async def test_the_measurer_names_only_the_guilty():
    measurer = Measurer(1, MaskLimits())
    try:
        guilty = measurer.measure([MaskJob(Deadly())])
        innocent = [measurer.measure([MaskJob(NoMask())] * count) for count in (1, 3, 200)]
        outcomes = await asyncio.gather(guilty, *innocent, return_exceptions=True)
    finally:
        await measurer.close()
    assert isinstance(outcomes[0], MeasuringError)
    assert [len(each) for each in outcomes[1:]] == [1, 3, 200]


async def test_a_closed_measurer_leaves_nobody_waiting():
    measurer = Measurer(1, MaskLimits())
    waiting = asyncio.gather(*(measurer.measure([MaskJob(Slow())] * 100) for _ in range(3)), return_exceptions=True)
    await asyncio.sleep(0)
    await measurer.close()
    assert all(isinstance(each, asyncio.CancelledError) for each in await waiting)


async def test_the_server_answers_while_masks_are_measured(server, channel, stub):
    session = await new_session(stub)
    corners = [100, 100, 6000, 100, 6000, 6000, 100, 6000]  # the published scripts' canvas is as large as its points
    heavy = pb.PolygonsMask(polygons=[pb.Polygon(xy=corners)])
    items = [
        pb.Item(prediction=pb.Prediction(query=pb.ImageRef(index=0), image=pb.ImageRef(index=0), polygons=heavy))
    ] * 40
    measuring = asyncio.ensure_future(append(stub, session, 0, items))
    health = health_pb2_grpc.HealthStub(channel)
    answers = 0
    while not measuring.done():
        await health.Check(health_pb2.HealthCheckRequest(service="pixret.scoring.v1.ScoringService"))
        answers += 1
        await asyncio.sleep(0.01)
    assert (await measuring).ack.committed_offset == 40
    assert answers > 5


LARGE = pb.PolygonsMask(polygons=[pb.Polygon(xy=[1, 1, 9, 1, 9, 9] * 20_000)])  # a MB


@pytest.mark.parametrize(
    ("items", "most"),
    [([pb.Item(prediction=pb.Prediction(query=pb.ImageRef(index=0), polygons=LARGE))], 20), ([], 1026)],
    ids=["large", "empty"],
)
async def test_what_is_under_way_is_bounded_whatever_a_batch_holds(server, stub, rigged, items, most):
    stream = Stream(stub, await new_session(stub))
    await stream.attach()
    (worker,) = server._measurer._pool._executor._processes
    os.kill(worker, signal.SIGSTOP)
    try:
        await stream.send(0, [mask_that_is("slow")])
        sending = asyncio.ensure_future(send_again_and_again(stream, items, 2 * most))
        (serving,), taken = server._servicer._streams, 0
        while taken < 3 or taken != len(serving._pending):
            taken = len(serving._pending)
            await asyncio.sleep(0.5)
        assert taken <= most
    finally:
        os.kill(worker, signal.SIGCONT)
    await sending
    await stream.ack(1 + 2 * most * len(items))


async def send_again_and_again(stream, items, count):
    for number in range(count):
        await stream.send(1 + number * len(items), items)


async def test_small_sessions_do_not_wait_for_large_batches(stub, rigged):
    large, small = await new_session(stub), await new_session(stub)
    measuring = asyncio.ensure_future(append(stub, large, 0, [mask_that_is("slow")] * 256))
    await asyncio.sleep(0.1)
    assert (await append(stub, small, 0, submission())).ack.accepted_count == 48
    assert not measuring.done()
    measuring.cancel()


async def test_a_client_that_never_reads_is_held_back_and_hears_all_when_it_does(stub):
    session = await new_session(stub)
    stream = Stream(stub, session)
    await stream.attach()
    batches, size = 60, 1000
    refused = pb.Item(prediction=pb.Prediction(query=pb.ImageRef(id="q" * 250), image=pb.ImageRef(index=0)))

    async def send_all():
        for number in range(batches):
            await stream.send(number * size, [refused] * size)
        await stream.call.done_writing()

    sending = asyncio.ensure_future(send_all())
    committed = -1
    while committed != (now := await committed_offset(stub, session)):
        committed = now
        await asyncio.sleep(0.5)
    assert committed < batches * size
    seen = 0
    while (message := await stream.call.read()) is not grpc.aio.EOF:
        seen += len(message.rejections.rejections)
    await sending
    assert seen == batches * size


async def committed_offset(stub, session):
    return (await stub.GetSession(pb.GetSessionRequest(name=session))).session.committed_offset


async def test_a_client_that_never_reads_can_be_replaced(stub):
    session = await new_session(stub)
    deaf = Stream(stub, session)
    await deaf.attach()
    for number in range(20):
        await deaf.send(number * 1000, [prediction(99, 0, mask=pb.RleMask())] * 1000)
    newer = Stream(stub, session)
    attached = await newer.attach()
    await newer.send(attached.session.committed_offset, submission())
    await newer.ack(attached.session.committed_offset + 48)
    assert (await deaf.failure()).code() is grpc.StatusCode.ABORTED


async def test_acks_and_unasked_snapshots_are_replaced_and_never_queue():
    outbox = Outbox(lambda: None)
    for offset in range(1000):
        outbox.put_outcomes([], Progress(offset, 0))
        outbox.put_snapshot(pb.Snapshot(offset=offset))
    outbox.close()
    sent = []

    async def write(message):
        sent.append(message)

    await outbox.send(write)
    assert [(message.ack.committed_offset, message.snapshot.offset) for message in sent] == [(999, 0), (0, 999)]


async def test_an_answer_is_followed_by_no_snapshot_that_covers_no_more():
    outbox = Outbox(lambda: None)
    outbox.put_snapshot(pb.Snapshot(offset=5))
    outbox.put_answer(pb.Snapshot(offset=10, flush_tag="end"), Progress(10, 0))
    outbox.put_snapshot(pb.Snapshot(offset=7))
    outbox.put_snapshot(pb.Snapshot(offset=10))
    outbox.close()
    snapshots = []

    async def write(message):
        if message.HasField("snapshot"):
            snapshots.append((message.snapshot.offset, message.snapshot.flush_tag))

    await outbox.send(write)
    assert snapshots == [(10, "end")]


class Recording(SqlJournal):
    """A journal that remembers, and fails when it is told to."""

    def __init__(self, engine):
        super().__init__(engine)
        self.entries = []
        self.is_broken = False
        self.rest = 0.0  # seconds from what is durable to who waits for it

    async def append(self, append):
        await asyncio.sleep(0.005)
        if self.is_broken:
            raise StateError("the disk is on fire")
        await super().append(append)
        self.entries += [(each.offset, len(each.batch.items), len(each.digests)) for each in append.entries]
        await asyncio.sleep(self.rest)

    async def finalize(self, name, committed, report):
        if self.is_broken:
            raise StateError("the disk is on fire")
        return await super().finalize(name, committed, report)


@pytest.fixture
async def journaled(tmp_path):
    journal = Recording(open_engine(str(tmp_path)))
    async with (
        Server([make_truth()], config=ServiceConfig(workers=1, grace=1), journal=journal) as server,
        grpc.aio.insecure_channel(server.address) as channel,
    ):
        yield journal, channel


async def test_the_journal_gets_every_item_once_in_order_before_it_is_acked(journaled):
    from pixret.scoring.v1.scoring_pb2_grpc import ScoringServiceStub

    journal, channel = journaled
    stub = ScoringServiceStub(channel)
    stream = Stream(stub, await new_session(stub))
    await stream.attach()
    items = submission()
    for start in range(0, 48, 4):
        await stream.send(start, items[start : start + 8])
    while (ack := (await stream.receive("ack")).ack).committed_offset < 48:
        assert sum(count for _, count, _ in journal.entries) >= ack.committed_offset
    assert journal.entries == [(0, 8, 128), *((start, 4, 64) for start in range(8, 48, 4))]


async def test_what_the_journal_cannot_take_is_not_acked(journaled):
    from pixret.scoring.v1.scoring_pb2_grpc import ScoringServiceStub

    journal, channel = journaled
    stub = ScoringServiceStub(channel)
    session = await new_session(stub)
    await append(stub, session, 0, submission()[:5])
    journal.is_broken = True
    assert (await failing(append(stub, session, 5, submission()[5:9]))).code() is grpc.StatusCode.UNAVAILABLE
    assert await committed_offset(stub, session) == 5
    journal.is_broken = False
    assert (await append(stub, session, 5, submission()[5:9])).ack.accepted_count == 9


async def test_a_session_whose_report_cannot_be_kept_is_still_open(journaled):
    from pixret.scoring.v1.scoring_pb2_grpc import ScoringServiceStub

    journal, channel = journaled
    stub = ScoringServiceStub(channel)
    session = await new_session(stub)
    await append(stub, session, 0, submission()[:5])
    journal.is_broken = True
    finalizing = stub.FinalizeSession(pb.FinalizeSessionRequest(session=session, item_count=5))
    assert (await failing(finalizing)).code() is grpc.StatusCode.UNAVAILABLE
    journal.is_broken = False
    assert (await append(stub, session, 5, submission()[5:9])).ack.accepted_count == 9
    await stub.FinalizeSession(pb.FinalizeSessionRequest(session=session, item_count=9))


async def test_who_looks_while_items_become_durable_disturbs_no_writer(journaled):
    from pixret.scoring.v1.scoring_pb2_grpc import ScoringServiceStub

    journal, channel = journaled
    stub = ScoringServiceStub(channel)
    stream = Stream(stub, await new_session(stub))
    await stream.attach()
    journal.rest = 0.3
    await stream.send(0, submission()[:5])
    while not journal.entries:
        await committed_offset(stub, stream.session)
    snapshot = await stub.GetSnapshot(pb.GetSnapshotRequest(session=stream.session))
    assert snapshot.snapshot.offset == 5
    await stream.send(5, submission()[5:9])
    await stream.ack(9)


async def test_a_cancelled_unary_append_is_committed_whole_or_not_at_all(journaled):
    from pixret.scoring.v1.scoring_pb2_grpc import ScoringServiceStub

    _, channel = journaled
    stub = ScoringServiceStub(channel)
    session = await new_session(stub)
    for number in range(10):
        offset = await committed_offset(stub, session)
        appending = asyncio.ensure_future(append(stub, session, offset, submission()[offset : offset + 4]))
        await asyncio.sleep(0.002 * number)
        appending.cancel()
        await asyncio.wait({appending})
        await asyncio.sleep(0.03)
        assert await committed_offset(stub, session) in (offset, offset + 4)

"""The log of a session, without gRPC and worker processes, where timing can be dictated."""

import asyncio
import threading

import pytest
from service_kit import make_truth, prediction, submission

from pixret.metrics import measure
from pixret.scoring.v1 import scoring_pb2 as pb
from pixret.service import ServiceConfig, SessionSpec, VolatileJournal
from pixret.service._errors import ConflictError, FencedError, FinalizedError, MeasuringError, UnknownResourceError
from pixret.service._intake import read_chunk
from pixret.service._session import Session, Totals


class Measurer:
    """Measures here, each call when its turn is set; a call in `deadly` fails instead."""

    def __init__(self):
        self.turns = []
        self.deadly = set()

    async def measure(self, jobs):
        number = len(self.turns)
        self.turns.append(asyncio.Event())
        await self.turns[number].wait()
        if number in self.deadly:
            raise MeasuringError
        return measure(jobs)


@pytest.fixture
def measurer():
    return Measurer()


@pytest.fixture
async def session(measurer):
    journal, truth = VolatileJournal(), make_truth()
    state = await journal.create("sessions/x", SessionSpec("", "tiny", truth.digest, "", 0, ""), 1)
    return Session(state, truth, measurer, journal, ServiceConfig())


async def send(session, offset, items, writer=None):
    batch = pb.ItemBatch(offset=offset, items=items)
    pending = session.append(await read_chunk(batch, session.accumulator, ServiceConfig()), writer)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return pending


async def settled(session):
    async with asyncio.timeout(5):
        await session.settle()


async def test_batches_commit_in_the_order_of_offsets_whichever_is_measured_first(session, measurer):
    first = await send(session, 0, submission()[:5])
    second = await send(session, 5, submission()[5:9])
    measurer.turns[1].set()
    await asyncio.sleep(0.02)
    assert (session.progress.committed, second.done.done()) == (0, False)
    measurer.turns[0].set()
    await settled(session)
    assert session.progress.committed == 9
    assert first.done.result() is second.done.result() is None


async def test_a_failed_batch_takes_those_behind_it_along_and_no_other(session, measurer):
    measurer.deadly.add(1)
    pending = [await send(session, start, submission()[start : start + 4]) for start in (0, 4, 8)]
    for turn in reversed(measurer.turns):
        turn.set()
    await settled(session)
    assert pending[0].done.exception() is None
    assert all(isinstance(each.done.exception(), MeasuringError) for each in pending[1:])
    assert session.progress.committed == 4
    again = await send(session, 4, [prediction(3, 3)])
    measurer.turns[-1].set()
    await settled(session)
    assert again.done.exception() is None
    assert session.progress.committed == 5


async def test_items_that_are_under_way_are_known_already(session, measurer):
    await send(session, 0, submission()[:5])
    with pytest.raises(ConflictError, match="offset 2 was sent before with other content"):
        await send(session, 2, [prediction(3, 3)])
    twin = await send(session, 0, submission()[:5])
    assert not twin.done.done()
    for turn in measurer.turns:
        turn.set()
    await settled(session)
    assert twin.done.exception() is None
    assert session.progress.committed == 5


async def test_a_replaced_writer_can_not_write_even_before_it_is_told(session):
    told = []
    former = await session.attach(told.append)
    await session.attach(told.append)
    with pytest.raises(FencedError, match="writer 1 of sessions/x was replaced"):
        await send(session, 0, submission()[:1], former)
    assert len(told) == 1


async def test_a_new_writer_waits_for_what_the_former_has_under_way(session, measurer):
    former = await session.attach(lambda _: None)
    await send(session, 0, submission()[:5], former)
    attaching = asyncio.ensure_future(session.attach(lambda _: None))
    await asyncio.sleep(0.02)
    assert not attaching.done()
    measurer.turns[0].set()
    assert (await attaching).epoch == 2
    assert session.progress.committed == 5


async def test_finalizing_waits_for_what_is_under_way(session, measurer):
    await send(session, 0, submission())
    finalizing = asyncio.ensure_future(session.finalize(Totals(48, 48, 0)))
    await asyncio.sleep(0.02)
    assert not finalizing.done()
    measurer.turns[0].set()
    assert await finalizing == session.report
    with pytest.raises(FinalizedError):
        await send(session, 48, [])


async def test_deleting_drops_what_is_under_way(session, measurer):
    pending = await send(session, 0, submission()[:5])
    session.end(UnknownResourceError("pixret.Session", session.name, "deleted"))
    measurer.turns[0].set()
    await asyncio.sleep(0.02)
    assert isinstance(pending.done.exception(), UnknownResourceError)
    assert session.progress.committed == 0
    with pytest.raises(UnknownResourceError):
        await session.finalize(Totals(0, None, None))


async def test_a_snapshot_goes_on_when_its_caller_leaves(session, measurer):
    await send(session, 0, submission())
    measurer.turns[0].set()
    await settled(session)
    leaving = asyncio.ensure_future(session.snapshot())
    await asyncio.sleep(0)
    leaving.cancel()
    first, second = await asyncio.gather(session.snapshot(), session.snapshot())
    assert first is second
    assert first.received == 48


async def test_items_wait_for_a_snapshot_that_nobody_waits_for_any_more(session, measurer, monkeypatch):
    begun, released, score = threading.Event(), threading.Event(), session._score

    def slowly():
        begun.set()
        released.wait(20)
        return score()

    monkeypatch.setattr(session, "_score", slowly)
    looking = asyncio.create_task(session.snapshot())
    await asyncio.to_thread(begun.wait, 20)
    looking.cancel()
    pending = await send(session, 0, submission()[:3])
    measurer.turns[0].set()
    await asyncio.wait([pending.done], timeout=0.2)
    assert session.accumulator.received == 0
    released.set()
    await pending.done
    assert (await session.snapshot()).received == 3

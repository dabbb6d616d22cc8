"""Streams of predictions: snapshots, resuming, and every way to end early without a hang or a loss."""

import asyncio
import contextlib
import threading
import time
from itertools import chain

import grpc
import pytest
from scenarios import RLE
from serving import IMAGES, server_process

from pixret.client import AsyncClient, Client, ConflictError, ServerUnavailableError
from pixret.metrics import Accumulator, Prediction, report_bytes

ITEMS = [Prediction(query, image, RLE, score=0.5) for query in range(3) for image in range(len(IMAGES))]


class SourceError(Exception):
    """What a source of predictions may raise."""


def failing_after(count, error):
    yield from ITEMS[:count]
    raise error


async def arriving(items, pause=0.0):
    for item in items:
        await asyncio.sleep(pause)
        yield item


def endless():
    """Sound items at first, then ever more that are refused."""
    yield from ITEMS
    while True:
        yield ITEMS[0]


def whole_report(truth):
    accumulator = Accumulator(truth)
    accumulator.add(ITEMS)
    return report_bytes(accumulator)


def watch(snapshots, act=lambda: None):
    """Read to the end, and do something at every snapshot."""
    for _ in snapshots:
        act()


async def watch_async(snapshots, act):
    async for _ in snapshots:
        act()


def settled_threads(allowed):
    """Number of threads, once it is no more than allowed or two seconds have passed."""
    until = time.monotonic() + 2
    while threading.active_count() > allowed and time.monotonic() < until:
        time.sleep(0.02)
    return threading.active_count()


def test_snapshots_come_while_items_do_and_the_last_covers_everything(client):
    def slowly():
        for item in ITEMS:
            time.sleep(0.02)
            yield item

    stream = client.stream(client.create_session("small").name, slowly(), snapshot_interval=0.1, batch_items=2)
    received = [snapshot.received for snapshot in stream]
    assert len(received) >= 2
    assert received == sorted(received)
    assert received[-1] == stream.committed_offset == len(ITEMS)


async def test_snapshots_come_while_items_do_with_asyncio(async_client):
    session = await async_client.create_session("small")
    stream = async_client.stream(session.name, arriving(ITEMS, 0.02), snapshot_interval=0.1, batch_items=2)
    received = [snapshot.received async for snapshot in stream]
    assert len(received) >= 2
    assert received == sorted(received)
    assert received[-1] == stream.committed_offset == len(ITEMS)


async def test_without_an_interval_there_is_one_snapshot(client, async_client):
    assert len([*client.stream(client.create_session("small").name, ITEMS, batch_items=1)]) == 1
    stream = async_client.stream((await async_client.create_session("small")).name, ITEMS, batch_items=1)
    assert len([snapshot async for snapshot in stream]) == 1


async def test_a_stream_of_nothing_still_answers(client, async_client):
    assert client.stream(client.create_session("small").name, []).run().received == 0
    session = await async_client.create_session("small")
    assert (await async_client.stream(session.name, []).run()).received == 0


@pytest.mark.parametrize("held", [1, 10, len(ITEMS)])
async def test_a_stream_goes_on_where_the_session_stopped(client, async_client, truth, held):
    for stream_all in (_stream_all, _stream_all_async):
        session = client.create_session("small").name
        client.append(session, ITEMS[:held])
        rejections, committed = await stream_all(client, async_client, session)
        assert (rejections, committed) == ([], len(ITEMS))
        assert client.finalize(session, received=len(ITEMS)).content == whole_report(truth)


@pytest.mark.parametrize("held", [1, len(ITEMS)])
async def test_a_source_that_ends_before_what_the_session_holds_is_a_conflict(client, async_client, held):
    session = client.create_session("small").name
    client.append(session, ITEMS[:held])
    message = f"the session holds other items below offset {held}"
    for send in (lambda items: client.stream(session, items).run(), lambda items: client.append(session, items)):
        with pytest.raises(ConflictError, match=message):
            send(ITEMS[: held - 1])
    for sending in (async_client.stream(session, ITEMS[: held - 1]).run(), async_client.append(session, [])):
        with pytest.raises(ConflictError, match=message):
            await sending


def until_committed(client, session, count):
    """The items after the first, of which the second makes a batch that lingered go out; the others wait for it."""
    time.sleep(0.02)
    yield ITEMS[1]
    until = time.monotonic() + 30
    while client.session(session).committed_offset < count:
        assert time.monotonic() < until, "the batch still waits for items"
        time.sleep(0.02)
    yield from ITEMS[2:]


async def test_a_batch_does_not_wait_long_for_a_slow_source(client, async_client):
    session = client.create_session("small").name
    stream = client.stream(session, chain(ITEMS[:1], until_committed(client, session, 2)), linger=0.01)
    assert (await asyncio.to_thread(stream.run)).received == len(ITEMS)

    async def slowly():
        yield ITEMS[0]
        for item in await asyncio.to_thread(list, until_committed(client, session, 1)):
            yield item

    session = client.create_session("small").name
    assert (await async_client.stream(session, slowly(), linger=0).run()).received == len(ITEMS)


async def _stream_all(client, _, session):
    stream = client.stream(session, iter(ITEMS), batch_items=4)
    await asyncio.to_thread(stream.run)
    return stream.rejections, stream.committed_offset


async def _stream_all_async(_, async_client, session):
    stream = async_client.stream(session, arriving(ITEMS), batch_items=4)
    await stream.run()
    return stream.rejections, stream.committed_offset


class RpcError(grpc.RpcError):
    """What a source that is itself a client of something raises."""


ERRORS = [SourceError("torn"), KeyError("k"), RpcError("theirs"), asyncio.InvalidStateError("theirs"), TimeoutError()]


@pytest.mark.parametrize("error", [*ERRORS, KeyboardInterrupt(), SystemExit(3)], ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("count", [0, 7])
def test_an_error_of_the_source_reaches_the_caller_and_the_session_can_be_gone_on_with(client, truth, error, count):
    session = client.create_session("small").name
    with pytest.raises(type(error)) as caught:
        client.stream(session, failing_after(count, error), batch_items=3).run()
    assert caught.value is error
    assert client.session(session).committed_offset == count // 3 * 3
    client.stream(session, ITEMS).run()
    assert client.finalize(session, received=len(ITEMS)).content == whole_report(truth)


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("count", [0, 7])
async def test_an_error_of_the_source_reaches_the_caller_with_asyncio(async_client, truth, error, count):
    async def failing():
        for item in failing_after(count, error):
            yield item

    for source in (failing_after(count, error), failing()):
        session = (await async_client.create_session("small")).name
        with pytest.raises(type(error)) as caught:
            await async_client.stream(session, source, batch_items=3).run()
        assert caught.value is error
        assert (await async_client.session(session)).committed_offset == count // 3 * 3
        await async_client.stream(session, ITEMS).run()
        assert (await async_client.finalize(session, received=len(ITEMS))).content == whole_report(truth)


def test_leaving_early_neither_hangs_nor_leaks_threads(client):
    session = client.create_session("small").name
    client.stream(session, []).run()
    before = threading.active_count()
    for _ in range(5):
        for _ in client.stream(session, endless(), snapshot_interval=0.05, batch_items=8):
            break
    assert settled_threads(before) <= before
    assert client.session(session).committed_offset > 0


def test_a_source_is_not_asked_on_when_the_stream_has_ended(client):
    asked = []
    released = threading.Event()

    def slow():
        for item in ITEMS:
            asked.append(item)
            if len(asked) == 4:
                released.wait(10)
            yield item

    stream = iter(client.stream(client.create_session("small").name, slow(), snapshot_interval=0.05, batch_items=2))
    next(stream)
    stream.close()
    released.set()
    time.sleep(0.1)
    assert len(asked) <= 5


async def test_leaving_early_with_asyncio_leaves_no_task(async_client):
    async def forever():
        for item in endless():
            await asyncio.sleep(0.001)
            yield item

    session = (await async_client.create_session("small")).name
    stream = async_client.stream(session, forever(), snapshot_interval=0.05, batch_items=8)
    async with contextlib.aclosing(aiter(stream)) as snapshots:
        async for _ in snapshots:
            break
    assert [task for task in asyncio.all_tasks() if "_send" in repr(task.get_coro())] == []
    assert (await async_client.session(session)).committed_offset > 0


async def test_a_waiting_stream_can_be_cancelled(async_client):
    async def waiting():
        yield ITEMS[0]
        await asyncio.Event().wait()

    session = (await async_client.create_session("small")).name
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await async_client.stream(session, waiting(), batch_items=1).run()
    assert (await async_client.session(session)).committed_offset == 1


async def test_a_stream_runs_once(client, async_client):
    stream = client.stream(client.create_session("small").name, ITEMS)
    stream.run()
    with pytest.raises(RuntimeError, match="runs once; make another, which goes on where this one ended"):
        stream.run()
    again = async_client.stream((await async_client.create_session("small")).name, ITEMS)
    await again.run()
    with pytest.raises(RuntimeError, match="runs once"):
        await again.run()


def test_wrong_arguments_of_a_stream_are_refused_where_they_are_given(client):
    with pytest.raises(TypeError):
        client.stream(client.create_session("small"), ITEMS)
    with pytest.raises((ValueError, OverflowError)):
        client.stream("sessions/x", ITEMS, snapshot_interval=float("nan"))


def test_a_newer_writer_ends_the_older_one(client):
    session = client.create_session("small").name
    first = iter(client.stream(session, endless(), snapshot_interval=0.05, batch_items=8))
    next(first)
    newer = client.stream(session, endless(), snapshot_interval=0.05, batch_items=8)
    taker = threading.Thread(target=lambda: next(iter(newer)))
    taker.start()
    with pytest.raises(ConflictError, match="was replaced by a newer one"):
        watch(first)
    taker.join(10)


def test_a_server_that_is_killed_in_mid_stream_is_told_and_not_waited_for():
    with server_process() as (process, address), Client(address, retry_timeout=0) as client:
        stream = client.stream(client.create_session("small").name, endless(), snapshot_interval=0.05, batch_items=8)
        with pytest.raises(ServerUnavailableError, match=f"scoring server {address}: ") as caught:
            watch(stream, process.kill)
        assert "send the same again to go on" in str(caught.value)


@pytest.mark.slow
async def test_an_error_of_the_source_is_told_though_the_server_is_away():
    def failing(process):
        yield from ITEMS
        process.kill()
        raise SourceError("torn")

    with server_process() as (process, address), Client(address, retry_timeout=1000) as client:
        stream = client.stream(client.create_session("small").name, failing(process), batch_items=2)
        with pytest.raises(SourceError):
            stream.run()
    with server_process() as (process, address):
        async with AsyncClient(address, retry_timeout=1000) as client:
            session = await client.create_session("small")
            with pytest.raises(SourceError):
                await client.stream(session.name, failing(process), batch_items=2).run()


async def test_a_server_that_is_killed_in_mid_stream_with_asyncio():
    with server_process() as (process, address):
        async with AsyncClient(address, retry_timeout=0) as client:
            session = await client.create_session("small")
            for source in (endless(), arriving(ITEMS * 1000, 0.01)):
                stream = client.stream(session.name, source, snapshot_interval=0.05, batch_items=2)
                with pytest.raises(ServerUnavailableError, match=f"scoring server {address}: "):
                    await watch_async(stream, process.kill)


def test_a_server_that_stops_in_order_is_told_too():
    with server_process() as (process, address), Client(address, retry_timeout=0) as client:
        stream = client.stream(client.create_session("small").name, endless(), snapshot_interval=0.05, batch_items=8)
        with pytest.raises(ServerUnavailableError, match="send the same again to go on"):
            watch(stream, process.terminate)
        assert stream.committed_offset > 0

"""Clients that go on by themselves, whatever happens to the connection or the server: the caller sees nothing of it."""

import asyncio
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import grpc
import pytest
from items import plain_rejection
from proxy import proxy_to
from scenarios import FAULTS, RLE
from serving import IMAGES, running_server, small_truth

from pixret.client import AsyncClient, Client, ClientError, ConflictError, ServerUnavailableError
from pixret.metrics import NO_MASK, Accumulator, Polygons, Prediction, report_bytes

DISTRACTORS = 5000
JUDGED = [Prediction(query, image, RLE, score=0.5) for query in range(3) for image in range(len(IMAGES))]
FAULTY = [item for item, _ in FAULTS.values() if not isinstance(getattr(item, "region", None), Polygons)]
TAIL = [Prediction(1, image, NO_MASK, score=0.1) for image in range(len(IMAGES), DISTRACTORS)]
ITEMS = [*JUDGED, *FAULTY, *TAIL[:1500], *FAULTY, *TAIL[1500:3000]]


@pytest.fixture(scope="module")
def whole():
    """The report of all items in one piece, and its rejections."""
    accumulator = Accumulator(small_truth(), distractors=DISTRACTORS)
    accumulator.add(ITEMS)
    return report_bytes(accumulator), [*map(plain_rejection, accumulator.rejections)]


def disturbed(act, *, every=300):
    """The items; every so often something happens."""
    for at, item in enumerate(ITEMS):
        if at % every == every - 1:
            act()
        yield item


async def disturbed_async(act, *, every=300):
    """The same for asyncio."""
    for at, item in enumerate(ITEMS):
        if at % every == every - 1:
            await asyncio.to_thread(act)
        yield item


def resetting(proxy):
    """What resets all connections, and waits until the client has come back."""

    def reset():
        before = proxy.connections
        proxy.reset()
        until = time.monotonic() + 10
        while proxy.connections == before and time.monotonic() < until:
            time.sleep(0.005)

    return reset


def run(client, items):
    """Score as a caller does who knows of no faults."""
    session = client.create_session("small", distractors=DISTRACTORS).name
    stream = client.stream(session, items, batch_items=20)
    stream.run()
    report = client.finalize(session, received=stream.committed_offset, chain_digest=stream.chain_digest)
    return report.content, [*map(plain_rejection, stream.rejections)]


async def run_async(client, items):
    session = (await client.create_session("small", distractors=DISTRACTORS)).name
    stream = client.stream(session, items, batch_items=20)
    await stream.run()
    report = await client.finalize(session, received=stream.committed_offset, chain_digest=stream.chain_digest)
    return report.content, [*map(plain_rejection, stream.rejections)]


@contextmanager
def proxied(**config):
    with running_server(small_truth(), **config) as address, proxy_to(int(address.rpartition(":")[2])) as proxy:
        yield proxy


@pytest.mark.slow
def test_connections_that_are_reset_again_and_again_change_nothing(whole):
    with proxied() as proxy, Client(proxy.address) as client:
        assert run(client, disturbed(resetting(proxy))) == whole
        assert proxy.connections > 5


@pytest.mark.slow
async def test_connections_that_are_reset_change_nothing_with_asyncio(whole):
    with proxied() as proxy:
        async with AsyncClient(proxy.address) as client:
            assert await run_async(client, disturbed_async(resetting(proxy))) == whole
        assert proxy.connections > 5


@pytest.mark.slow
def test_a_slow_connection_in_pieces_changes_nothing(whole):
    with proxied() as proxy, Client(proxy.address) as client:
        proxy.delay, proxy.piece = 0.001, 1000
        assert run(client, ITEMS) == whole


@pytest.mark.slow
def test_a_connection_that_is_dead_without_a_word_is_given_up(whole):
    def freeze_once():
        nonlocal is_frozen
        if not is_frozen:
            proxy.freeze()
        is_frozen = True

    is_frozen = False
    with proxied() as proxy, Client(proxy.address) as client:
        assert run(client, disturbed(freeze_once)) == whole
        assert proxy.connections > 1


@contextmanager
def restarting(mother, state):
    """A server, and what kills it and bears the next one; that takes a moment, in which nobody is there."""
    lives = [mother.bear(state)]

    def restart():
        lives[-1].end()
        assert lives[-1].is_over()
        lives.append(mother.bear(state))

    yield lives[0].address, restart
    lives[-1].end()


def test_a_server_that_is_killed_and_comes_back_changes_nothing(mother, state, whole):
    with restarting(mother, state) as (address, restart), Client(address) as client:
        assert run(client, disturbed(restart, every=600)) == whole


@pytest.mark.slow
async def test_a_server_that_is_killed_and_comes_back_changes_nothing_with_asyncio(mother, state, whole):
    with restarting(mother, state) as (address, restart):
        async with AsyncClient(address) as client:
            assert await run_async(client, disturbed_async(restart, every=600)) == whole


@pytest.mark.slow
def test_unary_calls_wait_for_the_server_too(mother, state):
    with restarting(mother, state) as (address, restart), Client(address) as client:
        session = client.create_session("small", request_id="one")
        restart()
        assert client.create_session("small", request_id="one") == session
        restart()
        assert client.append(session.name, JUDGED).rejections == ()
        restart()
        report = client.finalize(session.name, received=len(JUDGED))
        restart()
        assert client.finalize(session.name, received=len(JUDGED)) == report
        restart()
        client.delete_session(session.name)


@pytest.mark.slow
def test_a_server_that_forgot_is_told_apart_from_one_that_is_away(mother, tmp_path):
    life = mother.bear(str(tmp_path / "first"))
    with Client(life.address) as client:
        session = client.create_session("small").name
        life.end()
        assert life.is_over()
        life = mother.bear(str(tmp_path / "second"))
        with pytest.raises(ClientError) as caught:
            client.stream(session, JUDGED).run()
        assert caught.value.code is grpc.StatusCode.NOT_FOUND
    life.end()


def test_what_cannot_be_helped_by_trying_again_surfaces_at_once(mother, state):
    life = mother.bear(state)
    with Client(life.address, retry_timeout=1000) as client:
        with pytest.raises(ClientError, match="no session"):
            client.session("sessions/none")
        session = client.create_session("small").name
        client.append(session, JUDGED)
        with pytest.raises(ConflictError, match="item_count is 1, and the server has 27"):
            client.finalize(session, received=1)
        with pytest.raises(ConflictError, match="the session holds other items"):
            client.finalize(session, received=len(JUDGED), chain_digest=bytes(32))
    life.end()


async def test_a_session_that_holds_other_items_is_noticed_before_anything_is_sent(mother, state):
    life = mother.bear(state)
    other = [*JUDGED[:9], JUDGED[10], *JUDGED[10:]]
    message = "the session holds other items below offset 20; send the same, or begin another session"
    with Client(life.address) as client:
        session = client.create_session("small").name
        client.append(session, JUDGED[:20])
        with pytest.raises(ConflictError, match=message):
            client.stream(session, other).run()
        async with AsyncClient(life.address) as async_client:
            with pytest.raises(ConflictError, match=message):
                await async_client.stream(session, other).run()
        assert client.session(session).committed_offset == 20
        stream = client.stream(session, JUDGED)
        stream.run()
        client.finalize(session, received=27, chain_digest=stream.chain_digest)
    life.end()


def test_patience_ends(mother, state):
    life = mother.bear(state)
    with Client(life.address, retry_timeout=0.5) as client:
        client.benchmarks()
        life.end()
        assert life.is_over()
        with pytest.raises(
            ServerUnavailableError, match=f"scoring server {life.address}: .*; check that it runs there"
        ):
            client.create_session("small")


def test_patience_of_a_stream_ends_too(mother, state):
    life = mother.bear(state)

    def source():
        life.end()
        yield from JUDGED

    with Client(life.address, retry_timeout=0.5) as client:
        stream = client.stream(client.create_session("small").name, source())
        with pytest.raises(ServerUnavailableError, match=f"scoring server {life.address}: "):
            stream.run()


def test_a_server_that_is_far_away_is_reached():
    with proxied() as proxy, Client(proxy.address) as client:
        proxy.delay = 0.3  # at every step of the handshake, as of a long way or a machine that is busy
        assert [benchmark.name for benchmark in client.benchmarks()] == ["small"]


def slow_source(act):
    """Items after a pause that is longer than any patience here, at whose end something happens."""
    time.sleep(1.2)
    act()
    yield from JUDGED


@pytest.mark.parametrize("asynchronous", [False, True], ids=["blocking", "asyncio"])
async def test_a_source_that_takes_its_time_uses_up_no_patience(asynchronous):
    with proxied() as proxy:
        reset = resetting(proxy)
        async with AsyncClient(proxy.address, retry_timeout=1) as client:
            session = (await client.create_session("small")).name
            if asynchronous:
                stream = client.stream(session, in_a_thread(slow_source(reset)), batch_items=3)
                await stream.run()
            else:
                with Client(proxy.address, retry_timeout=1) as blocking:
                    stream = blocking.stream(session, slow_source(reset), batch_items=3)
                    await asyncio.to_thread(stream.run)
        assert stream.committed_offset == len(JUDGED)
        assert proxy.connections > 1


async def in_a_thread(items):
    while (item := await asyncio.to_thread(next, items, None)) is not None:
        yield item


def test_a_server_that_never_answered_is_not_waited_for():
    with Client("127.0.0.1:1", retry_timeout=1000) as client, pytest.raises(ServerUnavailableError):
        client.benchmarks()


@pytest.mark.parametrize("timeout", [-1, float("nan")])
def test_a_patience_that_is_none_is_refused(timeout):
    with pytest.raises(ValueError, match="retry_timeout must not be negative"):
        Client("127.0.0.1:1", retry_timeout=timeout)


SENDER = """
import sys, time
from test_resuming import ITEMS
from pixret.client import Client

def slowly():
    for item in ITEMS:
        time.sleep(0.0005)
        yield item

with Client(sys.argv[1]) as client:
    print("sending", flush=True)
    client.stream(sys.argv[2], slowly(), batch_items=20).run()
"""


@pytest.mark.slow
def test_a_client_that_is_killed_is_gone_on_with_by_the_next(mother, state, whole):
    life = mother.bear(state)
    path = ":".join([str(Path(__file__).parent), str(Path(__file__).parents[1] / "support")])
    with Client(life.address) as client:
        session = client.create_session("small", distractors=DISTRACTORS).name
        for _ in range(2):
            command = [sys.executable, "-c", SENDER, life.address, session]
            with subprocess.Popen(command, stdout=subprocess.PIPE, env={"PYTHONPATH": path}) as process:
                process.stdout.readline()
                time.sleep(0.2)
                process.kill()
        stream = client.stream(session, ITEMS, batch_items=33)
        stream.run()
        digest = stream.chain_digest
        assert client.finalize(session, received=len(ITEMS), chain_digest=digest).content == whole[0]
    life.end()


@pytest.mark.slow
def test_a_server_that_is_told_to_stop_drains_and_exits_and_the_next_goes_on(mother, state, whole):
    lives, births = [mother.bear(state)], []

    def hand_over():
        lives[-1].end(signal.SIGTERM)
        births.append(threading.Thread(target=bear_the_next, args=[len(lives)]))
        births[-1].start()

    def bear_the_next(number):
        assert lives[number - 1].is_over()
        lives.append(mother.bear(state))

    with Client(lives[0].address) as client:
        assert run(client, disturbed(hand_over, every=2000)) == whole
    for birth in births:  # which may outlast the run, since a server finishes what it has
        birth.join(30)
    lives[-1].end()


@pytest.mark.slow
async def test_a_stream_that_is_cancelled_every_few_messages_loses_nothing(mother, state, whole):
    life = mother.bear(state)
    async with AsyncClient(life.address) as client:
        session = (await client.create_session("small", distractors=DISTRACTORS)).name
        for _ in range(25):
            sending = asyncio.ensure_future(client.stream(session, ITEMS, batch_items=10).run())
            await asyncio.sleep(0.05)
            sending.cancel()
            await asyncio.wait([sending])
        stream = client.stream(session, ITEMS)
        await stream.run()
        report = await client.finalize(session, received=len(ITEMS), chain_digest=stream.chain_digest)
        assert report.content == whole[0]
    life.end()

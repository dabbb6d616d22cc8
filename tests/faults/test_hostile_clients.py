"""Clients that dawdle, stop in the middle or crowd: they harm nobody but themselves."""

import asyncio
import threading
from contextlib import AsyncExitStack, contextmanager

import grpc
import pytest
from proxy import proxy_to
from scenarios import RLE
from serving import IMAGES, running_server, small_truth

from pixret.client import AsyncClient, Client, ClientError
from pixret.metrics import Accumulator, Prediction, report_bytes
from pixret.scoring.v1 import scoring_pb2 as pb
from pixret.scoring.v1.scoring_pb2_grpc import ScoringServiceStub
from pixret.service import open_journal

JUDGED = [Prediction(query, image, RLE, score=0.5) for query in range(3) for image in range(len(IMAGES))]


@contextmanager
def serving(state, **config):
    with running_server(small_truth(), journal=open_journal(state), **config) as address:
        yield address


def whole_report():
    accumulator = Accumulator(small_truth())
    accumulator.add(JUDGED)
    return report_bytes(accumulator)


@pytest.mark.parametrize("vice", ["a byte at a time", "stops in the middle of a message"])
def test_others_are_served_beside_a_client_that_dawdles_and_its_session_can_be_taken_over(state, vice):
    with (
        serving(state) as address,
        proxy_to(int(address.rpartition(":")[2])) as proxy,
        Client(address) as honest,
        Client(proxy.address, retry_timeout=0) as bad,
    ):
        session = bad.create_session("small").name
        if vice == "a byte at a time":
            proxy.delay, proxy.piece = 0.2, 1
        else:
            proxy.allowance = 700
        outcome = []
        dawdling = threading.Thread(target=lambda: outcome.append(fault_of(bad.stream(session, JUDGED))))
        dawdling.start()
        assert honest.score("small", JUDGED).content == whole_report()
        stream = honest.stream(session, JUDGED)
        stream.run()
        report = honest.finalize(session, received=len(JUDGED), chain_digest=stream.chain_digest)
        assert report.content == whole_report()
        proxy.delay, proxy.piece = 0.0, 65536
        proxy.reset()
        dawdling.join(30)
        assert outcome[0] is not None


def fault_of(stream):
    """What a stream ends with, if it fails."""
    try:
        stream.run()
    except ClientError as error:
        return error
    return None


@pytest.mark.slow
async def test_a_thousand_idle_streams_are_in_nobodys_way(state):
    with serving(state, max_sessions=2000) as address:
        async with AsyncExitStack() as stack:
            channels = [await stack.enter_async_context(grpc.aio.insecure_channel(address, _OWN)) for _ in range(10)]
            stubs = [ScoringServiceStub(channel) for channel in channels]
            idle = [await attach(stubs[number % 10]) for number in range(1000)]
            async with AsyncClient(address) as client:
                assert (await client.score("small", JUDGED)).content == whole_report()
            batch = pb.StreamPredictionsRequest(flush=pb.Flush(tag="still there"))
            await asyncio.gather(*(call.write(batch) for call in idle))
            for call in idle:
                while not (message := await call.read()).HasField("snapshot"):
                    pass
                assert message.snapshot.flush_tag == "still there"
                call.cancel()


_OWN = [("grpc.use_local_subchannel_pool", 1)]  # a connection for each channel


async def attach(stub):
    """A stream that is attached to a session of its own, and idle."""
    created = await stub.CreateSession(pb.CreateSessionRequest(benchmark="benchmarks/small"))
    call = stub.StreamPredictions()
    await call.write(pb.StreamPredictionsRequest(attach=pb.Attach(session=created.session.name)))
    assert (await call.read()).HasField("attached")
    return call

"""What spans tell of calls that fail and of batches that wait for others."""

import asyncio

import grpc
import pytest
from collector import attributes, running_collector
from service_kit import Stream, append, failing, make_truth, new_session, submission

from pixret.scoring.v1 import scoring_pb2 as pb
from pixret.scoring.v1.scoring_pb2_grpc import ScoringServiceStub
from pixret.service import Server, ServiceConfig
from pixret.service._errors import MeasuringError

APPEND = "pixret.scoring.v1.ScoringService/AppendPredictions"


@pytest.fixture
def collector():
    with running_collector() as running:
        yield running


@pytest.fixture
def config(collector):
    return ServiceConfig(workers=1, grace=1.0, traces=collector.endpoint)


async def test_a_call_that_the_server_fails_has_failed_in_its_trace(server, stub, collector, monkeypatch):
    async def fail(jobs):
        raise MeasuringError("a worker died")

    session = await new_session(stub)
    monkeypatch.setattr(server._measurer, "measure", fail)
    assert (await failing(append(stub, session, 0, submission()))).code() is grpc.StatusCode.INTERNAL
    await server.stop()
    [call] = collector.named(APPEND)
    [batch] = collector.below(call)
    [measure] = collector.below(batch)
    assert {span.status.code for span in (call, batch, measure)} == {call.status.STATUS_CODE_ERROR}
    assert attributes(call)["error.type"] == "INTERNAL"
    assert not call.events  # nor stack traces


async def test_a_batch_that_waits_for_those_before_it_is_committed_with_them(server, stub, collector, monkeypatch):
    measure, measured = server._measurer.measure, asyncio.Event()

    async def measure_the_first_last(jobs):
        outcomes = await measure(jobs)
        await measured.wait() if len(jobs) == 20 else measured.set()
        return outcomes

    session = await new_session(stub)
    monkeypatch.setattr(server._measurer, "measure", measure_the_first_last)
    stream = Stream(stub, session)
    await stream.attach()
    await stream.send(0, submission()[:20])
    await stream.send(20, submission()[20:])
    await stream.ack(48)
    await stream.rest()
    await server.stop()
    first, second = sorted(collector.named("batch"), key=lambda span: attributes(span)["pixret.offset"])
    (_, first_commit), (second_measure, second_commit) = collector.below(first), collector.below(second)
    assert second_measure.end_time_unix_nano <= first_commit.start_time_unix_nano
    assert second_commit.end_time_unix_nano > first_commit.start_time_unix_nano
    assert first.trace_id == second.trace_id


async def test_each_server_traces_for_itself(server, stub, collector):
    async with Server([make_truth()]) as silent, grpc.aio.insecure_channel(silent.address) as channel:
        await ScoringServiceStub(channel).ListBenchmarks(pb.ListBenchmarksRequest())
    await server.stop()
    assert collector.spans == []

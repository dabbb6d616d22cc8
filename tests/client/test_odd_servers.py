"""Streams to servers that keep to the contract in ways that ours does not."""

import asyncio
import time

import grpc
from answering import answering
from scenarios import RLE
from serving import IMAGES

from pixret.client import AsyncClient, Client
from pixret.metrics import Prediction
from pixret.scoring.v1 import scoring_pb2 as pb
from pixret.scoring.v1.scoring_pb2_grpc import ScoringServiceServicer

ITEMS = [Prediction(query, image, RLE, score=0.5) for query in range(3) for image in range(len(IMAGES))]


class Disorderly(ScoringServiceServicer):
    """A server that says what it has to say when nobody expects it, and notes the offsets of what it gets."""

    def __init__(self):
        self.offsets = []

    def StreamPredictions(self, requests, context):  # noqa: ARG002, N802, gRPC names them
        assert next(requests).HasField("attach")
        yield pb.StreamPredictionsResponse(drain=pb.Drain())
        time.sleep(0.1)
        yield pb.StreamPredictionsResponse(attached=pb.Attached(session=pb.Session(name="sessions/one")))
        for request in requests:
            self.offsets += range(request.batch.offset, request.batch.offset + len(request.batch.items))
            if request.HasField("flush"):
                yield pb.StreamPredictionsResponse(ack=pb.Ack(committed_offset=len(self.offsets)))
                yield pb.StreamPredictionsResponse(snapshot=pb.Snapshot(accepted_count=27, flush_tag=request.flush.tag))
                yield pb.StreamPredictionsResponse(snapshot=pb.Snapshot(accepted_count=3))


async def test_messages_in_an_order_that_nobody_expects_confuse_no_stream():
    servicer = Disorderly()
    with answering(servicer) as address:
        with Client(address, retry_timeout=0) as client:
            await asyncio.to_thread(client.stream("sessions/one", ITEMS, batch_items=4).run)
        async with AsyncClient(address, retry_timeout=0) as client:
            await client.stream("sessions/one", ITEMS, batch_items=4).run()
    assert servicer.offsets == [*range(27), *range(27)]


class Forgetful(ScoringServiceServicer):
    """A server that goes away when it has told what it refused, and acknowledges it only when it comes again."""

    def __init__(self):
        self.calls = 0

    def StreamPredictions(self, requests, context):  # noqa: N802, the name is gRPC's
        self.calls += 1
        assert next(requests).HasField("attach")
        yield pb.StreamPredictionsResponse(attached=pb.Attached(session=pb.Session(name="sessions/one")))
        assert len(next(requests).batch.items) == len(ITEMS)
        refused = [pb.Rejection(offset=offset, reason=pb.REJECTION_REASON_DUPLICATE) for offset in (3, 7)]
        yield pb.StreamPredictionsResponse(rejections=pb.Rejections(rejections=refused))
        if self.calls % 2:
            context.abort(grpc.StatusCode.UNAVAILABLE, "gone")
        tag = next(requests).flush.tag
        yield pb.StreamPredictionsResponse(ack=pb.Ack(committed_offset=len(ITEMS)))
        yield pb.StreamPredictionsResponse(snapshot=pb.Snapshot(accepted_count=len(ITEMS), flush_tag=tag))


async def test_a_rejection_that_comes_again_counts_once():
    with answering(Forgetful()) as address:
        with Client(address) as client:
            stream = client.stream("sessions/one", ITEMS)
            await asyncio.to_thread(stream.run)
            assert [rejection.offset for rejection in stream.rejections] == [3, 7]
        async with AsyncClient(address) as client:
            again = client.stream("sessions/one", ITEMS)
            await again.run()
            assert [rejection.offset for rejection in again.rejections] == [3, 7]

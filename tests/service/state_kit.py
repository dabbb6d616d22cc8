"""Servers on a state, items of every kind for them, and what is asked of both."""

from contextlib import asynccontextmanager, contextmanager

import grpc
from service_kit import make_truth, prediction, rle, submission

from pixret.metrics import Accumulator, report_bytes
from pixret.scoring import CHAIN_START, canonical_bytes, extend_chain, item_digest
from pixret.scoring.v1 import scoring_pb2 as pb
from pixret.scoring.v1.scoring_pb2_grpc import ScoringServiceStub
from pixret.service import Server, ServiceConfig, open_journal
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

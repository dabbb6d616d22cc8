"""A small benchmark made on the spot, items for it, and words for what a client does."""

import asyncio
import socket
from collections.abc import Iterable, Sequence

import grpc
import numpy as np
import pytest
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2

from pixret.metrics import GroundTruth, JudgedPair, Label, Level, Mask
from pixret.scoring.v1 import scoring_pb2 as pb
from pixret.scoring.v1.scoring_pb2_grpc import ScoringServiceStub

HEIGHT, WIDTH = 48, 64
QUERIES, IMAGES = 4, 12


def square(x: float, y: float, side: float) -> np.ndarray:
    return np.array([[x, y], [x + side, y], [x + side, y + side], [x, y + side]], np.float64)


def make_truth(benchmark: str = "tiny", queries: int = QUERIES, images: int = IMAGES) -> GroundTruth:
    """Per query: images 0-3 easy, 4-6 hard, 7 junk, the others not judged."""
    pairs = []
    for query in range(queries):
        for image in range(8):
            level = Level.EASY if image < 4 else Level.HARD if image < 7 else Level.JUNK
            outline = square(4 + image, 5 + query, 20)
            label = None
            if level is not Level.JUNK:
                label = Label(Mask.from_polygons([outline], HEIGHT, WIDTH), (outline,))
            pairs.append(JudgedPair(query, image, level, label))
    return GroundTruth(
        benchmark,
        tuple(f"q{i}" for i in range(queries)),
        tuple(f"i{i}" for i in range(images)),
        tuple(pairs),
    )


def rle(x: float = 6, y: float = 6, side: float = 18) -> pb.RleMask:
    mask = Mask.from_polygons([square(x, y, side)], HEIGHT, WIDTH)
    return pb.RleMask(height=HEIGHT, width=WIDTH, counts=mask.counts)


def prediction(query: int, image: int, *, score: float | None = None, mask: pb.RleMask | None = None) -> pb.Item:
    value = 1 - image / 100 if score is None else score
    return pb.Item(
        prediction=pb.Prediction(
            query=pb.ImageRef(index=query),
            image=pb.ImageRef(id=f"i{image}"),
            score=value,
            rle=mask or rle(3 + image, 6),
        )
    )


def submission() -> list[pb.Item]:
    """A sound prediction for every pair."""
    return [prediction(query, image) for query in range(QUERIES) for image in range(IMAGES)]


class Stream:
    """One call of StreamPredictions, with a word for every thing a client does."""

    def __init__(self, stub: ScoringServiceStub, session: str = "") -> None:
        self.call = stub.StreamPredictions()
        self.session = session

    async def attach(self, interval: float | None = None) -> pb.Attached:
        attach = pb.Attach(session=self.session)
        if interval is not None:
            attach.snapshot_interval.FromNanoseconds(int(interval * 1e9))
        await self.call.write(pb.StreamPredictionsRequest(attach=attach))
        return (await self.receive("attached")).attached

    async def send(self, offset: int, items: Iterable[pb.Item]) -> None:
        await self.call.write(pb.StreamPredictionsRequest(batch=pb.ItemBatch(offset=offset, items=items)))

    async def flush(self, tag: str = "") -> None:
        await self.call.write(pb.StreamPredictionsRequest(flush=pb.Flush(tag=tag)))

    async def receive(self, *kinds: str) -> pb.StreamPredictionsResponse:
        """The next message, of one of the kinds when some are named: others are passed over."""
        async with asyncio.timeout(20):
            while True:
                message = await self.call.read()
                assert message is not grpc.aio.EOF, await self.call.code()
                if not kinds or message.WhichOneof("message") in kinds:
                    return message

    async def ack(self, offset: int) -> pb.Ack:
        """The first ack that reaches the offset."""
        while (ack := (await self.receive("ack")).ack).committed_offset < offset:
            pass
        return ack

    async def rest(self) -> list[pb.StreamPredictionsResponse]:
        """Half-close, and everything that still comes."""
        await self.call.done_writing()
        async with asyncio.timeout(20):
            messages = []
            while (message := await self.call.read()) is not grpc.aio.EOF:
                messages.append(message)
            return messages

    async def failure(self) -> grpc.aio.AioRpcError:
        """Read until the stream fails."""
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await self._read_out()
        return caught.value

    async def _read_out(self) -> None:
        async with asyncio.timeout(20):
            while await self.call.read() is not grpc.aio.EOF:
                pass
            await self.call


def details(error: grpc.aio.AioRpcError) -> dict[str, Message]:
    """The google.rpc details of a status, by the name of their type; code and message are checked to agree."""
    data = dict([*error.trailing_metadata()])["grpc-status-details-bin"]
    status = status_pb2.Status.FromString(data)
    assert (status.code, status.message) == (error.code().value[0], error.details())
    found = {}
    for packed in status.details:
        name = packed.type_url.rpartition(".")[2]
        found[name] = getattr(error_details_pb2, name)()
        packed.Unpack(found[name])
    return found


async def failing(call: grpc.aio.Call) -> grpc.aio.AioRpcError:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    return caught.value


async def new_session(stub: ScoringServiceStub, **fields: object) -> str:
    response = await stub.CreateSession(pb.CreateSessionRequest(benchmark="benchmarks/tiny", **fields))
    return response.session.name


async def append(stub: ScoringServiceStub, session: str, offset: int, items: Sequence[pb.Item]) -> object:
    batch = pb.ItemBatch(offset=offset, items=items)
    return await stub.AppendPredictions(pb.AppendPredictionsRequest(session=session, batch=batch))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]

"""The client for asyncio."""

import asyncio
import uuid
from collections.abc import AsyncIterable, AsyncIterator
from types import TracebackType
from typing import Any, Self, TypeVar

import grpc
import grpc.aio

from pixret.client import _calls
from pixret.client._access import Metadata, Tls, authorization
from pixret.client._conversation import BATCH_ITEMS, CHANNEL_OPTIONS, Batcher, Conversation
from pixret.client._errors import client_error
from pixret.client._records import BenchmarkInfo, Report, SessionInfo
from pixret.client._sources import Source, as_submission
from pixret.metrics import Item, Rejection, Snapshot
from pixret.scoring.v1 import scoring_pb2 as pb
from pixret.scoring.v1.scoring_pb2_grpc import ScoringServiceStub

T = TypeVar("T")


class AsyncClient:
    """Speaks to one scoring server from asyncio; the counterpart of `Client`, method by method.

    Use it in an ``async with`` block, or `close` it. Predictions may come from an asynchronous iterable too.
    """

    def __init__(
        self, address: str, *, tls: Tls | None = None, token: str | None = None, timeout: float = 60.0
    ) -> None:
        self._address = address
        self._timeout = timeout
        self._metadata = authorization(address, token, tls)
        self._channel = (
            grpc.aio.insecure_channel(address, CHANNEL_OPTIONS)
            if tls is None
            else grpc.aio.secure_channel(address, tls.credentials(), CHANNEL_OPTIONS)
        )
        self._stub: Any = ScoringServiceStub(self._channel)

    async def benchmarks(self) -> list[BenchmarkInfo]:
        """All benchmarks of the server, without names."""
        return await self._invoke(_calls.list_benchmarks())

    async def benchmark(self, benchmark: str, *, names: bool = False) -> BenchmarkInfo:
        """One benchmark, with the names of its queries and index images if asked."""
        return await self._invoke(_calls.get_benchmark(benchmark, names=names))

    async def create_session(
        self, benchmark: str, *, distractors: int = 0, request_id: str | None = None, display_name: str = ""
    ) -> SessionInfo:
        """Open a session. The same `request_id` finds the same session again."""
        request_id = request_id or str(uuid.uuid4())
        return await self._invoke(_calls.create_session(benchmark, distractors, request_id, display_name))

    async def session(self, session: str) -> SessionInfo:
        """A session as it stands."""
        return await self._invoke(_calls.get_session(session))

    async def sessions(self) -> AsyncIterator[SessionInfo]:
        """All sessions, oldest first."""
        token = ""
        while True:
            page, token = await self._invoke(_calls.list_sessions(token))
            for session in page:
                yield session
            if not token:
                return

    async def delete_session(self, session: str) -> None:
        """Forget a session."""
        await self._invoke(_calls.delete_session(session))

    def stream(
        self,
        session: str,
        predictions: Source | AsyncIterable[Item],
        *,
        snapshot_interval: float | None = None,
        batch_items: int = BATCH_ITEMS,
    ) -> "AsyncPredictionStream":
        """Send predictions; iterate over the result for the snapshots that come back. See `Client.stream`."""
        conversation = Conversation(session, snapshot_interval, batch_items)
        return AsyncPredictionStream(self._stub, self._address, self._metadata, conversation, _as_async(predictions))

    async def append(
        self, session: str, predictions: Source | AsyncIterable[Item], *, batch_items: int = BATCH_ITEMS
    ) -> list[Rejection]:
        """Send predictions by unary calls, behind what the session holds; return the rejections among them."""
        rejections: list[Rejection] = []
        batcher = Batcher((await self.session(session)).committed_offset, batch_items)
        async for batch in _batches(batcher, _as_async(predictions)):
            refused = await self._invoke(_calls.append_predictions(session, batch))
            rejections.extend(refused)
        return rejections

    async def snapshot(self, session: str) -> Snapshot:
        """The metrics of what a session has received."""
        return await self._invoke(_calls.get_snapshot(session))

    async def rejections(self, session: str) -> AsyncIterator[Rejection]:
        """All refused items of a session, by offset."""
        token = ""
        while True:
            page, token = await self._invoke(_calls.list_rejections(session, token))
            for rejection in page:
                yield rejection
            if not token:
                return

    async def finalize(self, session: str, *, received: int) -> Report:
        """Close a session that has received so many items, and return its report."""
        return await self._invoke(_calls.finalize_session(session, received))

    async def score(
        self,
        benchmark: str,
        predictions: Source | AsyncIterable[Item],
        *,
        distractors: int = 0,
        display_name: str = "",
    ) -> Report:
        """Score a whole submission: open a session, stream, finalize, and leave nothing behind."""
        if not isinstance(predictions, AsyncIterable):
            predictions = as_submission(predictions)
            distractors = distractors or predictions.distractors
        session = await self.create_session(benchmark, distractors=distractors, display_name=display_name)
        stream = self.stream(session.name, predictions)
        await stream.run()
        report = await self.finalize(session.name, received=stream.committed_offset)
        await self.delete_session(session.name)
        return report

    async def close(self) -> None:
        """Close the connection."""
        await self._channel.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _invoke(self, call: _calls.Call[T]) -> T:
        try:
            response = await getattr(self._stub, call.rpc)(call.request, timeout=self._timeout, metadata=self._metadata)
        except grpc.RpcError as error:
            raise client_error(error, self._address) from None
        return call.decode(response)


class AsyncPredictionStream:
    """Predictions on their way: iterate for snapshots, of which the last covers everything, or `run` to the end.

    It runs once, like `PredictionStream`, and can be gone on with in the same way.
    """

    def __init__(
        self, stub: Any, address: str, metadata: Metadata, conversation: Conversation, items: AsyncIterable[Item]
    ) -> None:
        self._stub = stub
        self._address = address
        self._metadata = metadata
        self._conversation = conversation
        self._items = items
        self._attached = asyncio.Event()
        self._source_error: Exception | None = None

    @property
    def committed_offset(self) -> int:
        """Every item below is durable and has one outcome."""
        return self._conversation.committed_offset

    @property
    def rejections(self) -> list[Rejection]:
        """Items that were refused while this stream ran."""
        return self._conversation.rejections

    async def run(self) -> Snapshot:
        """Send everything and return the last snapshot."""
        return [snapshot async for snapshot in self][-1]

    async def __aiter__(self) -> AsyncIterator[Snapshot]:
        first = self._conversation.begin()
        call = self._stub.StreamPredictions()
        sending = asyncio.create_task(self._send(call, first))
        try:
            async for response in call:
                snapshot = self._conversation.receive(response)
                self._attached.set()
                if snapshot is not None:
                    yield snapshot
        except grpc.RpcError as error:
            raise client_error(error, self._address) from None
        finally:
            sending.cancel()
            await asyncio.wait([sending])
            call.cancel()
        if self._source_error is not None:
            raise self._source_error
        self._conversation.check_complete()

    async def _send(self, call: Any, first: pb.StreamPredictionsRequest) -> None:
        """Send everything; what the source raises ends the stream and is kept for the caller."""
        if not await _write(call, first):
            return
        await self._attached.wait()
        try:
            remaining = _skip(self._items, self._conversation.committed_offset)
            async for batch in _batches(self._conversation.batcher(), remaining):
                if not await _write(call, pb.StreamPredictionsRequest(batch=batch)):
                    return
            await _write(call, self._conversation.flush())
        except Exception as error:  # noqa: BLE001 - it is the caller's own, and raised where the caller waits
            self._source_error = error
        await call.done_writing()


async def _write(call: Any, message: pb.StreamPredictionsRequest) -> bool:
    """Write, or return False when the stream is broken, of which the reader tells the caller why."""
    try:
        await call.write(message)
    except (grpc.RpcError, asyncio.InvalidStateError):
        return False
    return True


async def _as_async(source: Source | AsyncIterable[Item]) -> AsyncIterator[Item]:
    if isinstance(source, AsyncIterable):
        async for item in source:
            yield item
    else:
        for item in as_submission(source):
            yield item


async def _skip(items: AsyncIterable[Item], count: int) -> AsyncIterator[Item]:
    async for item in items:
        if count:
            count -= 1
        else:
            yield item


async def _batches(batcher: Batcher, items: AsyncIterable[Item]) -> AsyncIterator[pb.ItemBatch]:
    async for item in items:
        if (full := batcher.add(item)) is not None:
            yield full
    if (last := batcher.rest()) is not None:
        yield last

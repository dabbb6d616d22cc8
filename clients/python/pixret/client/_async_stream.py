"""A stream of predictions for asyncio."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable
from contextlib import aclosing
from typing import Any

import grpc

from pixret.client._backlog import Batcher
from pixret.client._conversation import Conversation
from pixret.client._errors import ServerUnavailableError, client_error
from pixret.client._patience import Patience
from pixret.client._sources import Source, as_submission
from pixret.metrics import Item, Rejection, Snapshot
from pixret.scoring.v1 import scoring_pb2 as pb


class AsyncPredictionStream:
    """Predictions on their way: iterate for snapshots, of which the last covers everything, or `run` to the end.

    It runs once, like `PredictionStream`, goes on by itself, and can be gone on with in the same way.
    """

    def __init__(
        self,
        call: Callable[..., Any],
        address: str,
        patience: Patience,
        conversation: Conversation,
        items: AsyncIterable[Item],
    ) -> None:
        self._open = call
        self._address = address
        self._patience = patience
        self._conversation = conversation
        self._items = items
        self._changed = asyncio.Condition()
        self._reading: asyncio.Task[None] | None = None
        self._is_exhausted = False
        self._source_error: Exception | None = None

    @property
    def committed_offset(self) -> int:
        """Every item below is durable and has one outcome."""
        return self._conversation.committed_offset

    @property
    def chain_digest(self) -> bytes:
        """Digest of the predictions so far, which `AsyncClient.finalize` compares with the server's."""
        return self._conversation.batcher.continuation.chain

    @property
    def rejections(self) -> list[Rejection]:
        """Items that were refused while this stream ran."""
        return self._conversation.rejections

    async def run(self) -> Snapshot:
        """Send everything and return the last snapshot."""
        return [snapshot async for snapshot in self][-1]

    async def __aiter__(self) -> AsyncIterator[Snapshot]:
        self._conversation.begin()
        try:
            while not self._conversation.is_complete and self._source_error is None:
                async for attempt in self._patience.async_retrying():
                    with attempt:
                        async with aclosing(self._converse()) as snapshots:
                            async for snapshot in snapshots:
                                yield snapshot
        finally:
            await _end(self._reading)
        if self._source_error is not None:
            raise self._source_error

    async def _converse(self) -> AsyncGenerator[Snapshot, None]:
        """One call to its end; one that broke after it got on is no failed try, so that patience begins anew.

        So it does when a call broke that had nothing to get on with, since its source takes its time.
        """
        began_at, attachments = self._conversation.committed_offset, self._conversation.attachments
        try:
            async with aclosing(self._listen()) as snapshots:
                async for snapshot in snapshots:
                    yield snapshot
            if self._source_error is None:
                self._conversation.check_complete()
        except ServerUnavailableError as error:
            if self._source_error is not None:
                return  # there is nothing more to send, and the caller is to know why
            if self._conversation.attachments > attachments and self._is_idle:
                self._patience.renew()
            if self._conversation.committed_offset == began_at or not self._patience.is_transient(error):
                raise

    @property
    def _is_idle(self) -> bool:
        return self._conversation.backlog.is_empty and not self._is_exhausted

    async def _listen(self) -> AsyncGenerator[Snapshot, None]:
        call = self._open()
        attached = asyncio.Event()
        sending = asyncio.create_task(self._send(call, attached))
        try:
            async for response in call:
                snapshot = await self._hear(response)
                if response.HasField("attached"):
                    attached.set()
                if snapshot is not None:
                    yield snapshot
        except grpc.RpcError as error:
            raise client_error(error, self._address) from None
        finally:
            await _end(sending)
            call.cancel()

    async def _hear(self, response: pb.StreamPredictionsResponse) -> Snapshot | None:
        async with self._changed:
            snapshot = self._conversation.receive(response)
            self._patience.was_reached = True
            if self._conversation.attachments > 0:
                self._reading = self._reading or asyncio.create_task(self._read())
            self._changed.notify_all()
        return snapshot

    async def _read(self) -> None:
        """Read the source into the backlog, while that has room."""
        backlog = self._conversation.backlog
        try:
            async for batch in batches(self._conversation.batcher, self._items):
                async with self._changed:
                    await self._changed.wait_for(lambda: backlog.has_room)
                    backlog.put(batch)
                    self._changed.notify_all()
        except Exception as error:  # noqa: BLE001 - it is the caller's own, and raised where the caller waits
            self._source_error = error
        async with self._changed:
            self._is_exhausted = True
            self._changed.notify_all()

    async def _send(self, call: Any, attached: asyncio.Event) -> None:
        """What one call sends."""
        if not await _write(call, self._conversation.first):
            return
        await attached.wait()
        number = self._conversation.backlog.first
        while (batch := await self._wait_for(number)) is not None:
            if not await _write(call, pb.StreamPredictionsRequest(batch=batch)):
                return
            number += 1
        if self._source_error is None:
            await _write(call, self._conversation.flush())
        await call.done_writing()

    async def _wait_for(self, number: int) -> pb.ItemBatch | None:
        """The batch of a number when it is there; None when there is none any more."""
        backlog = self._conversation.backlog
        async with self._changed:
            await self._changed.wait_for(lambda: number < backlog.end or self._is_exhausted)
            return backlog.get(number) if number < backlog.end else None


async def _end(task: "asyncio.Task[None] | None") -> None:
    if task is not None:
        task.cancel()
        await asyncio.wait([task])


async def _write(call: Any, message: pb.StreamPredictionsRequest) -> bool:
    """Write, or return False when the stream is broken, of which the reader tells the caller why."""
    try:
        await call.write(message)
    except (grpc.RpcError, asyncio.InvalidStateError):
        return False
    return True


async def as_async(source: Source | AsyncIterable[Item]) -> AsyncIterator[Item]:
    """The items of any source."""
    if isinstance(source, AsyncIterable):
        async for item in source:
            yield item
    else:
        for item in as_submission(source):
            yield item


async def batches(batcher: Batcher, items: AsyncIterable[Item]) -> AsyncIterator[pb.ItemBatch]:
    """Pack all items."""
    async for item in items:
        if (full := batcher.add(item)) is not None:
            yield full
    if (last := batcher.rest()) is not None:
        yield last

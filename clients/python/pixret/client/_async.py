"""The client for asyncio."""

import uuid
from collections.abc import AsyncIterable, AsyncIterator
from functools import partial
from types import TracebackType
from typing import Any, Self, TypeVar

import grpc
import grpc.aio

from pixret.client import _calls
from pixret.client._access import Tls, authorization
from pixret.client._async_stream import AsyncPredictionStream, as_async, batches
from pixret.client._backlog import BATCH_ITEMS, LINGER, Batcher
from pixret.client._conversation import CHANNEL_OPTIONS, Conversation
from pixret.client._errors import NotFoundError, client_error
from pixret.client._patience import RETRY_TIMEOUT, Patience
from pixret.client._records import Appended, BenchmarkInfo, Report, SessionInfo
from pixret.client._sources import Source, as_submission
from pixret.metrics import Item, Rejection, Snapshot
from pixret.scoring.v1.scoring_pb2_grpc import ScoringServiceStub

T = TypeVar("T")


class AsyncClient:
    """Speaks to one scoring server from asyncio; the counterpart of `Client`, method by method.

    Use it in an ``async with`` block, or `close` it. Predictions may come from an asynchronous iterable too.
    """

    def __init__(
        self,
        address: str,
        *,
        tls: Tls | None = None,
        token: str | None = None,
        timeout: float = 60.0,
        retry_timeout: float = RETRY_TIMEOUT,
    ) -> None:
        self._address = address
        self._timeout = timeout
        self._patience = Patience(retry_timeout)
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
        linger: float = LINGER,
    ) -> AsyncPredictionStream:
        """Send predictions; iterate over the result for the snapshots that come back. See `Client.stream`."""
        conversation = Conversation(session, snapshot_interval, batch_items, linger)
        call = partial(self._stub.StreamPredictions, metadata=self._metadata)
        return AsyncPredictionStream(call, self._address, self._patience, conversation, as_async(predictions))

    async def append(
        self,
        session: str,
        predictions: Source | AsyncIterable[Item],
        *,
        batch_items: int = BATCH_ITEMS,
        linger: float = LINGER,
    ) -> Appended:
        """Send predictions by unary calls; what the session holds is passed over, as in `stream`."""
        batcher = Batcher(batch_items, linger)
        state = await self.session(session)
        batcher.continuation.pass_over(state.committed_offset, state.chain_digest)
        rejections: list[Rejection] = []
        async for batch in batches(batcher, as_async(predictions)):
            refused = await self._invoke(_calls.append_predictions(session, batch))
            rejections += refused
        return Appended(batcher.continuation.offset, batcher.continuation.chain, tuple(rejections))

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

    async def finalize(self, session: str, *, received: int, chain_digest: bytes = b"") -> Report:
        """Close a session that has received so many items, of this digest if one is given; return its report."""
        return await self._invoke(_calls.finalize_session(session, received, chain_digest))

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
        received, digest = stream.committed_offset, stream.chain_digest
        report = await self.finalize(session.name, received=received, chain_digest=digest)
        await self.delete_session(session.name)
        return report

    async def close(self) -> None:
        """Close the connection."""
        self._patience.end()
        await self._channel.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _invoke(self, call: _calls.Call[T]) -> T:
        retrying = self._patience.async_retrying()
        try:
            return await retrying(self._try, call)
        except NotFoundError:
            if call.forgets and retrying.statistics["attempt_number"] > 1:
                return call.decode(None)  # the first try did it, and its answer was lost
            raise

    async def _try(self, call: _calls.Call[T]) -> T:
        try:
            response = await getattr(self._stub, call.rpc)(call.request, timeout=self._timeout, metadata=self._metadata)
        except grpc.RpcError as error:
            raise self._patience.noted(client_error(error, self._address)) from None
        self._patience.was_reached = True
        return call.decode(response)

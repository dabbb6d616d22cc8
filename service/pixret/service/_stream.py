"""StreamPredictions: items in, acks, rejections and snapshots out."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import grpc
from google.protobuf.message import DecodeError

from pixret.scoring.v1 import scoring_pb2 as pb
from pixret.service._access import GRANT
from pixret.service._config import ServiceConfig
from pixret.service._errors import DrainingError, EnvelopeError, QuotaError
from pixret.service._intake import read_chunk
from pixret.service._log import Pending
from pixret.service._names import check_session_name
from pixret.service._outbox import Outbox
from pixret.service._quotas import Pace
from pixret.service._session import Session, Writer
from pixret.service._store import SessionStore
from pixret.service._tasks import start
from pixret.service._views import bare_snapshot_view, rejection_views, session_view, snapshot_view

_LINGER = 2.0  # seconds in which a stream that ends with an error may still deliver what it has
_WINDOW = 1024  # weight under way for each worker; small batches need many at once to keep the workers busy
_REST = 4.0  # times its own cost that the next unasked snapshot waits, so that metrics take a fifth of a core at most


class PredictionStream:
    """One call of StreamPredictions. The reader appends, the sender empties the outbox, the pacer takes snapshots."""

    def __init__(
        self,
        context: "grpc.aio.ServicerContext[pb.StreamPredictionsRequest, pb.StreamPredictionsResponse]",
        sessions: SessionStore,
        pace: Pace,
        config: ServiceConfig,
    ) -> None:
        self._context, self._sessions, self._quota, self._config = context, sessions, pace, config
        self._changed = asyncio.Event()
        self._outbox = Outbox(self._changed.set)
        self._pending: set[Pending] = set()
        self._under_way = 0  # weight of the pending batches
        self._told = 0  # offset up to which this stream was told the outcomes of what it sent
        self._helpers: list[asyncio.Task[None]] = []
        self._ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def run(self) -> None:
        """Serve the stream to its end; raises what it ends with."""
        reader, sender = start(self._read()), start(self._outbox.send(self._context.write))
        try:
            await asyncio.wait({reader, sender, self._ended}, return_when=asyncio.FIRST_COMPLETED)
            reader.cancel()
            await self._settle()
            fault = _fault(self._ended) or _fault(reader)
            await self._deliver(sender, well=fault is None)
            fault = fault or _fault(sender) or (None if sender.done() else _fault(self._ended))
        finally:
            for task in (reader, sender, *self._helpers):
                task.cancel()
        if fault is not None:
            raise fault

    def drain(self, grace: float) -> None:
        """Tell the client that the server is about to stop."""
        drain = pb.Drain()
        drain.grace.FromNanoseconds(int(grace * 1e9))
        self._outbox.put_drain(drain)

    def end(self, reason: Exception) -> None:
        """Take no more items; what is under way is finished first."""
        if not self._ended.done():
            self._ended.set_exception(reason)
            self._ended.exception()  # seen; `run` raises it
            self._changed.set()

    async def _deliver(self, sender: asyncio.Task[None], *, well: bool) -> None:
        """Wait for what is left to be sent, but a stream that ends with an error only for a moment."""
        self._outbox.close()
        if well:
            await asyncio.wait({sender, self._ended}, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.wait({sender}, timeout=_LINGER)

    async def _read(self) -> None:
        session, writer = await self._attach()
        try:
            await self._take(session, writer)
            await self._settle()
        finally:
            session.detach(writer)

    async def _take(self, session: Session, writer: Writer) -> None:
        while (message := await self._receive()) is not None:
            match message.WhichOneof("message"):
                case "batch":
                    await self._append(session, writer, message.batch)
                case "flush":
                    await self._flush(session, message.flush.tag)
                case "attach":
                    raise EnvelopeError("attach", "the stream is attached already; only its first message attaches")
                case _:
                    raise EnvelopeError("message", "the message is empty; set batch or flush")

    async def _receive(self) -> pb.StreamPredictionsRequest | None:
        try:
            message: Any = await self._context.read()
        except DecodeError:
            raise EnvelopeError("message", "the message is no StreamPredictionsRequest; it cannot be parsed") from None
        GRANT.get().check()  # a token may expire or be revoked while the stream goes on
        return None if message is grpc.aio.EOF else message

    async def _attach(self) -> tuple[Session, Writer]:
        message = await self._receive()
        if message is None:
            raise EnvelopeError("attach", "the stream ended before its first message, which attaches to a session")
        if message.WhichOneof("message") != "attach":
            raise EnvelopeError("attach", "the first message of a stream attaches to a session")
        interval = _read_interval(message.attach)
        session = await self._sessions.use(check_session_name("attach.session", message.attach.session))
        writer = await session.attach(self.end)
        self._outbox.put_attached(pb.Attached(session=session_view(session.state), writer_epoch=writer.epoch))
        if interval is not None:
            self._helpers.append(
                start(self._pace(session, max(interval, self._config.min_snapshot_interval)), self._watch)
            )
        return session, writer

    async def _append(self, session: Session, writer: Writer, batch: pb.ItemBatch) -> None:
        await self._wait_until(self._may_append)
        await self._quota.keep(batch)  # nothing more is read meanwhile, which holds the sender back
        chunk = await read_chunk(batch, session.accumulator, self._config)
        pending = session.append(chunk, writer)
        self._pending.add(pending)
        self._under_way += chunk.weight
        pending.done.add_done_callback(lambda _: self._report(session, pending))

    def _report(self, session: Session, pending: Pending) -> None:
        """Report the outcomes of a batch, whose items may partly have had theirs before."""
        self._pending.discard(pending)
        self._under_way -= pending.chunk.weight
        self._changed.set()
        if (error := pending.done.exception()) is not None:
            self.end(error if isinstance(error, Exception) else DrainingError())
        else:
            rejections = session.rejections_between(pending.chunk.offset, pending.chunk.end)
            self._told = max(self._told, pending.chunk.end)  # and not more, though more may be committed
            self._outbox.put_outcomes(rejection_views(rejections), session.progress_at(self._told))

    async def _flush(self, session: Session, tag: str) -> None:
        await self._settle()
        await self._wait_until(lambda: self._outbox.has_room)
        try:
            view = snapshot_view(await self._sessions.snapshot(session), tag)
        except QuotaError:  # the answer then says how far the session is, so that a stream can be ended
            view = bare_snapshot_view(session.state, tag)
        self._outbox.put_answer(view, session.progress)

    async def _pace(self, session: Session, interval: float) -> None:
        seen = session.progress.committed
        rest = 0.0
        while True:
            await asyncio.sleep(max(interval, rest))
            if session.progress.committed == seen:
                continue
            began = time.monotonic()
            try:
                snapshot = await self._sessions.snapshot(session)
            except QuotaError:
                return
            rest = _REST * (time.monotonic() - began)
            seen = snapshot.received
            self._outbox.put_snapshot(snapshot_view(snapshot))

    def _watch(self, helper: "asyncio.Future[None]") -> None:
        fault = _fault(helper)
        if isinstance(fault, Exception):
            self.end(fault)

    def _may_append(self) -> bool:
        busy = len(self._pending) >= 2 and self._under_way >= _WINDOW * self._config.worker_count
        return self._outbox.has_room and not busy

    async def _wait_until(self, condition: Callable[[], bool]) -> None:
        while not condition():
            self._changed.clear()
            await self._changed.wait()

    async def _settle(self) -> None:
        """Wait until all batches of this stream have their outcomes, and those are in the outbox."""
        while self._pending:
            await asyncio.wait([pending.done for pending in self._pending])


def _fault(part: "asyncio.Future[None]") -> BaseException | None:
    """What a part of the stream failed with, if it did."""
    return part.exception() if part.done() and not part.cancelled() else None


def _read_interval(attach: pb.Attach) -> float | None:
    """Seconds between unasked snapshots, None when none are wanted."""
    if not attach.HasField("snapshot_interval"):
        return None
    interval = attach.snapshot_interval
    if interval.seconds < 0 or interval.nanos < 0 or interval.nanos >= 10**9:
        raise EnvelopeError("attach.snapshot_interval", "the interval is negative or no duration; give at least 0 s")
    return float(interval.seconds + interval.nanos / 1e9)

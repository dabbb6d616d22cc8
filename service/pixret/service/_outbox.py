"""What a stream still has to send, which never grows: acks and unasked snapshots are replaced by newer ones."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable

from pixret.scoring.v1 import scoring_pb2 as pb
from pixret.service._journal import Progress
from pixret.service._views import ack_view

_PER_MESSAGE = 256  # rejections; at their longest they fill a quarter of the 4 MiB that clients take by default
_ROOM = 1024  # rejections that may wait before nothing more is read from the client


class Outbox:
    """Messages in the order of their worth: rejections, the ack that covers them, answers, news.

    Nothing leaves before `Attached`. An ack leaves only after the rejections that it covers. Rejections and answers to
    flushes are never dropped, so whoever causes them waits for `has_room`; `on_sent` is called when there may be some.
    """

    def __init__(self, on_sent: Callable[[], None]) -> None:
        self._on_sent = on_sent
        self._first: pb.Attached | None = None
        self._is_attached = False
        self._rejections: deque[pb.Rejection] = deque()
        self._progress: Progress | None = None
        self._answers: deque[pb.Snapshot] = deque()
        self._answered = -1  # offset of the newest answer
        self._drain: pb.Drain | None = None
        self._snapshot: pb.Snapshot | None = None
        self._closed = False
        self._filled = asyncio.Event()

    @property
    def has_room(self) -> bool:
        """Whether more may be caused that must not be dropped."""
        return len(self._rejections) < _ROOM and not self._answers

    def put_attached(self, attached: pb.Attached) -> None:
        """Send the first message."""
        self._first, self._is_attached = attached, True
        self._filled.set()

    def put_outcomes(self, rejections: Iterable[pb.Rejection], progress: Progress) -> None:
        """Send rejections, and an ack that covers them."""
        self._rejections.extend(rejections)
        self._progress = progress
        self._filled.set()

    def put_answer(self, snapshot: pb.Snapshot, progress: Progress) -> None:
        """Send an ack and the snapshot that a flush asked for, and none after it that covers no more."""
        self._progress, self._snapshot = progress, None
        self._answered = snapshot.offset
        self._answers.append(snapshot)
        self._filled.set()

    def put_snapshot(self, snapshot: pb.Snapshot) -> None:
        """Send a snapshot that nobody asked for, in the place of one that is still waiting."""
        if snapshot.offset > self._answered:
            self._snapshot = snapshot
            self._filled.set()

    def put_drain(self, drain: pb.Drain) -> None:
        """Tell that the server is about to stop."""
        self._drain = drain
        self._filled.set()

    def close(self) -> None:
        """Let `send` return when all is sent."""
        self._closed = True
        self._filled.set()

    async def send(self, write: Callable[[pb.StreamPredictionsResponse], Awaitable[None]]) -> None:
        """Write what comes, until the outbox is closed and empty."""
        while (message := await self._next()) is not None:
            await write(message)
            self._on_sent()

    async def _next(self) -> pb.StreamPredictionsResponse | None:
        while (message := self._take()) is None and not self._closed:
            self._filled.clear()
            await self._filled.wait()
        return message

    def _take(self) -> pb.StreamPredictionsResponse | None:
        if self._first is not None:
            first, self._first = self._first, None
            return pb.StreamPredictionsResponse(attached=first)
        if self._rejections:
            count = min(_PER_MESSAGE, len(self._rejections))
            rejections = pb.Rejections(rejections=[self._rejections.popleft() for _ in range(count)])
            return pb.StreamPredictionsResponse(rejections=rejections)
        if self._progress is not None:
            progress, self._progress = self._progress, None
            return pb.StreamPredictionsResponse(ack=ack_view(progress))
        if self._answers:
            return pb.StreamPredictionsResponse(snapshot=self._answers.popleft())
        return self._take_news()

    def _take_news(self) -> pb.StreamPredictionsResponse | None:
        if self._drain is not None and self._is_attached:
            drain, self._drain = self._drain, None
            return pb.StreamPredictionsResponse(drain=drain)
        if self._snapshot is not None:
            snapshot, self._snapshot = self._snapshot, None
            return pb.StreamPredictionsResponse(snapshot=snapshot)
        return None

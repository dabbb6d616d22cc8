"""The append path: from a chunk that was received to outcomes that are committed, and nowhere else."""

import asyncio
from dataclasses import dataclass
from typing import Any, NamedTuple

from pixret.metrics import Accumulator, Batch, Outcome
from pixret.service._errors import ConflictError, OffsetGapError
from pixret.service._journal import Entry, Journal
from pixret.service._measuring import Measurer
from pixret.service._tasks import start
from pixret.service._wire import DIGEST_SIZE

_INLINE_COST = 512  # items and entries of rankings that are committed on the event loop; more than that in a thread


class Progress(NamedTuple):
    """Outcomes so far."""

    accepted: int
    rejected: int

    @property
    def committed(self) -> int:
        """First offset that is not committed."""
        return self.accepted + self.rejected


@dataclass(frozen=True, slots=True, eq=False)
class Chunk:
    """A batch as it was received, resolved; `cost` counts its items and the entries of its rankings."""

    offset: int
    batch: Batch
    digests: bytes
    cost: int

    @property
    def end(self) -> int:
        """Offset after the last item."""
        return self.offset + len(self.batch.items)


@dataclass(eq=False, slots=True)
class Pending:
    """A chunk under way; `done` resolves when every item of it has its outcome, or with the reason why none has.

    `start` is its first offset that was not received before. `doomed` is why it will not be committed.
    """

    chunk: Chunk
    start: int
    done: "asyncio.Future[None]"
    doomed: Exception | None = None

    def check(self) -> None:
        """Raise why the chunk will not be committed, if so."""
        if self.doomed is not None:
            raise self.doomed


class Log:
    """The items of one session.

    `append` makes a chunk the log's tail. It is measured in worker processes while others are; then, strictly in
    offset order and under `lock`, it is journaled, committed and thereby visible in `progress`. A chunk that fails
    takes all behind it along, and the tail goes back to where it began.
    """

    def __init__(self, name: str, accumulator: Accumulator, measurer: Measurer, journal: Journal) -> None:
        self.accumulator = accumulator
        self.progress = Progress(0, 0)
        self.lock = asyncio.Lock()
        self._name, self._measurer, self._journal = name, measurer, journal
        self._digests = bytearray()
        self._pending: list[Pending] = []

    @property
    def tail(self) -> int:
        """Offset after the last item that was appended, committed or not."""
        return len(self._digests) // DIGEST_SIZE

    @property
    def is_settled(self) -> bool:
        """Whether nothing is under way."""
        return not self._pending

    def append(self, chunk: Chunk) -> Pending:
        """Take a chunk, or refuse it as a whole; items that were received before are not taken again.

        Raises:
            OffsetGapError: when it begins after the tail.
            ConflictError: when an item was received before with other content.
        """
        if chunk.offset > self.tail:
            raise OffsetGapError(self.tail, chunk.offset)
        known = min(self.tail, chunk.end) - chunk.offset
        self._check_same(chunk, known)
        pending = Pending(chunk, chunk.offset + known, asyncio.get_running_loop().create_future())
        pending.done.add_done_callback(_retrieve)
        batch = chunk.batch if known == 0 else self.accumulator.resolve(chunk.batch.items[known:])
        digests = chunk.digests[DIGEST_SIZE * known :]
        self._digests += digests
        former = self._pending[-1].done if self._pending else None
        self._pending.append(pending)
        start(self._carry(pending, former, batch, digests))
        return pending

    async def settle(self) -> None:
        """Wait until all that is under way now has its outcome or failed."""
        if self._pending:
            await asyncio.wait([pending.done for pending in self._pending])

    def abandon(self, reason: Exception) -> None:
        """Commit nothing of what is under way."""
        if self._pending:
            self._roll_back(self._pending[0], reason)

    async def _carry(
        self, pending: Pending, former: "asyncio.Future[None] | None", batch: Batch, digests: bytes
    ) -> None:
        try:
            outcomes = await self._measure(batch, former)
            async with self.lock:
                pending.check()
                if batch.items:
                    await self._journal.append(self._name, Entry(pending.start, batch, outcomes, digests))
                    await self._commit(batch, outcomes, pending.chunk.cost)
                self._pending.remove(pending)
        except Exception as error:  # noqa: BLE001, every one goes to those who wait
            self._roll_back(pending, error)
            pending.done.set_exception(error)
        else:
            pending.done.set_result(None)
        finally:
            pending.done.cancel()  # does nothing but at the end of the server, when this task itself is cancelled

    async def _measure(self, batch: Batch, former: "asyncio.Future[None] | None") -> list[Outcome]:
        """Measure while the chunk before is under way, and return when it is not any more."""
        measuring = asyncio.ensure_future(self._measurer.measure(batch.jobs))
        waiting: set[asyncio.Future[Any]] = {measuring} if former is None else {measuring, former}
        await asyncio.wait(waiting)
        return measuring.result()

    async def _commit(self, batch: Batch, outcomes: list[Outcome], cost: int) -> None:
        if cost > _INLINE_COST:
            await asyncio.to_thread(self.accumulator.commit, batch, outcomes)
        else:
            self.accumulator.commit(batch, outcomes)
        self.progress = Progress(self.accumulator.accepted, len(self.accumulator.rejections))

    def _roll_back(self, pending: Pending, reason: Exception) -> None:
        if pending not in self._pending:
            return
        at = self._pending.index(pending)
        for doomed in self._pending[at:]:
            doomed.doomed = reason
        del self._pending[at:]
        del self._digests[DIGEST_SIZE * pending.start :]

    def _check_same(self, chunk: Chunk, known: int) -> None:
        mine = self._digests[DIGEST_SIZE * chunk.offset : DIGEST_SIZE * (chunk.offset + known)]
        theirs = chunk.digests[: DIGEST_SIZE * known]
        if mine != theirs:
            differing = next(at for at, (a, b) in enumerate(zip(mine, theirs, strict=True)) if a != b) // DIGEST_SIZE
            at = chunk.offset + differing
            message = f"offset {at} was sent before with other content; the session goes on at offset {self.tail}"
            raise ConflictError("pixret.Item", f"{self._name}/items/{at}", message)


def _retrieve(done: "asyncio.Future[None]") -> None:
    """Mark the fault as seen, since nobody may be waiting any more."""
    if not done.cancelled():
        done.exception()

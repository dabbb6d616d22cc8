"""The append path: from a chunk that was received to outcomes that are committed, and nowhere else."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

from pixret.metrics import Accumulator, Batch, Outcome
from pixret.scoring import CHAIN_START, DIGEST_SIZE, extend_chain
from pixret.service._errors import ConflictError, DamagedStateError, DrainingError, OffsetGapError
from pixret.service._failpoints import reach
from pixret.service._hidden import Measuring
from pixret.service._journal import NO_PROGRESS, Append, Entry, Journal, Progress, SessionState
from pixret.service._spans import span
from pixret.service._tasks import start
from pixret.service._telemetry import BATCH_SECONDS, count_items

_INLINE_COST = 512  # items and entries of rankings that are committed on the event loop; more than that in a thread
_USUAL_SIZE = 2**14  # bytes that an item has at most, as a rule


@dataclass(frozen=True, slots=True, eq=False)
class Chunk:
    """A batch as it was received, resolved; `cost` counts its items and the entries of its rankings, `size` its bytes.

    `messages` are the items as they came, empty unless masks are kept.
    """

    offset: int
    batch: Batch
    digests: bytes
    cost: int
    size: int
    messages: Sequence[bytes] = ()

    @property
    def end(self) -> int:
        """Offset after the last item."""
        return self.offset + len(self.batch.items)

    @property
    def weight(self) -> int:
        """How many usual items it is worth while it is under way: large ones count for several, and none for one."""
        return max(1, len(self.batch.items), self.size // _USUAL_SIZE)


@dataclass(eq=False, slots=True)
class Pending:
    """A chunk under way; `done` resolves when every item of it has its outcome, or with the reason why none has.

    `start` is its first offset that was not received before, and `batch` what follows from there. `epoch` is that of
    its writer, None for a unary call. `outcomes` come when it is measured.
    """

    chunk: Chunk
    start: int
    batch: Batch
    epoch: int | None
    done: "asyncio.Future[None]"
    outcomes: list[Outcome] | None = None

    def entry(self) -> Entry:
        """What is written down of it."""
        known = self.start - self.chunk.offset
        digests, messages = self.chunk.digests[DIGEST_SIZE * known :], self.chunk.messages[known:]
        return Entry(self.start, self.batch, self.outcomes or [], digests, messages)


class Log:
    """The items of one session.

    `append` makes a chunk the log's tail. It is measured in worker processes while others are; then, strictly in
    offset order and under `lock`, it is committed, journaled and thereby visible in `progress` and `chain`, together
    with all others that are ready. A chunk that cannot be measured takes all behind it along, and the tail goes back
    to where it began. When the journal refuses, the accumulator is ahead of it: the log is `lost` for that reason,
    and the session has to be read from the journal again.
    """

    def __init__(self, name: str, accumulator: Accumulator, measurer: Measuring, journal: Journal) -> None:
        self.accumulator = accumulator
        self.progress = NO_PROGRESS
        self.chain = CHAIN_START
        self.lost: Exception | None = None
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

    def restore(self, entries: Sequence[Entry]) -> None:
        """Take what the journal has, before anything is appended."""
        _commit_all(self.accumulator, entries)
        for entry in entries:
            self._digests += entry.digests
            self.chain = extend_chain(self.chain, entry.digests)
        self.progress = _count(self.accumulator)

    def check_restored(self, state: SessionState) -> None:
        """Raise DamagedStateError unless what was restored is what the journal says of it."""
        if (self.progress, self.chain) != (state.progress, state.chain):
            raise DamagedStateError(
                f"the state of {self._name} is damaged: {state.progress.accepted} items accepted and "
                f"{state.progress.rejected} rejected were written down, and what can be read of them gives "
                f"{self.progress.accepted} and {self.progress.rejected} or other ones; restore it from a backup"
            )

    def append(self, chunk: Chunk, epoch: int | None = None) -> Pending:
        """Take a chunk, or refuse it as a whole; items that were received before are not taken again.

        Raises:
            OffsetGapError: when it begins after the tail.
            ConflictError: when an item was received before with other content.
        """
        if chunk.offset > self.tail:
            raise OffsetGapError(self.tail, chunk.offset)
        known = min(self.tail, chunk.end) - chunk.offset
        self._check_same(chunk, known)
        batch = chunk.batch if known == 0 else self.accumulator.resolve(chunk.batch.items[known:])
        pending = Pending(chunk, chunk.offset + known, batch, epoch, asyncio.get_running_loop().create_future())
        pending.done.add_done_callback(_retrieve)
        self._digests += chunk.digests[DIGEST_SIZE * known :]
        self._pending.append(pending)
        start(self._carry(pending))
        return pending

    async def settle(self) -> None:
        """Wait until all that is under way now has its outcome or failed."""
        if self._pending:
            await asyncio.wait([pending.done for pending in self._pending])

    def abandon(self, reason: Exception) -> None:
        """Commit nothing of what is under way."""
        if self._pending:
            self._roll_back(self._pending[0], reason)

    def lose(self, reason: Exception) -> None:
        """Give the log up: it takes nothing more, and nothing of what is under way."""
        self.lost = self.lost or reason
        self.abandon(reason)

    async def _carry(self, pending: Pending) -> None:
        began = time.monotonic()
        try:
            with span("batch", offset=pending.start, items=len(pending.batch.items)):
                await self._work_off(pending)
            BATCH_SECONDS.observe(time.monotonic() - began)
        except asyncio.CancelledError:  # at the end of the server
            self._roll_back(pending, DrainingError())
            raise
        except Exception as error:  # noqa: BLE001, every one goes to those who wait
            self._roll_back(pending, error)

    async def _work_off(self, pending: Pending) -> None:
        with span("measure"):
            pending.outcomes = await self._measurer.measure(pending.batch.jobs)
        with span("commit"):
            async with self.lock:
                while ready := self._ready():
                    await self._commit(ready)
            await asyncio.shield(pending.done)  # which may be up to whoever carries what comes before it

    def _ready(self) -> list[Pending]:
        """What can be committed next: measured, and nothing before it that is not."""
        unmeasured = (at for at, pending in enumerate(self._pending) if pending.outcomes is None)
        return self._pending[: next(unmeasured, len(self._pending))]

    async def _commit(self, ready: Sequence[Pending]) -> None:
        try:
            await self._take([pending for pending in ready if pending.batch.items])
        except Exception as error:
            self.lose(error)
            raise
        reach("before_ack")
        for pending in ready:
            if not pending.done.done():
                self._pending.remove(pending)
                pending.done.set_result(None)

    async def _take(self, ready: Sequence[Pending]) -> None:
        """Commit and journal what is new."""
        if not ready:
            return
        entries = [pending.entry() for pending in ready]
        if sum(pending.chunk.cost for pending in ready) > _INLINE_COST:
            await asyncio.to_thread(_commit_all, self.accumulator, entries)
        else:
            _commit_all(self.accumulator, entries)
        progress, chain = _count(self.accumulator), self.chain
        for entry in entries:
            chain = extend_chain(chain, entry.digests)
        epoch = max((pending.epoch for pending in ready if pending.epoch is not None), default=None)
        await self._journal.append(Append(self._name, epoch, entries, progress, chain))
        count_items(progress.accepted - self.progress.accepted, self.accumulator.rejections[self.progress.rejected :])
        self.progress, self.chain = progress, chain

    def _roll_back(self, pending: Pending, reason: Exception) -> None:
        if pending not in self._pending:
            return
        at = self._pending.index(pending)
        doomed = self._pending[at:]
        del self._pending[at:]
        del self._digests[DIGEST_SIZE * pending.start :]
        for each in doomed:
            each.done.set_exception(reason)

    def _check_same(self, chunk: Chunk, known: int) -> None:
        mine = self._digests[DIGEST_SIZE * chunk.offset : DIGEST_SIZE * (chunk.offset + known)]
        theirs = chunk.digests[: DIGEST_SIZE * known]
        if mine != theirs:
            differing = next(at for at, (a, b) in enumerate(zip(mine, theirs, strict=True)) if a != b) // DIGEST_SIZE
            at = chunk.offset + differing
            message = f"offset {at} was sent before with other content; the session goes on at offset {self.tail}"
            raise ConflictError("pixret.Item", f"{self._name}/items/{at}", message)


def _commit_all(accumulator: Accumulator, entries: Sequence[Entry]) -> None:
    for entry in entries:
        accumulator.commit(entry.batch, entry.outcomes)


def _count(accumulator: Accumulator) -> Progress:
    return Progress(accumulator.accepted, len(accumulator.rejections))


def _retrieve(done: "asyncio.Future[None]") -> None:
    """Mark the fault as seen, since nobody may be waiting any more."""
    if not done.cancelled():
        done.exception()

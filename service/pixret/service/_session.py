"""One session: a log of items, who writes it, and what it scores."""

import asyncio
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter

from pixret.metrics import Accumulator, GroundTruth, Rejection, Snapshot, report_bytes
from pixret.service._config import ServiceConfig
from pixret.service._errors import (
    DigestError,
    FencedError,
    FinalizedError,
    QuotaError,
    ScoringError,
    TotalsError,
)
from pixret.service._hidden import Measuring, hidden_report, hidden_snapshot
from pixret.service._journal import Entry, Journal, Progress, SessionState
from pixret.service._log import Chunk, Log, Pending
from pixret.service._spans import span
from pixret.service._tasks import unbroken

_offset = attrgetter("offset")


@dataclass(frozen=True, slots=True)
class Totals:
    """What a client believes to have sent; None skips a comparison."""

    items: int
    accepted: int | None = None
    rejected: int | None = None
    chain: bytes | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Writer:
    """The stream that writes to a session; `dismiss` tells it why it does not any more."""

    epoch: int
    dismiss: Callable[[ScoringError], None]


class Session:
    """One submission to one benchmark. `report` is None until the session is finalized."""

    def __init__(
        self, state: SessionState, truth: GroundTruth, measurer: Measuring, journal: Journal, config: ServiceConfig
    ) -> None:
        self.name = state.name
        self.benchmark = state.spec.benchmark
        self.report: bytes | None = None
        self.accumulator = Accumulator(truth, distractors=state.spec.distractors, limits=config.mask_limits)
        self._state = state
        self._log = Log(state.name, self.accumulator, measurer, journal)
        self._journal, self._config = journal, config
        self._writer: Writer | None = None
        self._attaching = asyncio.Lock()
        self._closed: ScoringError | None = None
        self._snapshot: Snapshot | None = None

    @property
    def state(self) -> SessionState:
        """The session as it stands."""
        return replace(self._state, progress=self.progress, chain=self._log.chain, is_finalized=self.report is not None)

    @property
    def progress(self) -> Progress:
        """Outcomes that are committed."""
        return self._log.progress

    def restore(self, entries: Sequence[Entry]) -> None:
        """Take what the journal has, before anything else happens to the session."""
        self._log.restore(entries)

    def complete(self, report: bytes | None) -> None:
        """End the restoring, with the report if there is one; DamagedStateError when something is missing."""
        self._log.check_restored(self._state)
        if report is not None:
            self.report, self._closed = report, FinalizedError(self.name)

    async def is_behind(self, state: SessionState) -> bool:
        """Whether the journal has more of the session than is here, or the session is lost."""
        if self._log.lost is not None:
            return True
        if not self._lacks(state):
            return False
        async with self._log.lock:  # what is being written down now is here in a moment
            return self._lacks(state)

    async def attach(self, dismiss: Callable[[ScoringError], None]) -> Writer:
        """Make a new writer in the place of the former, and return when nothing of that one is under way."""
        self._check_open()
        return await unbroken(self._attach(dismiss))

    def detach(self, writer: Writer) -> None:
        """Let a writer go, if it still is the writer."""
        if self._writer is writer:
            self._writer = None

    def append(self, chunk: Chunk, writer: Writer | None = None) -> Pending:
        """Take a chunk or refuse it as a whole, as `Log.append` does; without a writer, nobody is fenced.

        Raises:
            FencedError, FinalizedError, UnknownResourceError, QuotaError: besides those of the log.
        """
        if writer is not None and writer is not self._writer:
            raise FencedError(self.name, writer.epoch)
        self._check_open()
        self._check_quota(chunk.end)
        return self._log.append(chunk, None if writer is None else writer.epoch)

    async def settle(self) -> None:
        """Wait until all that is under way now has its outcome or failed."""
        await self._log.settle()

    async def snapshot(self) -> Snapshot:
        """Score what is committed; computed once for one offset."""
        return await unbroken(self._take_snapshot())

    def rejections_between(self, start: int, end: int) -> list[Rejection]:
        """Committed rejections with start <= offset < end."""
        rejections, count = self.accumulator.rejections, self.progress.rejected
        first, last = (bisect_left(rejections, offset, hi=count, key=_offset) for offset in (start, end))
        return rejections[first:last]

    def progress_at(self, offset: int) -> Progress:
        """Outcomes below an offset that is committed."""
        rejected = bisect_left(self.accumulator.rejections, offset, hi=self.progress.rejected, key=_offset)
        return Progress(offset - rejected, rejected)

    def rejections_from(self, position: int, count: int) -> list[Rejection]:
        """Committed rejections, by their position in the order of offsets."""
        return self.accumulator.rejections[position : min(position + count, self.progress.rejected)]

    async def finalize(self, totals: Totals) -> bytes:
        """Close the log and return the report; a session that is finalized gives the same one again.

        Raises:
            TotalsError, DigestError: when the totals differ from what was received; nothing changes.
        """
        while totals.items == self._log.tail and not self._log.is_settled:
            await self._log.settle()
        if not isinstance(self._closed, FinalizedError):
            self._check_open()
        self._check_totals(totals)
        self._closed = self._closed or FinalizedError(self.name)
        return await unbroken(self._make_report())

    def end(self, reason: ScoringError) -> None:
        """End a session that was deleted, or went on elsewhere: nothing under way is taken, and its writer is told."""
        self._closed = reason
        self._log.lose(reason)
        if self._writer is not None:
            self._writer.dismiss(reason)

    def _lacks(self, state: SessionState) -> bool:
        unseen = state.is_finalized and self.report is None
        return unseen or state.progress.committed > self.progress.committed

    async def _attach(self, dismiss: Callable[[ScoringError], None]) -> Writer:
        async with self._attaching:
            if self._writer is not None:
                former, self._writer = self._writer, None
                former.dismiss(FencedError(self.name, former.epoch))
            await self._log.settle()
            self._check_open()
            epoch = await self._journal.attach(self.name, self.progress.committed)
            self._writer = Writer(epoch, dismiss)
            return self._writer

    async def _take_snapshot(self) -> Snapshot:
        async with self._log.lock:
            if self._snapshot is None or self._snapshot.received != self.progress.committed:
                with span("snapshot", offset=self.progress.committed):
                    self._snapshot = await asyncio.to_thread(self._score)
            return self._snapshot

    async def _make_report(self) -> bytes:
        async with self._log.lock:
            if self.report is None:
                try:
                    report = await asyncio.to_thread(self._report)
                    self.report = await self._journal.finalize(self.name, self.progress.committed, report)
                except Exception:
                    if isinstance(self._closed, FinalizedError):
                        self._closed = None
                    raise
            return self.report

    def _score(self) -> Snapshot:
        snapshot = replace(self.accumulator.snapshot(), chain_digest=self._log.chain)
        return hidden_snapshot(snapshot, self._config.hidden_step) if self._hides else snapshot

    def _report(self) -> bytes:
        hidden = self._hides
        return hidden_report(self.accumulator, self._config.hidden_step) if hidden else report_bytes(self.accumulator)

    @property
    def _hides(self) -> bool:
        return self._config.hides(self.benchmark)

    def _check_open(self) -> None:
        if (reason := self._closed or self._log.lost) is not None:
            raise reason

    def _check_quota(self, end: int) -> None:
        items, rejections = self._config.max_session_items, self._config.max_session_rejections
        if end > items:
            raise QuotaError(self.name, f"a session takes at most {items} items, and the batch ends at offset {end}")
        if self.progress.rejected >= rejections:
            raise QuotaError(self.name, f"{rejections} items of the session were refused, and no more are kept")

    def _check_totals(self, totals: Totals) -> None:
        for name, theirs, mine in (
            ("item_count", totals.items, self._log.tail),
            ("accepted_count", totals.accepted, self.progress.accepted),
            ("rejected_count", totals.rejected, self.progress.rejected),
        ):
            if theirs is not None and theirs != mine:
                raise TotalsError(self.name, name, theirs, mine)
        if totals.chain is not None and totals.chain != self._log.chain:
            raise DigestError(self.name, totals.chain, self._log.chain)

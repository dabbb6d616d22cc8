"""One session: a log of items, who writes it, and what it scores."""

import asyncio
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter

from pixret.metrics import Accumulator, GroundTruth, Rejection, Snapshot, report_bytes
from pixret.service._config import ServiceConfig
from pixret.service._errors import (
    FencedError,
    FinalizedError,
    QuotaError,
    ScoringError,
    TotalsError,
    UnknownResourceError,
)
from pixret.service._journal import Journal, SessionHeader
from pixret.service._log import Chunk, Log, Pending, Progress
from pixret.service._measuring import Measurer
from pixret.service._tasks import unbroken

_offset = attrgetter("offset")


@dataclass(frozen=True, slots=True)
class Totals:
    """What a client believes to have sent; None skips a comparison."""

    items: int
    accepted: int | None
    rejected: int | None


@dataclass(frozen=True, slots=True, eq=False)
class Writer:
    """The stream that writes to a session; `dismiss` tells it why it does not any more."""

    epoch: int
    dismiss: Callable[[ScoringError], None]


class Session:
    """One submission to one benchmark. `report` is None until the session is finalized."""

    def __init__(
        self, header: SessionHeader, truth: GroundTruth, measurer: Measurer, journal: Journal, config: ServiceConfig
    ) -> None:
        self.header = header
        self.report: bytes | None = None
        self.accumulator = Accumulator(truth, distractors=header.distractors, limits=config.mask_limits)
        self._log = Log(header.name, self.accumulator, measurer, journal)
        self._journal, self._config = journal, config
        self._writer: Writer | None = None
        self._epoch = 0
        self._closed: ScoringError | None = None
        self._snapshot: Snapshot | None = None

    @property
    def name(self) -> str:
        """Resource name."""
        return self.header.name

    @property
    def progress(self) -> Progress:
        """Outcomes that are committed."""
        return self._log.progress

    async def attach(self, dismiss: Callable[[ScoringError], None]) -> Writer:
        """Make a new writer in the place of the former, and return when nothing of that one is under way."""
        self._check_open()
        if self._writer is not None:
            self._writer.dismiss(FencedError(self.name, self._writer.epoch))
        self._epoch += 1
        writer = self._writer = Writer(self._epoch, dismiss)
        await self._log.settle()
        return writer

    def detach(self, writer: Writer) -> None:
        """Let a writer go, if it still is the writer."""
        if self._writer is writer:
            self._writer = None

    def append(self, chunk: Chunk, writer: Writer | None = None) -> Pending:
        """Take a chunk or refuse it as a whole, as `Log.append` does; without a writer, nobody is fenced.

        Raises:
            FencedError, FinalizedError, UnknownResourceError, QuotaError: besides those of the log.
        """
        if writer is not None and writer.epoch != self._epoch:
            raise FencedError(self.name, writer.epoch)
        self._check_open()
        self._check_quota(chunk.end)
        return self._log.append(chunk)

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

    def rejections_from(self, position: int, count: int) -> list[Rejection]:
        """Committed rejections, by their position in the order of offsets."""
        return self.accumulator.rejections[position : min(position + count, self.progress.rejected)]

    async def finalize(self, totals: Totals) -> bytes:
        """Close the log and return the report; a session that is finalized gives the same one again.

        Raises:
            TotalsError: when the totals differ from what was received; nothing changes.
        """
        while totals.items == self._log.tail and not self._log.is_settled:
            await self._log.settle()
        if isinstance(self._closed, UnknownResourceError):
            raise self._closed
        self._check_totals(totals)
        self._closed = self._closed or FinalizedError(self.name)
        return await unbroken(self._make_report())

    def end(self) -> None:
        """End a session that was deleted: what is under way is not taken, and its writer is told."""
        gone = UnknownResourceError("pixret.Session", self.name, f"{self.name} was deleted")
        self._closed = gone
        self._log.abandon(gone)
        if self._writer is not None:
            self._writer.dismiss(gone)

    async def _take_snapshot(self) -> Snapshot:
        async with self._log.lock:
            if self._snapshot is None or self._snapshot.received != self.progress.committed:
                self._snapshot = await asyncio.to_thread(self.accumulator.snapshot)
            return self._snapshot

    async def _make_report(self) -> bytes:
        async with self._log.lock:
            if self.report is None:
                try:
                    report = await asyncio.to_thread(report_bytes, self.accumulator)
                    await self._journal.finalize(self.name, report)
                except Exception:
                    if isinstance(self._closed, FinalizedError):
                        self._closed = None
                    raise
                self.report = report
            return self.report

    def _check_open(self) -> None:
        if self._closed is not None:
            raise self._closed

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

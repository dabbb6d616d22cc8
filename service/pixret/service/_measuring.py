"""Masks to threads and worker processes, outcomes back, whatever happens to the workers."""

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from pixret.metrics import MaskJob, MaskLimits, MeasurePool, Outcome
from pixret.service._errors import MeasuringError
from pixret.service._telemetry import QUEUE

_LOG = logging.getLogger("pixret.service")
_SLICE = 64  # jobs a worker takes at once: enough to amortise the trip, few enough that all workers get some


@dataclass(eq=False, slots=True)
class _Ticket:
    """Jobs that belong together, and their outcomes as they come in."""

    jobs: Sequence[MaskJob]
    done: "asyncio.Future[list[Outcome]]"
    parts: dict[int, list[Outcome]] = field(default_factory=dict)
    begun: int = 0
    measured: int = 0

    def take(self, start: int, outcomes: list[Outcome]) -> None:
        self.parts[start] = outcomes
        self.measured += len(outcomes)
        if self.measured == len(self.jobs) and not self.done.done():
            self.done.set_result([outcome for at in sorted(self.parts) for outcome in self.parts[at]])


@dataclass(eq=False, slots=True)
class _Part:
    """Some consecutive jobs of a ticket."""

    ticket: _Ticket
    start: int
    stop: int

    @property
    def jobs(self) -> Sequence[MaskJob]:
        return self.ticket.jobs[self.start : self.stop]


class Measurer:
    """Measures batches of any size beside the event loop, fairly: tickets take turns, small ones travel together.

    When a worker dies, the pool is made anew and the parts that were under way are measured again, one at a time,
    so that a second death tells which part is to blame. Only that one fails.
    """

    def __init__(self, workers: int, limits: MaskLimits) -> None:
        self._workers, self._limits = workers, limits
        self._pool = MeasurePool(workers, limits)
        self._waiting: deque[_Ticket] = deque()
        self._suspects: deque[_Part] = deque()
        self._tickets: set[_Ticket] = set()
        self._running: set[asyncio.Task[None]] = set()
        self._isolating = False

    async def measure(self, jobs: Sequence[MaskJob]) -> list[Outcome]:
        """Measure jobs, in order; MeasuringError when workers die on them twice."""
        if not jobs:
            return []
        ticket = _Ticket(jobs, asyncio.get_running_loop().create_future())
        self._tickets.add(ticket)
        QUEUE.inc(len(jobs))
        self._waiting.append(ticket)
        self._pump()
        try:
            return await ticket.done
        finally:
            self._tickets.discard(ticket)
            QUEUE.dec(len(jobs))

    async def warm(self) -> None:
        """Start the workers, which else start with the first jobs."""
        await asyncio.gather(*map(asyncio.wrap_future, self._pool.start_workers()))

    async def close(self) -> None:
        """Cancel what is not measured yet, and end the workers."""
        for ticket in self._tickets:
            ticket.done.cancel()
        for task in self._running:
            task.cancel()
        await asyncio.to_thread(self._pool.close)

    def _pump(self) -> None:
        while len(self._running) < 2 * self._workers and not self._isolating and (parts := self._next_parts()):
            task = asyncio.create_task(self._run(parts, isolated=self._isolating))
            self._running.add(task)
            task.add_done_callback(self._finish)

    def _finish(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._pump()

    def _next_parts(self) -> list[_Part]:
        while self._suspects and self._suspects[0].ticket.done.done():
            self._suspects.popleft()
        if not self._suspects:
            return self._fresh_parts()
        if self._running:
            return []
        self._isolating = True
        return [self._suspects.popleft()]

    def _fresh_parts(self) -> list[_Part]:
        parts: list[_Part] = []
        room = _SLICE
        while room and self._waiting:
            ticket = self._waiting.popleft()
            if ticket.done.done():
                continue
            part = _Part(ticket, ticket.begun, min(ticket.begun + room, len(ticket.jobs)))
            ticket.begun = part.stop
            room -= part.stop - part.start
            parts.append(part)
            if ticket.begun < len(ticket.jobs):
                self._waiting.append(ticket)
        return parts

    async def _run(self, parts: list[_Part], *, isolated: bool) -> None:
        pool = self._pool
        jobs = [job for part in parts for job in part.jobs]
        try:
            outcomes = await asyncio.wrap_future(pool.submit(jobs))
        except Exception:  # noqa: BLE001, whatever it was, the jobs are measured once more
            _LOG.warning("a worker process failed while it measured %d masks", len(jobs), exc_info=True)
            self._replace(pool)
            self._blame(parts, isolated=isolated)
        else:
            at = 0
            for part in parts:
                size = part.stop - part.start
                part.ticket.take(part.start, outcomes[at : at + size])
                at += size
        finally:
            if isolated:
                self._isolating = False

    def _blame(self, parts: list[_Part], *, isolated: bool) -> None:
        if not isolated:
            self._suspects.extend(parts)
            return
        for part in parts:
            if not part.ticket.done.done():
                part.ticket.done.set_exception(MeasuringError())

    def _replace(self, pool: MeasurePool) -> None:
        """Put a new pool in the place of a broken one, unless that was done already."""
        if pool is self._pool:
            self._pool = MeasurePool(self._workers, self._limits)
            asyncio.get_running_loop().run_in_executor(None, pool.close)

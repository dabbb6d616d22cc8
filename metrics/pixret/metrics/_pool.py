"""Measuring in worker processes: pycocotools holds the GIL, so threads would not help."""

import copyreg
import multiprocessing
import os
import signal
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing.connection import wait
from types import TracebackType
from typing import Any, Self

from pixret.metrics._items import Rle
from pixret.metrics._mask import Mask
from pixret.metrics._measure import MaskJob, Outcome, measure
from pixret.metrics._rle import DEFAULT_LIMITS, MaskLimits


def _reduce(record: Any) -> tuple[type, tuple[Any, ...]]:
    return type(record), tuple([getattr(record, name) for name in record.__match_args__])


for _kind in (Rle, Mask):
    # These cross to the workers and back by the thousand, and what dataclasses do by themselves takes twice as long.
    copyreg.pickle(_kind, _reduce)


class MeasurePool:
    """Runs `measure` in worker processes, which hold no state: a job brings all that it takes.

    Workers start at once and in the background, so that the caller can read its files meanwhile. They come from a fork
    server, which is safe beside threads, gRPC's among them; as with any such pool, a script that makes one guards its
    entry with ``if __name__ == "__main__"``.

    Args:
        workers: number of processes; by default, the cores that this process may use.
        limits: how large a mask may be.
    """

    def __init__(self, workers: int | None = None, limits: MaskLimits = DEFAULT_LIMITS) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["pixret.metrics"])
        self._limits = limits
        self.workers = workers or len(os.sched_getaffinity(0))
        self._executor = ProcessPoolExecutor(self.workers, context, _begin_worker)
        self.submit([])

    def submit(self, jobs: Sequence[MaskJob]) -> "Future[list[Outcome]]":
        """Measure jobs in one worker.

        The future raises concurrent.futures.BrokenExecutor when a worker died, which ends the pool: make a new one.
        """
        return self._executor.submit(measure, jobs, self._limits)

    def close(self) -> None:
        """Wait for running jobs, drop those that have not begun, and end the workers."""
        self._executor.shutdown(cancel_futures=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _begin_worker() -> None:
    """Leave Ctrl-C to the parent, and end with it even when it is killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)

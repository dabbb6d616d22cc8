"""Measuring beside the caller: in threads where the compiled kernel does the work, else in worker processes."""

import copyreg
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from types import TracebackType
from typing import Any, Self

from pixret.metrics._items import NoMask, Rle
from pixret.metrics._mask import Mask
from pixret.metrics._measure import MaskJob, Outcome, measure
from pixret.metrics._native import kernel
from pixret.metrics._rle import DEFAULT_LIMITS, MaskLimits
from pixret.metrics._workers import usable_cores, worker_pool


def _reduce(record: Any) -> tuple[type, tuple[Any, ...]]:
    return type(record), tuple([getattr(record, name) for name in record.__match_args__])


for _kind in (Rle, Mask):
    # These cross to the workers and back by the thousand, and what dataclasses do by themselves takes twice as long.
    copyreg.pickle(_kind, _reduce)


_FOR_THREADS = (Rle, NoMask)


class MeasurePool:
    """Runs `measure` beside the caller.

    The compiled kernel needs no interpreter while it reads masks, so that RLE is measured in threads. Points, boxes and
    runs, and all where the kernel was not built, go to worker processes, since NumPy's and pycocotools' callers hold
    the GIL. Workers hold no state: a job brings all that it takes. They start with the first job for them, or by
    `start_workers`, as `worker_pool` makes them.

    Args:
        workers: number of threads, and of processes; by default, the cores that this process may use.
        limits: how large a mask may be.
    """

    def __init__(self, workers: int | None = None, limits: MaskLimits = DEFAULT_LIMITS) -> None:
        self._limits = limits
        self.workers = workers or usable_cores()
        self._threads = ThreadPoolExecutor(self.workers, "pixret-measure") if kernel is not None else None
        self._executor: ProcessPoolExecutor | None = None
        if self._threads is None:
            self.start_workers()

    def submit(self, jobs: Sequence[MaskJob]) -> "Future[list[Outcome]]":
        """Measure jobs in one thread or worker.

        The future raises concurrent.futures.BrokenExecutor when a worker died, which ends the pool: make a new one.
        """
        if self._threads is not None and all(isinstance(job.region, _FOR_THREADS) for job in jobs):
            return self._threads.submit(measure, jobs, self._limits)
        return self._workers().submit(measure, jobs, self._limits)

    def start_workers(self) -> "list[Future[list[Outcome]]]":
        """Start the worker processes in the background; the futures tell when they are there, or raise as above."""
        return [self._workers().submit(measure, [], self._limits) for _ in range(self.workers)]

    def close(self) -> None:
        """Wait for running jobs, drop those that have not begun, and end the workers."""
        for executor in (self._threads, self._executor):
            if executor is not None:
                executor.shutdown(cancel_futures=True)

    def _workers(self) -> ProcessPoolExecutor:
        if self._executor is None:
            self._executor = worker_pool(self.workers, preload=["pixret.metrics"])
        return self._executor

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

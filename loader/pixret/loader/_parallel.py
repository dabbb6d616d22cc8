"""Reading files on all cores."""

import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from typing import TypeVar

from pixret.loader._errors import PrepareError

Job = TypeVar("Job")
Reading = TypeVar("Reading")
Progress = Callable[[str, int, int], None]
"""Is told what is being done, how much of it is done, and how much there is."""


def run_jobs(
    read: Callable[[Job], Reading],
    jobs: Sequence[Job],
    workers: int | None,
    on_progress: Callable[[int, int], None],
    *,
    worth_a_worker: int,
    chunk: int,
) -> list[Reading]:
    """Read what the jobs name, in order; `workers` None means as many as there are cores.

    Fewer jobs than are worth a worker are done in this process; a worker takes a chunk at a time. `on_progress` is
    called with the number of jobs done, and of all.
    """
    workers = min(workers or _usable_cores(), -(-len(jobs) // worth_a_worker))
    readings = []
    for reading in map(read, jobs) if workers <= 1 else _run_in_workers(read, jobs, workers, chunk):
        readings.append(reading)
        on_progress(len(readings), len(jobs))
    return readings


def _run_in_workers(read: Callable[[Job], Reading], jobs: Sequence[Job], workers: int, chunk: int) -> Iterator[Reading]:
    pool = ProcessPoolExecutor(workers, get_context("forkserver"), _start_worker)
    try:
        yield from pool.map(read, jobs, chunksize=chunk)
    except BrokenProcessPool as error:
        message = (
            "a worker process died while it read labels or images: out of memory, or the script that calls prepare "
            "has no guard, if __name__ == '__main__'; jobs=1 reads them without workers"
        )
        raise PrepareError(message) from error
    finally:
        pool.shutdown(cancel_futures=True)


def _start_worker() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears it too, and stops the workers
    threading.Thread(target=_die_with_parent, daemon=True).start()


def _die_with_parent() -> None:
    """End this worker when its parent is gone; it would wait for work for ever."""
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _usable_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

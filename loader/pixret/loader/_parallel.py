"""Reading labels on all cores."""

import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait

from pixret.loader._errors import PrepareError
from pixret.loader._labels import LabelJob, LabelReading, read_label

_CHUNK = 64  # labels that a worker takes at a time
_WORTH_A_WORKER = 256  # labels that take about as long as starting a worker


def read_labels(
    jobs: Sequence[LabelJob], workers: int | None, on_progress: Callable[[int, int], None] | None
) -> list[LabelReading]:
    """Read labels, in order; `workers` None means as many as there are cores.

    Few labels are read in this process. `on_progress` is called with the number of labels read, and of all.
    """
    workers = min(workers or _usable_cores(), -(-len(jobs) // _WORTH_A_WORKER))
    read = map(read_label, jobs) if workers <= 1 else _read_in_workers(jobs, workers)
    readings = []
    for reading in read:
        readings.append(reading)
        if on_progress is not None:
            on_progress(len(readings), len(jobs))
    return readings


def _read_in_workers(jobs: Sequence[LabelJob], workers: int) -> Iterator[LabelReading]:
    pool = ProcessPoolExecutor(workers, get_context("forkserver"), _start_worker)
    try:
        yield from pool.map(read_label, jobs, chunksize=_CHUNK)
    except BrokenProcessPool as error:
        message = (
            "a worker process died while it read labels: out of memory, or the script that calls prepare has no "
            "guard, if __name__ == '__main__'; jobs=1 reads them without workers"
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

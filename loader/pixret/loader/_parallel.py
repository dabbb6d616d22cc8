"""Reading files on all cores."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

from pixret.loader._errors import PrepareError
from pixret.metrics import usable_cores, worker_pool

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
    workers = min(workers or usable_cores(), -(-len(jobs) // worth_a_worker))
    readings = []
    for reading in map(read, jobs) if workers <= 1 else _run_in_workers(read, jobs, workers, chunk):
        readings.append(reading)
        on_progress(len(readings), len(jobs))
    return readings


def _run_in_workers(read: Callable[[Job], Reading], jobs: Sequence[Job], workers: int, chunk: int) -> Iterator[Reading]:
    pool = worker_pool(workers)
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

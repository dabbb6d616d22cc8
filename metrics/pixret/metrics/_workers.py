"""Worker processes that leave Ctrl-C to their parent, and end with it even when it is killed."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing.connection import wait
from typing import Any

_ASKING = (signal.SIGTERM, signal.SIGINT)


def usable_cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def worker_pool(workers: int, preload: Sequence[str] = ()) -> ProcessPoolExecutor:
    """Make a pool of processes, which start with the first jobs; `preload` are modules that they share.

    They come from a fork server, which is safe beside threads, gRPC's among them; as with any such pool, a script that
    makes one guards its entry with ``if __name__ == "__main__"``.
    """
    context = multiprocessing.get_context("forkserver")
    if preload:
        context.set_forkserver_preload(list(preload))
    return _Pool(workers, context, _begin_worker)


class _Pool(ProcessPoolExecutor):
    def submit(self, *args: Any, **kwargs: Any) -> "Future[Any]":
        with holding_signals():  # a worker that is half begun when its parent ends would print a traceback
            return super().submit(*args, **kwargs)


@contextmanager
def holding_signals() -> Iterator[None]:
    """Let SIGTERM and SIGINT wait until what is begun is whole; in the main thread, which is where they are heard."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    # A mask would not do: the signal then goes to another thread, and the main thread hears of it all the same.
    heard: list[int] = []
    before = {number: signal.signal(number, lambda number, _: heard.append(number)) for number in _ASKING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler or signal.SIG_DFL)
        for each in heard:
            signal.raise_signal(each)


def _begin_worker() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears it too, and stops the workers
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """End this worker when its parent is gone; it would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)

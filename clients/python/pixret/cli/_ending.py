"""How a command ends that is asked to: at once, with its workers, and with no output cut short."""

import os
import signal
import threading
from pathlib import Path
from types import FrameType
from typing import NoReturn

_PATIENCE = 3.0
"""Seconds that cleaning up may take."""


def end_when_asked() -> None:
    """Let SIGTERM end this process; as the first of a container it would be deaf to it."""
    signal.signal(signal.SIGTERM, _end)


def end_within(seconds: float, code: int) -> None:
    """Let this process end in so many seconds, whatever it waits for then."""
    last = threading.Timer(seconds, os._exit, (code,))
    last.daemon = True
    last.start()


def write_file(path: Path, content: bytes) -> None:
    """Write a file; what asks to end meanwhile is heard when the file is whole."""
    from pixret.metrics import holding_signals

    with holding_signals():
        path.write_bytes(content)


def append_file(path: Path, content: bytes) -> None:
    """As `write_file`, behind what is there."""
    from pixret.metrics import holding_signals

    with holding_signals(), path.open("ab") as file:
        file.write(content)


def _end(number: int, _: FrameType | None) -> NoReturn:
    from multiprocessing import active_children

    for worker in active_children():  # else their pool would wait for what they do
        worker.terminate()
    # Before Python 3.11.5 a pool whose workers died in the middle of a job waits for ever (cpython issue 94777).
    end_within(_PATIENCE, 128 + number)
    raise SystemExit(128 + number)

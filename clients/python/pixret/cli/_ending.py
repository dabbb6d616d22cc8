"""How a command ends that is asked to: at once, with its workers, and with no output cut short."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import NoReturn

_ASKED = (signal.SIGTERM, signal.SIGINT)


def end_when_asked() -> None:
    """Let SIGTERM end this process; as the first of a container it would be deaf to it."""
    signal.signal(signal.SIGTERM, _end)


def write_file(path: Path, content: bytes) -> None:
    """Write a file; what asks to end meanwhile is heard when the file is whole."""
    with _deaf():
        path.write_bytes(content)


def append_file(path: Path, content: bytes) -> None:
    """As `write_file`, behind what is there."""
    with _deaf(), path.open("ab") as file:
        file.write(content)


def _end(number: int, _: FrameType | None) -> NoReturn:
    from multiprocessing import active_children

    for worker in active_children():  # else their pool would wait for what they do
        worker.terminate()
    raise SystemExit(128 + number)


@contextmanager
def _deaf() -> Iterator[None]:
    """Hear of SIGTERM and SIGINT afterwards. A mask would not do: the signal then goes to another thread."""
    heard: list[int] = []
    before = {number: signal.signal(number, lambda number, _: heard.append(number)) for number in _ASKED}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for each in heard:
            signal.raise_signal(each)

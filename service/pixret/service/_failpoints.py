"""Points at which a test lets the server die, as a power cut would; without PIXRET_FAILPOINTS they do nothing."""

import os
import signal

_VARIABLE = "PIXRET_FAILPOINTS"
"""`before_commit=3` kills the server when it is there for the third time; several points stand behind commas."""


def _read() -> dict[str, int]:
    """How often each point may still be reached; the last time is deadly."""
    points = (point.partition("=") for point in os.environ.get(_VARIABLE, "").split(",") if point)
    return {name: int(count) for name, _, count in points}


_left = _read()


def reach(point: str) -> None:
    """Note that a point is reached: before_commit, after_commit (of the state), before_ack."""
    if point in _left:
        _left[point] -= 1
        if _left[point] <= 0:
            os.kill(os.getpid(), signal.SIGKILL)

"""How long a server is waited for, and how often it is asked."""

from dataclasses import dataclass

from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential
from tenacity.stop import stop_base

from pixret.downloads._errors import PassingError

_MOST_ATTEMPTS = 100


@dataclass(frozen=True, slots=True)
class Patience:
    """Bounds on waiting, in seconds, and on attempts.

    A mirror is given up after `attempts` attempts in a row that brought nothing new. An attempt ends when connecting
    takes longer than `connect`, when nothing comes for `read`, or when fewer than `rate` bytes a second come during
    `rate_window`. Before the next one lies a random time, at most `first_wait`, doubled each time up to `longest_wait`,
    or as long as the server asks for.
    """

    attempts: int = 4
    connect: float = 20.0
    read: float = 60.0
    rate: int = 1024
    rate_window: float = 60.0
    first_wait: float = 2.0
    longest_wait: float = 60.0

    def retrying(self) -> Retrying:
        """What repeats a call as long as it raises PassingError."""
        return Retrying(
            retry=retry_if_exception_type(PassingError),
            stop=stop_after_attempt(_MOST_ATTEMPTS) | _StopWithoutProgress(self.attempts),
            wait=self._wait,
            reraise=True,
        )

    def _wait(self, state: RetryCallState) -> float:
        fault = _fault(state)
        if fault is not None and fault.retry_after is not None:
            return min(fault.retry_after, self.longest_wait)
        return wait_random_exponential(multiplier=self.first_wait, max=self.longest_wait)(state)


DEFAULT_PATIENCE = Patience()
"""For servers of universities, which may be slow or busy."""


class _StopWithoutProgress(stop_base):
    """Stop after so many attempts in a row that did not get further than any before."""

    def __init__(self, attempts: int) -> None:
        self._attempts = attempts
        self._idle = 0
        self._furthest = 0

    def __call__(self, retry_state: RetryCallState) -> bool:
        fault = _fault(retry_state)
        reached = 0 if fault is None else fault.reached
        self._idle = 0 if reached > self._furthest else self._idle + 1
        self._furthest = max(self._furthest, reached)
        return self._idle >= self._attempts


def _fault(state: RetryCallState) -> PassingError | None:
    fault = None if state.outcome is None else state.outcome.exception()
    return fault if isinstance(fault, PassingError) else None

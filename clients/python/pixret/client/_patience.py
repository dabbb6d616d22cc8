"""How long, and how, a client goes on trying when its server is away."""

import time
from typing import Any

import grpc
from tenacity import AsyncRetrying, RetryCallState, Retrying, retry_if_exception, wait_random_exponential

from pixret.client._errors import ClientError, ServerUnavailableError

RETRY_TIMEOUT = 60.0
"""Seconds that a server may be away."""

_FIRST, _MOST = 0.1, 5.0  # seconds that a pause may last: at first, doubled every time, and in the end
# A server that stops cancels the calls that are left. INTERNAL is a lost status, see _errors.
_TRANSIENT = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED, grpc.StatusCode.INTERNAL)


class Patience:
    """Decides what is tried again: a server that answered before and is away now, for `timeout` seconds on end.

    A server that never answered is not waited for, since its address is probably wrong.
    """

    def __init__(self, timeout: float) -> None:
        if not timeout >= 0:
            raise ValueError(f"retry_timeout must not be negative, but is {timeout}")
        self._timeout = timeout
        self._well_at = 0.0
        self.was_reached = False

    def is_transient(self, error: BaseException) -> bool:
        """Whether trying again may help."""
        away = isinstance(error, ServerUnavailableError) and error.code in _TRANSIENT
        return away and self.was_reached and self._timeout > 0

    def retrying(self) -> Retrying:
        """Tries that begin now."""
        return Retrying(**self._rules())

    def async_retrying(self) -> AsyncRetrying:
        """Tries that begin now, for asyncio."""
        return AsyncRetrying(**self._rules())

    def renew(self) -> None:
        """Take note that all was well until now: tries that are under way count from here."""
        self._well_at = time.monotonic()

    def end(self) -> None:
        """Try nothing again from now on: the client is closed."""
        self._timeout = 0.0

    def noted(self, error: ClientError) -> ClientError:
        """Take note of an answer that is an error: whoever refuses is there."""
        self.was_reached = self.was_reached or not isinstance(error, ServerUnavailableError)
        return error

    def _rules(self) -> dict[str, Any]:
        return {
            "retry": retry_if_exception(self.is_transient),
            "stop": self._is_over,
            "wait": wait_random_exponential(_FIRST, _MOST),
            "reraise": True,
        }

    def _is_over(self, tries: RetryCallState) -> bool:
        return time.monotonic() - max(self._well_at, tries.start_time) >= self._timeout

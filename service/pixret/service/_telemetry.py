"""What is measured of a server, in Prometheus' form, and the interceptor that measures and logs every call."""

import logging
import re
import secrets
import time
from collections import Counter as Tally
from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Any

import grpc
from prometheus_client import Counter, Gauge, Histogram, start_http_server

from pixret.metrics import Rejection
from pixret.service._access import SERVICE_NAME
from pixret.service._errors import ServiceError
from pixret.service._handlers import Behaviour, Handler, behaviour_of, method_of, with_behaviour
from pixret.service._logs import begin_call, known_of_call
from pixret.service._transport import split_address

if TYPE_CHECKING:
    from pixret.service._traces import TracedCall, Traces

_LOG = logging.getLogger("pixret.service.calls")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")

_ITEMS = Counter(
    "pixret_items", "Items that are committed, by outcome; those rejected, by reason.", ["outcome", "reason"]
)
_CALLS = Counter("pixret_calls", "Calls that have ended, by RPC and status.", ["rpc", "code"])
_CALL_SECONDS = Histogram("pixret_call_seconds", "How long calls took; streams last as long as they do.", ["rpc"])
BATCH_SECONDS = Histogram(
    "pixret_batch_seconds",
    "From a batch's arrival to its commit.",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
QUEUE = Gauge("pixret_queued_masks", "Masks that wait for a worker or are with one.")
SESSIONS = Gauge("pixret_live_sessions", "Sessions that are held in memory.")
STREAMS = Gauge("pixret_streams", "Prediction streams that are open.")


def count_items(accepted: int, rejections: Iterable[Rejection]) -> None:
    """Count items that were committed."""
    _ITEMS.labels("accepted", "").inc(accepted)
    for reason, count in Tally(rejection.reason.value for rejection in rejections).items():
        _ITEMS.labels("rejected", reason).inc(count)


def open_traces(endpoint: str) -> "Traces":
    """Get ready to send traces; ServiceError when that cannot be."""
    try:
        from pixret.service._traces import Traces

        return Traces(endpoint)
    except ImportError:
        raise ServiceError("traces need OpenTelemetry; install it with pip install 'pixret[tracing]'") from None
    except Exception as error:  # noqa: BLE001, what OpenTelemetry says of its variables has no class of its own
        raise ServiceError(f"cannot send traces to {endpoint}: {error}; correct the OTEL_ variables") from None


def expose_metrics(listen: str) -> Callable[[], None]:
    """Answer Prometheus on an address of its own; returns what ends that. ServiceError when it cannot be bound."""
    host, port = split_address(listen)
    try:
        server, thread = start_http_server(port, host.strip("[]"))
    except OSError as error:
        raise ServiceError(f"cannot show metrics on {listen}: {error.strerror}; choose another address") from None

    def close() -> None:
        server.shutdown()
        server.server_close()
        thread.join()

    return close


class Telemetry(grpc.aio.ServerInterceptor):
    """Gives every call of the scoring service an id, counts it, logs how it ended, and perhaps traces it."""

    def __init__(self, traces: "Traces | None" = None) -> None:
        self._traces = traces

    async def intercept_service(
        self,
        continuation: "Callable[[grpc.HandlerCallDetails], Awaitable[Handler | None]]",
        handler_call_details: grpc.HandlerCallDetails,
    ) -> "Handler | None":
        """Pass the call on to be handled and watched."""
        service, rpc = method_of(handler_call_details)
        if service != SERVICE_NAME:
            return await continuation(handler_call_details)
        call = None if self._traces is None else self._traces.begin(handler_call_details)
        new_id = secrets.token_hex(8) if call is None else call.trace_id
        begin_call(rpc=rpc, request_id=_own_id(handler_call_details) or new_id)
        handler = await continuation(handler_call_details)
        return None if handler is None else with_behaviour(handler, _watched(behaviour_of(handler), rpc, call))


def _watched(behaviour: Behaviour, rpc: str, call: "TracedCall | None") -> Behaviour:
    async def watched(request: Any, context: grpc.aio.ServicerContext[Any, Any]) -> Any:
        began, outcome = time.monotonic(), "CANCELLED"
        try:
            response = await behaviour(request, context)
            outcome = "OK"
            return response
        finally:
            seconds = time.monotonic() - began
            status: grpc.StatusCode | None = context.code()  # None unless somebody set it
            code = outcome if status is None else status.name
            _CALLS.labels(rpc, code).inc()
            _CALL_SECONDS.labels(rpc).observe(seconds)
            _LOG.info("%s in %.3f s", code, seconds)
            if call is not None:
                call.end(code, known_of_call())

    return watched


def _own_id(details: grpc.HandlerCallDetails) -> str | None:
    """The caller's own id of the request if it is a plain one."""
    for key, value in details.invocation_metadata or ():
        if key == "x-request-id" and isinstance(value, str) and _REQUEST_ID.fullmatch(value):
            return value
    return None

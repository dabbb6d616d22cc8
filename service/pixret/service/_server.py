"""The server as a whole: binding, health, reflection, and an orderly end."""

import asyncio
import logging
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import BrokenExecutor
from types import TracebackType
from typing import TYPE_CHECKING, Self

import grpc
from grpc_health.v1 import health, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from pixret.metrics import GroundTruth
from pixret.scoring.v1 import scoring_pb2_grpc
from pixret.service._access import SERVICE_NAME
from pixret.service._catalog import check_hidden, index_truths, warm_truths
from pixret.service._config import ServiceConfig
from pixret.service._errors import ServiceError
from pixret.service._gate import Gate
from pixret.service._journal import Journal
from pixret.service._measuring import Measurer
from pixret.service._servicer import Servicer
from pixret.service._store import SessionStore
from pixret.service._telemetry import Telemetry, expose_metrics, open_traces
from pixret.service._tokens import TokenFile
from pixret.service._transport import bind, check_metrics_exposure, check_traces_exposure, split_address
from pixret.service._upkeep import Upkeep
from pixret.service._volatile import VolatileJournal
from pixret.signing import read_signing_key

if TYPE_CHECKING:
    from pixret.service._traces import Traces

_LOG = logging.getLogger("pixret.service")

_FINISH = 2.0  # seconds for the calls that are left once the streams have ended


class Server:
    """Scores submissions to the given benchmarks; an async context manager that starts and stops it.

    Args:
        truths: what to score against, one for each benchmark.
        listen: HOST:PORT; port 0 takes a free one, and `address` tells which.
        config: limits and paces.
        journal: where sessions are written down, and closed with the server; by default nowhere.
    """

    def __init__(
        self,
        truths: Sequence[GroundTruth],
        listen: str = "127.0.0.1:0",
        *,
        config: ServiceConfig | None = None,
        journal: Journal | None = None,
    ) -> None:
        self.address = listen
        self.config = config or ServiceConfig()
        self._truths = index_truths(truths)
        self._journal = journal or VolatileJournal()
        self._gate = Gate(TokenFile(self.config.token_file) if self.config.token_file is not None else None)
        self._stopping: asyncio.Task[None] | None = None
        self._close_metrics: Callable[[], None] = _nothing
        self._traces: Traces | None = None

    async def start(self) -> str:
        """Bind and serve; the address, with the port that was bound.

        Raises:
            ServiceError: when it cannot be bound, or hides a benchmark that it does not have.
            SigningError: when there is no key to sign with where one is configured.
        """
        host, port = split_address(self.address)
        check_hidden(self._truths, self.config)
        check_traces_exposure(self.config)
        signing_key = None if self.config.signing_key is None else read_signing_key(self.config.signing_key)
        self._traces = None if self.config.traces is None else open_traces(self.config.traces)
        await asyncio.to_thread(warm_truths, self._truths)
        self._measurer = Measurer(self.config.worker_count, self.config.mask_limits)
        store = SessionStore(self._truths, self._measurer, self._journal, self.config)
        self._servicer = Servicer(self._truths, store, self.config, signing_key)
        self._health = health.aio.HealthServicer()
        self._grpc = grpc.aio.server(interceptors=[Telemetry(self._traces), self._gate], options=_options(self.config))
        register: Callable[[Servicer, grpc.aio.Server], None] = scoring_pb2_grpc.add_ScoringServiceServicer_to_server
        register(self._servicer, self._grpc)
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._grpc)
        if self.config.reflection:
            names = (SERVICE_NAME, health.SERVICE_NAME, reflection.SERVICE_NAME)
            reflection.enable_server_reflection(names, self._grpc)
        self._upkeep = Upkeep(store, self._health, self.config)
        try:
            if self.config.metrics_listen is not None:
                check_metrics_exposure(self.config)
                self._close_metrics = expose_metrics(self.config.metrics_listen)
            self.address = f"{host}:{await bind(self._grpc, host, port, self.config)}"
            await _warm(self._measurer)
            await self._grpc.start()
            await self._upkeep.begin()
        except BaseException:
            self._close_metrics()
            await self._upkeep.end()
            await self._grpc.stop(None)
            await self._measurer.close()
            await self._upkeep.settle()
            await self._journal.close()
            await self._close_traces()
            raise
        _LOG.info("serving %s on %s", ", ".join(self._truths), self.address)
        return self.address

    async def stop(self, grace: float | None = None) -> None:
        """Stop in an orderly way: streams are told, get `grace` seconds, and all that was taken is acked."""
        if self._stopping is None:
            self._stopping = asyncio.create_task(self._stop(self.config.grace if grace is None else grace))
        await asyncio.shield(self._stopping)

    async def _stop(self, grace: float) -> None:
        _LOG.info("draining for up to %g s", grace)
        await self._upkeep.end()
        await self._servicer.drain(grace)
        await self._grpc.stop(_FINISH)
        await self._measurer.close()
        await self._upkeep.settle()
        await self._journal.close()
        self._close_metrics()
        await self._close_traces()
        _LOG.info("stopped")

    async def _close_traces(self) -> None:
        if self._traces is not None:
            await self._traces.close()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()


async def serve(
    truths: Sequence[GroundTruth],
    listen: str,
    *,
    config: ServiceConfig | None = None,
    journal: Journal | None = None,
    on_ready: Callable[[str], None] | None = None,
    on_stopping: Callable[[], None] | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT, then drain.

    `on_ready` is called with the address that was bound, `on_stopping` before the drain. After that and the grace, only
    masks that are being measured and the state are waited for.

    Raises:
        ServiceError: when the address cannot be bound or there is nothing to serve.
    """
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, asked.set)
    try:
        async with Server(truths, listen, config=config, journal=journal) as server:
            if on_ready is not None:
                on_ready(server.address)
            await asked.wait()
            if on_stopping is not None:
                on_stopping()
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


def run_server(
    truths: Sequence[GroundTruth],
    listen: str = "127.0.0.1:50051",
    *,
    config: ServiceConfig | None = None,
    journal: Journal | None = None,
    on_ready: Callable[[str], None] | None = None,
    on_stopping: Callable[[], None] | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT, as `serve` does, in an event loop of its own; returns after the drain."""
    asyncio.run(serve(truths, listen, config=config, journal=journal, on_ready=on_ready, on_stopping=on_stopping))


def _nothing() -> None:
    """Close nothing."""


def _options(config: ServiceConfig) -> list[tuple[str, int]]:
    return [
        ("grpc.max_receive_message_length", config.max_message_bytes),
        ("grpc.max_send_message_length", -1),
        ("grpc.max_concurrent_streams", config.max_concurrent_streams),
        ("grpc.so_reuseport", 0),  # or a second server takes half of the connections without a word
        ("grpc.keepalive_time_ms", 30_000),
        ("grpc.keepalive_timeout_ms", 20_000),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
        ("grpc.http2.max_ping_strikes", 3),
    ]


async def _warm(measurer: Measurer) -> None:
    try:
        await measurer.warm()
    except BrokenExecutor:
        message = 'worker processes do not start; a script that serves guards its entry with if __name__ == "__main__"'
        raise ServiceError(message) from None

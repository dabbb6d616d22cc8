"""Traces of calls in OpenTelemetry's form, sent by OTLP. Only this module needs the extra `tracing`."""

import asyncio
from collections.abc import Mapping
from importlib.metadata import version

import grpc
from opentelemetry import context, propagate
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, StatusCode, format_trace_id, set_span_in_context

from pixret.service._spans import TRACER

_FLUSH = 2.0  # seconds for what is left to be sent at the end, so that a collector that is away holds nobody up
_SERVER_FAULTS = {"UNKNOWN", "DEADLINE_EXCEEDED", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS"}
"""Status codes that OpenTelemetry's conventions for gRPC count as errors of a server."""


class TracedCall:
    """The span of one call, which is the current one in the call's context."""

    def __init__(self, span: Span) -> None:
        self._span = span
        self.trace_id = format_trace_id(span.get_span_context().trace_id)

    def end(self, code: str, known: Mapping[str, str]) -> None:
        """End the span with the call's status and what the log knows of the call, of which nothing is secret."""
        self._span.set_attributes({f"pixret.{key}": value for key, value in known.items() if key != "rpc"})
        self._span.set_attribute("rpc.response.status_code", code)
        if code in _SERVER_FAULTS:
            self._span.set_attribute("error.type", code)
            self._span.set_status(StatusCode.ERROR)
        self._span.end()


class Traces:
    """Sends spans to the collector at an endpoint; in all else OpenTelemetry's own variables hold."""

    def __init__(self, endpoint: str) -> None:
        own = Resource.create({SERVICE_NAME: "pixret", SERVICE_VERSION: version("pixret")})
        self._exporter = OTLPSpanExporter(endpoint=endpoint)
        self._provider = TracerProvider(resource=own.merge(OTELResourceDetector().detect()), shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(self._exporter))
        self._tracer = self._provider.get_tracer("pixret.service", version("pixret"))

    def begin(self, details: grpc.HandlerCallDetails) -> TracedCall | None:
        """Begin the span of a call, below that of the caller if it tells one; None with OTEL_SDK_DISABLED."""
        method = details.method.removeprefix("/")
        told = {key: value for key, value in details.invocation_metadata or () if isinstance(value, str)}
        attributes = {"rpc.system.name": "grpc", "rpc.method": method}
        span = self._tracer.start_span(method, propagate.extract(told), SpanKind.SERVER, attributes)
        if not span.get_span_context().is_valid:
            return None
        context.attach(set_span_in_context(span))
        TRACER.set(self._tracer)
        return TracedCall(span)

    async def close(self) -> None:
        """Send what is left, for a moment."""
        sending = asyncio.create_task(asyncio.to_thread(self._provider.shutdown))
        await asyncio.wait({sending}, timeout=_FLUSH)
        if not sending.done():
            self._exporter.shutdown()  # which breaks off what is being sent, and so ends the wait
        await sending

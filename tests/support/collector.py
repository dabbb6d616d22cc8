"""A collector of OpenTelemetry's on loopback: takes traces by OTLP over gRPC, as others do, and keeps them."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as pb
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2_grpc


class Collector(trace_service_pb2_grpc.TraceServiceServicer):
    """What was received: the requests, and the metadata of each."""

    def __init__(self):
        self.endpoint = ""
        self.requests, self.metadata = [], []

    def Export(self, request, context):  # noqa: N802
        self.requests.append(request)
        self.metadata.append(dict(context.invocation_metadata()))
        return pb.ExportTraceServiceResponse()

    @property
    def resources(self):
        """Attributes of those who sent."""
        return [attributes(each.resource) for request in self.requests for each in request.resource_spans]

    @property
    def spans(self):
        scopes = [scope for request in self.requests for each in request.resource_spans for scope in each.scope_spans]
        return [span for scope in scopes for span in scope.spans]

    def named(self, name):
        return [span for span in self.spans if span.name == name]

    def below(self, parent):
        """Spans under another, in the order in which they began."""
        children = [span for span in self.spans if span.parent_span_id == parent.span_id]
        return sorted(children, key=lambda span: span.start_time_unix_nano)


class Deaf(Collector):
    """A collector that never answers, until `released`."""

    def __init__(self):
        super().__init__()
        self.released = threading.Event()

    def Export(self, request, context):  # noqa: N802
        self.released.wait(60)
        return super().Export(request, context)


def attributes(described):
    """Attributes of a span or a resource as a dictionary."""
    return {each.key: getattr(each.value, each.value.WhichOneof("value")) for each in described.attributes}


@contextmanager
def running_collector(kind=Collector):
    server = grpc.server(ThreadPoolExecutor(2))
    collector = kind()
    trace_service_pb2_grpc.add_TraceServiceServicer_to_server(collector, server)
    collector.endpoint = f"http://127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    try:
        yield collector
    finally:
        server.stop(None).wait()

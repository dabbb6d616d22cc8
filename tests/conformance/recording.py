"""A gRPC proxy that notes what travels through it: calls, and which fields of their messages are set."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial

import grpc
from answering import started
from google.protobuf.message_factory import GetMessageClass

from pixret.scoring.v1 import scoring_pb2 as pb

METHODS = {method.name: method for method in pb.DESCRIPTOR.services_by_name["ScoringService"].methods}


def arms(descriptor, path):
    """Every arm of every oneof, in a message and in those that it may hold, by the path of its fields.

    A field that is merely `optional` is in a oneof of its own, whose name protoc begins with an underscore.
    """
    for field in descriptor.fields:
        here = f"{path}.{field.name}"
        if field.containing_oneof is not None and not field.containing_oneof.name.startswith("_"):
            yield here
        if field.message_type is not None:
            yield from arms(field.message_type, here)


def set_fields(message, path):
    """Every field that is set in a message and in those that it holds, by its path, and every value of an enum."""
    for field, value in message.ListFields():
        here = f"{path}.{field.name}"
        yield here
        if field.message_type is not None:
            for each in value if field.is_repeated else [value]:
                yield from set_fields(each, here)
        if field.enum_type is not None:
            yield field.enum_type.values_by_number[value].name


class Recorder(grpc.GenericRpcHandler):
    """Hands calls on to the server at `target`, which may change, and notes in `seen` what they carry."""

    def __init__(self):
        self.target = None
        self.seen = set()

    def service(self, details):
        """Handle any call as a stream: on the wire, a unary call is one of a single message."""
        method = METHODS[details.method.rpartition("/")[2]]
        self.seen.add(method.name)
        return grpc.stream_stream_rpc_method_handler(partial(self.forward, details.method, method))

    def forward(self, path, method, requests, context):
        """Make the same call to the server, and yield its answers."""
        token = [(key, value) for key, value in context.invocation_metadata() if key == "authorization"]
        with grpc.insecure_channel(self.target) as channel:
            call = channel.stream_stream(path)(self._noted(requests, method.input_type), metadata=token)
            context.add_callback(call.cancel)
            try:
                yield from self._noted(call, method.output_type)
            except grpc.RpcError as error:
                context.set_trailing_metadata(error.trailing_metadata() or ())
                context.abort(error.code(), error.details())

    def _noted(self, messages, descriptor):
        for message in messages:
            self.seen.update(set_fields(GetMessageClass(descriptor).FromString(message), descriptor.name))
            yield message


@contextmanager
def serving(recorder):
    """The address where a recorder listens."""
    threads = ThreadPoolExecutor(16)
    proxy = grpc.server(threads, [recorder], options=[("grpc.max_receive_message_length", -1)])
    with started(proxy, threads) as address:
        yield address

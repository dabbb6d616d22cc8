"""gRPC's four kinds of handlers, as interceptors meet them."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

import grpc

Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"
Behaviour = Callable[[Any, "grpc.aio.ServicerContext[Any, Any]"], Awaitable[Any]]

_MAKERS = {
    (False, False): grpc.unary_unary_rpc_method_handler,
    (False, True): grpc.unary_stream_rpc_method_handler,
    (True, False): grpc.stream_unary_rpc_method_handler,
    (True, True): grpc.stream_stream_rpc_method_handler,
}


def behaviour_of(handler: Handler) -> Behaviour:
    """What a handler does."""
    found: Behaviour = (
        handler.unary_unary or handler.unary_stream or handler.stream_unary or handler.stream_stream  # type: ignore[assignment] # one is set
    )
    return found


def with_behaviour(handler: Handler, behaviour: Behaviour) -> Handler:
    """A handler of the same kind and with the same messages that does something else."""
    return _made(handler, behaviour, handler.request_deserializer)


def with_bytes(handler: Handler, behaviour: Behaviour) -> Handler:
    """A handler of the same kind that does something with requests as they came."""
    return _made(handler, behaviour, None)


def method_of(details: grpc.HandlerCallDetails) -> tuple[str, str]:
    """Service and RPC that a caller names, who may name anything."""
    service, _, rpc = details.method.removeprefix("/").rpartition("/")
    return service, rpc


def _made(handler: Handler, behaviour: Behaviour, read: Callable[[bytes], Any] | None) -> Handler:
    make: Any = _MAKERS[handler.request_streaming, handler.response_streaming]
    made: Handler = make(behaviour, read, handler.response_serializer)
    return made

"""The gate that every call passes: who calls, and whether they may."""

from collections.abc import Awaitable, Callable
from typing import Any

import grpc
from google.protobuf.message import DecodeError
from grpc_health.v1 import health
from grpc_reflection.v1alpha import reflection

from pixret.service._access import GRANT, SCORING_ROLES, SERVICE_NAME, Grant, Role
from pixret.service._errors import EnvelopeError, ScoringError
from pixret.service._handlers import Handler, behaviour_of, method_of, with_behaviour, with_bytes
from pixret.service._logs import note
from pixret.service._status import abort
from pixret.service._tokens import TokenFile

_BEARER = "bearer "

_Details = grpc.HandlerCallDetails


class Gate(grpc.aio.ServerInterceptor):
    """Lets a call in under the grant of its token. Without tokens, everyone may do everything.

    Health checks need no token: what asks for them is often a balancer that has none, and they tell next to nothing.
    """

    def __init__(self, tokens: TokenFile | None) -> None:
        self._tokens = tokens

    async def intercept_service(
        self, continuation: "Callable[[_Details], Awaitable[Handler | None]]", handler_call_details: _Details
    ) -> "Handler | None":
        """Pass a call on, or answer in its place with why it is refused."""
        handler = await continuation(handler_call_details)
        if handler is None:
            return handler
        try:
            GRANT.set(self._admit(handler_call_details))
        except ScoringError as refusal:
            return _refusing(handler, refusal)
        return handler if handler.request_streaming else _reading(handler)

    def _admit(self, details: _Details) -> Grant:
        service, rpc = method_of(details)
        if self._tokens is None or service == health.SERVICE_NAME:
            return Grant()
        grant = self._tokens.admit(_presented(details))
        note(principal=grant.principal)
        grant.require(_required(service, rpc), rpc)
        return grant


def _required(service: str, rpc: str) -> Role:
    if service == SERVICE_NAME:
        return SCORING_ROLES[rpc]
    return Role.READ if service == reflection.SERVICE_NAME else Role.ADMIN


def _presented(details: _Details) -> str | None:
    """The token of the call's metadata, None when there is none."""
    for key, value in details.invocation_metadata or ():
        text = value if isinstance(value, str) else value.decode("latin-1")
        if key == "authorization" and text.lower().startswith(_BEARER):
            return text[len(_BEARER) :].strip()
    return None


def _refusing(handler: Handler, refusal: ScoringError) -> Handler:
    """A handler of the same kind as another, which answers with the status of a fault."""

    async def refuse(_: object, context: grpc.aio.ServicerContext[Any, Any]) -> None:
        await abort(context, refusal)

    return with_behaviour(handler, refuse)


def _reading(handler: Handler) -> Handler:
    """The same handler of one request, which tells who sends bytes that are none; gRPC would tell a class of Python."""
    behaviour, read = behaviour_of(handler), handler.request_deserializer

    async def read_and_handle(request: bytes, context: grpc.aio.ServicerContext[Any, Any]) -> Any:
        try:
            message = request if read is None else read(request)
        except DecodeError:
            await abort(context, EnvelopeError("request", "the request is no message of this call; send one"))
        return await behaviour(message, context)

    return with_bytes(handler, read_and_handle)

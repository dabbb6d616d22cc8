"""The one place where faults of the domain become gRPC status codes with google.rpc details."""

import functools
import logging
import secrets
from collections.abc import Awaitable, Callable
from typing import Any, Never, TypeVar

import grpc
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc import error_details_pb2 as details_pb2
from google.rpc import status_pb2

from pixret.service._errors import (
    ConflictError,
    DamagedStateError,
    DigestError,
    DrainingError,
    EnvelopeError,
    FencedError,
    FinalizedError,
    ForbiddenError,
    MeasuringError,
    MovedError,
    OffsetGapError,
    QuotaError,
    ScoringError,
    StateError,
    StateFullError,
    TokensUnreadableError,
    TotalsError,
    TruthChangedError,
    UnauthenticatedError,
    UnknownResourceError,
)

_LOG = logging.getLogger("pixret.service")
_DOMAIN = "pixret"
_DETAILS_KEY = "grpc-status-details-bin"
_MAX_NAME = 200
_MAX_MESSAGE = 600  # characters; gRPC carries status and details as trailers, of which clients take 8 KiB

_Servicer = TypeVar("_Servicer")
_Request = TypeVar("_Request")
_Response = TypeVar("_Response")
_Context = grpc.aio.ServicerContext[Any, Any]
_Handler = Callable[[_Servicer, _Request, _Context], Awaitable[_Response]]


def guarded(handler: _Handler[_Servicer, _Request, _Response]) -> _Handler[_Servicer, _Request, _Response]:
    """Let an RPC end with the status of what it raises; what nobody expected is logged and told as INTERNAL."""

    @functools.wraps(handler)
    async def handle(servicer: _Servicer, request: _Request, context: _Context) -> _Response:
        try:
            return await handler(servicer, request, context)
        except ScoringError as error:
            await abort(context, error)
        except Exception:  # noqa: BLE001, the last line of defence: logged here, and told without internals
            incident = secrets.token_hex(4)
            _LOG.exception("incident %s in %s", incident, handler.__name__)
            await context.abort(grpc.StatusCode.INTERNAL, f"internal error; the server's log has incident {incident}")

    return handle


async def abort(context: _Context, error: ScoringError) -> Never:
    """End a call with the status of a fault."""
    code, reason = _CODES[type(error)]
    message = str(error)[:_MAX_MESSAGE]
    info = details_pb2.ErrorInfo(reason=reason, domain=_DOMAIN, metadata=_metadata(error))
    details = [info, *_details(error, message)]
    status = status_pb2.Status(code=code.value[0], message=message, details=map(_pack, details))
    await context.abort(code, message, ((_DETAILS_KEY, status.SerializeToString()),))


_CODES: dict[type[ScoringError], tuple[grpc.StatusCode, str]] = {
    EnvelopeError: (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_REQUEST"),
    UnknownResourceError: (grpc.StatusCode.NOT_FOUND, "NOT_FOUND"),
    UnauthenticatedError: (grpc.StatusCode.UNAUTHENTICATED, "UNAUTHENTICATED"),
    ForbiddenError: (grpc.StatusCode.PERMISSION_DENIED, "ROLE_MISSING"),
    TokensUnreadableError: (grpc.StatusCode.UNAVAILABLE, "TOKENS_UNREADABLE"),
    ConflictError: (grpc.StatusCode.ALREADY_EXISTS, "CONFLICT"),
    OffsetGapError: (grpc.StatusCode.OUT_OF_RANGE, "OFFSET_GAP"),
    FencedError: (grpc.StatusCode.ABORTED, "WRITER_REPLACED"),
    FinalizedError: (grpc.StatusCode.FAILED_PRECONDITION, "FINALIZED"),
    TotalsError: (grpc.StatusCode.FAILED_PRECONDITION, "TOTALS_DIFFER"),
    DigestError: (grpc.StatusCode.FAILED_PRECONDITION, "DIGEST_DIFFERS"),
    TruthChangedError: (grpc.StatusCode.FAILED_PRECONDITION, "GROUND_TRUTH_CHANGED"),
    MovedError: (grpc.StatusCode.UNAVAILABLE, "SESSION_MOVED"),
    StateError: (grpc.StatusCode.UNAVAILABLE, "STATE_UNAVAILABLE"),
    StateFullError: (grpc.StatusCode.RESOURCE_EXHAUSTED, "STATE_FULL"),
    DamagedStateError: (grpc.StatusCode.DATA_LOSS, "STATE_DAMAGED"),
    QuotaError: (grpc.StatusCode.RESOURCE_EXHAUSTED, "LIMIT_REACHED"),
    DrainingError: (grpc.StatusCode.UNAVAILABLE, "DRAINING"),
    MeasuringError: (grpc.StatusCode.INTERNAL, "WORKER_DIED"),
}
"""Status code of a fault, and the reason in its ErrorInfo."""


def _metadata(error: ScoringError) -> dict[str, str]:
    """Values for programs to act on, which the message tells in words."""
    match error:
        case OffsetGapError(expected=expected, got=got):
            return {"expected_offset": str(expected), "offset": str(got)}
        case FencedError(session=session, epoch=epoch):
            return {"session": session, "writer_epoch": str(epoch)}
        case ForbiddenError(needs=needs):
            return {"role": needs}
        case TotalsError(field=field, theirs=theirs, mine=mine):
            return {"field": field, "client": str(theirs), "server": str(mine)}
        case _:
            return {}


def _details(error: ScoringError, message: str) -> list[Message]:
    match error:
        case EnvelopeError(field=field):
            bad = details_pb2.BadRequest.FieldViolation(field=field, description=message)
            return [details_pb2.BadRequest(field_violations=[bad])]
        case UnknownResourceError(kind=kind, name=name) | ConflictError(kind=kind, name=name):
            name = name[:_MAX_NAME]
            return [details_pb2.ResourceInfo(resource_type=kind, resource_name=name, description=message)]
        case (
            FinalizedError(session=session)
            | TotalsError(session=session)
            | DigestError(session=session)
            | TruthChangedError(session=session)
        ):
            kind = _CODES[type(error)][1]
            unmet = details_pb2.PreconditionFailure.Violation(type=kind, subject=session, description=message)
            return [details_pb2.PreconditionFailure(violations=[unmet])]
        case QuotaError(subject=subject, retry=retry):
            violation = details_pb2.QuotaFailure.Violation(subject=subject, description=message)
            quota = details_pb2.QuotaFailure(violations=[violation])
            return [quota] if retry is None else [quota, details_pb2.RetryInfo(retry_delay=_duration(retry))]
        case DrainingError() | MovedError() | StateError() | TokensUnreadableError():
            return [details_pb2.RetryInfo(retry_delay=Duration(seconds=1))]
        case _:
            return []


def _duration(seconds: float) -> Duration:
    duration = Duration()
    duration.FromNanoseconds(int(seconds * 1e9))
    return duration


def _pack(detail: Message) -> AnyMessage:
    packed = AnyMessage()
    packed.Pack(detail)
    return packed

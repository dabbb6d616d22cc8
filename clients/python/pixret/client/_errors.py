"""What can go wrong between a client and its server."""

import grpc


class ClientError(Exception):
    """A call that failed; `code` is the status, `detail` what the server says."""

    def __init__(self, code: grpc.StatusCode, detail: str) -> None:
        super().__init__(f"{detail} ({code.name})")
        self.code = code
        self.detail = detail


class ServerUnavailableError(ClientError):
    """The server cannot be reached, or went away; what was acknowledged stands, and sending can be resumed."""


class NotFoundError(ClientError):
    """There is no such benchmark or session."""


class AccessError(ClientError):
    """The server does not let the caller in: the token is missing, unknown or expired, or lacks the role."""


class InvalidRequestError(ClientError):
    """The request itself is wrong; `ClientError.detail` names the field."""


class ConflictError(ClientError):
    """The session does not allow it: finalized, other totals, a gap, other content, or another writer took over."""


class LimitExceededError(ClientError):
    """A limit of the server's is reached."""


class UnencodableItemError(ValueError):
    """An item that no message can carry, such as one with a negative index; nothing of its batch was sent."""


_BY_CODE: dict[grpc.StatusCode, type[ClientError]] = {
    grpc.StatusCode.UNAVAILABLE: ServerUnavailableError,
    grpc.StatusCode.DEADLINE_EXCEEDED: ServerUnavailableError,
    grpc.StatusCode.CANCELLED: ServerUnavailableError,
    grpc.StatusCode.UNAUTHENTICATED: AccessError,
    grpc.StatusCode.PERMISSION_DENIED: AccessError,
    grpc.StatusCode.NOT_FOUND: NotFoundError,
    grpc.StatusCode.INVALID_ARGUMENT: InvalidRequestError,
    grpc.StatusCode.OUT_OF_RANGE: ConflictError,
    grpc.StatusCode.ALREADY_EXISTS: ConflictError,
    grpc.StatusCode.ABORTED: ConflictError,
    grpc.StatusCode.FAILED_PRECONDITION: ConflictError,
    grpc.StatusCode.RESOURCE_EXHAUSTED: LimitExceededError,
}


# What grpc.aio puts in the place of the real status when a stream breaks while it is written to, as it does when the
# server goes away or ends it (github.com/grpc/grpc/issues/36066). Attaching again shows the real one.
_LOST_STATUS = "Internal error from Core"


def client_error(error: grpc.RpcError, address: str) -> ClientError:
    """The typed error of a call to `address` that failed."""
    code, detail = error.code(), error.details() or "no details"
    kind = _BY_CODE.get(code, ClientError)
    if code is grpc.StatusCode.INTERNAL and detail == _LOST_STATUS:
        kind, detail = ServerUnavailableError, "the stream broke while it was written to"
    if kind is ServerUnavailableError:
        remedy = "check that it runs there and that both speak TLS or neither, and send the same again to go on"
        detail = f"scoring server {address}: {detail}; {remedy}"
    return kind(code, detail)

"""Whether a server is there and serves."""

from typing import Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from pixret.client._access import Tls
from pixret.client._conversation import CHANNEL_OPTIONS
from pixret.client._errors import client_error


def check_health(address: str, *, service: str = "", tls: Tls | None = None, timeout: float = 5.0) -> str:
    """Ask a server by gRPC's health protocol: SERVING, or NOT_SERVING, as while it drains.

    Args:
        address: ``HOST:PORT``.
        service: whose health; by default that of the server as a whole.
        tls: without it the connection is plaintext. No token is needed.
        timeout: seconds to wait for the answer.

    Raises:
        ClientError: when the server cannot be reached, or does not know the service.
    """
    channel = (
        grpc.insecure_channel(address, CHANNEL_OPTIONS)
        if tls is None
        else grpc.secure_channel(address, tls.credentials(), CHANNEL_OPTIONS)
    )
    stub: Any = health_pb2_grpc.HealthStub(channel)  # whose types are not told
    with channel:
        try:
            request = health_pb2.HealthCheckRequest(service=service)
            answer = stub.Check(request, timeout=timeout)
        except grpc.RpcError as error:
            raise client_error(error, address) from None
    status: str = health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status)
    return status

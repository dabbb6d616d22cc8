"""Python clients of the scoring service, blocking and asyncio."""

from pixret.client._access import Tls
from pixret.client._async import AsyncClient
from pixret.client._async_stream import AsyncPredictionStream
from pixret.client._errors import (
    AccessError,
    ClientError,
    ConflictError,
    InvalidRequestError,
    LimitExceededError,
    NotFoundError,
    ServerUnavailableError,
    UnencodableItemError,
)
from pixret.client._health import check_health
from pixret.client._records import Appended, BenchmarkInfo, Report, SessionInfo
from pixret.client._sync import Client
from pixret.client._sync_stream import PredictionStream

__all__ = [
    "AccessError",
    "Appended",
    "AsyncClient",
    "AsyncPredictionStream",
    "BenchmarkInfo",
    "Client",
    "ClientError",
    "ConflictError",
    "InvalidRequestError",
    "LimitExceededError",
    "NotFoundError",
    "PredictionStream",
    "Report",
    "ServerUnavailableError",
    "SessionInfo",
    "Tls",
    "UnencodableItemError",
    "check_health",
]

"""The unary calls, described once for both clients: the RPC, its request, and what its response means."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from google.protobuf.message import Message

from pixret.client._records import BenchmarkInfo, Report, SessionInfo
from pixret.client._wire import decode_rejection, decode_snapshot
from pixret.metrics import Rejection, Snapshot
from pixret.scoring.v1 import scoring_pb2 as pb

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """One unary call: the name of the RPC, the request, and how to read the response.

    Every call may be repeated. One that `forgets` what it names has done so when it is not found any more.
    """

    rpc: str
    request: Message
    decode: Callable[[Any], T]
    forgets: bool = False


Page = tuple[list[Rejection], str]
"""Rejections, and the token of the next page, empty on the last."""


def list_benchmarks() -> Call[list[BenchmarkInfo]]:
    """All benchmarks of the server."""
    return Call("ListBenchmarks", pb.ListBenchmarksRequest(), lambda r: [*map(BenchmarkInfo.decode, r.benchmarks)])


def get_benchmark(benchmark: str, *, names: bool) -> Call[BenchmarkInfo]:
    """One benchmark, with the names of its queries and index images if asked."""
    view = pb.BENCHMARK_VIEW_FULL if names else pb.BENCHMARK_VIEW_BASIC
    request = pb.GetBenchmarkRequest(name=f"benchmarks/{benchmark}", view=view)
    return Call("GetBenchmark", request, lambda r: BenchmarkInfo.decode(r.benchmark))


def create_session(benchmark: str, distractors: int, request_id: str, display_name: str) -> Call[SessionInfo]:
    """A new session, or the one that the same request_id made before."""
    request = pb.CreateSessionRequest(
        benchmark=f"benchmarks/{benchmark}",
        request_id=request_id,
        distractor_count=distractors,
        display_name=display_name,
    )
    return Call("CreateSession", request, lambda r: SessionInfo.decode(r.session))


def get_session(session: str) -> Call[SessionInfo]:
    """A session as it stands."""
    return Call("GetSession", pb.GetSessionRequest(name=session), lambda r: SessionInfo.decode(r.session))


def list_sessions(token: str) -> Call[tuple[list[SessionInfo], str]]:
    """A page of sessions and the token of the next."""
    request = pb.ListSessionsRequest(page_token=token)
    return Call("ListSessions", request, lambda r: ([*map(SessionInfo.decode, r.sessions)], r.next_page_token))


def delete_session(session: str) -> Call[None]:
    """Forget a session."""
    return Call("DeleteSession", pb.DeleteSessionRequest(name=session), lambda _: None, forgets=True)


def append_predictions(session: str, batch: pb.ItemBatch) -> Call[list[Rejection]]:
    """One batch without a stream; the rejections among its items."""
    request = pb.AppendPredictionsRequest(session=session, batch=batch)
    return Call("AppendPredictions", request, lambda r: [*map(decode_rejection, r.rejections)])


def get_snapshot(session: str) -> Call[Snapshot]:
    """The metrics of what the session has received."""
    return Call("GetSnapshot", pb.GetSnapshotRequest(session=session), lambda r: decode_snapshot(r.snapshot))


def list_rejections(session: str, token: str) -> Call[Page]:
    """A page of refused items and the token of the next."""
    request = pb.ListRejectionsRequest(session=session, page_token=token)
    return Call("ListRejections", request, lambda r: ([*map(decode_rejection, r.rejections)], r.next_page_token))


def finalize_session(session: str, received: int, chain_digest: bytes) -> Call[Report]:
    """Close a session that has received so many items, of this digest unless it is empty."""
    request = pb.FinalizeSessionRequest(session=session, item_count=received, chain_digest=chain_digest)
    return Call("FinalizeSession", request, lambda r: Report(r.report_json, r.report_signature or None))

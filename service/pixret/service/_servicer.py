"""The RPCs: envelopes are checked here, and everything else is the session's."""

# ruff: noqa: ARG002, N802 -- the names and parameters of RPCs are gRPC's

import asyncio
from collections.abc import Mapping
from typing import Any

import grpc

from pixret.metrics import GroundTruth
from pixret.scoring.v1 import scoring_pb2 as pb
from pixret.scoring.v1.scoring_pb2_grpc import ScoringServiceServicer
from pixret.service._access import GRANT
from pixret.service._catalog import find_truth
from pixret.service._config import ServiceConfig
from pixret.service._errors import DrainingError, EnvelopeError
from pixret.service._intake import read_chunk
from pixret.service._journal import SessionSpec
from pixret.service._names import benchmark_id, check_name, check_session_name, read_token, write_token
from pixret.service._quotas import Quotas
from pixret.service._session import Session, Totals
from pixret.service._status import guarded
from pixret.service._store import SessionStore
from pixret.service._stream import PredictionStream
from pixret.service._telemetry import STREAMS
from pixret.service._views import ack_view, benchmark_view, limits_view, rejection_views, session_view, snapshot_view
from pixret.signing import SigningKey, sign_report

_SESSIONS, _MAX_SESSIONS = 100, 1000  # in a page, by default and at most
_REJECTIONS, _MAX_REJECTIONS = 1000, 10_000
_PAGE_BYTES = 2**21  # rejections in a page, so that it stays below the 4 MiB that clients take by default

_Context = grpc.aio.ServicerContext[Any, Any]


class Servicer(ScoringServiceServicer):
    """The scoring service. Streams that are open are known, so that a drain can tell them."""

    def __init__(
        self,
        truths: Mapping[str, GroundTruth],
        sessions: SessionStore,
        config: ServiceConfig,
        signing_key: SigningKey | None = None,
    ) -> None:
        self._truths, self._sessions, self._config = truths, sessions, config
        self._signing_key = signing_key
        self._limits = limits_view(config)
        self._quotas = Quotas(config)
        self._streams: set[PredictionStream] = set()
        self._draining = False
        self._idle = asyncio.Event()
        self._idle.set()

    async def drain(self, grace: float) -> None:
        """Open no more sessions or streams; return when those that are open have ended, which they do in time."""
        self._draining = True
        for stream in self._streams:
            stream.drain(grace)
        try:
            await asyncio.wait_for(self._idle.wait(), grace)
        except TimeoutError:
            for stream in self._streams:
                stream.end(DrainingError())

    @guarded
    async def ListBenchmarks(self, request: pb.ListBenchmarksRequest, context: _Context) -> pb.ListBenchmarksResponse:
        """List all benchmarks."""
        return pb.ListBenchmarksResponse(
            benchmarks=[benchmark_view(truth, self._limits) for truth in self._truths.values()]
        )

    @guarded
    async def GetBenchmark(self, request: pb.GetBenchmarkRequest, context: _Context) -> pb.GetBenchmarkResponse:
        """Describe one benchmark."""
        truth = find_truth(self._truths, benchmark_id("name", request.name))
        if request.view not in pb.BenchmarkView.values():
            raise EnvelopeError("view", f"{request.view} is no BenchmarkView")
        full = request.view == pb.BENCHMARK_VIEW_FULL
        return pb.GetBenchmarkResponse(benchmark=benchmark_view(truth, self._limits, full=full))

    @guarded
    async def CreateSession(self, request: pb.CreateSessionRequest, context: _Context) -> pb.CreateSessionResponse:
        """Open a session."""
        self._check_up()
        truth = find_truth(self._truths, benchmark_id("benchmark", request.benchmark))
        for field in ("request_id", "display_name"):
            check_name(field, getattr(request, field))
        if request.distractor_count > self._config.max_distractors:
            message = f"{request.distractor_count} distractors, and {self._config.max_distractors} are the most"
            raise EnvelopeError("distractor_count", message)
        spec = SessionSpec(
            GRANT.get().principal,
            truth.benchmark,
            truth.digest,
            request.request_id,
            request.distractor_count,
            request.display_name,
        )
        return pb.CreateSessionResponse(session=session_view(await self._sessions.create(spec)))

    @guarded
    async def GetSession(self, request: pb.GetSessionRequest, context: _Context) -> pb.GetSessionResponse:
        """Read the state of a session."""
        name = check_session_name("name", request.name)
        return pb.GetSessionResponse(session=session_view(await self._sessions.describe(name)))

    @guarded
    async def ListSessions(self, request: pb.ListSessionsRequest, context: _Context) -> pb.ListSessionsResponse:
        """List sessions, oldest first."""
        size = min(request.page_size or _SESSIONS, _MAX_SESSIONS)
        sessions = await self._sessions.page(read_token("sessions", request.page_token), size + 1)
        more = len(sessions) > size
        return pb.ListSessionsResponse(
            sessions=[session_view(session) for session in sessions[:size]],
            next_page_token=write_token("sessions", sessions[size - 1].sequence) if more else "",
        )

    @guarded
    async def DeleteSession(self, request: pb.DeleteSessionRequest, context: _Context) -> pb.DeleteSessionResponse:
        """End and forget a session."""
        await self._sessions.delete(check_session_name("name", request.name))
        return pb.DeleteSessionResponse()

    @guarded
    async def StreamPredictions(self, request: object, context: _Context) -> None:
        """Append items and report on them while they come."""
        self._check_up()
        stream = PredictionStream(context, self._sessions, self._quotas.of(GRANT.get().principal), self._config)
        self._streams.add(stream)
        STREAMS.inc()
        self._idle.clear()
        try:
            await stream.run()
        finally:
            self._streams.discard(stream)
            STREAMS.dec()
            if not self._streams:
                self._idle.set()

    @guarded
    async def AppendPredictions(
        self,
        request: pb.AppendPredictionsRequest,
        context: _Context,
    ) -> pb.AppendPredictionsResponse:
        """Append one batch."""
        session = await self._use(request.session)
        if not request.HasField("batch"):
            raise EnvelopeError("batch", "no batch is set")
        self._quotas.of(GRANT.get().principal).check(request.batch)
        await self._quotas.of(GRANT.get().principal).keep(request.batch)
        pending = session.append(await read_chunk(request.batch, session.accumulator, self._config))
        await asyncio.shield(pending.done)
        return pb.AppendPredictionsResponse(
            ack=ack_view(session.progress),
            rejections=rejection_views(session.rejections_between(pending.chunk.offset, pending.chunk.end)),
        )

    @guarded
    async def GetSnapshot(self, request: pb.GetSnapshotRequest, context: _Context) -> pb.GetSnapshotResponse:
        """Score what was received so far."""
        session = await self._use(request.session)
        return pb.GetSnapshotResponse(snapshot=snapshot_view(await self._sessions.snapshot(session)))

    @guarded
    async def ListRejections(self, request: pb.ListRejectionsRequest, context: _Context) -> pb.ListRejectionsResponse:
        """List refused items by offset."""
        session = await self._use(request.session)
        position = read_token(session.name, request.page_token)
        size = min(request.page_size or _REJECTIONS, _MAX_REJECTIONS)
        views = _that_fit(rejection_views(session.rejections_from(position, size)))
        following = position + len(views)
        more = following < session.progress.rejected
        return pb.ListRejectionsResponse(
            rejections=views, next_page_token=write_token(session.name, following) if more else ""
        )

    @guarded
    async def FinalizeSession(
        self,
        request: pb.FinalizeSessionRequest,
        context: _Context,
    ) -> pb.FinalizeSessionResponse:
        """Close a session and return its report."""
        session = await self._use(request.session)
        totals = Totals(
            items=request.item_count,
            accepted=request.accepted_count if request.HasField("accepted_count") else None,
            rejected=request.rejected_count if request.HasField("rejected_count") else None,
            chain=request.chain_digest or None,
        )
        report = await self._sessions.finalize(session, totals)
        signature = b"" if self._signing_key is None else sign_report(report, self._signing_key)
        return pb.FinalizeSessionResponse(
            session=session_view(session.state), report_json=report, report_signature=signature
        )

    async def _use(self, name: str) -> Session:
        return await self._sessions.use(check_session_name("session", name))

    def _check_up(self) -> None:
        if self._draining:
            raise DrainingError


def _that_fit(views: list[pb.Rejection]) -> list[pb.Rejection]:
    """The first of the rejections, as many as a page holds."""
    room = _PAGE_BYTES
    for count, view in enumerate(views):
        room -= view.ByteSize()
        if room < 0:
            return views[:count]
    return views

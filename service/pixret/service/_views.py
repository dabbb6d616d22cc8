"""What the server knows, as messages of the wire."""

from collections.abc import Iterable

from google.protobuf.json_format import MessageToJson

from pixret.metrics import (
    THRESHOLDS,
    Bounds,
    ConventionMetrics,
    GroundTruth,
    Level,
    ProtocolMetrics,
    Reason,
    Rejection,
    Snapshot,
    TaskMetrics,
)
from pixret.scoring.v1 import scoring_pb2 as pb
from pixret.service._config import ServiceConfig
from pixret.service._journal import Progress, SessionState

_REASONS: dict[Reason, str] = {
    reason: f"REJECTION_REASON_{reason.name}" for reason in Reason if reason is not Reason.UNKNOWN
}


def limits_view(config: ServiceConfig) -> pb.Limits:
    """What one message may hold."""
    return pb.Limits(
        max_batch_items=config.max_batch_items,
        max_message_bytes=config.max_message_bytes,
        max_mask_runs=config.mask_limits.max_runs,
        max_mask_pixels=config.mask_limits.max_pixels,
        max_coordinate=config.mask_limits.max_coordinate,
        max_polygon_points=config.mask_limits.max_points,
        max_distractors=config.max_distractors,
    )


def benchmark_view(truth: GroundTruth, limits: pb.Limits, *, full: bool = False) -> pb.Benchmark:
    """A benchmark, with the names of its images when `full`."""
    return pb.Benchmark(
        name=f"benchmarks/{truth.benchmark}",
        query_count=len(truth.query_ids),
        index_size=len(truth.image_ids),
        easy_count=truth.count(Level.EASY),
        hard_count=truth.count(Level.HARD),
        junk_count=truth.count(Level.JUNK),
        thresholds=list(THRESHOLDS),
        digest=truth.digest,
        limits=limits,
        query_ids=truth.query_ids if full else (),
        image_ids=truth.image_ids if full else (),
    )


def session_view(state: SessionState) -> pb.Session:
    """A session as it stands."""
    spec, progress = state.spec, state.progress
    view = pb.Session(
        name=state.name,
        benchmark=f"benchmarks/{spec.benchmark}",
        state=pb.SESSION_STATE_FINALIZED if state.is_finalized else pb.SESSION_STATE_OPEN,
        committed_offset=progress.committed,
        accepted_count=progress.accepted,
        rejected_count=progress.rejected,
        distractor_count=spec.distractors,
        display_name=spec.display_name,
        chain_digest=state.chain,
    )
    view.create_time.FromDatetime(state.create_time)
    return view


def ack_view(progress: Progress) -> pb.Ack:
    """What is committed."""
    return pb.Ack(
        committed_offset=progress.committed, accepted_count=progress.accepted, rejected_count=progress.rejected
    )


def rejection_views(rejections: Iterable[Rejection]) -> list[pb.Rejection]:
    """Refused items."""
    return [
        pb.Rejection(
            offset=rejection.offset,
            reason=_REASONS[rejection.reason],
            field=rejection.field,
            message=rejection.message,
            query=str(rejection.query),
            image="" if rejection.image is None else str(rejection.image),
        )
        for rejection in rejections
    ]


def snapshot_view(snapshot: Snapshot, flush_tag: str = "") -> pb.Snapshot:
    """Metrics at one offset."""
    return pb.Snapshot(
        offset=snapshot.received,
        accepted_count=snapshot.accepted,
        rejected_count=snapshot.rejected,
        flush_tag=flush_tag,
        protocols=[
            _protocol(protocol.value, metrics, official_exact=snapshot.official_exact)
            for protocol, metrics in snapshot.protocols.items()
        ],
        chain_digest=snapshot.chain_digest,
    )


def snapshot_json(snapshot: Snapshot) -> bytes:
    """A snapshot's message in the JSON form of protobuf, whose floats keep every bit."""
    return MessageToJson(snapshot_view(snapshot), preserving_proto_field_name=True, indent=1).encode() + b"\n"


def bare_snapshot_view(state: SessionState, flush_tag: str) -> pb.Snapshot:
    """How far a session is, when no more of its metrics are told."""
    return pb.Snapshot(
        offset=state.progress.committed,
        accepted_count=state.progress.accepted,
        rejected_count=state.progress.rejected,
        flush_tag=flush_tag,
        chain_digest=state.chain,
    )


def _protocol(name: str, metrics: ProtocolMetrics, *, official_exact: bool) -> pb.ProtocolMetrics:
    return pb.ProtocolMetrics(
        protocol=name,
        coverage=metrics.coverage,
        official=_convention(metrics.official, exact=official_exact),
        strict=_convention(metrics.strict, exact=True),
        official_bounds=_bounds(metrics.official_bounds),
        strict_bounds=_bounds(metrics.strict_bounds),
    )


def _bounds(bounds: Bounds) -> pb.Bounds:
    return pb.Bounds(least=_convention(bounds.least), greatest=_convention(bounds.greatest))


def _convention(metrics: ConventionMetrics, *, exact: bool = False) -> pb.ConventionMetrics:
    return pb.ConventionMetrics(
        detection=_task(metrics.detection),
        segmentation=_task(metrics.segmentation),
        ranking_map=metrics.ranking_map,
        exact=exact,
    )


def _task(metrics: TaskMetrics) -> pb.TaskMetrics:
    return pb.TaskMetrics(miou=metrics.miou, map_50_95=metrics.map_50_95, map=metrics.map or ())

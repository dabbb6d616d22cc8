import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class BenchmarkView(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    BENCHMARK_VIEW_UNSPECIFIED: _ClassVar[BenchmarkView]
    BENCHMARK_VIEW_BASIC: _ClassVar[BenchmarkView]
    BENCHMARK_VIEW_FULL: _ClassVar[BenchmarkView]

class SessionState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SESSION_STATE_UNSPECIFIED: _ClassVar[SessionState]
    SESSION_STATE_OPEN: _ClassVar[SessionState]
    SESSION_STATE_FINALIZED: _ClassVar[SessionState]

class RejectionReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REJECTION_REASON_UNSPECIFIED: _ClassVar[RejectionReason]
    REJECTION_REASON_INCOMPLETE: _ClassVar[RejectionReason]
    REJECTION_REASON_UNKNOWN_QUERY: _ClassVar[RejectionReason]
    REJECTION_REASON_UNKNOWN_IMAGE: _ClassVar[RejectionReason]
    REJECTION_REASON_DUPLICATE: _ClassVar[RejectionReason]
    REJECTION_REASON_INVALID_ORDER: _ClassVar[RejectionReason]
    REJECTION_REASON_INVALID_MASK: _ClassVar[RejectionReason]
    REJECTION_REASON_SIZE_MISMATCH: _ClassVar[RejectionReason]
    REJECTION_REASON_LIMIT_EXCEEDED: _ClassVar[RejectionReason]
    REJECTION_REASON_UNREADABLE: _ClassVar[RejectionReason]
BENCHMARK_VIEW_UNSPECIFIED: BenchmarkView
BENCHMARK_VIEW_BASIC: BenchmarkView
BENCHMARK_VIEW_FULL: BenchmarkView
SESSION_STATE_UNSPECIFIED: SessionState
SESSION_STATE_OPEN: SessionState
SESSION_STATE_FINALIZED: SessionState
REJECTION_REASON_UNSPECIFIED: RejectionReason
REJECTION_REASON_INCOMPLETE: RejectionReason
REJECTION_REASON_UNKNOWN_QUERY: RejectionReason
REJECTION_REASON_UNKNOWN_IMAGE: RejectionReason
REJECTION_REASON_DUPLICATE: RejectionReason
REJECTION_REASON_INVALID_ORDER: RejectionReason
REJECTION_REASON_INVALID_MASK: RejectionReason
REJECTION_REASON_SIZE_MISMATCH: RejectionReason
REJECTION_REASON_LIMIT_EXCEEDED: RejectionReason
REJECTION_REASON_UNREADABLE: RejectionReason

class Benchmark(_message.Message):
    __slots__ = ("name", "query_count", "index_size", "easy_count", "hard_count", "junk_count", "thresholds", "digest", "limits", "query_ids", "image_ids")
    NAME_FIELD_NUMBER: _ClassVar[int]
    QUERY_COUNT_FIELD_NUMBER: _ClassVar[int]
    INDEX_SIZE_FIELD_NUMBER: _ClassVar[int]
    EASY_COUNT_FIELD_NUMBER: _ClassVar[int]
    HARD_COUNT_FIELD_NUMBER: _ClassVar[int]
    JUNK_COUNT_FIELD_NUMBER: _ClassVar[int]
    THRESHOLDS_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    QUERY_IDS_FIELD_NUMBER: _ClassVar[int]
    IMAGE_IDS_FIELD_NUMBER: _ClassVar[int]
    name: str
    query_count: int
    index_size: int
    easy_count: int
    hard_count: int
    junk_count: int
    thresholds: _containers.RepeatedScalarFieldContainer[float]
    digest: str
    limits: Limits
    query_ids: _containers.RepeatedScalarFieldContainer[str]
    image_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, name: _Optional[str] = ..., query_count: _Optional[int] = ..., index_size: _Optional[int] = ..., easy_count: _Optional[int] = ..., hard_count: _Optional[int] = ..., junk_count: _Optional[int] = ..., thresholds: _Optional[_Iterable[float]] = ..., digest: _Optional[str] = ..., limits: _Optional[_Union[Limits, _Mapping]] = ..., query_ids: _Optional[_Iterable[str]] = ..., image_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class Limits(_message.Message):
    __slots__ = ("max_batch_items", "max_message_bytes", "max_mask_runs", "max_mask_pixels", "max_coordinate", "max_polygon_points", "max_distractors")
    MAX_BATCH_ITEMS_FIELD_NUMBER: _ClassVar[int]
    MAX_MESSAGE_BYTES_FIELD_NUMBER: _ClassVar[int]
    MAX_MASK_RUNS_FIELD_NUMBER: _ClassVar[int]
    MAX_MASK_PIXELS_FIELD_NUMBER: _ClassVar[int]
    MAX_COORDINATE_FIELD_NUMBER: _ClassVar[int]
    MAX_POLYGON_POINTS_FIELD_NUMBER: _ClassVar[int]
    MAX_DISTRACTORS_FIELD_NUMBER: _ClassVar[int]
    max_batch_items: int
    max_message_bytes: int
    max_mask_runs: int
    max_mask_pixels: int
    max_coordinate: float
    max_polygon_points: int
    max_distractors: int
    def __init__(self, max_batch_items: _Optional[int] = ..., max_message_bytes: _Optional[int] = ..., max_mask_runs: _Optional[int] = ..., max_mask_pixels: _Optional[int] = ..., max_coordinate: _Optional[float] = ..., max_polygon_points: _Optional[int] = ..., max_distractors: _Optional[int] = ...) -> None: ...

class ListBenchmarksRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListBenchmarksResponse(_message.Message):
    __slots__ = ("benchmarks",)
    BENCHMARKS_FIELD_NUMBER: _ClassVar[int]
    benchmarks: _containers.RepeatedCompositeFieldContainer[Benchmark]
    def __init__(self, benchmarks: _Optional[_Iterable[_Union[Benchmark, _Mapping]]] = ...) -> None: ...

class GetBenchmarkRequest(_message.Message):
    __slots__ = ("name", "view")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VIEW_FIELD_NUMBER: _ClassVar[int]
    name: str
    view: BenchmarkView
    def __init__(self, name: _Optional[str] = ..., view: _Optional[_Union[BenchmarkView, str]] = ...) -> None: ...

class GetBenchmarkResponse(_message.Message):
    __slots__ = ("benchmark",)
    BENCHMARK_FIELD_NUMBER: _ClassVar[int]
    benchmark: Benchmark
    def __init__(self, benchmark: _Optional[_Union[Benchmark, _Mapping]] = ...) -> None: ...

class Session(_message.Message):
    __slots__ = ("name", "benchmark", "state", "create_time", "committed_offset", "accepted_count", "rejected_count", "distractor_count", "display_name", "chain_digest")
    NAME_FIELD_NUMBER: _ClassVar[int]
    BENCHMARK_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    COMMITTED_OFFSET_FIELD_NUMBER: _ClassVar[int]
    ACCEPTED_COUNT_FIELD_NUMBER: _ClassVar[int]
    REJECTED_COUNT_FIELD_NUMBER: _ClassVar[int]
    DISTRACTOR_COUNT_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    CHAIN_DIGEST_FIELD_NUMBER: _ClassVar[int]
    name: str
    benchmark: str
    state: SessionState
    create_time: _timestamp_pb2.Timestamp
    committed_offset: int
    accepted_count: int
    rejected_count: int
    distractor_count: int
    display_name: str
    chain_digest: bytes
    def __init__(self, name: _Optional[str] = ..., benchmark: _Optional[str] = ..., state: _Optional[_Union[SessionState, str]] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., committed_offset: _Optional[int] = ..., accepted_count: _Optional[int] = ..., rejected_count: _Optional[int] = ..., distractor_count: _Optional[int] = ..., display_name: _Optional[str] = ..., chain_digest: _Optional[bytes] = ...) -> None: ...

class CreateSessionRequest(_message.Message):
    __slots__ = ("benchmark", "request_id", "distractor_count", "display_name")
    BENCHMARK_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    DISTRACTOR_COUNT_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    benchmark: str
    request_id: str
    distractor_count: int
    display_name: str
    def __init__(self, benchmark: _Optional[str] = ..., request_id: _Optional[str] = ..., distractor_count: _Optional[int] = ..., display_name: _Optional[str] = ...) -> None: ...

class CreateSessionResponse(_message.Message):
    __slots__ = ("session",)
    SESSION_FIELD_NUMBER: _ClassVar[int]
    session: Session
    def __init__(self, session: _Optional[_Union[Session, _Mapping]] = ...) -> None: ...

class GetSessionRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class GetSessionResponse(_message.Message):
    __slots__ = ("session",)
    SESSION_FIELD_NUMBER: _ClassVar[int]
    session: Session
    def __init__(self, session: _Optional[_Union[Session, _Mapping]] = ...) -> None: ...

class ListSessionsRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListSessionsResponse(_message.Message):
    __slots__ = ("sessions", "next_page_token")
    SESSIONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    sessions: _containers.RepeatedCompositeFieldContainer[Session]
    next_page_token: str
    def __init__(self, sessions: _Optional[_Iterable[_Union[Session, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class DeleteSessionRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class DeleteSessionResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ImageRef(_message.Message):
    __slots__ = ("id", "index")
    ID_FIELD_NUMBER: _ClassVar[int]
    INDEX_FIELD_NUMBER: _ClassVar[int]
    id: str
    index: int
    def __init__(self, id: _Optional[str] = ..., index: _Optional[int] = ...) -> None: ...

class Item(_message.Message):
    __slots__ = ("prediction", "ranking")
    PREDICTION_FIELD_NUMBER: _ClassVar[int]
    RANKING_FIELD_NUMBER: _ClassVar[int]
    prediction: Prediction
    ranking: Ranking
    def __init__(self, prediction: _Optional[_Union[Prediction, _Mapping]] = ..., ranking: _Optional[_Union[Ranking, _Mapping]] = ...) -> None: ...

class Prediction(_message.Message):
    __slots__ = ("query", "image", "score", "rank", "rle", "runs", "polygons", "box", "no_mask", "unreadable")
    QUERY_FIELD_NUMBER: _ClassVar[int]
    IMAGE_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    RANK_FIELD_NUMBER: _ClassVar[int]
    RLE_FIELD_NUMBER: _ClassVar[int]
    RUNS_FIELD_NUMBER: _ClassVar[int]
    POLYGONS_FIELD_NUMBER: _ClassVar[int]
    BOX_FIELD_NUMBER: _ClassVar[int]
    NO_MASK_FIELD_NUMBER: _ClassVar[int]
    UNREADABLE_FIELD_NUMBER: _ClassVar[int]
    query: ImageRef
    image: ImageRef
    score: float
    rank: int
    rle: RleMask
    runs: RunsMask
    polygons: PolygonsMask
    box: BoxMask
    no_mask: NoMask
    unreadable: UnreadableMask
    def __init__(self, query: _Optional[_Union[ImageRef, _Mapping]] = ..., image: _Optional[_Union[ImageRef, _Mapping]] = ..., score: _Optional[float] = ..., rank: _Optional[int] = ..., rle: _Optional[_Union[RleMask, _Mapping]] = ..., runs: _Optional[_Union[RunsMask, _Mapping]] = ..., polygons: _Optional[_Union[PolygonsMask, _Mapping]] = ..., box: _Optional[_Union[BoxMask, _Mapping]] = ..., no_mask: _Optional[_Union[NoMask, _Mapping]] = ..., unreadable: _Optional[_Union[UnreadableMask, _Mapping]] = ...) -> None: ...

class RleMask(_message.Message):
    __slots__ = ("height", "width", "counts")
    HEIGHT_FIELD_NUMBER: _ClassVar[int]
    WIDTH_FIELD_NUMBER: _ClassVar[int]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    height: int
    width: int
    counts: bytes
    def __init__(self, height: _Optional[int] = ..., width: _Optional[int] = ..., counts: _Optional[bytes] = ...) -> None: ...

class RunsMask(_message.Message):
    __slots__ = ("height", "width", "counts")
    HEIGHT_FIELD_NUMBER: _ClassVar[int]
    WIDTH_FIELD_NUMBER: _ClassVar[int]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    height: int
    width: int
    counts: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, height: _Optional[int] = ..., width: _Optional[int] = ..., counts: _Optional[_Iterable[int]] = ...) -> None: ...

class PolygonsMask(_message.Message):
    __slots__ = ("polygons",)
    POLYGONS_FIELD_NUMBER: _ClassVar[int]
    polygons: _containers.RepeatedCompositeFieldContainer[Polygon]
    def __init__(self, polygons: _Optional[_Iterable[_Union[Polygon, _Mapping]]] = ...) -> None: ...

class Polygon(_message.Message):
    __slots__ = ("xy",)
    XY_FIELD_NUMBER: _ClassVar[int]
    xy: _containers.RepeatedScalarFieldContainer[float]
    def __init__(self, xy: _Optional[_Iterable[float]] = ...) -> None: ...

class BoxMask(_message.Message):
    __slots__ = ("x", "y", "width", "height")
    X_FIELD_NUMBER: _ClassVar[int]
    Y_FIELD_NUMBER: _ClassVar[int]
    WIDTH_FIELD_NUMBER: _ClassVar[int]
    HEIGHT_FIELD_NUMBER: _ClassVar[int]
    x: float
    y: float
    width: float
    height: float
    def __init__(self, x: _Optional[float] = ..., y: _Optional[float] = ..., width: _Optional[float] = ..., height: _Optional[float] = ...) -> None: ...

class NoMask(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class UnreadableMask(_message.Message):
    __slots__ = ("detail",)
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    detail: str
    def __init__(self, detail: _Optional[str] = ...) -> None: ...

class Ranking(_message.Message):
    __slots__ = ("query", "image_indices")
    QUERY_FIELD_NUMBER: _ClassVar[int]
    IMAGE_INDICES_FIELD_NUMBER: _ClassVar[int]
    query: ImageRef
    image_indices: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, query: _Optional[_Union[ImageRef, _Mapping]] = ..., image_indices: _Optional[_Iterable[int]] = ...) -> None: ...

class ItemBatch(_message.Message):
    __slots__ = ("offset", "items")
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    offset: int
    items: _containers.RepeatedCompositeFieldContainer[Item]
    def __init__(self, offset: _Optional[int] = ..., items: _Optional[_Iterable[_Union[Item, _Mapping]]] = ...) -> None: ...

class StreamPredictionsRequest(_message.Message):
    __slots__ = ("attach", "batch", "flush")
    ATTACH_FIELD_NUMBER: _ClassVar[int]
    BATCH_FIELD_NUMBER: _ClassVar[int]
    FLUSH_FIELD_NUMBER: _ClassVar[int]
    attach: Attach
    batch: ItemBatch
    flush: Flush
    def __init__(self, attach: _Optional[_Union[Attach, _Mapping]] = ..., batch: _Optional[_Union[ItemBatch, _Mapping]] = ..., flush: _Optional[_Union[Flush, _Mapping]] = ...) -> None: ...

class Attach(_message.Message):
    __slots__ = ("session", "snapshot_interval")
    SESSION_FIELD_NUMBER: _ClassVar[int]
    SNAPSHOT_INTERVAL_FIELD_NUMBER: _ClassVar[int]
    session: str
    snapshot_interval: _duration_pb2.Duration
    def __init__(self, session: _Optional[str] = ..., snapshot_interval: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class Flush(_message.Message):
    __slots__ = ("tag",)
    TAG_FIELD_NUMBER: _ClassVar[int]
    tag: str
    def __init__(self, tag: _Optional[str] = ...) -> None: ...

class StreamPredictionsResponse(_message.Message):
    __slots__ = ("attached", "ack", "rejections", "snapshot", "drain")
    ATTACHED_FIELD_NUMBER: _ClassVar[int]
    ACK_FIELD_NUMBER: _ClassVar[int]
    REJECTIONS_FIELD_NUMBER: _ClassVar[int]
    SNAPSHOT_FIELD_NUMBER: _ClassVar[int]
    DRAIN_FIELD_NUMBER: _ClassVar[int]
    attached: Attached
    ack: Ack
    rejections: Rejections
    snapshot: Snapshot
    drain: Drain
    def __init__(self, attached: _Optional[_Union[Attached, _Mapping]] = ..., ack: _Optional[_Union[Ack, _Mapping]] = ..., rejections: _Optional[_Union[Rejections, _Mapping]] = ..., snapshot: _Optional[_Union[Snapshot, _Mapping]] = ..., drain: _Optional[_Union[Drain, _Mapping]] = ...) -> None: ...

class Attached(_message.Message):
    __slots__ = ("session", "writer_epoch")
    SESSION_FIELD_NUMBER: _ClassVar[int]
    WRITER_EPOCH_FIELD_NUMBER: _ClassVar[int]
    session: Session
    writer_epoch: int
    def __init__(self, session: _Optional[_Union[Session, _Mapping]] = ..., writer_epoch: _Optional[int] = ...) -> None: ...

class Ack(_message.Message):
    __slots__ = ("committed_offset", "accepted_count", "rejected_count")
    COMMITTED_OFFSET_FIELD_NUMBER: _ClassVar[int]
    ACCEPTED_COUNT_FIELD_NUMBER: _ClassVar[int]
    REJECTED_COUNT_FIELD_NUMBER: _ClassVar[int]
    committed_offset: int
    accepted_count: int
    rejected_count: int
    def __init__(self, committed_offset: _Optional[int] = ..., accepted_count: _Optional[int] = ..., rejected_count: _Optional[int] = ...) -> None: ...

class Rejections(_message.Message):
    __slots__ = ("rejections",)
    REJECTIONS_FIELD_NUMBER: _ClassVar[int]
    rejections: _containers.RepeatedCompositeFieldContainer[Rejection]
    def __init__(self, rejections: _Optional[_Iterable[_Union[Rejection, _Mapping]]] = ...) -> None: ...

class Rejection(_message.Message):
    __slots__ = ("offset", "reason", "field", "message", "query", "image")
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    FIELD_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    QUERY_FIELD_NUMBER: _ClassVar[int]
    IMAGE_FIELD_NUMBER: _ClassVar[int]
    offset: int
    reason: RejectionReason
    field: str
    message: str
    query: str
    image: str
    def __init__(self, offset: _Optional[int] = ..., reason: _Optional[_Union[RejectionReason, str]] = ..., field: _Optional[str] = ..., message: _Optional[str] = ..., query: _Optional[str] = ..., image: _Optional[str] = ...) -> None: ...

class Snapshot(_message.Message):
    __slots__ = ("offset", "accepted_count", "rejected_count", "flush_tag", "protocols", "chain_digest")
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    ACCEPTED_COUNT_FIELD_NUMBER: _ClassVar[int]
    REJECTED_COUNT_FIELD_NUMBER: _ClassVar[int]
    FLUSH_TAG_FIELD_NUMBER: _ClassVar[int]
    PROTOCOLS_FIELD_NUMBER: _ClassVar[int]
    CHAIN_DIGEST_FIELD_NUMBER: _ClassVar[int]
    offset: int
    accepted_count: int
    rejected_count: int
    flush_tag: str
    protocols: _containers.RepeatedCompositeFieldContainer[ProtocolMetrics]
    chain_digest: bytes
    def __init__(self, offset: _Optional[int] = ..., accepted_count: _Optional[int] = ..., rejected_count: _Optional[int] = ..., flush_tag: _Optional[str] = ..., protocols: _Optional[_Iterable[_Union[ProtocolMetrics, _Mapping]]] = ..., chain_digest: _Optional[bytes] = ...) -> None: ...

class ProtocolMetrics(_message.Message):
    __slots__ = ("protocol", "coverage", "official", "strict", "official_bounds", "strict_bounds")
    PROTOCOL_FIELD_NUMBER: _ClassVar[int]
    COVERAGE_FIELD_NUMBER: _ClassVar[int]
    OFFICIAL_FIELD_NUMBER: _ClassVar[int]
    STRICT_FIELD_NUMBER: _ClassVar[int]
    OFFICIAL_BOUNDS_FIELD_NUMBER: _ClassVar[int]
    STRICT_BOUNDS_FIELD_NUMBER: _ClassVar[int]
    protocol: str
    coverage: float
    official: ConventionMetrics
    strict: ConventionMetrics
    official_bounds: Bounds
    strict_bounds: Bounds
    def __init__(self, protocol: _Optional[str] = ..., coverage: _Optional[float] = ..., official: _Optional[_Union[ConventionMetrics, _Mapping]] = ..., strict: _Optional[_Union[ConventionMetrics, _Mapping]] = ..., official_bounds: _Optional[_Union[Bounds, _Mapping]] = ..., strict_bounds: _Optional[_Union[Bounds, _Mapping]] = ...) -> None: ...

class Bounds(_message.Message):
    __slots__ = ("least", "greatest")
    LEAST_FIELD_NUMBER: _ClassVar[int]
    GREATEST_FIELD_NUMBER: _ClassVar[int]
    least: ConventionMetrics
    greatest: ConventionMetrics
    def __init__(self, least: _Optional[_Union[ConventionMetrics, _Mapping]] = ..., greatest: _Optional[_Union[ConventionMetrics, _Mapping]] = ...) -> None: ...

class ConventionMetrics(_message.Message):
    __slots__ = ("detection", "segmentation", "ranking_map", "exact")
    DETECTION_FIELD_NUMBER: _ClassVar[int]
    SEGMENTATION_FIELD_NUMBER: _ClassVar[int]
    RANKING_MAP_FIELD_NUMBER: _ClassVar[int]
    EXACT_FIELD_NUMBER: _ClassVar[int]
    detection: TaskMetrics
    segmentation: TaskMetrics
    ranking_map: float
    exact: bool
    def __init__(self, detection: _Optional[_Union[TaskMetrics, _Mapping]] = ..., segmentation: _Optional[_Union[TaskMetrics, _Mapping]] = ..., ranking_map: _Optional[float] = ..., exact: bool = ...) -> None: ...

class TaskMetrics(_message.Message):
    __slots__ = ("miou", "map_50_95", "map")
    MIOU_FIELD_NUMBER: _ClassVar[int]
    MAP_50_95_FIELD_NUMBER: _ClassVar[int]
    MAP_FIELD_NUMBER: _ClassVar[int]
    miou: float
    map_50_95: float
    map: _containers.RepeatedScalarFieldContainer[float]
    def __init__(self, miou: _Optional[float] = ..., map_50_95: _Optional[float] = ..., map: _Optional[_Iterable[float]] = ...) -> None: ...

class Drain(_message.Message):
    __slots__ = ("grace",)
    GRACE_FIELD_NUMBER: _ClassVar[int]
    grace: _duration_pb2.Duration
    def __init__(self, grace: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class AppendPredictionsRequest(_message.Message):
    __slots__ = ("session", "batch")
    SESSION_FIELD_NUMBER: _ClassVar[int]
    BATCH_FIELD_NUMBER: _ClassVar[int]
    session: str
    batch: ItemBatch
    def __init__(self, session: _Optional[str] = ..., batch: _Optional[_Union[ItemBatch, _Mapping]] = ...) -> None: ...

class AppendPredictionsResponse(_message.Message):
    __slots__ = ("ack", "rejections")
    ACK_FIELD_NUMBER: _ClassVar[int]
    REJECTIONS_FIELD_NUMBER: _ClassVar[int]
    ack: Ack
    rejections: _containers.RepeatedCompositeFieldContainer[Rejection]
    def __init__(self, ack: _Optional[_Union[Ack, _Mapping]] = ..., rejections: _Optional[_Iterable[_Union[Rejection, _Mapping]]] = ...) -> None: ...

class GetSnapshotRequest(_message.Message):
    __slots__ = ("session",)
    SESSION_FIELD_NUMBER: _ClassVar[int]
    session: str
    def __init__(self, session: _Optional[str] = ...) -> None: ...

class GetSnapshotResponse(_message.Message):
    __slots__ = ("snapshot",)
    SNAPSHOT_FIELD_NUMBER: _ClassVar[int]
    snapshot: Snapshot
    def __init__(self, snapshot: _Optional[_Union[Snapshot, _Mapping]] = ...) -> None: ...

class ListRejectionsRequest(_message.Message):
    __slots__ = ("session", "page_size", "page_token")
    SESSION_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    session: str
    page_size: int
    page_token: str
    def __init__(self, session: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListRejectionsResponse(_message.Message):
    __slots__ = ("rejections", "next_page_token")
    REJECTIONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    rejections: _containers.RepeatedCompositeFieldContainer[Rejection]
    next_page_token: str
    def __init__(self, rejections: _Optional[_Iterable[_Union[Rejection, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class FinalizeSessionRequest(_message.Message):
    __slots__ = ("session", "item_count", "accepted_count", "rejected_count", "chain_digest")
    SESSION_FIELD_NUMBER: _ClassVar[int]
    ITEM_COUNT_FIELD_NUMBER: _ClassVar[int]
    ACCEPTED_COUNT_FIELD_NUMBER: _ClassVar[int]
    REJECTED_COUNT_FIELD_NUMBER: _ClassVar[int]
    CHAIN_DIGEST_FIELD_NUMBER: _ClassVar[int]
    session: str
    item_count: int
    accepted_count: int
    rejected_count: int
    chain_digest: bytes
    def __init__(self, session: _Optional[str] = ..., item_count: _Optional[int] = ..., accepted_count: _Optional[int] = ..., rejected_count: _Optional[int] = ..., chain_digest: _Optional[bytes] = ...) -> None: ...

class FinalizeSessionResponse(_message.Message):
    __slots__ = ("session", "report_json", "report_signature")
    SESSION_FIELD_NUMBER: _ClassVar[int]
    REPORT_JSON_FIELD_NUMBER: _ClassVar[int]
    REPORT_SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    session: Session
    report_json: bytes
    report_signature: bytes
    def __init__(self, session: _Optional[_Union[Session, _Mapping]] = ..., report_json: _Optional[bytes] = ..., report_signature: _Optional[bytes] = ...) -> None: ...

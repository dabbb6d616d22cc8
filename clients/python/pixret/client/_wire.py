"""Items to messages, and messages to the core's own records."""

import numpy as np

from pixret.client._errors import UnencodableItemError
from pixret.metrics import (
    BoxRegion,
    ConventionMetrics,
    ImageRef,
    Item,
    Malformed,
    NoMask,
    Polygons,
    Prediction,
    Protocol,
    ProtocolMetrics,
    Ranking,
    Reason,
    Region,
    Rejection,
    Rle,
    Runs,
    Snapshot,
    TaskMetrics,
    Unreadable,
)
from pixret.scoring.v1 import scoring_pb2 as pb

_UNFIT = (ValueError, TypeError, OverflowError)
"""What protobuf raises for a value that a field cannot hold."""


def encode_item(item: Item) -> pb.Item:
    """The message of an item; UnencodableItemError when a name, an index or a rank does not fit in it."""
    if isinstance(item, Malformed):
        raise UnencodableItemError(f"query {item.query!r}: {item.fault}")
    try:
        query = _encode_ref(item.query)
        if isinstance(item, Ranking):
            return pb.Item(ranking=pb.Ranking(query=query, image_indices=np.asarray(item.images).tolist()))
        return pb.Item(prediction=_encode_prediction(item, query))
    except _UNFIT as error:
        raise UnencodableItemError(f"query {item.query!r}: {error}") from None


def decode_rejection(message: pb.Rejection) -> Rejection:
    """The core's record of a refused item."""
    reason = Reason[pb.RejectionReason.Name(message.reason).removeprefix("REJECTION_REASON_")]
    return Rejection(message.offset, reason, message.field, message.message, message.query, message.image or None)


def decode_snapshot(message: pb.Snapshot) -> Snapshot:
    """The core's record of a snapshot; why a number is undefined is left to the report."""
    return Snapshot(
        accepted=message.accepted_count,
        rejected=message.rejected_count,
        official_exact=all(metrics.official.exact for metrics in message.protocols),
        protocols={Protocol(metrics.protocol): _decode_protocol(metrics) for metrics in message.protocols},
    )


def _encode_ref(ref: ImageRef) -> pb.ImageRef:
    return pb.ImageRef(id=ref) if isinstance(ref, str) else pb.ImageRef(index=ref)


def _encode_prediction(item: Prediction, query: pb.ImageRef) -> pb.Prediction:
    if item.score is not None and item.rank is not None:
        raise ValueError(f"score {item.score} and rank {item.rank} are both given; give one")
    message = pb.Prediction(query=query, image=_encode_ref(item.image), score=item.score, rank=item.rank)
    try:
        _set_mask(message, item.region)
    except _UNFIT as error:
        message.unreadable.detail = f"no message can carry the mask: {error}"
    return message


def _set_mask(message: pb.Prediction, region: Region | None) -> None:
    match region:
        case None:
            pass  # the server refuses it under its name
        case NoMask():
            message.no_mask.SetInParent()
        case Unreadable(detail):
            message.unreadable.detail = detail
        case Rle(height, width, counts):
            message.rle.CopyFrom(pb.RleMask(height=height, width=width, counts=counts))
        case Runs(height, width, counts):
            message.runs.CopyFrom(pb.RunsMask(height=height, width=width, counts=counts))
        case BoxRegion(x, y, width, height):
            message.box.CopyFrom(pb.BoxMask(x=x, y=y, width=width, height=height))
        case Polygons(polygons):
            message.polygons.CopyFrom(pb.PolygonsMask(polygons=map(_encode_polygon, polygons)))


def _encode_polygon(polygon: object) -> pb.Polygon:
    points = np.asarray(polygon, np.float64)
    if points.size and points.shape[1:] != (2,) and (points.ndim != 1 or points.size % 2 == 0):
        raise ValueError(f"points must have shape (n, 2), not {points.shape}")
    return pb.Polygon(xy=points.ravel().tolist())


def _decode_protocol(message: pb.ProtocolMetrics) -> ProtocolMetrics:
    coverage = message.coverage if message.HasField("coverage") else None
    return ProtocolMetrics(coverage, _decode_convention(message.official), _decode_convention(message.strict))


def _decode_convention(message: pb.ConventionMetrics) -> ConventionMetrics:
    ranking_map = message.ranking_map if message.HasField("ranking_map") else None
    return ConventionMetrics(_decode_task(message.detection), _decode_task(message.segmentation), ranking_map)


def _decode_task(message: pb.TaskMetrics) -> TaskMetrics:
    return TaskMetrics(
        miou=message.miou if message.HasField("miou") else None,
        map_50_95=message.map_50_95 if message.HasField("map_50_95") else None,
        map=tuple(message.map) or None,
    )

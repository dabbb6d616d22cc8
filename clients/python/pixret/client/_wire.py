"""Items to messages, and messages to the core's own records."""

from reprlib import repr as bounded_repr

import numpy as np

from pixret.client._errors import UnencodableItemError
from pixret.metrics import (
    Bounds,
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

_REASONS = {
    number: Reason[name.removeprefix("REJECTION_REASON_")] for name, number in pb.RejectionReason.items() if number
}


def encode_item(item: Item, offset: int) -> pb.Item:
    """The message of an item; UnencodableItemError when a name, an index or a rank does not fit in it."""
    try:
        match item:
            case Prediction(query, image):
                where = f"item {offset} (query {query!r}, image {image!r})"
                return pb.Item(prediction=_encode_prediction(item))
            case Ranking(query, images):
                where = f"item {offset} (ranking of query {query!r})"
                indices = np.asarray(images).tolist()
                return pb.Item(ranking=pb.Ranking(query=_encode_ref(query), image_indices=indices))
            case Malformed(fault, query):
                where = f"item {offset} (query {query!r})"
                raise ValueError(str(fault))
            case _:
                where = f"item {offset}"
                raise TypeError(f"{bounded_repr(item)} is neither Prediction nor Ranking")
    except _UNFIT as error:
        raise UnencodableItemError(f"{where}: {error}; mend it or leave it out") from None


def decode_rejection(message: pb.Rejection) -> Rejection:
    """The core's record of a refused item."""
    reason = _REASONS.get(message.reason, Reason.UNKNOWN)
    return Rejection(message.offset, reason, message.field, message.message, message.query, message.image or None)


def decode_snapshot(message: pb.Snapshot) -> Snapshot:
    """The core's record of a snapshot; why a number is undefined is left to the report."""
    return Snapshot(
        accepted=message.accepted_count,
        rejected=message.rejected_count,
        official_exact=bool(message.protocols) and all(metrics.official.exact for metrics in message.protocols),
        protocols={Protocol(metrics.protocol): _decode_protocol(metrics) for metrics in message.protocols},
        chain_digest=message.chain_digest or None,
    )


def _encode_ref(ref: ImageRef) -> pb.ImageRef:
    return pb.ImageRef(id=ref) if isinstance(ref, str) else pb.ImageRef(index=ref)


def _encode_prediction(item: Prediction) -> pb.Prediction:
    if item.score is not None and item.rank is not None:
        raise ValueError(f"score {item.score} and rank {item.rank} are both given; give one")
    query, image = _encode_ref(item.query), _encode_ref(item.image)
    message = pb.Prediction(query=query, image=image, score=item.score, rank=item.rank)
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
            # Assigned one by one, since a constructor takes None for a field that is not set, which would be 0.
            message.rle.height, message.rle.width, message.rle.counts = height, width, counts
        case Runs(height, width, counts):
            message.runs.height, message.runs.width = height, width
            message.runs.counts[:] = list(counts)
        case BoxRegion(x, y, width, height):
            message.box.x, message.box.y, message.box.width, message.box.height = x, y, width, height
        case Polygons(polygons):
            message.polygons.CopyFrom(pb.PolygonsMask(polygons=map(_encode_polygon, polygons)))
        case other:
            raise TypeError(f"{type(other).__name__} is no region; give Rle, Runs, Polygons, BoxRegion or NO_MASK")


def _encode_polygon(polygon: object) -> pb.Polygon:
    points = np.asarray(polygon, np.float64)
    if points.size and points.shape[1:] != (2,) and (points.ndim != 1 or points.size % 2 == 0):
        raise ValueError(f"points must have shape (n, 2), not {points.shape}")
    return pb.Polygon(xy=points.ravel().tolist())


def _decode_protocol(message: pb.ProtocolMetrics) -> ProtocolMetrics:
    return ProtocolMetrics(
        coverage=message.coverage if message.HasField("coverage") else None,
        official=_decode_convention(message.official),
        strict=_decode_convention(message.strict),
        official_bounds=_decode_bounds(message.official_bounds),
        strict_bounds=_decode_bounds(message.strict_bounds),
    )


def _decode_bounds(message: pb.Bounds) -> Bounds:
    return Bounds(_decode_convention(message.least), _decode_convention(message.greatest))


def _decode_convention(message: pb.ConventionMetrics) -> ConventionMetrics:
    ranking_map = message.ranking_map if message.HasField("ranking_map") else None
    return ConventionMetrics(_decode_task(message.detection), _decode_task(message.segmentation), ranking_map)


def _decode_task(message: pb.TaskMetrics) -> TaskMetrics:
    return TaskMetrics(
        miou=message.miou if message.HasField("miou") else None,
        map_50_95=message.map_50_95 if message.HasField("map_50_95") else None,
        map=tuple(message.map) or None,
    )

"""Messages of the wire to items of the core. Whatever an item holds, it becomes one item: offsets never shift."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from pixret.metrics import (
    NO_MASK,
    BoxRegion,
    Item,
    ItemError,
    Malformed,
    Polygons,
    Prediction,
    Ranking,
    Reason,
    Region,
    Rle,
    Runs,
    Unreadable,
)
from pixret.scoring.v1 import scoring_pb2 as pb


def read_items(messages: Iterable[pb.Item]) -> list[Item]:
    """Items of a batch, one for each message."""
    return [_read_item(message) for message in messages]


def _read_item(message: pb.Item) -> Item:
    match message.WhichOneof("item"):
        case "prediction":
            return _read_prediction(message.prediction)
        case "ranking":
            return _read_ranking(message.ranking)
        case _:
            return Malformed(_incomplete("item", "the item is neither prediction nor ranking; set one"))


def _read_prediction(message: pb.Prediction) -> Prediction | Malformed:
    query, image = _read_ref(message.query), _read_ref(message.image)
    if query is None:
        return Malformed(_incomplete("query", "no query is set; give its id or its index"), image=image)
    if image is None:
        return Malformed(_incomplete("image", "no index image is set; give its id or its index"), query)
    arm = message.WhichOneof("mask")
    region = _REGIONS[arm](getattr(message, arm)) if arm else None
    match message.WhichOneof("order"):
        case "score":
            return Prediction(query, image, region, message.score)
        case "rank":
            return Prediction(query, image, region, None, message.rank)
        case _:
            return Prediction(query, image, region)


def _read_ranking(message: pb.Ranking) -> Ranking | Malformed:
    query = _read_ref(message.query)
    if query is None:
        return Malformed(_incomplete("ranking.query", "no query is set; give its id or its index"))
    return Ranking(query, np.fromiter(message.image_indices, np.int64, len(message.image_indices)))


def _read_ref(ref: pb.ImageRef) -> str | int | None:
    match ref.WhichOneof("ref"):
        case "index":
            return ref.index
        case "id":
            return ref.id
        case _:
            return None


def _read_polygon(polygon: pb.Polygon) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Points of shape (n, 2); an odd number of coordinates stays flat, which the core refuses in words."""
    xy = np.fromiter(polygon.xy, np.float64, len(polygon.xy))
    return xy if len(xy) % 2 else xy.reshape(-1, 2)


def _read_runs(mask: pb.RunsMask) -> Runs:
    return Runs(mask.height, mask.width, list(mask.counts))


def _read_unreadable(mask: pb.UnreadableMask) -> Unreadable:
    return Unreadable(mask.detail or "the sender could not read its own mask and gave no detail")


_REGIONS: dict[str, Callable[[Any], Region]] = {
    "rle": lambda mask: Rle(mask.height, mask.width, mask.counts),
    "runs": _read_runs,
    "polygons": lambda mask: Polygons([_read_polygon(polygon) for polygon in mask.polygons]),
    "box": lambda mask: BoxRegion(mask.x, mask.y, mask.width, mask.height),
    "no_mask": lambda _: NO_MASK,
    "unreadable": _read_unreadable,
}


def _incomplete(field: str, message: str) -> ItemError:
    return ItemError(Reason.INCOMPLETE, field, message)

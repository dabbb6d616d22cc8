"""One row of a submission table to one prediction."""

import re
from collections.abc import Sequence
from reprlib import repr as bounded_repr
from typing import Annotated

import msgspec
import numpy as np

from pixret.metrics import (
    NO_MASK,
    BoxRegion,
    Polygons,
    Prediction,
    Region,
    Rle,
    Runs,
    Unreadable,
)

Index = Annotated[int, msgspec.Meta(ge=0, lt=2**32)]

_PLACED = re.compile(r"(?P<fault>.*) - at `\$\.?(?P<place>.*)`", re.DOTALL)
_STEP = re.compile(r"(\w+)|\[(\d+)\]")


class CocoMask(msgspec.Struct, forbid_unknown_fields=True):
    """COCO RLE: ``size`` is [height, width], ``counts`` a string or a list of runs."""

    size: list[int]
    counts: str | list[int]


class Row(msgspec.Struct, forbid_unknown_fields=True):
    """A row of a submission. A misspelt column is refused, since it would silently mean that nothing was found.

    The first of `segmentation`, `polygons` and `bbox` that is there says where the object is; none of them finds
    nothing. `level` and `area` are taken and not used, so that a table of ground truth pairs is a submission too.
    """

    query_id: str | None = None
    query_index: Index | None = None
    image_id: str | None = None
    image_index: Index | None = None
    score: float | None = None
    rank: Index | None = None
    segmentation: CocoMask | None = None
    polygons: list[list[float]] | None = None
    bbox: list[float] | None = None
    level: str | int | None = None
    area: float | None = None

    def prediction(self) -> Prediction:
        """The prediction that the row stands for; ValueError when it lacks a name or has two orders."""
        query = self.query_index if self.query_id is None else self.query_id
        image = self.image_index if self.image_id is None else self.image_id
        if query is None or image is None:
            missing = "query" if query is None else "image"
            raise ValueError(f"neither {missing}_id nor {missing}_index is given")
        if self.score is not None and self.rank is not None:
            raise ValueError(f"score {self.score} and rank {self.rank} are both given; give one")
        return Prediction(query, image, self._region(), self.score, self.rank)

    def _region(self) -> Region:
        if self.segmentation is not None:
            return coco_region(self.segmentation.size, self.segmentation.counts)
        if self.polygons is not None:
            return flat_polygons(self.polygons)
        if self.bbox is not None:
            return coco_box(self.bbox)
        return NO_MASK


def coco_region(size: Sequence[int], counts: str | bytes | Sequence[int]) -> Region:
    """Region of a COCO RLE. What no wire could carry, a negative size for one, becomes Unreadable."""
    if len(size) != 2 or not all(0 <= side < 2**32 for side in size):
        return Unreadable(f"size {list(size)[:4]} is not [height, width]")
    height, width = size
    match counts:
        case str():
            return Rle(height, width, counts.encode("utf-8", "surrogatepass"))
        case bytes():
            return Rle(height, width, counts)
        case _:
            wrong = next((run for run in counts if not 0 <= run < 2**32), None)
            return Unreadable(f"run {wrong} is no length") if wrong is not None else Runs(height, width, counts)


def flat_polygons(polygons: Sequence[Sequence[float]]) -> Region:
    """Region of COCO polygons, each x0, y0, x1, y1, ...; an odd one is left as it is, to be refused by its name."""
    arrays = [np.asarray(polygon, np.float64) for polygon in polygons]
    return Polygons([array.reshape(-1, 2) if array.size % 2 == 0 else array for array in arrays])


def coco_box(box: Sequence[float]) -> Region:
    """Region of a box x, y, width, height."""
    return BoxRegion(*box) if len(box) == 4 else Unreadable(f"bbox {list(box)[:6]} is not [x, y, width, height]")


def describe_fault(error: ValueError, values: object) -> str:
    """Say what is wrong with decoded rows, and which value it is: msgspec names only the place."""
    placed = _PLACED.fullmatch(str(error))
    if placed is None:
        return str(error)
    for key, position in _STEP.findall(placed["place"]):
        match values:
            case dict():
                values = values.get(key)
            case list() if position:
                values = values[int(position)]
            case CocoMask():
                values = getattr(values, key)
    fault = placed["fault"]
    return f"{placed['place']} is {bounded_repr(values)}: {fault[0].lower()}{fault[1:]}"

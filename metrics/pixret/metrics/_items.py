"""What a submission is made of: items, as they come from outside and before anything is checked."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pixret.metrics._errors import ItemError

ImageRef = str | int
"""A query or an index image, by name or by index."""

_MAX_TEXT = 256


def shown(text: ImageRef) -> ImageRef:
    """What a rejection repeats of a submission's own words: enough to find them, and never a megabyte."""
    return text[:_MAX_TEXT] if isinstance(text, str) else text


@dataclass(frozen=True, slots=True)
class Rle:
    """COCO compressed counts on a (height, width) canvas."""

    height: int
    width: int
    counts: bytes


@dataclass(frozen=True, slots=True)
class Runs:
    """Uncompressed run lengths on a (height, width) canvas, column-major, first background."""

    height: int
    width: int
    counts: Sequence[int]


@dataclass(frozen=True, slots=True)
class Polygons:
    """Outlines of shape (n, 2) in pixels of the index image, united. None at all finds nothing."""

    polygons: Sequence[ArrayLike]


@dataclass(frozen=True, slots=True)
class BoxRegion:
    """A box in COCO order, in pixels of the index image."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class NoMask:
    """The object was deliberately not segmented."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A mask that its reader could not make sense of; it is refused under its own name and never lost."""

    detail: str


Region = Rle | Runs | Polygons | BoxRegion | NoMask | Unreadable
"""Where a prediction sees the query object."""

NO_MASK = NoMask()


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a method says of one index image for one query.

    `score` (higher is better) or `rank` (0 is best) orders the images of the query; neither is given when a
    `Ranking` does. `region` None is a fault: to find nothing is said with `NO_MASK`.
    """

    query: ImageRef
    image: ImageRef
    region: Region | None
    score: float | None = None
    rank: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """The whole order of one query: image indices, best first."""

    query: ImageRef
    images: NDArray[np.integer]


@dataclass(frozen=True, slots=True, eq=False)
class Malformed:
    """What should have been an item and is none; it is refused in its place, so that offsets never shift.

    `query` and `image` are what could be read of them; an empty query is one that was not given.
    """

    fault: ItemError
    query: ImageRef = ""
    image: ImageRef | None = None


Item = Prediction | Ranking | Malformed

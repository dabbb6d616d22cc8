"""Labels as labelme writes them: one JSON file per positive pair."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from pixret.rawfiles._errors import RawFileError
from pixret.rawfiles._files import read_bounded

MAX_LABEL_BYTES = 2**27
"""Beyond this, a file is no label; image data of some MB is common in labels."""

ShapeType = Literal["polygon", "rectangle"]


@dataclass(frozen=True, slots=True, eq=False)
class LabelmeShape:
    """One labelled shape: `points` float64 (n, 2) of x, y in pixels, n = 0 for a shape without points.

    A rectangle has two points, which are opposite corners.
    """

    points: NDArray[np.float64]
    shape_type: ShapeType

    @property
    def outline(self) -> NDArray[np.float64]:
        """The polygon, shape (n, 2), that the shape stands for."""
        if self.shape_type == "polygon" or len(self.points) == 0:
            return self.points
        (x1, y1), (x2, y2) = self.points
        return np.array([(x1, y1), (x2, y1), (x2, y2), (x1, y2)])


@dataclass(frozen=True, slots=True, eq=False)
class LabelmeLabel:
    """A label file: size and path of the image as labelme noted them, and the shapes, of which there may be none."""

    height: int
    width: int
    image_path: str
    shapes: tuple[LabelmeShape, ...]


_Pixels = Annotated[int, msgspec.Meta(ge=1, lt=2**31)]


class _Shape(msgspec.Struct):
    points: list[tuple[float, float]]
    shape_type: str | None = None


class _Document(msgspec.Struct, rename="camel"):
    """What is read of the file; imageData, the largest part of it, is passed over."""

    shapes: list[_Shape]
    image_height: _Pixels
    image_width: _Pixels
    image_path: str


_DECODER = msgspec.json.Decoder(_Document)


def read_labelme(path: Path) -> LabelmeLabel:
    """Read and check one label file; RawFileError names the file and the field."""
    return parse_labelme(read_bounded(path, MAX_LABEL_BYTES), path)


def parse_labelme(data: bytes, path: Path) -> LabelmeLabel:
    """Read and check the bytes of a label file, whose path is for error messages only."""
    try:
        document = _DECODER.decode(data)
    except (msgspec.MsgspecError, ValueError, RecursionError, MemoryError) as error:
        raise RawFileError(path, f"is not a labelme file: {error}") from error
    shapes = tuple(_checked_shape(shape, f"$.shapes[{i}]", path) for i, shape in enumerate(document.shapes))
    return LabelmeLabel(document.image_height, document.image_width, document.image_path, shapes)


def _checked_shape(shape: _Shape, field: str, path: Path) -> LabelmeShape:
    points = np.array(shape.points, np.float64).reshape(-1, 2)
    match shape.shape_type:
        case "polygon" | None:
            return LabelmeShape(points, "polygon")
        case "rectangle" if len(points) in {0, 2}:
            return LabelmeShape(points, "rectangle")
        case "rectangle":
            raise RawFileError(path, f"{field} is a rectangle of {len(points)} points; a rectangle has 2")
        case other:
            raise RawFileError(path, f"{field}.shape_type is {other:.40}; polygon and rectangle are supported")

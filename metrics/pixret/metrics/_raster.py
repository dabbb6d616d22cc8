"""Points to pixels: filled polygons as RLE, and the IoU of points on the canvas of the published scripts.

The compiled kernel draws. Where it was not built OpenCV does, whose fillPoly it follows pixel for pixel.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from types import ModuleType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pixret.metrics._encode import encode_dense
from pixret.metrics._errors import NoRasterizerError
from pixret.metrics._iou import PairIou
from pixret.metrics._native import kernel
from pixret.metrics._polygons import POLYGONS, Polygon
from pixret.metrics._rle import MAX_COORDINATE

Points = NDArray[np.int32]
Size = tuple[int, int]
"""Of a canvas: height, width."""


class OfficialUndefinedError(ValueError):
    """A pair on which the published scripts crash or yield NaN, so that there is no number to be faithful to."""


class Areas(NamedTuple):
    """Pixels of two drawings, and those that both have."""

    first: int
    second: int
    overlap: int


def fill(polygons: Sequence[Polygon], height: int, width: int) -> bytes:
    """RLE counts of the union of the polygons on a (height, width) canvas, boundary included."""
    outlines = [_truncated(polygon) for polygon in polygons]
    if kernel is None:
        return opencv_fill(outlines, height, width)
    counts: bytes = kernel.fill(_joined(outlines), tuple(map(len, outlines)), height, width)
    return counts


def overlap(first: Sequence[Points], size: Size, second: Sequence[Points], other_size: Size) -> Areas:
    """Areas of two unions of polygons, each filled on a canvas of its own, the top left corners on each other."""
    if kernel is None:
        return opencv_overlap(first, size, second, other_size)
    ours, theirs = _joined(first), _joined(second)
    return Areas(*kernel.overlap(ours, tuple(map(len, first)), size, theirs, tuple(map(len, second)), other_size))


def opencv_fill(outlines: Iterable[Points], height: int, width: int) -> bytes:
    """`fill` with OpenCV."""
    return encode_dense(_draw(outlines, (height, width)) != 0)


def opencv_overlap(first: Iterable[Points], size: Size, second: Iterable[Points], other_size: Size) -> Areas:
    """`overlap` with OpenCV."""
    found, truth = _draw(first, size), _draw(second, other_size)
    rows, columns = (min(sides) for sides in zip(size, other_size, strict=True))
    drawings = found, truth, found[:rows, :columns] & truth[:rows, :columns]
    return Areas(*(int(np.count_nonzero(drawing)) for drawing in drawings))


def _draw(outlines: Iterable[Points], size: Size) -> NDArray[np.uint8]:
    canvas = np.zeros(size, np.uint8)
    for outline in filter(len, outlines if canvas.size else ()):
        _opencv().fillPoly(canvas, [outline], 1)
    return canvas


@cache
def _opencv() -> ModuleType:
    """OpenCV, once it was seen to draw as the kernel does: versions before 4.11 draw other pixels.

    Raises:
        NoRasterizerError: when it is missing or draws otherwise.
    """
    try:
        import cv2
    except ModuleNotFoundError:
        lack = "OpenCV is not installed (opencv-python-headless)"
    else:
        canvas = np.zeros((24, 24), np.uint8)
        cv2.fillPoly(canvas, [np.array([[-9, 4], [30, -8], [25, 33], [3, 21]], np.int32)], 1)
        if encode_dense(canvas != 0) == b"2?92M3N1N101O00Q<":
            return cv2
        lack = f"OpenCV {cv2.__version__} fills polygons otherwise than {POLYGONS}"
    raise NoRasterizerError(f"points cannot be drawn: pixret runs without its compiled kernel, and {lack}")


def official_pair_iou(prediction: Sequence[Polygon], label: Sequence[Polygon]) -> PairIou:
    """IoU as the published scripts compute it, on their own square canvas.

    The canvas has the side of the largest coordinate S of both point sets, so that row and column S are cut off;
    the image's size plays no part. The scripts know one predicted polygon; several are united, as the label's are.

    Both have shapes, and every shape has points.

    Raises:
        OfficialUndefinedError: where the scripts crash or divide zero by zero.
    """
    outlines, shapes = [_truncated(polygon) for polygon in prediction], [_truncated(polygon) for polygon in label]
    found, truth = _joined(outlines), _joined(shapes)
    side, least = int(max(found.max(), truth.max())), int(min(found.min(), truth.min()))
    if side <= 0:
        raise OfficialUndefinedError(f"the largest coordinate is {side}, so that the canvas has no pixels")
    if max(side, -least) > MAX_COORDINATE:  # of a label, since predictions are checked
        raise OfficialUndefinedError(f"coordinates from {least} to {side} are more than a canvas has room for")
    areas = overlap(outlines, _reach(found, side), shapes, _reach(truth, side))
    segmentation = _ratio(areas.overlap, areas.first + areas.second - areas.overlap)
    return PairIou(_detection_iou(found, truth, side), segmentation)


def _truncated(polygon: Polygon) -> Points:
    """Points as the published scripts round them: toward zero."""
    return polygon.astype(np.int32)


def _joined(outlines: Sequence[Points]) -> Points:
    return np.concatenate(outlines) if outlines else np.zeros((0, 2), np.int32)


def _detection_iou(found: Points, truth: Points, side: int) -> float:
    """IoU of the boxes around the points, which the scripts fill by slices of the canvas.

    A slice of Python's: it loses what lies at `side`, and a negative bound counts from the far end.
    """
    (rows, columns), (other_rows, other_columns) = (_slices(points, side) for points in (found, truth))
    overlap = _common(rows, other_rows) * _common(columns, other_columns)
    return _ratio(overlap, len(rows) * len(columns) + len(other_rows) * len(other_columns) - overlap)


def _slices(points: Points, side: int) -> tuple[range, range]:
    low, high = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    columns, rows = (range(side)[first : last + 1] for first, last in zip(low, high, strict=True))
    return rows, columns


def _common(first: range, second: range) -> int:
    return max(0, min(first.stop, second.stop) - max(first.start, second.start))


def _reach(points: Points, side: int) -> Size:
    """The part of the square canvas that points can reach, which is mostly a small one."""
    width, height = np.clip(points.max(axis=0) + 1, 0, side).tolist()
    return height, width


def _ratio(overlap: int, union: int) -> float:
    if union == 0:
        raise OfficialUndefinedError("intersection and union are both empty, so that the IoU is 0/0")
    return overlap / union

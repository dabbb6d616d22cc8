"""Points to pixels, with OpenCV: the one module of the core that imports it.

It is imported where points are drawn and not before, so that scoring masks does without OpenCV.
"""

from collections.abc import Iterable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from pixret.metrics._iou import PairIou
from pixret.metrics._polygons import Polygon

Points = NDArray[np.int32]


class OfficialUndefinedError(ValueError):
    """A pair on which the published scripts crash or yield NaN, so that there is no number to be faithful to."""


def fill(polygons: Iterable[Polygon], height: int, width: int) -> NDArray[np.uint8]:
    """Draw the union of the polygons on a (height, width) canvas of 0 and 1; fillPoly, boundary included."""
    canvas = np.zeros((height, width), np.uint8)
    for polygon in polygons:
        if len(polygon):
            cv2.fillPoly(canvas, [_truncated(polygon)], 1)
    return canvas


def by_columns(canvas: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Lay a canvas out column by column, as RLE reads it; OpenCV takes a tenth of NumPy's time for it."""
    return cv2.transpose(canvas).astype(np.uint8, copy=False).T


def official_pair_iou(prediction: Sequence[Polygon], label: Sequence[Polygon]) -> PairIou:
    """IoU as the published scripts compute it, on their own square canvas.

    The canvas has the side of the largest coordinate S of both point sets, so that row and column S are cut off;
    the image's size plays no part. The scripts know one predicted polygon; several are united, as the label's are.

    Both have shapes, and every shape has points.

    Raises:
        OfficialUndefinedError: where the scripts crash or divide zero by zero.
    """
    found, truth = _all_points(prediction), _all_points(label)
    side = int(max(found.max(), truth.max()))
    if side <= 0:
        raise OfficialUndefinedError(f"the largest coordinate is {side}, so that the canvas has no pixels")
    detection = _detection_iou(found, truth, side)
    segmentation = _segmentation_iou(_draw(prediction, found, side), _draw(label, truth, side))
    return PairIou(detection, segmentation)


def _truncated(polygon: Polygon) -> Points:
    """Points as the published scripts round them: toward zero."""
    return polygon.astype(np.int32)


def _all_points(polygons: Sequence[Polygon]) -> Points:
    return np.concatenate([_truncated(polygon) for polygon in polygons])


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


def _draw(polygons: Sequence[Polygon], points: Points, side: int) -> NDArray[np.uint8]:
    """Fill the polygons on the part of the square canvas that they can reach, which saves most of its pixels."""
    width, height = np.clip(points.max(axis=0) + 1, 0, side).tolist()
    return fill(polygons, height, width) if height and width else np.zeros((0, 0), np.uint8)


def _segmentation_iou(found: NDArray[np.uint8], truth: NDArray[np.uint8]) -> float:
    rows, columns = (min(extents) for extents in zip(found.shape, truth.shape, strict=True))
    overlap = int(np.count_nonzero(found[:rows, :columns] & truth[:rows, :columns]))
    return _ratio(overlap, int(np.count_nonzero(found)) + int(np.count_nonzero(truth)) - overlap)


def _ratio(overlap: int, union: int) -> float:
    if union == 0:
        raise OfficialUndefinedError("intersection and union are both empty, so that the IoU is 0/0")
    return overlap / union

"""Masks to outlines."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from pixret.metrics import Mask

Contour = NDArray[np.int32]
"""Corners of one closed outline, shape (n, 2), x and y in pixels of the image."""

_LONG_SIDE = 320  # of the pictures that an outline is drawn on; half a pixel there is not seen


class Outline(NamedTuple):
    """A mask on its own canvas, as the data of an SVG path."""

    height: int
    width: int
    path: str


def outline(mask: Mask | None) -> Outline | None:
    """What to draw of a mask on a page; None when there is nothing to see."""
    if mask is None or not mask.area:
        return None
    tolerance = max(mask.height, mask.width) / _LONG_SIDE / 2
    return Outline(mask.height, mask.width, path_data(trace(mask, tolerance)))


def trace(mask: Mask, tolerance: float) -> tuple[Contour, ...]:
    """Outlines of a mask and of its holes, simplified by at most `tolerance` pixels; none of an empty mask."""
    dense = np.ascontiguousarray(mask.to_dense()).view(np.uint8)
    found, _ = cv2.findContours(dense, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    return tuple(np.asarray(cv2.approxPolyDP(one, tolerance, True), np.int32).reshape(-1, 2) for one in found)


def path_data(contours: Iterable[Contour]) -> str:
    """The same outlines as the data of one SVG path, to be filled by the even-odd rule."""
    return "".join(_subpath(contour.tolist()) for contour in contours)


def _subpath(points: Sequence[Sequence[int]]) -> str:
    (x, y), steps = points[0], np.diff(points, axis=0).tolist()
    return f"M{x} {y}" + "".join(f"l{dx} {dy}" for dx, dy in steps) + "z"

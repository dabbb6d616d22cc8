"""Masks to outlines."""

from collections.abc import Iterable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from pixret.metrics import Mask

Contour = NDArray[np.int32]
"""Corners of one closed outline, shape (n, 2), x and y in pixels of the image."""


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

"""Polygons from outside, validated."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pixret.metrics._errors import MaskError, Reason
from pixret.metrics._rle import MaskLimits

Polygon = NDArray[np.float64]
"""Points of one closed outline, shape (n, 2), x and y in pixels."""


POLYGONS = "fillPoly-4.11"
"""Which pixels are a polygon's, as signatures say it: those of OpenCV's fillPoly since that version."""


def checked_polygons(polygons: Iterable[ArrayLike], limits: MaskLimits) -> tuple[Polygon, ...]:
    """Convert to float64 arrays of shape (n, 2); MaskError for any other shape, NaN, or coordinates too large."""
    checked = tuple(_checked(polygon, f"mask.polygons[{i}]", limits) for i, polygon in enumerate(polygons))
    points = sum(map(len, checked))
    if points > limits.max_points:
        message = f"{points} points exceed the limit of {limits.max_points}"
        raise MaskError(Reason.LIMIT_EXCEEDED, "mask.polygons", message)
    if points * 2 * limits.max_coordinate > limits.max_outline_rows:  # fewer points cannot come to as many rows
        _check_rows(checked, limits)
    return checked


def _check_rows(polygons: Iterable[Polygon], limits: MaskLimits) -> None:
    rows = sum(float(np.abs(polygon[:, 1] - np.roll(polygon[:, 1], 1)).sum()) for polygon in polygons)
    if rows > limits.max_outline_rows:
        message = f"lines that cross {rows:.0f} rows exceed the limit of {limits.max_outline_rows}"
        raise MaskError(Reason.LIMIT_EXCEEDED, "mask.polygons", message)


def _checked(polygon: ArrayLike, field: str, limits: MaskLimits) -> Polygon:
    try:
        points = np.asarray(polygon, np.float64)
    except (TypeError, ValueError, OverflowError):
        raise MaskError(Reason.INVALID_MASK, field, f"not points: {polygon!r:.60}") from None
    if points.size == 0:
        return points.reshape(0, 2)
    if points.ndim != 2 or points.shape[1] != 2:
        message = f"points must have shape (n, 2), not {points.shape}"
        raise MaskError(Reason.INVALID_MASK, field, message)
    if not np.isfinite(points).all():
        raise MaskError(Reason.INVALID_MASK, field, "a coordinate is not finite")
    if np.abs(points).max() > limits.max_coordinate:
        message = f"coordinate {points.flat[np.abs(points).argmax()]} is beyond the limit of {limits.max_coordinate}"
        raise MaskError(Reason.LIMIT_EXCEEDED, field, message)
    return points

"""Turns exact masks into polygons, as an annotator would draw them, and into labelme files."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from pixret.synth._raster import Floats

Binary = NDArray[np.bool_]

# Each step keeps more detail: (largest deviation of an outline in pixels, smallest part in pixels).
_DETAIL = ((1.2, 60), (1.0, 30), (0.75, 15), (0.5, 8), (0.0, 4), (0.0, 1))
_FIDELITY = 0.98


def rasterize(polygons: Sequence[Floats], height: int, width: int) -> Binary:
    """The union of polygons as the benchmark's labels are read: truncated toward zero, edges included."""
    canvas = np.zeros((height, width), dtype=np.uint8)
    for polygon in polygons:
        cv2.fillPoly(canvas, [np.trunc(polygon).astype(np.int32)], (1,))
    return canvas.astype(bool)


def overlap(first: Binary, second: Binary) -> float:
    """Intersection over union; 0 when both are empty."""
    union = int(np.count_nonzero(first | second))
    return int(np.count_nonzero(first & second)) / union if union else 0.0


def label_polygons(mask: Binary) -> list[Floats]:
    """One polygon for each visible part, the largest first, with as few points as stay faithful to the mask.

    A hole is joined to the outline around it by a cut of no width.
    """
    polygons: list[Floats] = []
    for deviation, smallest in _DETAIL:
        polygons = trace(mask, deviation, smallest)
        if overlap(rasterize(polygons, *mask.shape), mask) >= _FIDELITY:
            break
    return polygons


def trace(mask: Binary, deviation: float, smallest: int) -> list[Floats]:
    """The outlines of the parts of at least `smallest` pixels, the largest first."""
    found, hierarchy = cv2.findContours(mask.astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    parts: list[tuple[float, Floats]] = []
    for index, contour in enumerate(found):
        if hierarchy[0][index][3] >= 0:
            continue
        # The outline runs through the middle of its pixels: half of each lies outside, or inside for a hole.
        area = cv2.contourArea(contour) + cv2.arcLength(contour, closed=True) / 2 + 1
        if area < smallest:
            continue
        ring = _simplify(contour, deviation)
        child = int(hierarchy[0][index][2])
        while child >= 0:
            if cv2.contourArea(found[child]) - cv2.arcLength(found[child], closed=True) / 2 + 1 >= smallest:
                ring = _join(ring, _simplify(found[child], deviation))
            child = int(hierarchy[0][child][0])
        parts.append((area, ring))
    parts.sort(key=lambda part: -part[0])
    # Half a pixel further lies the middle of the pixel, which truncation leads back to.
    return [ring + 0.5 for _, ring in parts]


def _simplify(contour: ArrayLike, deviation: float) -> Floats:
    """The contour with fewer points, at least three even where it is only a line."""
    points = np.asarray(contour, dtype=np.int32)
    if deviation:
        points = np.asarray(cv2.approxPolyDP(points, deviation, closed=True), dtype=np.int32)
    points = points.reshape(-1, 2).astype(np.float64)
    return np.resize(points, (max(3, len(points)), 2))


def _join(ring: Floats, hole: Floats) -> Floats:
    """Lead the ring around the hole and back along the shortest way between two of their points."""
    apart = np.square(ring[:, None] - hole[None]).sum(axis=2)
    here, there = np.unravel_index(int(apart.argmin()), apart.shape)
    around = np.roll(hole, -int(there), axis=0)
    return np.vstack([ring[: here + 1], around, around[:1], ring[here:]])


def labelme(polygons: Sequence[Floats], name: str, label: str, height: int, width: int) -> dict[str, object]:
    """The content of a labelme file for the image `name`."""
    shapes = [
        {"label": label, "points": polygon.tolist(), "group_id": None, "shape_type": "polygon", "flags": {}}
        for polygon in polygons
    ]
    return {
        "version": "5.0.1",
        "flags": {},
        "shapes": shapes,
        "imagePath": f"{name}.jpg",
        "imageData": None,
        "imageHeight": height,
        "imageWidth": width,
    }

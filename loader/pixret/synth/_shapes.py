"""Outlines of what buildings are made of, as float polygons (n, 2) in metres, y up."""

import numpy as np

from pixret.synth._raster import Floats


def rectangle(x: float, y: float, width: float, height: float) -> Floats:
    """A rectangle whose lower left corner is (x, y)."""
    return np.array([[x, y], [x + width, y], [x + width, y + height], [x, y + height]], dtype=np.float64)


def ellipse(x: float, y: float, radius_x: float, radius_y: float, points: int = 40) -> Floats:
    """An ellipse around (x, y)."""
    angle = np.linspace(0, 2 * np.pi, points, endpoint=False)
    return np.column_stack([x + radius_x * np.cos(angle), y + radius_y * np.sin(angle)])


def round_arch(x: float, y: float, width: float, height: float) -> Floats:
    """A rectangle under a half circle; `height` includes the arch."""
    radius = width / 2
    angle = np.linspace(0, np.pi, 17)
    rise = min(radius, height)
    curve = np.column_stack([x + radius + radius * np.cos(angle), y + height - rise + rise * np.sin(angle)])
    return np.vstack([[[x, y], [x + width, y]], curve])


def pointed_arch(x: float, y: float, width: float, height: float) -> Floats:
    """A gothic opening: two arcs that meet in a point; `height` includes them."""
    rise = min(width * 0.87, height)
    angle = np.linspace(0, np.pi / 3, 9)
    right = np.column_stack([x + width * np.cos(angle), y + height - rise + rise * np.sin(angle) / np.sin(np.pi / 3)])
    left = np.column_stack([2 * x + width - right[::-1, 0], right[::-1, 1]])
    return np.vstack([[[x, y], [x + width, y]], right, left])


def keel_arch(x: float, y: float, width: float, height: float) -> Floats:
    """A persian opening: flat shoulders that sweep up to a point; `height` includes them."""
    rise = min(width * 0.55, height)
    share = np.linspace(0, 1, 13)
    half = width / 2 * np.cos(share * np.pi / 2) ** 0.75
    level = y + height - rise + rise * (0.86 * np.sin(share * np.pi / 2) + 0.14 * share**5)
    right = np.column_stack([x + width / 2 + half, level])
    left = np.column_stack([x + width / 2 - half[::-1], level[::-1]])
    return np.vstack([[[x, y], [x + width, y]], right, left])


def triangle(x: float, y: float, width: float, height: float) -> Floats:
    """An isosceles triangle on its base."""
    return np.array([[x, y], [x + width, y], [x + width / 2, y + height]], dtype=np.float64)


def battlement(width: float, height: float, tooth: float, rise: float) -> Floats:
    """A wall of the full width whose upper edge is crenellated with teeth of about the width `tooth`."""
    count = max(3, 2 * round(width / tooth / 2) + 1)
    edges = np.linspace(0, width, count + 1)
    top = [
        [x, height if index % 2 == 0 else height - rise]
        for index in range(count)
        for x in (edges[index], edges[index + 1])
    ]
    return np.vstack([[[0.0, 0.0]], top, [[width, 0.0]]])

"""What landmarks and houses are built of: flat panels, turned bodies and plain facets."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from pixret.synth._raster import Color, Floats, Singles
from pixret.synth._walls import Texture

# Outlines of turned bodies are looked up in tables of this many equal steps of height.
OUTLINE_STEPS = 256


def point(x: float, y: float, z: float) -> Floats:
    """A position or direction in metres."""
    return np.array([x, y, z], dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Panel:
    """A painted parallelogram, seen from the side that `right` x `up` points to."""

    origin: Floats
    right: Floats
    up: Floats
    texture: Texture
    bias: float = 0.0  # metres nearer to the viewer when parts are sorted by distance
    corners: Floats = field(init=False)  # upper left, upper right, lower right, lower left, as in the painting
    normal: Floats = field(init=False)  # outward
    anchor: Floats = field(init=False)  # the centre

    def __post_init__(self) -> None:
        """Derive corners, normal and centre."""
        top, cross = self.origin + self.up, np.cross(self.right, self.up)
        corners = np.stack([top, top + self.right, self.origin + self.right, self.origin])
        object.__setattr__(self, "corners", corners)
        object.__setattr__(self, "normal", cross / np.linalg.norm(cross))
        object.__setattr__(self, "anchor", corners.mean(axis=0))


@dataclass(frozen=True, slots=True)
class Turned:
    """A body of revolution about an upright axis: radii over ascending heights, painted unrolled."""

    base: Floats
    heights: Floats
    radii: Floats
    texture: Texture
    gloss: float = 0.0
    bias: float = 0.0
    outline: Singles = field(init=False)  # radius, and inward slope, at equal steps of height
    slopes: Singles = field(init=False)

    def __post_init__(self) -> None:
        """Tabulate the outline."""
        heights = np.linspace(0, self.heights[-1], OUTLINE_STEPS + 1)
        radii = np.interp(heights, self.heights, self.radii)
        slopes = np.pad(-np.gradient(radii, heights), 3, mode="edge")
        smooth = np.convolve(slopes, np.ones(7) / 7, mode="valid")
        object.__setattr__(self, "outline", radii.astype(np.float32))
        object.__setattr__(self, "slopes", smooth.astype(np.float32))

    @property
    def corners(self) -> Floats:
        """Points (8, 3) that bound the body."""
        reach, top = self.radii.max(), self.heights[-1]
        return np.stack(
            [self.base + point(x, y, z) for x in (-reach, reach) for y in (0, top) for z in (-reach, reach)]
        )

    @property
    def anchor(self) -> Floats:
        """The foot of the axis."""
        return self.base


@dataclass(frozen=True, slots=True)
class Facet:
    """A plain polygon in space with optional lines on it; without a normal it shows from both sides."""

    corners: Floats
    color: Color
    normal: Floats | None = None
    lines: tuple[Floats, ...] = ()
    line_color: Color = (60, 60, 60)
    line_width: float = 0.12
    bias: float = 0.0

    @property
    def anchor(self) -> Floats:
        """The centre."""
        return np.asarray(self.corners.mean(axis=0), dtype=np.float64)


Part: TypeAlias = Panel | Turned | Facet


@dataclass(frozen=True, slots=True)
class Model:
    """A building: its parts, and its outline on the ground (n, 2) of x, z."""

    parts: tuple[Part, ...]
    footprint: Floats
    height: float
    bounds: Floats = field(init=False)

    def __post_init__(self) -> None:
        """Gather the points that bound the whole building."""
        object.__setattr__(self, "bounds", np.vstack([part.corners for part in self.parts]))


def box(
    centre: tuple[float, float],
    size: tuple[float, float, float],
    front: Texture,
    side: Texture,
    floor: float = 0.0,
    bias: float = 0.0,
) -> list[Part]:
    """The four walls of a block of `size` (width, height, depth) around `centre` (x, z)."""
    (x, z), (width, height, depth) = centre, size
    left, right, back, near = x - width / 2, x + width / 2, z - depth / 2, z + depth / 2
    up = point(0, height, 0)
    return [
        Panel(point(left, floor, near), point(width, 0, 0), up, front, bias),
        Panel(point(right, floor, back), point(-width, 0, 0), up, front, bias),
        Panel(point(left, floor, back), point(0, 0, depth), up, side, bias),
        Panel(point(right, floor, near), point(0, 0, -depth), up, side, bias),
    ]


def ridge_roof(
    centre: tuple[float, float],
    size: tuple[float, float, float],
    floor: float,
    texture: Texture,
    *,
    along_x: bool = False,
    overhang: float = 0.4,
) -> list[Part]:
    """Two slopes of `size` (width, rise, depth) that meet in a ridge along z, or along x."""
    (x, z), (width, rise, depth) = centre, size
    if along_x:
        half, reach = depth / 2 + overhang, width / 2 + overhang
        drop = overhang * rise / (depth / 2)
        return [
            Panel(
                point(x - reach * s, floor - drop, z + half * s),
                point(2 * reach * s, 0, 0),
                point(0, rise + drop, -half * s),
                texture,
            )
            for s in (1, -1)
        ]
    half, reach = width / 2 + overhang, depth / 2 + overhang
    drop = overhang * rise / (width / 2)
    return [
        Panel(
            point(x + half * s, floor - drop, z + reach * s),
            point(0, 0, -2 * reach * s),
            point(-half * s, rise + drop, 0),
            texture,
        )
        for s in (1, -1)
    ]


def pyramid(
    centre: tuple[float, float],
    size: tuple[float, float, float],
    floor: float,
    color: Color,
    line_color: Color,
    rows: int = 6,
    bias: float = 0.0,
) -> list[Part]:
    """The four faces of a pyramid of `size` (width, rise, depth), ruled with lines of tiles."""
    (x, z), (width, rise, depth) = centre, size
    tip = point(x, floor + rise, z)
    ring = [point(x + sx * width / 2, floor, z + sz * depth / 2) for sx, sz in ((-1, 1), (1, 1), (1, -1), (-1, -1))]
    faces: list[Part] = []
    for index in range(4):
        first, second = ring[index], ring[(index + 1) % 4]
        normal = np.cross(second - first, tip - first)
        lines = tuple(
            np.stack([first + (tip - first) * share, second + (tip - second) * share])
            for share in np.linspace(0.1, 0.9, rows)
        )
        corners = np.stack([first, second, tip])
        faces.append(Facet(corners, color, normal / np.linalg.norm(normal), lines, line_color, rise * 0.012, bias))
    return faces


def turned(
    x: float,
    z: float,
    floor: float,
    profile: Sequence[tuple[float, float]],
    texture: Texture,
    gloss: float = 0.0,
    bias: float = 0.0,
) -> Turned:
    """A turned body from (height, radius) pairs in ascending height; heights start at `floor`."""
    heights, radii = np.array(profile, dtype=np.float64).T
    return Turned(point(x, floor, z), heights, radii, texture, gloss, bias)


def flag(x: float, z: float, floor: float, mast: float, color: Color) -> list[Part]:
    """A waving flag on a mast."""
    pole = np.array(
        [[x - 0.07, floor, z], [x + 0.07, floor, z], [x + 0.07, floor + mast, z], [x - 0.07, floor + mast, z]]
    )
    share = np.linspace(0, 1, 9)
    wave = 0.12 * mast * np.sin(share * 6.5) * share
    length, drop = 0.62 * mast, 0.36 * mast
    top = np.column_stack([x + share * length, floor + mast + wave - 0.04 * mast, np.full(9, z)])
    return [Facet(pole, (90, 86, 80)), Facet(np.vstack([top, (top - [0, drop, 0])[::-1]]), color)]


def model(parts: Iterable[Part], width: float, depth: float, height: float) -> Model:
    """A building on a rectangular footprint around the origin."""
    w, d = width / 2, depth / 2
    return Model(tuple(parts), np.array([[-w, -d], [w, -d], [w, d], [-w, d]]), height)

"""What a method of some quality sees in an image: exact, deformed, boxed or merely invented outlines."""

from dataclasses import dataclass

import cv2
import numpy as np

from pixret.synth._labels import Binary, rasterize, trace
from pixret.synth._raster import Floats

PixelBox = tuple[int, int, int, int]  # x, y, width, height


@dataclass(frozen=True, slots=True)
class Guess:
    """Where a method sees the object: polygons, the largest first, or a box; neither means nowhere."""

    polygons: tuple[Floats, ...] = ()
    box: PixelBox | None = None


NOWHERE = Guess()


@dataclass(frozen=True, slots=True)
class Slip:
    """How a mask goes wrong, in units of the square root of its area."""

    sway: float  # how far its outline wanders
    shift: float  # how far it lies beside the object
    swell: float  # how much it may grow or shrink
    loss: float = 0.0  # chance that a part is missing


def deform(mask: Binary, slip: Slip, rng: np.random.Generator) -> Guess:
    """The mask as a method with such slips would return it."""
    if not mask.any():
        return NOWHERE
    unit = float(np.sqrt(np.count_nonzero(mask)))
    top, left, whole = _crop(mask, round(unit * (0.1 + 2.5 * (slip.sway + slip.shift))))
    # A guess has no fine detail: it is made on a grid of about this many pixels.
    zoom = max(1.0, unit / 72)
    part = cv2.resize(whole.astype(np.float32), None, fx=1 / zoom, fy=1 / zoom, interpolation=cv2.INTER_AREA)
    height, width = part.shape[:2]
    unit /= zoom
    coarse = rng.standard_normal((2, 5, 5)).astype(np.float32) * np.float32(slip.sway * unit)
    drift = rng.standard_normal(2) * slip.shift * unit
    field = [cv2.resize(axis, (width, height), interpolation=cv2.INTER_CUBIC) for axis in coarse]
    map_x = np.arange(width, dtype=np.float32)[None, :] + field[0] + np.float32(drift[0])
    map_y = np.arange(height, dtype=np.float32)[:, None] + field[1] + np.float32(drift[1])
    soft = cv2.remap(part, map_x, map_y, cv2.INTER_LINEAR)
    window = 2 * max(1, round(1.2 * slip.swell * unit)) + 1
    soft = cv2.blur(soft, (window, window))
    wrong = np.asarray(soft, dtype=np.float32) > rng.uniform(0.25, 0.75)
    if rng.random() < slip.loss:
        wrong &= _keep_side(wrong, rng)
    rings = trace(wrong, 0.6, 20)[:4]
    corner, limit = np.array([left, top]), np.array([mask.shape[1] - 1, mask.shape[0] - 1])
    return Guess(tuple(np.minimum(np.round(ring * zoom, 2) + corner, limit) for ring in rings))


def _crop(mask: Binary, margin: int) -> tuple[int, int, Binary]:
    """Top, left and content of the window around the mask's foreground, with a margin inside the image."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    top, left = max(0, int(rows[0]) - margin), max(0, int(columns[0]) - margin)
    return top, left, mask[top : int(rows[-1]) + margin + 1, left : int(columns[-1]) + margin + 1]


def _keep_side(mask: Binary, rng: np.random.Generator) -> Binary:
    """What lies on one side of a line that cuts off between a tenth and a half of the mask."""
    rows, columns = np.nonzero(mask)
    angle = rng.uniform(0, 2 * np.pi)
    along = columns * np.cos(angle) + rows * np.sin(angle)
    limit = np.quantile(along, rng.uniform(0.5, 0.9)) if len(along) else 0.0
    height, width = mask.shape
    place = np.arange(width)[None, :] * np.cos(angle) + np.arange(height)[:, None] * np.sin(angle)
    return np.asarray(place <= limit, dtype=np.bool_)


def invent(height: int, width: int, rng: np.random.Generator) -> Guess:
    """A star-shaped polygon somewhere in the image."""
    count = int(rng.integers(7, 14))
    angle = np.linspace(0, 2 * np.pi, count, endpoint=False) + rng.uniform(0, 0.3, count)
    radius = rng.uniform(0.08, 0.34) * min(height, width) * rng.uniform(0.6, 1.2, count)
    centre = rng.uniform(0.15, 0.85, 2) * [width, height]
    points = centre + np.column_stack([np.cos(angle), np.sin(angle)]) * radius[:, None]
    inside = np.clip(points, 0, [width - 1, height - 1])
    return Guess((np.asarray(np.round(inside, 2), dtype=np.float64),))


def enclose(guess: Guess, height: int, width: int, jitter: float, rng: np.random.Generator) -> Guess:
    """A box around the guess, each edge off by about `jitter` of the box's side."""
    rows, columns = np.nonzero(rasterize(guess.polygons, height, width))
    if not len(rows):
        return NOWHERE
    edges = np.array([columns.min(), rows.min(), columns.max(), rows.max()], dtype=np.float64)
    side = np.tile(edges[2:] - edges[:2] + 1, 2)
    moved = np.rint(edges + rng.standard_normal(4) * jitter * side)
    x1, y1, x2, y2 = (int(edge) for edge in np.clip(moved, 0, [width - 1, height - 1] * 2))
    left, top = min(x1, x2), min(y1, y2)
    return Guess(box=(left, top, abs(x2 - x1) + 1, abs(y2 - y1) + 1))


def corners(box: PixelBox) -> Floats:
    """The corner pixels (4, 2) of a box, as the authors' layout holds one."""
    x, y, width, height = box
    right, bottom = x + width - 1, y + height - 1
    return np.array([[x, y], [right, y], [right, bottom], [x, bottom]], dtype=np.float64)

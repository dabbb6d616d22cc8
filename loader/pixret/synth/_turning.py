"""Bodies of revolution as pictures that face the camera: what shows at each pixel, and how it is lit."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pixret.synth._camera import Light
from pixret.synth._raster import Floats, Singles
from pixret.synth._solids import OUTLINE_STEPS, Turned


@dataclass(frozen=True, slots=True)
class Surface:
    """What shows at each pixel: height as a share of the whole, sine of the angle around, and coverage."""

    share: Singles
    sine: Singles
    cover: Singles

    @property
    def step(self) -> NDArray[np.intp]:
        """The row of the outline's table."""
        return np.asarray(np.clip(self.share * OUTLINE_STEPS, 0, OUTLINE_STEPS), dtype=np.intp)

    def texture_map(self, turn: float, rows: int, columns: int) -> tuple[Singles, Singles]:
        """Where each pixel lies in the unrolled painting, for a body turned by `turn` radians to the camera."""
        around = (np.arcsin(self.sine) + np.float32(turn)) / np.float32(2 * np.pi) % np.float32(1)
        up = np.clip((1 - self.share) * rows - 0.5, 0, rows - 1)
        return np.asarray(around * columns - 0.5, np.float32), np.asarray(up, np.float32)


def unwrap(body: Turned, x: Singles, y: Singles, *, eye: float, distance: float, pixels: float) -> Surface:
    """Find what shows at (x, y) of the facing picture, in metres from the foot of the axis.

    The front of a ring is nearer than its axis and so appears farther from the horizon: this bends cornices.
    `eye` is the height of the camera over the foot, `pixels` the number of pixels a metre.
    """
    radii = body.outline
    top = np.float32(body.heights[-1])
    level: Singles = y
    for _ in range(2):
        radius = radii[np.asarray(np.clip(level / top * OUTLINE_STEPS, 0, OUTLINE_STEPS), dtype=np.intp)]
        nearer = np.sqrt(np.maximum(radius * radius - x * x, 0)) / np.float32(distance)
        level = np.asarray(y - (y - np.float32(eye)) * nearer, dtype=np.float32)
    share = level / top
    radius = radii[np.asarray(np.clip(share * OUTLINE_STEPS, 0, OUTLINE_STEPS), dtype=np.intp)]
    cover = np.clip((radius - np.abs(x)) * pixels + 0.5, 0, 1)
    cover *= np.clip(level * pixels + 0.5, 0, 1) * np.clip((top - level) * pixels + 0.5, 0, 1)
    sine = np.clip(x / np.maximum(radius, 1e-6), -1, 1)
    return Surface(*(np.asarray(values, dtype=np.float32) for values in (share, sine, cover)))


def shade_rings(body: Turned, surface: Surface, light: Light, facing: Floats, across: Floats) -> Singles:
    """The RGBA factor (h, w, 4) on the body's colours, 0 beside it.

    `facing` points to the camera, `across` to its right.
    """
    slopes = body.slopes
    steepness = np.sqrt(1 + slopes * slopes)
    step = surface.step
    upward, level = (slopes / steepness)[step], (1 / steepness)[step]
    cosine = np.sqrt(1 - surface.sine * surface.sine)
    sideways, forward = surface.sine * level, cosine * level

    def along(direction: Floats) -> Singles:
        parts = direction @ across, direction[1], direction @ facing
        a, b, c = (np.float32(part) for part in parts)
        return np.asarray(np.maximum(a * sideways + b * upward + c * forward, 0), dtype=np.float32)

    sunlit = along(light.direction)
    shine = along((light.direction + facing) / 1.8) ** 14 * np.float32(body.gloss) if body.gloss else 0
    limb = 0.74 + 0.26 * cosine
    sky = (0.86 + 0.14 * upward) * limb
    sun = sunlit * limb + shine
    planes = [
        (np.float32(a) * sky + np.float32(b) * sun) * surface.cover for a, b in zip(light.sky, light.sun, strict=True)
    ]
    return np.asarray(cv2.merge([*planes, surface.cover]), dtype=np.float32)

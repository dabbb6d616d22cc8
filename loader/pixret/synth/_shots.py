"""The kinds of photograph that the benchmark asks for, from a postcard view to a landmark hidden behind trees."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from pixret.synth._camera import Camera, look
from pixret.synth._solids import Model
from pixret.synth._weather import CLEAR, FAIR, FOG, GOLDEN, HARSH, OVERCAST, Grading, Weather

Range = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Shot:
    """The ranges from which one photograph is drawn."""

    share: Range  # height of the landmark, as a share of the picture's
    yaw: Range  # degrees to either side
    visible: Range  # share of the landmark in the frame that nothing hides
    weathers: Sequence[Weather] = FAIR
    distance: Range = (1.9, 3.2)  # in units of the landmark's extent
    eye: Range = (1.7, 5.0)
    pitch: Range = (0.0, 4.0)
    roll: float = 1.2
    base: Range = (0.80, 0.92)  # row of the landmark's foot, as a share of the picture's height
    drift: float = 0.08  # how far from the middle, as a share of the picture's width
    exposure: Range = (0.96, 1.08)
    noise: Range = (1.5, 3.5)
    blur: Range = (0.0, 0.3)


QUERY = Shot((0.68, 0.82), (0, 20), (0.93, 1.0), weathers=(CLEAR, CLEAR, GOLDEN, OVERCAST), roll=0.5, drift=0.04)
EASY = Shot((0.52, 0.80), (0, 32), (0.80, 1.0))
OCCLUDED = Shot((0.52, 0.76), (0, 38), (0.28, 0.55), distance=(2.2, 3.4))
SMALL = Shot(
    (0.17, 0.27), (0, 40), (0.5, 1.0), weathers=(*FAIR, FOG), distance=(4.0, 6.5), base=(0.72, 0.84), drift=0.26
)
DARK = Shot(
    (0.36, 0.66),
    (0, 36),
    (0.5, 1.0),
    weathers=HARSH,
    drift=0.14,
    exposure=(0.78, 1.0),
    noise=(4.0, 8.0),
    blur=(0.3, 0.9),
)
OBLIQUE = Shot(
    (0.85, 1.2), (44, 66), (0.5, 1.0), distance=(1.25, 1.7), pitch=(4.0, 11.0), roll=6.0, base=(0.9, 1.04), drift=0.3
)
TINY = replace(SMALL, share=(0.05, 0.075), drift=0.36, distance=(7.0, 9.0))
HIDDEN = replace(OCCLUDED, visible=(0.015, 0.12))
CLUTTER = Shot((0.25, 0.6), (0, 40), (0.0, 1.0), weathers=(*FAIR, *HARSH), base=(0.66, 0.82))

HARD_SHOTS = (OCCLUDED, SMALL, DARK, OBLIQUE, OCCLUDED, DARK)
JUNK_SHOTS = (TINY, HIDDEN)

_SIZES = ((480, 360), (480, 360), (512, 384), (500, 375), (480, 320), (360, 480), (384, 512), (400, 400))


@dataclass(frozen=True, slots=True)
class Exposure:
    """One photograph to take: the camera, the light, and what the camera does to the picture."""

    camera: Camera
    weather: Weather
    sun: tuple[float, float]  # azimuth and elevation, degrees
    grading: Grading


def expose(shot: Shot, model: Model, rng: np.random.Generator) -> Exposure:
    """Draw one photograph from the ranges of a shot."""
    tall = model.height > 1.25 * float(np.ptp(model.bounds[:, 0]))
    sizes = [size for size in _SIZES if not (tall and size == (480, 320))]
    size = sizes[int(rng.integers(len(sizes)))]
    extent = max(model.height, float(np.ptp(model.bounds[:, 0])))
    yaw = float(rng.uniform(*shot.yaw)) * float(rng.choice((-1, 1)))
    distance = float(rng.uniform(*shot.distance)) * extent
    eye, pitch = float(rng.uniform(*shot.eye)), float(rng.uniform(*shot.pitch))
    roll = float(rng.uniform(-shot.roll, shot.roll))
    camera = look(distance, eye, yaw, pitch, roll, size).framed(model.bounds, _frame(shot, size, rng))
    weather = shot.weathers[int(rng.integers(len(shot.weathers)))]
    side = float(rng.uniform(25, 70)) * float(rng.choice((-1, 1)))
    grading = Grading(
        exposure=float(rng.uniform(*shot.exposure)),
        contrast=float(rng.uniform(0.96, 1.12)),
        vignette=float(rng.uniform(0.05, 0.3)),
        noise=float(rng.uniform(*shot.noise)),
        blur=float(rng.uniform(*shot.blur)),
    )
    return Exposure(camera, weather, (yaw + side, float(rng.uniform(22, 52))), grading)


def _frame(shot: Shot, size: tuple[int, int], rng: np.random.Generator) -> tuple[float, float, float, float]:
    """The pixel box (x, y, width, height) that the landmark should fill."""
    width, height = size
    share = float(rng.uniform(*shot.share))
    tall, wide = share * height, min(share * 1.2, max(share, 0.9)) * width
    foot = float(rng.uniform(*shot.base)) * height
    middle = (0.5 + float(rng.uniform(-shot.drift, shot.drift))) * width
    return middle - wide / 2, foot - tall, wide, tall

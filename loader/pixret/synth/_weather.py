"""Times of day and weathers: the light of a scene and the grading of the finished picture."""

from dataclasses import dataclass

import cv2
import numpy as np

from pixret.synth._camera import Light
from pixret.synth._raster import Bytes, Color, Floats, Singles


@dataclass(frozen=True, slots=True)
class Weather:
    """One kind of light: RGB factors of sun and sky, colours of the air, and how thick it is."""

    sun: tuple[float, float, float]
    sky: tuple[float, float, float]
    zenith: Color
    horizon: Color
    clouds: float  # share of the sky that is covered
    cloud_light: Color
    cloud_dark: Color
    haze: float  # share of a landmark's contrast that the air takes away at 100 m
    flood: tuple[float, float, float] = (0.0, 0.0, 0.0)  # light on the landmark alone, from the ground
    lit: float = 0.0  # strength of windows and lamps

    @property
    def is_night(self) -> bool:
        """Whether moon and stars stand in the sky."""
        return self.lit == 1.0

    def light(self, azimuth: float, elevation: float) -> Light:
        """The light on ordinary things, the sun at these angles in degrees."""
        return Light(_direction(azimuth, elevation), np.array(self.sun), np.array(self.sky))

    def landmark_light(self, azimuth: float, elevation: float) -> Light:
        """The light on the landmark, which may be floodlit."""
        if not any(self.flood):
            return self.light(azimuth, elevation)
        return Light(_direction(azimuth, 8.0), np.array(self.flood), np.array(self.sky))

    def air(self, depth: float) -> float:
        """The share of contrast that the air takes from what is `depth` metres away."""
        return min(0.82, 1 - float(np.exp(-depth / 100 * self.haze)))

    @property
    def on_props(self) -> Floats:
        """The RGB factor on upright sprites, which carry their own shading."""
        return np.array(self.sky) * 0.95 + np.array(self.sun) * 0.55


def _direction(azimuth: float, elevation: float) -> Floats:
    turn, rise = np.radians([azimuth, elevation])
    return np.array([np.sin(turn) * np.cos(rise), np.sin(rise), np.cos(turn) * np.cos(rise)])


CLEAR = Weather((0.80, 0.74, 0.60), (0.54, 0.58, 0.66), (64, 120, 196), (190, 218, 238), 0.28,
                (255, 255, 255), (206, 216, 228), 0.05)  # fmt: skip
MORNING = Weather((0.82, 0.67, 0.48), (0.50, 0.53, 0.60), (96, 148, 206), (246, 226, 198), 0.34,
                  (255, 248, 236), (214, 206, 210), 0.12)  # fmt: skip
GOLDEN = Weather((0.86, 0.55, 0.27), (0.42, 0.40, 0.47), (78, 106, 164), (252, 196, 122), 0.4,
                 (255, 214, 150), (172, 124, 124), 0.10)  # fmt: skip
OVERCAST = Weather((0.18, 0.18, 0.17), (0.84, 0.85, 0.88), (156, 168, 182), (218, 222, 224), 0.75,
                   (222, 226, 230), (164, 172, 182), 0.14)  # fmt: skip
DUSK = Weather((0.40, 0.22, 0.17), (0.36, 0.35, 0.50), (50, 60, 124), (250, 156, 112), 0.4,
               (232, 140, 120), (84, 68, 112), 0.12, lit=0.8)  # fmt: skip
NIGHT = Weather((0.04, 0.05, 0.08), (0.20, 0.23, 0.36), (12, 18, 46), (50, 62, 108), 0.3,
                (56, 64, 98), (26, 32, 62), 0.08, flood=(0.74, 0.54, 0.30), lit=1.0)  # fmt: skip
FOG = Weather((0.05, 0.05, 0.05), (0.72, 0.74, 0.77), (198, 204, 208), (208, 212, 214), 0.1,
              (212, 216, 218), (196, 202, 206), 0.46, lit=0.25)  # fmt: skip
STORM = Weather((0.16, 0.16, 0.14), (0.54, 0.57, 0.62), (78, 88, 106), (172, 178, 184), 0.85,
                (150, 156, 166), (74, 82, 98), 0.22)  # fmt: skip

FAIR = (CLEAR, MORNING, GOLDEN, OVERCAST, CLEAR)
HARSH = (DUSK, NIGHT, FOG, STORM)


@dataclass(frozen=True, slots=True)
class Grading:
    """What the invented camera does to a picture."""

    exposure: float
    contrast: float
    vignette: float
    noise: float
    blur: float


def make_grain(rng: np.random.Generator) -> Singles:
    """Draw the sensor noise that pictures are cut from, of unit variance."""
    return rng.standard_normal((700, 700), dtype=np.float32)


def grade(image: Bytes, glow: Bytes, strength: float, grading: Grading, grain: Singles) -> Bytes:
    """Add lit windows with their bloom, then lens, exposure and sensor noise; `grain` is as large as the picture."""
    height, width = image.shape[:2]
    picture = image.astype(np.float32)
    if strength:
        bloom = cv2.blur(cv2.blur(glow, (13, 13)), (9, 9)).astype(np.float32) * 0.7
        shine = (glow.astype(np.float32) * 0.75 + bloom) * np.float32(strength / 255)
        picture += shine[..., None] * np.array([235, 176, 92], dtype=np.float32)
    if grading.blur:
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), grading.blur), dtype=np.float32)
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    gain = grading.exposure * grading.contrast * (1 - grading.vignette * (x * x + y * y) / 2)
    lift = grain * np.float32(grading.noise) + np.float32(128 * (1 - grading.contrast))
    picture = np.asarray(cv2.multiply(picture, cv2.merge([gain.astype(np.float32)] * 3)), dtype=np.float32)
    return np.asarray(cv2.add(picture, cv2.merge([lift] * 3), dtype=cv2.CV_8U), dtype=np.uint8)

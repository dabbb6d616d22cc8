"""Pixel operations that every drawing module shares: noise, blending, premultiplied sprites."""

from collections.abc import Iterable
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

Bytes: TypeAlias = NDArray[np.uint8]
Floats: TypeAlias = NDArray[np.float64]
Singles: TypeAlias = NDArray[np.float32]
Color: TypeAlias = tuple[int, int, int]  # red, green, blue

# cv2 draws with this many fractional bits of a pixel.
_SHIFT = 4


def fixed_point(points: Floats) -> NDArray[np.int32]:
    """Float pixel positions (n, 2) in the fixed-point form that `fill` and `stroke` hand to cv2."""
    return np.asarray(np.rint(points * (1 << _SHIFT)), dtype=np.int32)


def fill(image: Bytes, points: Floats, color: Iterable[float]) -> None:
    """Draw one antialiased polygon into `image`, whatever its channel count."""
    cv2.fillPoly(image, [fixed_point(points)], tuple(color), lineType=cv2.LINE_AA, shift=_SHIFT)


def stroke(image: Bytes, points: Floats, color: Iterable[float], width: float, *, closed: bool = False) -> None:
    """Draw one antialiased polyline, `width` pixels wide and at least one."""
    thickness = max(1, round(width))
    cv2.polylines(image, [fixed_point(points)], closed, tuple(color), thickness, cv2.LINE_AA, _SHIFT)


def cloud_noise(rng: np.random.Generator, height: int, width: int, power: float) -> Singles:
    """Smooth noise (height, width) of unit variance that repeats at its edges; a larger `power` is smoother."""
    down = np.fft.fftfreq(height)[:, None] * height
    across = np.fft.rfftfreq(width)[None, :] * height
    frequency = np.maximum(np.hypot(down, across), 1.0)
    spectrum = np.fft.rfft2(rng.standard_normal((height, width))) / frequency**power
    spectrum[0, 0] = 0
    noise = np.fft.irfft2(spectrum, (height, width))
    return np.asarray(noise / noise.std(), dtype=np.float32)


def fractal_noise(rng: np.random.Generator, height: int, width: int, cell: float, octaves: int = 4) -> Singles:
    """Smooth noise (height, width) of about unit amplitude whose largest features are `cell` pixels wide."""
    total = np.zeros((height, width), dtype=np.float32)
    for octave in range(octaves):
        size = max(1.0, cell / 2**octave)
        coarse = rng.standard_normal((int(height / size) + 3, int(width / size) + 3)).astype(np.float32)
        fine = cv2.resize(coarse, None, fx=size, fy=size, interpolation=cv2.INTER_CUBIC)
        total += np.asarray(fine[:height, :width], dtype=np.float32) / 2**octave
    return total / 1.4


def noise_line(rng: np.random.Generator, width: int, cell: float, octaves: int = 5) -> Singles:
    """Smooth noise (width,) of about unit amplitude whose largest features are `cell` pixels wide."""
    total = np.zeros(width, dtype=np.float32)
    for octave in range(octaves):
        size = max(1.0, cell / 2**octave)
        coarse = rng.standard_normal((1, int(width / size) + 3)).astype(np.float32)
        fine = cv2.resize(coarse, (round(coarse.shape[1] * size), 1), interpolation=cv2.INTER_CUBIC)
        total += np.asarray(fine[0, :width], dtype=np.float32) / 2**octave
    return total / 1.4


def smoothstep(values: Singles, low: float, high: float) -> Singles:
    """Map `low` to 0 and `high` to 1 along a smooth ramp, clamped outside."""
    ramp = np.clip((values - low) / (high - low), 0, 1)
    return np.asarray(ramp * ramp * (3 - 2 * ramp), dtype=np.float32)


def plain(height: int, width: int, color: Iterable[float]) -> Bytes:
    """A picture of one colour."""
    planes = [np.full((height, width), round(value), dtype=np.uint8) for value in color]
    return np.asarray(cv2.merge(planes), dtype=np.uint8)


def premultiply(rgb: Bytes, alpha: Bytes) -> Bytes:
    """A sprite (h, w, 4) whose colours are already multiplied by its alpha."""
    covered = cv2.multiply(rgb, cv2.merge([alpha, alpha, alpha]), scale=1 / 255)
    return np.asarray(np.dstack([covered, alpha]), dtype=np.uint8)


def blend_over(target: Bytes, sprite: Bytes) -> None:
    """Lay a premultiplied sprite over `target` in place; both have the same height and width.

    The sprite's last channel is its alpha; `target` has as many channels, or all but the last.
    """
    channels = target.shape[2]
    gap = 255 - sprite[..., -1]
    cv2.multiply(target, cv2.merge([gap] * channels), dst=target, scale=1 / 255)
    if channels == 3:
        sprite = np.asarray(cv2.cvtColor(sprite, cv2.COLOR_RGBA2RGB), dtype=np.uint8)
    cv2.add(target, np.ascontiguousarray(sprite[..., :channels]), dst=target)


def paste(target: Bytes, sprite: Bytes, left: int, top: int) -> None:
    """Lay a premultiplied sprite over `target` at a pixel position; what lies outside is clipped."""
    height, width = target.shape[:2]
    x0, y0 = max(left, 0), max(top, 0)
    x1, y1 = min(left + sprite.shape[1], width), min(top + sprite.shape[0], height)
    if x0 < x1 and y0 < y1:
        blend_over(target[y0:y1, x0:x1], sprite[y0 - top : y1 - top, x0 - left : x1 - left])


def relight(sprite: Bytes, factor: Floats, air: Color, share: float) -> Bytes:
    """The premultiplied sprite under an RGB factor, seen through air that takes `share` of its contrast."""
    lit = scale_channels(sprite, factor * (1 - share))
    if share:
        alpha = sprite[..., 3]
        haze = scale_channels(cv2.merge([alpha, alpha, alpha]), np.array(air) * share / 255)
        lit[..., :3] = cv2.add(lit[..., :3], haze)
    return lit


def scale_channels(image: ArrayLike, factor: Floats) -> Bytes:
    """The image with its red, green and blue multiplied by a factor each; a fourth channel stays as it is."""
    pixels = np.asarray(image, dtype=np.uint8)
    return np.asarray(cv2.multiply(pixels, np.append(factor, 1.0)), dtype=np.uint8)


def shrink(sprite: Bytes, height: int, width: int) -> Bytes:
    """The sprite resized; averaging when it gets smaller."""
    smaller = height * width < sprite.shape[0] * sprite.shape[1]
    method = cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(sprite, (max(1, width), max(1, height)), interpolation=method), dtype=np.uint8)


def halve(image: Bytes, times: int) -> tuple[Bytes, ...]:
    """The image and up to `times` smaller copies, each half the size of the one before."""
    levels = [image]
    while len(levels) <= times and min(levels[-1].shape[:2]) >= 8:
        height, width = levels[-1].shape[:2]
        levels.append(shrink(levels[-1], height // 2, width // 2))
    return tuple(levels)


def mix(first: Color, second: Color, share: float) -> Color:
    """The colour that lies `share` of the way from the first to the second."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def scale_color(color: Color, factor: float) -> Color:
    """The colour made lighter or darker."""
    red, green, blue = (min(255, round(value * factor)) for value in color)
    return red, green, blue

"""A facade painted flat, in metres, which becomes the texture of a solid."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np

from pixret.synth._raster import (
    Bytes,
    Color,
    Floats,
    fill,
    fractal_noise,
    halve,
    noise_line,
    premultiply,
    scale_color,
    stroke,
)
from pixret.synth._shapes import rectangle

Outline: TypeAlias = Callable[[float, float, float, float], Floats]


@dataclass(frozen=True, slots=True)
class Texture:
    """A painted surface: premultiplied levels of halving size, and how strongly each pixel glows at night."""

    levels: tuple[Bytes, ...]
    glow: tuple[Bytes, ...]

    def pick(self, shrinkage: float) -> int:
        """The level to sample when the surface is drawn `shrinkage` times smaller than painted."""
        return int(np.clip(np.floor(np.log2(max(shrinkage, 1.0)) + 0.3), 0, len(self.levels) - 1))


class Wall:
    """The painter of one surface; x runs right and y up from the lower left corner, both in metres."""

    def __init__(self, width: float, height: float, rng: np.random.Generator, scale: float = 16.0) -> None:
        self.width, self.height, self.scale, self.rng = width, height, scale, rng
        rows, columns = max(8, round(height * scale)), max(8, round(width * scale))
        self.rgb: Bytes = np.full((rows, columns, 3), 200, dtype=np.uint8)
        self.alpha: Bytes = np.full((rows, columns), 255, dtype=np.uint8)
        self.glow: Bytes = np.zeros((rows, columns), dtype=np.uint8)

    def pixels(self, points: Floats) -> Floats:
        """Positions in metres as pixel positions of this painting."""
        rows, columns = self.alpha.shape
        x = points[:, 0] / self.width * columns - 0.5
        y = rows - points[:, 1] / self.height * rows - 0.5
        return np.column_stack([x, y])

    def masonry(self, color: Color, course: float = 0.55, contrast: float = 0.07, mortar: float = 0.9) -> None:
        """Cover everything with staggered stones, each a little lighter or darker than the next."""
        rows, columns = self.alpha.shape
        y, x = np.mgrid[0:rows, 0:columns].astype(np.float32) / np.float32(self.scale)
        row = (y / course).astype(np.int32)
        along = x / (course * 2.1) + (row % 2) * 0.5 + row * 0.13
        column = along.astype(np.int32)
        shades = self.rng.normal(1.0, contrast, (row.max() + 1, column.max() + 1)).astype(np.float32)
        shade = shades[row, column]
        joint = (np.mod(y, course) < 1.1 / self.scale) | (np.mod(along, 1.0) * course * 2.1 < 1.1 / self.scale)
        shade = np.where(joint, shade * mortar, shade)
        self.rgb[:] = np.clip(np.array(color, dtype=np.float32) * shade[..., None], 0, 255)

    def plain(self, color: Color) -> None:
        """Cover everything with one colour."""
        self.rgb[:] = color

    def roof_tiles(self, color: Color, course: float = 0.5) -> None:
        """Cover everything with rows of tiles that darken toward their lower edge."""
        rows, columns = self.alpha.shape
        y, x = np.mgrid[0:rows, 0:columns].astype(np.float32) / np.float32(self.scale)
        within = np.mod(y, course) / course
        row = (y / course).astype(np.int32)
        column = (x / (course * 0.8) + (row % 2) * 0.5).astype(np.int32)
        shades = self.rng.normal(1.0, 0.07, (row.max() + 1, column.max() + 1)).astype(np.float32)
        shade = shades[row, column] * (1.06 - 0.22 * within**3)
        self.rgb[:] = np.clip(np.array(color, dtype=np.float32) * shade[..., None], 0, 255)

    def shape(self, outline: Floats) -> None:
        """Keep only what lies inside the outline."""
        kept = np.zeros_like(self.alpha)
        fill(kept, self.pixels(outline), (255,))
        np.minimum(self.alpha, kept, out=self.alpha)

    def cut(self, outline: Floats) -> None:
        """Make the inside of the outline transparent."""
        fill(self.alpha, self.pixels(outline), (0,))

    def fill(self, outline: Floats, color: Color) -> None:
        """Paint the inside of the outline with one colour."""
        fill(self.rgb, self.pixels(outline), color)

    def line(self, points: Floats, color: Color, width: float, *, closed: bool = False) -> None:
        """Paint a line, `width` in metres."""
        stroke(self.rgb, self.pixels(points), color, width * self.scale, closed=closed)

    def light_up(self, outline: Floats, strength: int = 255) -> None:
        """Let the inside of the outline glow at night."""
        fill(self.glow, self.pixels(outline), (strength,))

    def shade(self, outline: Floats, factor: float, blur: float = 0.0) -> None:
        """Multiply the brightness inside the outline, its edge blurred over `blur` metres."""
        reach = round(3 * blur * self.scale) + 2
        points = self.pixels(outline)
        rows, columns = self.alpha.shape
        left, top = np.maximum(np.floor(points.min(axis=0)).astype(int) - reach, 0)
        right, bottom = np.ceil(points.max(axis=0)).astype(int) + reach
        part = self.rgb[top : min(bottom, rows), left : min(right, columns)]
        if not part.size:
            return
        mask = np.zeros(part.shape[:2], dtype=np.uint8)
        fill(mask, points - [left, top], (255,))
        if blur:
            mask = np.asarray(cv2.GaussianBlur(mask, (0, 0), blur * self.scale), dtype=np.uint8)
        weight = 1 + (factor - 1) * (mask.astype(np.float32) / 255)
        part[:] = np.clip(part * weight[..., None], 0, 255)

    def gradient(self, outline: Floats, colors: Iterable[Color], *, across: bool = False) -> None:
        """Paint the inside with evenly spaced colours from top to bottom, or from left to right."""
        points = self.pixels(outline)
        rows, columns = self.alpha.shape
        left, top = np.maximum(np.floor(points.min(axis=0)).astype(int), 0)
        right, bottom = np.minimum(np.ceil(points.max(axis=0)).astype(int) + 1, [columns, rows])
        part = self.rgb[top:bottom, left:right]
        if not part.size:
            return
        stops = np.array(list(colors), dtype=np.float64)
        places = np.linspace(0, len(stops) - 1, part.shape[1 if across else 0])
        ramp = np.stack([np.interp(places, range(len(stops)), stops[:, k]) for k in range(3)], axis=-1)
        painted = ramp[None, :, :] if across else ramp[:, None, :]
        mask = np.zeros(part.shape[:2], dtype=np.uint8)
        fill(mask, points - [left, top], (255,))
        weight = mask[..., None] / 255
        part[:] = part * (1 - weight) + painted * weight

    def cornice(self, y: float, height: float, color: Color, *, shadow: float = 0.5) -> None:
        """Paint a moulding over the whole width and the shadow that it throws on the wall below."""
        self.shade(rectangle(0, y - shadow, self.width, shadow), 0.66, shadow / 3)
        bands = (scale_color(color, 1.12), color, scale_color(color, 0.94), scale_color(color, 0.72))
        self.gradient(rectangle(0, y, self.width, height), bands)

    def pilaster(self, x: float, y: float, width: float, height: float, color: Color) -> None:
        """Paint a flat or round pillar that stands out from the wall, with base, capital and shadow."""
        self.shade(rectangle(x + width * 0.5, y, width * 1.1, height), 0.7, width * 0.25)
        bands = [scale_color(color, f) for f in (0.8, 1.0, 1.1, 1.08, 0.96, 0.8, 0.62)]
        self.gradient(rectangle(x, y, width, height), bands, across=True)
        for low in (y, y + height - width * 0.55):
            foot = rectangle(x - width * 0.18, low, width * 1.36, width * 0.55)
            self.gradient(foot, (scale_color(color, 1.1), scale_color(color, 0.86)))

    def finish(self, weather: float = 0.06, *, ground: bool = True) -> Texture:
        """The texture, after weathering: stains, darker edges, and a darker foot where it stands on ground."""
        rows, columns = self.alpha.shape
        stains = fractal_noise(self.rng, rows, columns, cell=max(6.0, self.scale * 3.5))
        streaks = noise_line(self.rng, columns, cell=max(3.0, self.scale * 0.4), octaves=2)
        factor = 1 + weather * stains + 0.4 * weather * streaks
        if ground:
            up = np.linspace(self.height, 0, rows, dtype=np.float32)[:, None]
            factor = factor * (1.0 - 0.28 * np.exp(-up / 1.2)) * (0.95 + 0.08 * up / self.height)
        side = np.minimum(np.arange(columns), np.arange(columns)[::-1]).astype(np.float32)[None, :] / self.scale
        factor = factor * (1 - 0.12 * np.exp(-side / 0.35))
        rgb = np.asarray(np.clip(self.rgb * factor[..., None], 0, 255), dtype=np.uint8)
        return Texture(halve(premultiply(rgb, self.alpha), 5), halve(np.minimum(self.glow, self.alpha), 5))

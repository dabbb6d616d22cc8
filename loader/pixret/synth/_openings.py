"""Windows, doors, clocks and rose windows on a wall."""

from dataclasses import dataclass

import numpy as np

from pixret.synth._raster import Color, scale_color
from pixret.synth._shapes import ellipse, rectangle, round_arch
from pixret.synth._walls import Outline, Wall


@dataclass(frozen=True, slots=True)
class Glazing:
    """How the openings of one building look."""

    trim: Color
    glass: tuple[Color, Color] = ((96, 118, 140), (38, 48, 62))
    bars: Color | None = (226, 222, 212)
    lit: int = 255


def window(
    wall: Wall, outline: Outline, x: float, y: float, width: float, height: float, look: Glazing, rim: float = 0.18
) -> None:
    """Paint a glazed opening in a raised surround, with a sill and the shadow of the reveal."""
    surround = outline(x - rim, y - rim * 0.4, width + 2 * rim, height + 1.4 * rim)
    wall.shade(surround + np.array([rim * 0.6, -rim * 0.7]), 0.72, rim * 0.5)
    wall.fill(surround, look.trim)
    wall.fill(outline(x - rim * 0.15, y, width + rim * 0.3, height + rim * 0.15), scale_color(look.trim, 0.55))
    opening = outline(x, y, width, height)
    wall.gradient(opening, look.glass)
    if look.bars is not None:
        _paint_bars(wall, x, y, width, height, look.bars)
    wall.shade(outline(x, y + height * 0.72, width, height * 0.28), 0.62, width * 0.12)
    wall.gradient(
        rectangle(x - rim * 1.6, y - rim, width + rim * 3.2, rim),
        (scale_color(look.trim, 1.12), scale_color(look.trim, 0.8)),
    )
    if look.lit:
        wall.light_up(opening, look.lit)


def _paint_bars(wall: Wall, x: float, y: float, width: float, height: float, color: Color) -> None:
    thick = min(0.12, width * 0.09)
    wall.fill(rectangle(x + width / 2 - thick / 2, y, thick, height * 0.94), color)
    for share in (0.33, 0.64):
        wall.fill(rectangle(x, y + height * share, width, thick * 0.8), color)


def window_row(
    wall: Wall,
    outline: Outline,
    count: int,
    y: float,
    width: float,
    height: float,
    look: Glazing,
    margin: float = 0.0,
    rim: float = 0.18,
) -> None:
    """Paint `count` equal windows, evenly spaced between two margins; some stay dark at night."""
    pitch = (wall.width - 2 * margin) / count
    for index in range(count):
        x = margin + pitch * (index + 0.5) - width / 2
        lit = look.lit if wall.rng.random() < 0.7 else 0
        window(wall, outline, x, y, width, height, Glazing(look.trim, look.glass, look.bars, lit), rim)


def portal(
    wall: Wall, outline: Outline, x: float, width: float, height: float, stone: Color, leaf: Color, steps: int = 4
) -> None:
    """Paint a recessed doorway with nested frames around two door leaves, standing on the ground."""
    for index in range(steps):
        grow = (steps - index) * width * 0.075
        frame = outline(x - grow, 0, width + 2 * grow, height + grow)
        wall.fill(frame, scale_color(stone, 1.1 if index % 2 == 0 else 0.62))
    opening = outline(x, 0, width, height)
    wall.gradient(opening, (scale_color(leaf, 0.4), leaf, scale_color(leaf, 0.8)))
    wall.line(np.array([[x + width / 2, 0], [x + width / 2, height * 0.97]]), scale_color(leaf, 0.4), 0.12)
    for share in (0.25, 0.55, 0.8):
        level = height * share
        wall.line(np.array([[x, level], [x + width, level]]), scale_color(leaf, 0.55), 0.08)
    wall.shade(outline(x, height * 0.6, width, height * 0.4), 0.55, width * 0.15)
    wall.light_up(opening, 90)


def clock(wall: Wall, x: float, y: float, radius: float, rim: Color, hour: float) -> None:
    """Paint a clock face around (x, y) that shows `hour` (0 to 12)."""
    wall.shade(ellipse(x + radius * 0.1, y - radius * 0.14, radius * 1.2, radius * 1.2), 0.6, radius * 0.1)
    wall.fill(ellipse(x, y, radius * 1.16, radius * 1.16), rim)
    wall.fill(ellipse(x, y, radius * 1.02, radius * 1.02), scale_color(rim, 0.5))
    wall.gradient(ellipse(x, y, radius * 0.95, radius * 0.95), ((252, 248, 232), (226, 218, 196)))
    wall.light_up(ellipse(x, y, radius * 0.95, radius * 0.95))
    for mark in range(12):
        way = np.array([np.sin(mark * np.pi / 6), np.cos(mark * np.pi / 6)])
        wall.line(np.array([x, y]) + np.outer([0.72, 0.86], way) * radius, (40, 36, 34), radius * 0.08)
    for turn, reach, thick in ((hour / 12, 0.5, 0.1), (hour % 1, 0.76, 0.07)):
        way = np.array([np.sin(turn * 2 * np.pi), np.cos(turn * 2 * np.pi)])
        wall.line(np.array([x, y]) + np.outer([-0.12, reach], way) * radius, (30, 28, 30), radius * thick)


def rose_window(wall: Wall, x: float, y: float, radius: float, stone: Color) -> None:
    """Paint a round window of coloured petals in a stone ring around (x, y)."""
    wall.shade(ellipse(x + 0.1, y - 0.2, radius * 1.18, radius * 1.18), 0.6, 0.25)
    wall.fill(ellipse(x, y, radius * 1.16, radius * 1.16), scale_color(stone, 1.08))
    wall.fill(ellipse(x, y, radius, radius), (34, 38, 58))
    panes: tuple[Color, ...] = ((66, 96, 158), (150, 58, 66), (196, 152, 72), (70, 126, 112))
    for index in range(12):
        angle = index * np.pi / 6
        for share, size in ((0.76, 0.19), (0.43, 0.12)):
            centre = x + np.cos(angle) * radius * share, y + np.sin(angle) * radius * share
            petal = ellipse(*centre, radius * size, radius * size, 16)
            wall.fill(petal, panes[index % 4])
            wall.light_up(petal)
    wall.line(ellipse(x, y, radius * 0.6, radius * 0.6), stone, 0.14, closed=True)
    wall.fill(ellipse(x, y, radius * 0.24, radius * 0.24), panes[2])
    wall.line(ellipse(x, y, radius, radius), scale_color(stone, 0.75), 0.14, closed=True)


def arcade(wall: Wall, count: int, y: float, height: float, stone: Color, margin: float = 0.0) -> None:
    """Paint a row of small blind arches on slender columns."""
    pitch = (wall.width - 2 * margin) / count
    for index in range(count):
        x = margin + pitch * (index + 0.14)
        wall.fill(round_arch(x - pitch * 0.07, y, pitch * 0.86, height * 1.05), scale_color(stone, 1.12))
        wall.gradient(round_arch(x, y, pitch * 0.72, height), (scale_color(stone, 0.32), scale_color(stone, 0.58)))

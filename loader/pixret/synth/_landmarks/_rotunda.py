"""A domed state house: columned portico, two wings, and a green copper dome on a drum."""

import numpy as np

from pixret.synth._openings import Glazing, portal, window_row
from pixret.synth._raster import Color, scale_color
from pixret.synth._shapes import rectangle, round_arch, triangle
from pixret.synth._solids import Model, Panel, Part, box, flag, model, point, turned
from pixret.synth._walls import Texture, Wall

_STONE: Color = (226, 220, 206)
_COPPER: Color = (104, 164, 146)
_LOOK = Glazing(trim=(242, 238, 228), bars=(236, 232, 224))


def _wing(rng: np.random.Generator, width: float, windows: int) -> Texture:
    wall = Wall(width, 14, rng)
    wall.masonry(_STONE, course=0.6, contrast=0.03)
    wall.shade(rectangle(0, 0, width, 2.2), 0.86)
    wall.cornice(2.2, 0.3, _STONE, shadow=0.3)
    window_row(wall, round_arch, windows, 3.4, 1.4, 3.2, _LOOK, rim=0.25)
    window_row(wall, rectangle, windows, 8.2, 1.3, 2.3, _LOOK, rim=0.25)
    for index in range(windows + 1):
        x = min(max(width * index / windows - 0.4, 0.05), width - 0.85)
        wall.pilaster(x, 2.5, 0.8, 8.9, _STONE)
    wall.cornice(11.4, 0.9, _STONE, shadow=0.6)
    for x in np.arange(0.3, width - 0.2, 0.62):
        wall.gradient(rectangle(x, 12.4, 0.34, 1.1), (scale_color(_STONE, 0.5), scale_color(_STONE, 0.66)))
    wall.cornice(13.5, 0.5, _STONE, shadow=0.1)
    return wall.finish()


def _behind_portico(rng: np.random.Generator) -> Texture:
    wall = Wall(16, 13, rng)
    wall.plain(scale_color(_STONE, 0.8))
    portal(wall, round_arch, 6.4, 3.2, 7, _STONE, (96, 60, 44))
    for x in (2.0, 11.6):
        wall.gradient(round_arch(x, 2.5, 2.4, 6), ((60, 70, 86), (30, 36, 46)))
        wall.light_up(round_arch(x, 2.5, 2.4, 6))
    wall.shade(rectangle(0, 8, 16, 6), 0.62, 1.5)
    return wall.finish()


def _gable(rng: np.random.Generator) -> Texture:
    wall = Wall(19, 7, rng)
    wall.plain(_STONE)
    wall.cornice(1.3, 0.7, _STONE, shadow=0.4)
    wall.fill(triangle(2.4, 2.2, 14.2, 3.6), scale_color(_STONE, 0.74))
    wall.shade(triangle(2.4, 3.2, 14.2, 2.6), 0.84, 0.4)
    wall.fill(round_arch(8.6, 2.4, 1.8, 2.0), scale_color(_STONE, 1.08))
    for x, tall in ((5.4, 0.9), (6.9, 1.4), (11.3, 1.4), (12.8, 0.9)):
        wall.fill(round_arch(x, 2.3, 0.8, tall), scale_color(_STONE, 1.02))
    wall.shape(np.array([[0, 0], [19, 0], [19, 2], [9.5, 7], [0, 2]]))
    return wall.finish(ground=False)


def _drum(rng: np.random.Generator) -> Texture:
    wall = Wall(2 * np.pi * 8, 9, rng)
    wall.masonry(_STONE, course=0.6, contrast=0.03)
    window_row(wall, round_arch, 16, 2.0, 1.4, 4.4, _LOOK, rim=0.25)
    for index in range(16):
        wall.pilaster(wall.width * index / 16 - 0.35, 1.2, 0.75, 6.2, scale_color(_STONE, 1.05))
    wall.cornice(0.4, 0.7, _STONE, shadow=0.3)
    wall.cornice(7.4, 1.2, _STONE, shadow=0.6)
    return wall.finish(ground=False)


def _dome(rng: np.random.Generator) -> Texture:
    wall = Wall(2 * np.pi * 8, 10, rng)
    wall.masonry(_COPPER, course=0.9, contrast=0.05, mortar=0.93)
    for index in range(16):
        x = wall.width * index / 16
        wall.gradient(
            rectangle(x - 0.35, 0, 0.7, 10),
            (scale_color(_COPPER, 1.25), scale_color(_COPPER, 0.7)),
            across=True,
        )
    return wall.finish(0.12, ground=False)


def _plain_turned(rng: np.random.Generator, color: Color, radius: float, height: float) -> Texture:
    wall = Wall(2 * np.pi * radius, height, rng)
    wall.plain(color)
    count = 8
    for index in range(count):
        x = wall.width * (index + 0.5) / count
        wall.gradient(round_arch(x - 0.4, height * 0.15, 0.8, height * 0.6), ((40, 46, 56), (70, 80, 92)))
        wall.light_up(round_arch(x - 0.4, height * 0.15, 0.8, height * 0.6))
    return wall.finish(ground=False)


def _crown(rng: np.random.Generator) -> list[Part]:
    dome = [(8.2 * np.sin(a), 8.0 * np.cos(a)) for a in np.linspace(0, 1.36, 14)]
    lantern = _plain_turned(rng, _STONE, 1.6, 3.6)
    cap = Wall(8, 4, rng)
    cap.plain(_COPPER)
    tip = [(0.0, 2.0), (0.3, 1.9), (1.1, 1.2), (1.8, 0.5), (2.4, 0.16), (4.2, 0.05)]
    return [
        turned(0, -2, 14, [(0, 8.9), (1.1, 8.9), (1.15, 8), (7.4, 8), (7.6, 8.7), (8.6, 8.9), (9, 8.4)], _drum(rng)),
        turned(0, -2, 22.8, dome, _dome(rng), gloss=0.25, bias=0.2),
        turned(0, -2, 30.7, [(0, 1.9), (0.4, 1.6), (3.2, 1.6), (3.6, 1.9)], lantern, bias=0.1),
        turned(0, -2, 34.2, tip, cap.finish(ground=False), gloss=0.3, bias=0.3),
    ]


def build(rng: np.random.Generator) -> Model:
    """The state house, 56 m wide and 40 m high."""
    wing, end, back = _wing(rng, 56, 15), _wing(rng, 20, 5), _behind_portico(rng)
    shaft = Wall(4.4, 9.6, rng)
    shaft.plain(scale_color(_STONE, 1.04))
    column = shaft.finish(ground=False)
    profile = [(0.0, 0.95), (0.5, 0.95), (0.55, 0.74), (4.0, 0.72), (8.6, 0.6), (8.8, 0.85), (9.6, 0.95)]
    steps = Wall(20, 1.8, rng)
    for index in range(6):
        steps.gradient(rectangle(0, index * 0.3, 20, 0.3), (scale_color(_STONE, 1.06), scale_color(_STONE, 0.74)))
    tread, gable = steps.finish(ground=False), _gable(rng)
    parts = [
        *box((0, -2), (56, 14, 20), wing, end),
        Panel(point(-8, 0, 8.1), point(16, 0, 0), point(0, 13, 0), back, bias=0.5),
        *box((0, 11), (20, 1.8, 7), tread, tread),
        *(turned(x, 13.2, 1.8, profile, column) for x in np.linspace(-8.2, 8.2, 6)),
        *(turned(x, 9.6, 1.8, profile, column) for x in (-8.2, 8.2)),
        Panel(point(-9.5, 11.4, 14.3), point(19, 0, 0), point(0, 7, 0), gable, bias=1.0),
        *(Panel(point(9.5 * s, 11.4, 11 + 3.3 * s), point(0, 0, -6.6 * s), point(0, 2, 0), tread) for s in (1, -1)),
        *_crown(rng),
        *(part for x in (-25, 25) for part in flag(x, 6, 14, 4.5, (44, 82, 150))),
    ]
    return model(parts, 56, 26, 38)

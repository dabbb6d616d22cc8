"""A red and white lighthouse with its keeper's cottage."""

import numpy as np

from pixret.synth._openings import Glazing, portal, window, window_row
from pixret.synth._raster import Color, scale_color
from pixret.synth._shapes import rectangle, round_arch
from pixret.synth._solids import Model, Part, box, model, ridge_roof, turned
from pixret.synth._walls import Texture, Wall

_WHITE: Color = (242, 238, 228)
_RED: Color = (196, 52, 44)
_IRON: Color = (52, 56, 62)
_LOOK = Glazing(trim=(206, 200, 188))


def _shaft(rng: np.random.Generator) -> Texture:
    wall = Wall(2 * np.pi * 3.8, 27, rng)
    wall.plain(_WHITE)
    for index in range(3):
        wall.fill(rectangle(0, 3.8 + index * 8.0, wall.width, 4.0), _RED)
    for y in np.arange(0, 27, 0.9):
        wall.line(np.array([[0, y], [wall.width, y]]), scale_color(_WHITE, 0.86), 0.03)
    for index in range(6):
        x, y = wall.width * (index + 0.5) / 6, 5 + (index % 3) * 7.2
        window(wall, round_arch, x - 0.4, y, 0.8, 1.9, _LOOK, rim=0.2)
        portal(wall, round_arch, x - 0.8, 1.6, 2.9, _WHITE, (52, 78, 104), steps=2)
    return wall.finish(0.07)


def _lantern(rng: np.random.Generator) -> Texture:
    wall = Wall(2 * np.pi * 2, 3.4, rng)
    wall.gradient(rectangle(0, 0, wall.width, 3.4), ((150, 178, 190), (236, 226, 176), (150, 178, 190)))
    wall.light_up(rectangle(0, 0.3, wall.width, 2.8))
    for index in range(12):
        x = wall.width * index / 12
        wall.line(np.array([[x, 0], [x, 3.4]]), _IRON, 0.18)
    for y in (0.1, 1.7, 3.3):
        wall.line(np.array([[0, y], [wall.width, y]]), _IRON, 0.16)
    return wall.finish(ground=False)


def _gallery(rng: np.random.Generator) -> Texture:
    wall = Wall(2 * np.pi * 3.6, 1.7, rng)
    wall.plain(_IRON)
    for x in np.arange(0, wall.width, 0.55):
        wall.cut(rectangle(x, 0.62, 0.4, 0.8))
    return wall.finish(ground=False)


def _cottage(rng: np.random.Generator, width: float, gable: float) -> Texture:
    wall = Wall(width, 4.6 + gable, rng)
    wall.masonry((232, 224, 208), course=0.5, contrast=0.025, mortar=0.95)
    window_row(wall, rectangle, 3, 1.5, 1.1, 1.7, Glazing((70, 104, 128)), margin=0.6, rim=0.18)
    if gable:
        window(wall, rectangle, width / 2 - 0.5, 5.0, 1.0, 1.3, Glazing((70, 104, 128)), rim=0.16)
        wall.shape(np.array([[0, 0], [width, 0], [width, 4.6], [width / 2, 4.6 + gable], [0, 4.6]]))
    return wall.finish()


def build(rng: np.random.Generator) -> Model:
    """The lighthouse, 37 m high, with its cottage 28 m wide."""
    tiles = Wall(11, 6, rng)
    tiles.roof_tiles((176, 84, 62), course=0.45)
    iron = Wall(12, 3, rng)
    iron.plain(_RED)
    rock = Wall(2 * np.pi * 6, 2.2, rng)
    rock.masonry((150, 146, 138), course=0.7, contrast=0.12)
    long, end, chimney = _cottage(rng, 11, 0), _cottage(rng, 8, 3.6), Wall(1.1, 2.6, rng)
    chimney.masonry((150, 88, 70), course=0.3)
    brick = chimney.finish(ground=False)
    shaft = [(0.0, 4.3), (2.5, 3.9), (14.0, 3.2), (25.4, 2.7), (25.8, 3.2), (26.5, 3.6), (27.0, 3.6)]
    cap = [
        (0.0, 2.5),
        (0.2, 2.5),
        (0.9, 2.0),
        (1.6, 1.2),
        (2.0, 0.4),
        (2.2, 0.3),
        (2.6, 0.35),
        (2.9, 0.06),
        (4.6, 0.05),
    ]
    parts: list[Part] = [
        turned(-5, 0, 0, [(0, 6.6), (1.0, 6.2), (2.0, 5.9), (2.2, 5.6)], rock.finish(), bias=-4.0),
        turned(-5, 0, 2, shaft, _shaft(rng)),
        turned(-5, 0, 29, [(0, 2.0), (3.4, 2.0)], _lantern(rng), bias=0.1),
        turned(-5, 0, 29, [(0, 3.6), (1.7, 3.6)], _gallery(rng), bias=0.2),
        turned(-5, 0, 32.4, cap, iron.finish(ground=False), 0.3, bias=0.3),
        *box((7.5, 0), (11, 4.6, 8), long, _cottage(rng, 8, 0)),
        *box((7.5, 0), (11, 8.2, 8), end, end)[2:],
        *ridge_roof((7.5, 0), (11, 3.6, 8), 4.6, tiles.finish(ground=False), along_x=True),
        *box((10.5, -0.6), (1.1, 2.6, 1.1), brick, brick, floor=6.9),
    ]
    return model(parts, 27, 14, 37)

"""A brick clock tower over the gabled wings of a town hall."""

import numpy as np

from pixret.synth._openings import Glazing, arcade, clock, portal, window, window_row
from pixret.synth._raster import Color, scale_color
from pixret.synth._shapes import pointed_arch, rectangle, round_arch
from pixret.synth._solids import Model, Part, box, model, pyramid, ridge_roof, turned
from pixret.synth._walls import Texture, Wall

_BRICK: Color = (164, 84, 62)
_TRIM: Color = (226, 206, 168)
_ROOF: Color = (62, 74, 82)
_LOOK = Glazing(trim=_TRIM)


def _quoins(wall: Wall, top: float) -> None:
    for index, y in enumerate(np.arange(0, top, 0.7)):
        length = 1.1 if index % 2 else 0.7
        for x in (0.0, wall.width - length):
            wall.fill(rectangle(x, y, length, 0.62), scale_color(_TRIM, 0.94 + 0.03 * (index % 3)))


def _tower(rng: np.random.Generator, *, door: bool) -> Texture:
    wall = Wall(9.5, 42, rng)
    wall.masonry(_BRICK, course=0.34, contrast=0.07, mortar=1.12)
    _quoins(wall, 40)
    if door:
        portal(wall, round_arch, 3.15, 3.2, 5.6, _TRIM, (44, 74, 66))
    for y in (13.2, 18.4):
        window_row(wall, round_arch, 2, y, 1.2, 3.4, _LOOK, margin=1.6, rim=0.3)
    window(wall, round_arch, 4.15, 8.2, 1.2, 2.9, _LOOK, rim=0.3)
    for y in (11.6, 23.4, 31.9):
        wall.cornice(y, 0.6, _TRIM, shadow=0.7)
    clock(wall, 4.75, 27.8, 2.9, _TRIM, 10.15)
    for x in (1.7, 4.0, 6.3):
        window(wall, pointed_arch, x, 33.5, 1.5, 5.4, Glazing(_TRIM, ((44, 38, 40), (22, 20, 24)), None, 170), 0.28)
    arcade(wall, 9, 39.7, 0.9, _TRIM)
    wall.cornice(41.0, 1.0, _TRIM, shadow=0.3)
    return wall.finish()


def _hall(rng: np.random.Generator, width: float, bays: int, gable: float) -> Texture:
    wall = Wall(width, 11 + gable, rng)
    wall.masonry(_BRICK, course=0.34, contrast=0.07, mortar=1.12)
    window_row(wall, round_arch, bays, 1.6, 1.5, 3.0, _LOOK, rim=0.28)
    window_row(wall, rectangle, bays, 6.4, 1.3, 2.6, _LOOK, rim=0.28)
    wall.cornice(5.4, 0.4, _TRIM, shadow=0.4)
    _quoins(wall, 10.4)
    wall.cornice(10.3, 0.7, _TRIM, shadow=0.5)
    if gable:
        middle = width / 2
        window(wall, round_arch, middle - 0.7, 12.2, 1.4, 2.4, _LOOK, rim=0.25)
        wall.shape(np.array([[0, 0], [width, 0], [width, 11], [middle, 11 + gable], [0, 11]]))
    return wall.finish()


def build(rng: np.random.Generator) -> Model:
    """The town hall, 38 m wide, its tower 58 m high."""
    front, side = _tower(rng, door=True), _tower(rng, door=False)
    hall, end = _hall(rng, 38, 9, 0), _hall(rng, 14, 4, 7)
    tiles = Wall(38, 10, rng, scale=12)
    tiles.roof_tiles(scale_color(_ROOF, 1.25), course=0.55)
    gold = Wall(3, 4, rng)
    gold.plain((214, 172, 74))
    parts: list[Part] = [
        *box((0, -3), (38, 11, 14), hall, _hall(rng, 14, 4, 0)),
        *box((0, -3), (38, 18, 14), end, end)[2:],
        *ridge_roof((0, -3), (37, 7, 14), 11, tiles.finish(ground=False), along_x=True),
        *box((0, 2.4), (9.5, 42, 9.5), front, side, bias=1.0),
        *pyramid((0, 2.4), (10.3, 4.2, 10.3), 42, _ROOF, scale_color(_ROOF, 0.7), rows=4, bias=1.5),
        *pyramid((0, 2.4), (6.4, 13, 6.4), 44, scale_color(_ROOF, 1.05), scale_color(_ROOF, 0.7), rows=9, bias=2.0),
        turned(
            0, 2.4, 56, [(0, 0.1), (1.0, 0.12), (1.1, 0.5), (1.6, 0.6), (2.1, 0.3), (4, 0.05)], gold.finish(), 0.5, 3
        ),
    ]
    for x in (-4.4, 4.4):
        for z in (-2.0, 6.8):
            parts += pyramid((x, z), (1.5, 5.5, 1.5), 42, _TRIM, scale_color(_TRIM, 0.7), rows=3, bias=2.2)
    return model(parts, 38, 22, 58)

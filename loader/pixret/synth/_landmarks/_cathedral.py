"""A gothic cathedral: twin towers with spires, a rose window over three portals, a long nave."""

import numpy as np

from pixret.synth._openings import Glazing, arcade, portal, rose_window, window, window_row
from pixret.synth._raster import Color, scale_color
from pixret.synth._shapes import pointed_arch, rectangle
from pixret.synth._solids import Model, Part, box, model, pyramid, ridge_roof
from pixret.synth._walls import Texture, Wall

_STONE: Color = (222, 210, 184)
_ROOF: Color = (104, 118, 124)
_LOOK = Glazing(trim=(238, 228, 206), glass=((74, 84, 118), (34, 36, 58)), bars=(176, 166, 146))


def _tower(rng: np.random.Generator, *, door: bool) -> Texture:
    wall = Wall(9, 33, rng)
    wall.masonry(_STONE, course=0.5, contrast=0.05)
    if door:
        portal(wall, pointed_arch, 2.9, 3.2, 6.2, _STONE, (104, 66, 42))
    else:
        window(wall, pointed_arch, 3.3, 2.6, 2.4, 6.4, _LOOK, rim=0.35)
    window(wall, pointed_arch, 3.1, 11.6, 2.8, 6.6, _LOOK, rim=0.4)
    for x in (1.9, 5.1):
        window(
            wall, pointed_arch, x, 21.6, 2.0, 7.6, Glazing(_LOOK.trim, ((50, 46, 46), (24, 22, 26)), None, 120), 0.35
        )
    for y in (9.4, 19.6, 30.6):
        wall.cornice(y, 0.7, _STONE, shadow=0.8)
    for x in (0.0, 7.9):
        wall.pilaster(x, 0, 1.1, 30.6, scale_color(_STONE, 1.03))
    return wall.finish()


def _centre(rng: np.random.Generator) -> Texture:
    wall = Wall(10, 31, rng)
    wall.masonry(_STONE, course=0.5, contrast=0.05)
    portal(wall, pointed_arch, 2.9, 4.2, 7.8, _STONE, (104, 66, 42), steps=6)
    arcade(wall, 9, 9.6, 1.9, _STONE, margin=0.4)
    wall.cornice(12, 0.5, _STONE, shadow=0.5)
    rose_window(wall, 5, 17, 3.6, scale_color(_STONE, 1.05))
    wall.cornice(21.6, 0.5, _STONE, shadow=0.6)
    wall.shape(np.array([[0, 0], [10, 0], [10, 22.5], [5, 31], [0, 22.5]]))
    window(wall, pointed_arch, 4.3, 23.2, 1.4, 3.6, _LOOK, rim=0.3)
    return wall.finish()


def _nave(rng: np.random.Generator) -> Texture:
    wall = Wall(40, 20, rng, scale=14)
    wall.masonry(scale_color(_STONE, 0.98), course=0.5, contrast=0.05)
    window_row(wall, pointed_arch, 7, 4.5, 2.6, 11, _LOOK, margin=0.5, rim=0.4)
    for index in range(8):
        wall.pilaster(index * 5.57 + 0.1, 0, 0.8, 18.4, scale_color(_STONE, 1.05))
    wall.cornice(18.6, 0.7, _STONE, shadow=0.8)
    return wall.finish()


def _roof(rng: np.random.Generator) -> Texture:
    wall = Wall(40, 13, rng, scale=12)
    wall.roof_tiles(_ROOF, course=0.6)
    wall.fill(rectangle(0, 12.6, 40, 0.4), scale_color(_ROOF, 0.6))
    return wall.finish(ground=False)


def _spire(x: float, z: float) -> list[Part]:
    parts = pyramid((x, z), (7.6, 17, 7.6), 33, _ROOF, scale_color(_ROOF, 0.75), rows=9, bias=0.5)
    for dx in (-3.9, 3.9):
        for dz in (-3.9, 3.9):
            parts += pyramid((x + dx, z + dz), (1.3, 5.4, 1.3), 33, _STONE, scale_color(_STONE, 0.7), rows=3, bias=0.6)
    return parts


def build(rng: np.random.Generator) -> Model:
    """The cathedral, 28 m wide and 50 m high."""
    front, side = _tower(rng, door=True), _tower(rng, door=False)
    centre, nave, roof = _centre(rng), _nave(rng), _roof(rng)
    parts = [
        *box((0, -20), (16, 20, 40), nave, nave, bias=-8.0),
        *ridge_roof((0, -20), (16, 11, 40), 20, roof),
        *box((0, 0), (10, 31, 0.6), centre, centre),
    ]
    for x in (-9.5, 9.5):
        parts += [*box((x, -3.8), (9, 33, 9), front, side), *_spire(x, -3.8)]
    return model(parts, 28, 40, 50)

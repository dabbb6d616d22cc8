"""A medieval castle: curtain walls, gatehouse, keep and round towers under slate cones."""

import numpy as np

from pixret.synth._openings import Glazing, portal, window, window_row
from pixret.synth._raster import Color, scale_color
from pixret.synth._shapes import battlement, pointed_arch, rectangle, round_arch
from pixret.synth._solids import Model, Part, box, flag, model, turned
from pixret.synth._walls import Texture, Wall

_STONE: Color = (190, 172, 142)
_SLATE: Color = (74, 88, 118)
_LOOK = Glazing(trim=(216, 200, 172), bars=None)


def _rampart(rng: np.random.Generator, width: float, height: float, windows: int) -> Texture:
    wall = Wall(width, height, rng)
    wall.masonry(_STONE, course=0.62, contrast=0.075)
    wall.cornice(height - 2.3, 0.4, scale_color(_STONE, 1.05), shadow=0.8)
    for index in range(windows):
        x = width * (index + 0.5) / windows
        window(wall, round_arch, x - 0.35, height * 0.5, 0.7, 1.9, _LOOK, rim=0.22)
    wall.shape(battlement(width, height, 1.1, 1.0))
    return wall.finish()


def _gate(rng: np.random.Generator) -> Texture:
    wall = Wall(11, 16, rng)
    wall.masonry(scale_color(_STONE, 1.05), course=0.6)
    portal(wall, round_arch, 3.2, 4.6, 6.6, _STONE, (92, 62, 40))
    window_row(wall, pointed_arch, 3, 8.6, 0.95, 2.6, _LOOK, margin=1.2, rim=0.25)
    shield = np.array([[4.7, 12.9], [6.3, 12.9], [6.3, 12.1], [5.5, 11.6], [4.7, 12.1]])
    wall.shade(shield + np.array([0.1, -0.15]), 0.5, 0.1)
    wall.fill(shield, (168, 44, 44))
    wall.fill(rectangle(5.4, 11.75, 0.2, 1.15), (236, 208, 110))
    wall.cornice(13.5, 0.5, _STONE, shadow=0.9)
    wall.shape(battlement(11, 16, 1.1, 1.1))
    return wall.finish()


def _keep(rng: np.random.Generator) -> Texture:
    wall = Wall(13, 25, rng)
    wall.masonry(scale_color(_STONE, 0.96), course=0.66, contrast=0.08)
    for y in (12.5, 17.5):
        window_row(wall, pointed_arch, 3, y, 1.1, 2.7, _LOOK, margin=1.2, rim=0.25)
    wall.cornice(22.2, 0.5, _STONE, shadow=0.9)
    wall.shape(battlement(13, 25, 1.2, 1.2))
    return wall.finish(ground=False)


def _tower(rng: np.random.Generator, radius: float, height: float) -> Texture:
    wall = Wall(2 * np.pi * radius, height, rng)
    wall.masonry(scale_color(_STONE, 1.03), course=0.6)
    for index in range(8):
        x = wall.width * (index + 0.5) / 8
        window(wall, round_arch, x - 0.35, height * (0.46 if index % 2 else 0.7), 0.7, 1.8, _LOOK, rim=0.2)
    wall.cornice(height - 2.2, 0.5, scale_color(_STONE, 1.08), shadow=0.8)
    return wall.finish()


def _cone(rng: np.random.Generator, radius: float, height: float) -> Texture:
    wall = Wall(2 * np.pi * radius, height, rng, scale=12)
    wall.roof_tiles(_SLATE, course=0.6)
    return wall.finish(ground=False)


def _round_tower(x: float, z: float, radius: float, height: float, wall: Texture, cone: Texture) -> list[Part]:
    body = [
        (0.0, radius * 1.08),
        (1.5, radius),
        (height - 2.2, radius),
        (height - 1.8, radius * 1.14),
        (height, radius * 1.14),
    ]
    roof = [
        (0.0, radius * 1.3),
        (0.15, radius * 1.3),
        (radius * 1.1, radius * 0.78),
        (radius * 2.7, 0.06),
        (radius * 3.1, 0.05),
    ]
    return [
        turned(x, z, 0, body, wall),
        turned(x, z, height, roof, cone, bias=0.2),
        *flag(x, z, height + radius * 2.8, radius * 0.9, (178, 44, 48)),
    ]


def build(rng: np.random.Generator) -> Model:
    """The castle, 44 m wide and 36 m high."""
    curtain, flank = _rampart(rng, 34, 10, 6), _rampart(rng, 26, 10, 4)
    gate, keep, side = _gate(rng), _keep(rng), _rampart(rng, 6, 16, 1)
    wall, cone = _tower(rng, 3.6, 17), _cone(rng, 4.6, 11)
    parts = [
        *box((0, 0), (34, 10, 26), curtain, flank),
        *box((0, 13.5), (11, 16, 6), gate, side, bias=1.0),
        *box((0, -1), (13, 25, 12), keep, keep, bias=-6.0),
        *_round_tower(5.2, -4, 1.7, 29, wall, cone),
    ]
    for x in (-17, 17):
        for z in (-13, 13):
            parts += _round_tower(x, z, 3.6, 17, wall, cone)
    return model(parts, 44, 36, 36)

"""A five-storey pagoda with sweeping roofs on a stone base."""

import numpy as np

from pixret.synth._openings import Glazing, portal, window
from pixret.synth._raster import Color, Floats, scale_color
from pixret.synth._shapes import rectangle
from pixret.synth._solids import Facet, Model, Part, box, model, turned
from pixret.synth._walls import Texture, Wall

_POST: Color = (158, 48, 38)
_PLASTER: Color = (238, 226, 200)
_TILE: Color = (58, 92, 86)
_GOLD: Color = (206, 164, 72)


def _storey(rng: np.random.Generator, width: float, height: float, *, door: bool) -> Texture:
    wall = Wall(width, height, rng, scale=18)
    wall.plain(_PLASTER)
    look = Glazing(trim=_POST, glass=((108, 78, 52), (58, 40, 30)), bars=(196, 150, 84))
    bays = 5
    for index in range(bays):
        x = width * (index + 0.5) / bays
        if door and index == bays // 2:
            portal(wall, rectangle, x - 1.1, 2.2, height * 0.66, _POST, (128, 40, 34), steps=2)
        else:
            window(wall, rectangle, x - width * 0.06, height * 0.22, width * 0.12, height * 0.42, look, rim=0.12)
    for index in range(bays + 1):
        x = (width - 0.45) * index / bays
        wall.pilaster(x, 0, 0.45, height, _POST)
    for y, thick in ((0.0, 0.35), (height * 0.72, 0.3), (height - 0.5, 0.5)):
        wall.gradient(rectangle(0, y, width, thick), (scale_color(_POST, 1.15), scale_color(_POST, 0.7)))
    wall.shade(rectangle(0, height * 0.68, width, height), 0.5, 0.6)
    return wall.finish(0.04, ground=False)


def _roof_face(eave: float, neck: float, floor: float, rise: float, turn: int) -> Facet:
    """One of the four faces: a concave slope whose corners sweep up."""
    share = np.linspace(-1, 1, 15)
    lift = 0.32 * rise * np.abs(share) ** 3
    lower = np.column_stack([share * eave * (1 + 0.05 * np.abs(share) ** 3), floor + lift, np.full(15, eave)])
    upper = np.column_stack([share * neck, np.full(15, floor + rise), np.full(15, neck)])
    middle = (lower * 0.45 + upper * 0.55) - [0, 0.13 * rise, 0]
    edge = np.vstack([lower, middle[-1:], upper[::-1], middle[:1]])
    tiles = tuple(np.stack([lower[k], middle[k], upper[k]]) for k in range(15))
    rim = (lower, lower + np.array([0.0, 0.12, 0.0]))
    normal = np.array([0.0, eave - neck, rise])
    return Facet(
        _rotate(edge, turn),
        _TILE,
        _rotate(normal[None] / np.linalg.norm(normal), turn)[0],
        tuple(_rotate(line, turn) for line in tiles + rim),
        scale_color(_TILE, 0.66),
        0.16,
        bias=eave * 0.4,
    )


def _soffit(eave: float, neck: float, floor: float, rise: float, turn: int) -> Facet:
    """The shaded underside of one face, which shows from below."""
    share = np.linspace(-1, 1, 15)
    lift = 0.32 * rise * np.abs(share) ** 3
    lower = np.column_stack([share * eave * (1 + 0.05 * np.abs(share) ** 3), floor + lift, np.full(15, eave)])
    inner = np.column_stack([share * neck, np.full(15, floor + 0.25), np.full(15, neck)])
    rafters = tuple(np.stack([lower[k], inner[k]]) for k in range(15))
    edge = np.vstack([lower, inner[::-1]])
    return Facet(
        _rotate(edge, turn), (70, 34, 28), None, tuple(_rotate(r, turn) for r in rafters), (104, 48, 36), 0.14,
        bias=eave * 0.35,
    )  # fmt: skip


def _rotate(points: Floats, turn: int) -> Floats:
    x, y, z = points.T
    for _ in range(turn):
        x, z = z, -x
    return np.column_stack([x, y, z])


def build(rng: np.random.Generator) -> Model:
    """The pagoda, 24 m wide and 41 m high."""
    plinth = Wall(22, 2.0, rng)
    plinth.masonry((178, 172, 160), course=0.66)
    plinth.cornice(1.6, 0.4, (196, 190, 178), shadow=0.3)
    stone = plinth.finish()
    parts: list[Part] = [*box((0, 0), (22, 2.0, 22), stone, stone, bias=-6.0)]
    floor, width, rise = 2.0, 13.0, 3.0
    for level in range(5):
        height = 4.6 if level == 0 else 3.3
        wall = _storey(rng, width, height, door=level == 0)
        parts += box((0, 0), (width, height, width), wall, wall, floor=floor)
        eave, neck = width / 2 + 3.0, width / 2 - 1.0
        last = level == 4
        neck, rise = (0.3, 4.8) if last else (neck, rise)
        for turn in range(4):
            parts.append(_soffit(eave, width / 2 - 0.2, floor + height, rise, turn))
            parts.append(_roof_face(eave, neck, floor + height, rise, turn))
        floor, width = floor + height + (rise if last else rise * 0.62), width * 0.87
    gold = Wall(4, 8, rng)
    gold.plain(_GOLD)
    rings = [(0.0, 0.7), (0.5, 0.6)]
    for index in range(6):
        low = 0.7 + index * 0.7
        rings += [(low, 0.16), (low + 0.2, 0.62 - index * 0.06), (low + 0.4, 0.62 - index * 0.06), (low + 0.6, 0.16)]
    rings += [(5.4, 0.34), (5.9, 0.3), (7.4, 0.04)]
    parts.append(turned(0, 0, floor - 0.4, rings, gold.finish(ground=False), 0.4, bias=8.0))
    return model(parts, 22, 22, 41)

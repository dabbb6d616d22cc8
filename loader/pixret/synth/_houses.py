"""Ordinary houses: town houses, cottages and office blocks, which are nobody's landmark."""

import numpy as np

from pixret.synth._openings import Glazing, portal, window_row
from pixret.synth._raster import Color, scale_color
from pixret.synth._shapes import rectangle, round_arch
from pixret.synth._solids import Model, Part, box, model, ridge_roof
from pixret.synth._walls import Texture, Wall

_PLASTERS: tuple[Color, ...] = (
    (222, 200, 160), (204, 146, 112), (176, 188, 176), (232, 222, 204), (196, 170, 176), (158, 92, 72),
    (214, 184, 112), (168, 182, 200),
)  # fmt: skip
_ROOFS: tuple[Color, ...] = ((150, 76, 56), (92, 84, 84), (124, 92, 72), (78, 92, 100))


def _facade(rng: np.random.Generator, color: Color, width: float, floors: int, gable: float, *, shop: bool) -> Texture:
    height = 3.3 * floors + 0.6
    wall = Wall(width, height + gable, rng, scale=13)
    wall.masonry(color, course=0.5, contrast=0.02, mortar=0.98)
    look = Glazing(trim=scale_color(color, 1.16))
    bays = max(2, round(width / 2.8))
    for floor in range(1 if shop else 0, floors):
        outline = round_arch if floor == floors - 1 and floors > 2 else rectangle
        window_row(wall, outline, bays, 3.3 * floor + 1.0, 1.1, 1.7, look)
        wall.cornice(3.3 * floor + 0.12, 0.16, scale_color(color, 1.1), shadow=0.2)
    if shop:
        awning: Color = (158, 56, 48) if rng.random() < 0.5 else (56, 98, 84)
        wall.fill(rectangle(0.4, 0.2, width - 0.8, 2.5), (52, 50, 52))
        wall.light_up(rectangle(0.4, 0.2, width - 0.8, 2.5), 200)
        for index in range(round(width / 0.6)):
            wall.fill(rectangle(0.4 + 0.6 * index, 2.3, 0.3, 0.8), awning)
            wall.fill(rectangle(0.7 + 0.6 * index, 2.3, 0.3, 0.8), (232, 226, 212))
    else:
        portal(wall, rectangle, width / 2 - 0.6, 1.2, 2.4, scale_color(color, 1.1), (74, 54, 44), steps=2)
    wall.cornice(height - 0.6, 0.5, scale_color(color, 1.08), shadow=0.4)
    if gable:
        wall.shape(np.array([[0, 0], [width, 0], [width, height], [width / 2, height + gable], [0, height]]))
    return wall.finish()


def _offices(rng: np.random.Generator, width: float, floors: int) -> Texture:
    wall = Wall(width, 3.4 * floors + 1, rng, scale=11)
    frame = scale_color((196, 196, 192), float(rng.uniform(0.7, 1.05)))
    wall.plain(frame)
    columns = round(width / 1.7)
    for floor in range(floors):
        for column in range(columns):
            pane = rectangle(width * (column + 0.1) / columns, 3.4 * floor + 0.8, width * 0.8 / columns, 2.0)
            sky = float(rng.uniform(0.75, 1.15))
            wall.gradient(pane, (scale_color((132, 160, 182), sky), scale_color((66, 86, 108), sky)))
            if rng.random() < 0.4:
                wall.light_up(pane)
    wall.cornice(3.4 * floors + 0.2, 0.8, frame, shadow=0.3)
    return wall.finish()


def build_house(rng: np.random.Generator, kind: int) -> Model:
    """An office block for every fourth kind, else a house with a roof along or across the street."""
    if kind % 4 == 3:
        floors, width = int(rng.integers(4, 8)), float(rng.uniform(13, 20))
        wall = _offices(rng, width, floors)
        return model(
            box((0, 0), (width, 3.4 * floors + 1, width * 0.8), wall, wall), width, width * 0.8, 3.4 * floors + 1
        )
    floors = int(rng.integers(2, 5)) if kind % 4 else int(rng.integers(1, 3))
    width, depth, rise = float(rng.uniform(8, 13)), float(rng.uniform(8, 11)), float(rng.uniform(2.6, 4.2))
    color, height = _PLASTERS[kind % len(_PLASTERS)], 3.3 * floors + 0.6
    along = kind % 3 != 0
    front = _facade(rng, color, width, floors, 0 if along else rise, shop=kind % 4 == 1)
    side = _facade(rng, color, depth, floors, rise if along else 0, shop=False)
    tiles = Wall(max(width, depth), 6, rng, scale=12)
    tiles.roof_tiles(_ROOFS[kind % len(_ROOFS)])
    chimney = Wall(1.0, 2.4, rng)
    chimney.masonry((146, 90, 74), course=0.3)
    brick = chimney.finish(ground=False)
    parts: list[Part] = []
    tall = height + rise
    fronts = box((0, 0), (width, height if along else tall, depth), front, front)
    sides = box((0, 0), (width, tall if along else height, depth), side, side)
    parts += [*fronts[:2], *sides[2:]]
    parts += ridge_roof((0, 0), (width, rise, depth), height, tiles.finish(ground=False), along_x=along)
    parts += box((width * 0.22, -depth * 0.12), (1.0, 2.4, 1.0), brick, brick, floor=tall - 1.4)
    return model(parts, width, depth, tall + 1.0)

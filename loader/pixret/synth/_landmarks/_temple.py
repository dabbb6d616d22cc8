"""An ancient temple: a colonnade on three steps, with a sculpted pediment."""

import numpy as np

from pixret.synth._raster import Color, scale_color
from pixret.synth._shapes import ellipse, rectangle, triangle
from pixret.synth._solids import Model, Panel, Part, box, model, point, ridge_roof, turned
from pixret.synth._walls import Texture, Wall

_MARBLE: Color = (232, 218, 188)
_ROOF: Color = (176, 106, 74)


def _step(rng: np.random.Generator, width: float) -> Texture:
    wall = Wall(width, 0.7, rng, scale=12)
    wall.masonry(_MARBLE, course=0.7, contrast=0.04)
    return wall.finish(ground=False)


def _cella(rng: np.random.Generator, width: float) -> Texture:
    wall = Wall(width, 10.5, rng, scale=12)
    wall.masonry(scale_color(_MARBLE, 0.62), course=0.7)
    wall.gradient(rectangle(width / 2 - 2, 0, 4, 8), ((40, 32, 28), (70, 54, 42)))
    wall.light_up(rectangle(0, 0, width, 10.5), 110)
    wall.shade(rectangle(0, 7, width, 4), 0.6, 1.2)
    return wall.finish()


def _shaft(rng: np.random.Generator) -> Texture:
    wall = Wall(5.6, 10.5, rng)
    wall.plain(_MARBLE)
    for index in range(16):
        x = 5.6 * index / 16
        wall.gradient(rectangle(x, 0.7, 0.24, 9), (scale_color(_MARBLE, 0.7), scale_color(_MARBLE, 0.9)), across=True)
    wall.shade(rectangle(0, 9.2, 5.6, 0.5), 0.7, 0.15)
    return wall.finish(ground=False)


def _entablature(rng: np.random.Generator, width: float) -> Texture:
    wall = Wall(width, 3.2, rng)
    wall.plain(_MARBLE)
    wall.shade(rectangle(0, 0, width, 0.25), 0.7, 0.06)
    count = round(width / 1.4)
    for index in range(count):
        x = width * (index + 0.5) / count
        wall.fill(rectangle(x - 0.62, 1.25, 1.24, 1.15), (158, 92, 74) if index % 2 else (98, 118, 142))
        wall.gradient(rectangle(x - 0.3, 1.2, 0.6, 1.25), (_MARBLE, scale_color(_MARBLE, 0.85)))
        for groove in (-0.12, 0.12):
            wall.line(np.array([[x + groove, 1.25], [x + groove, 2.3]]), scale_color(_MARBLE, 0.6), 0.08)
    wall.cornice(2.5, 0.7, _MARBLE, shadow=0.25)
    return wall.finish(ground=False)


def _pediment(rng: np.random.Generator) -> Texture:
    wall = Wall(32, 6, rng)
    wall.plain(_MARBLE)
    wall.fill(triangle(3.0, 0.5, 26, 4.5), (126, 84, 72))
    wall.shade(np.array([[3, 0.5], [16, 5], [29, 0.5], [29, 1.0], [16, 4.2], [3, 1.0]]), 0.7, 0.3)
    for index, x in enumerate(np.linspace(6.5, 25.5, 13)):
        tall = (1 - abs(x - 16) / 15) * 3.3
        figure = scale_color(_MARBLE, 0.92 + 0.06 * (index % 3))
        wall.shade(ellipse(x + 0.2, 0.5 + tall * 0.4, 0.5, tall * 0.45), 0.6, 0.15)
        wall.gradient(ellipse(x, 0.5 + tall * 0.36, 0.42, tall * 0.4), (figure, scale_color(figure, 0.7)), across=True)
        wall.fill(ellipse(x + 0.06, 0.5 + tall * 0.86, 0.27, 0.29), figure)
    wall.shape(triangle(0, 0, 32, 6))
    return wall.finish(ground=False)


def _columns(shaft: Texture) -> list[Part]:
    profile = [
        (0.0, 1.15), (0.35, 1.15), (0.4, 0.98), (4.0, 0.94), (9.4, 0.78), (9.55, 0.8),
        (9.9, 1.1), (10.0, 1.25), (10.5, 1.25),
    ]  # fmt: skip
    front = [(x, z) for x in np.linspace(-13.6, 13.6, 8) for z in (11.4, -11.4)]
    sides = [(x, z) for x in (-13.6, 13.6) for z in np.linspace(-7.6, 7.6, 5)]
    return [turned(x, z, 2.1, profile, shaft) for x, z in front + sides]


def build(rng: np.random.Generator) -> Model:
    """The temple, 36 m wide and 22 m high."""
    parts: list[Part] = []
    for index in range(3):
        width, depth = 35.5 - 1.6 * index, 31 - 1.6 * index
        tread = _step(rng, width)
        parts += box((0, 0), (width, 0.7, depth), tread, tread, floor=0.7 * index, bias=-3.0 + index)
    cella = _cella(rng, 22)
    parts += box((0, 0), (22, 10.5, 16), cella, cella, floor=2.1)
    parts += _columns(_shaft(rng))
    frieze = _entablature(rng, 30)
    parts += box((0, 0), (30.4, 3.2, 26), frieze, frieze, floor=12.6, bias=2.0)
    tiles = Wall(26, 16, rng, scale=10)
    tiles.roof_tiles(_ROOF, course=0.8)
    parts += ridge_roof((0, 0), (31, 5.8, 26), 15.8, tiles.finish(ground=False))
    gable = _pediment(rng)
    parts += [Panel(point(-16, 15.8, 13.3), point(32, 0, 0), point(0, 6, 0), gable, bias=2.5)]
    return model(parts, 35.5, 31, 22)

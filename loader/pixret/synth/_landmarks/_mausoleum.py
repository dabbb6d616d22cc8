"""A white marble mausoleum: onion domes, pointed niches and four minarets on a terrace."""

import numpy as np

from pixret.synth._openings import Glazing, window
from pixret.synth._raster import Color, scale_color
from pixret.synth._shapes import keel_arch, rectangle
from pixret.synth._solids import Model, Panel, Part, box, model, turned
from pixret.synth._walls import Texture, Wall

_MARBLE: Color = (238, 230, 218)
_INLAY: Color = (128, 92, 78)
_LOOK = Glazing(trim=(246, 240, 230), glass=((128, 112, 102), (66, 58, 58)), bars=(206, 192, 176))


def _iwan(rng: np.random.Generator) -> Texture:
    wall = Wall(12, 21, rng)
    wall.plain(_MARBLE)
    wall.line(rectangle(0.6, 0.4, 10.8, 19.8), _INLAY, 0.22, closed=True)
    wall.line(rectangle(1.15, 0.4, 9.7, 19.2), scale_color(_MARBLE, 0.82), 0.14, closed=True)
    wall.fill(keel_arch(1.9, 0, 8.2, 16.6), scale_color(_MARBLE, 1.04))
    wall.gradient(keel_arch(2.3, 0, 7.4, 15.8), ((118, 106, 104), (188, 176, 166), (150, 138, 130)))
    window(wall, keel_arch, 4.0, 0, 4.0, 6.6, _LOOK, rim=0.3)
    window(wall, keel_arch, 4.4, 8.4, 3.2, 4.4, _LOOK, rim=0.3)
    for x in (2.6, 9.4):
        wall.fill(keel_arch(x - 0.5, 17.0, 1.0, 1.9), (170, 128, 104))
    return wall.finish(0.03)


def _wing(rng: np.random.Generator, width: float, bays: int) -> Texture:
    wall = Wall(width, 17.5, rng)
    wall.plain(scale_color(_MARBLE, 0.985))
    for index in range(bays):
        x = width * (index + 0.5) / bays
        for y in (0.9, 8.9):
            wall.line(rectangle(x - 2.5, y - 0.3, 5.0, 7.0), _INLAY, 0.16, closed=True)
            wall.fill(keel_arch(x - 1.9, y, 3.8, 6.0), scale_color(_MARBLE, 0.74))
            window(wall, keel_arch, x - 1.3, y, 2.6, 4.4, _LOOK, rim=0.22)
    wall.cornice(16.4, 0.8, _MARBLE, shadow=0.5)
    return wall.finish(0.03)


def _dome(rng: np.random.Generator, radius: float, height: float) -> Texture:
    wall = Wall(2 * np.pi * radius, height, rng, scale=12)
    wall.masonry(_MARBLE, course=1.2, contrast=0.014, mortar=0.96)
    for index in range(24):
        x = wall.width * index / 24
        wall.fill(rectangle(x, height * 0.11, wall.width / 48, height * 0.025), _INLAY)
    wall.line(np.array([[0, height * 0.1], [wall.width, height * 0.1]]), _INLAY, 0.2)
    return wall.finish(0.025, ground=False)


def _onion(radius: float, height: float) -> list[tuple[float, float]]:
    """The outline of an onion dome on a drum, with a finial."""
    shape = [
        (0.0, 0.84), (0.16, 0.84), (0.2, 0.9), (0.28, 0.98), (0.36, 1.0), (0.45, 0.97), (0.55, 0.86), (0.65, 0.68),
        (0.73, 0.48), (0.8, 0.29), (0.85, 0.15), (0.88, 0.07), (0.9, 0.05), (0.915, 0.1), (0.935, 0.1), (0.95, 0.03),
        (1.0, 0.015),
    ]  # fmt: skip
    return [(share * height, reach * radius) for share, reach in shape]


def _minaret(x: float, z: float, shaft: Texture, dome: Texture) -> list[Part]:
    profile = [(0.0, 1.9), (8.0, 1.7), (8.1, 2.3), (8.6, 2.3), (8.7, 1.6), (16.5, 1.45), (16.6, 2.0), (17.1, 2.0)]
    profile += [(17.2, 1.3), (24.0, 1.15), (24.1, 1.9), (24.6, 1.9), (24.7, 1.1), (26.6, 1.1), (26.7, 1.5), (27.0, 1.4)]
    return [turned(x, z, 3, profile, shaft), turned(x, z, 30, _onion(1.4, 4.2), dome, 0.12, bias=0.2)]


def _kiosk(x: float, z: float, drum: Texture, dome: Texture) -> list[Part]:
    return [
        turned(x, z, 20, [(0, 2.5), (0.4, 2.5), (0.5, 2.1), (3.4, 2.1), (3.5, 2.8), (3.9, 2.7)], drum),
        turned(x, z, 23.9, _onion(2.4, 5.6), dome, 0.12, bias=0.2),
    ]


def _drum(rng: np.random.Generator, radius: float, height: float, count: int) -> Texture:
    wall = Wall(2 * np.pi * radius, height, rng)
    wall.plain(_MARBLE)
    for index in range(count):
        x, width = wall.width * (index + 0.5) / count, wall.width / count * 0.62
        arch = keel_arch(x - width / 2, height * 0.12, width, height * 0.66)
        wall.gradient(arch, ((96, 84, 82), (146, 132, 124)))
        wall.light_up(arch, 170)
    wall.cornice(height * 0.86, height * 0.14, _MARBLE, shadow=0.2)
    return wall.finish(0.03, ground=False)


def build(rng: np.random.Generator) -> Model:
    """The mausoleum, 48 m wide and 52 m high."""
    terrace = Wall(48, 3, rng, scale=12)
    terrace.masonry(scale_color(_MARBLE, 0.96), course=0.8, contrast=0.025)
    for x in np.arange(0.9, 46.5, 2.0):
        terrace.gradient(keel_arch(x, 0.3, 1.2, 2.0), (scale_color(_MARBLE, 0.6), scale_color(_MARBLE, 0.8)))
    terrace.cornice(2.5, 0.5, _MARBLE, shadow=0.3)
    base, iwan, wing = terrace.finish(), _iwan(rng), _wing(rng, 32, 5)
    dome, small = _dome(rng, 9.4, 26), _dome(rng, 2.4, 5.6)
    shaft = Wall(9, 27, rng, scale=12)
    shaft.masonry(_MARBLE, course=1.3, contrast=0.02, mortar=0.88)
    minaret, kiosk = shaft.finish(0.03, ground=False), _drum(rng, 2.1, 3.9, 8)
    parts = [
        *box((0, 0), (48, 3, 48), base, base, bias=-30.0),
        *box((0, 0), (32, 17.5, 32), wing, wing, floor=3),
        *(Panel(p.origin, p.right, p.up, iwan, 2.0) for p in _iwans()),
        turned(0, 0, 19.5, [(0, 8.4), (4, 8.4), (4.1, 8.9), (4.6, 8.9), (4.8, 8.0)], _drum(rng, 8, 4.8, 16)),
        turned(0, 0, 23.5, _onion(9.8, 28), dome, 0.16, bias=0.3),
    ]
    for x in (-11, 11):
        for z in (-11, 11):
            parts += _kiosk(x * 1.1, z * 1.1, kiosk, small)
            parts += _minaret(x * 2.0, z * 2.0, minaret, small)
    return model(parts, 48, 48, 52)


def _iwans() -> list[Panel]:
    """The places of the great niches, one in front of each wall."""
    nothing = Texture((), ())
    return [part for part in box((0, 0), (12, 21, 33.2), nothing, nothing, floor=3)[:2] if isinstance(part, Panel)] + [
        part for part in box((0, 0), (33.2, 21, 12), nothing, nothing, floor=3)[2:] if isinstance(part, Panel)
    ]

"""Everything that stands around a landmark, drawn once as sprites: trees, people, vehicles, lamps, houses."""

from dataclasses import dataclass

import cv2
import numpy as np

from pixret.synth._camera import Light, look
from pixret.synth._houses import build_house
from pixret.synth._raster import Bytes, Color, Floats, fill, halve, mix, premultiply, scale_color, shrink, stroke
from pixret.synth._render import render
from pixret.synth._shapes import ellipse, rectangle


@dataclass(frozen=True, slots=True)
class Sprite:
    """A prop as a premultiplied picture that stands on its lower edge, `metres` high."""

    rgba: tuple[Bytes, ...]  # in halving sizes
    glow: tuple[Bytes, ...]
    metres: float

    @property
    def aspect(self) -> float:
        """Width by height."""
        height, width = self.rgba[0].shape[:2]
        return int(width) / int(height)

    def picture(self, height: int) -> Bytes:
        """The sprite `height` pixels high."""
        return self._sized(self.rgba, height)

    def lights(self, height: int) -> Bytes:
        """Its glow `height` pixels high."""
        return self._sized(self.glow, height)

    def _sized(self, levels: tuple[Bytes, ...], height: int) -> Bytes:
        level = max(index for index, image in enumerate(levels) if index == 0 or image.shape[0] >= height)
        return shrink(levels[level], height, max(1, round(self.aspect * height)))


def _sprite(rgba: Bytes, glow: Bytes, metres: float) -> Sprite:
    return Sprite(halve(rgba, 5), halve(glow, 5), metres)


@dataclass(frozen=True, slots=True)
class Props:
    """The stock of sprites of one benchmark."""

    trees: tuple[Sprite, ...]
    people: tuple[Sprite, ...]
    vehicles: tuple[Sprite, ...]
    lamps: tuple[Sprite, ...]
    houses: tuple[Sprite, ...]


class _Board:
    """A transparent sheet on which one sprite is drawn at twice its size; y up, in the caller's units."""

    def __init__(self, width: float, height: float, scale: float) -> None:
        self.height, self.scale = height, 2 * scale
        rows, columns = round(height * self.scale), round(width * self.scale)
        self.rgb: Bytes = np.zeros((rows, columns, 3), dtype=np.uint8)
        self.alpha: Bytes = np.zeros((rows, columns), dtype=np.uint8)
        self.glow: Bytes = np.zeros((rows, columns), dtype=np.uint8)

    def pixels(self, points: Floats) -> Floats:
        return np.column_stack([points[:, 0], self.height - points[:, 1]]) * self.scale

    def fill(self, points: Floats, color: Color) -> None:
        fill(self.rgb, self.pixels(points), color)
        fill(self.alpha, self.pixels(points), (255,))

    def line(self, points: Floats, color: Color, width: float) -> None:
        stroke(self.rgb, self.pixels(points), color, width * self.scale)
        stroke(self.alpha, self.pixels(points), (255,), width * self.scale)

    def dots(self, centres: Floats, radii: Floats, colors: Floats) -> None:
        placed = np.rint(self.pixels(centres)).astype(int)
        for (x, y), radius, color in zip(placed, radii * self.scale, colors, strict=True):
            at, size = (int(x), int(y)), max(1, round(float(radius)))
            cv2.circle(self.rgb, at, size, tuple(float(value) for value in color), -1)
            cv2.circle(self.alpha, at, size, (255,), -1)

    def light_up(self, points: Floats) -> None:
        fill(self.glow, self.pixels(points), (255,))

    def sprite(self, metres: float) -> Sprite:
        rows, columns = self.alpha.shape
        whole = shrink(premultiply(self.rgb, self.alpha), rows // 2, columns // 2)
        return _sprite(whole, shrink(self.glow, rows // 2, columns // 2), metres)


def _leaves(
    board: _Board, rng: np.random.Generator, lobes: Floats, dark: Color, light: Color, count: int, size: float
) -> None:
    """Cover lobes (n, 3) of x, y, radius with leaves, dark below and behind, light above and in front."""
    pick = rng.choice(len(lobes), count, p=lobes[:, 2] ** 2 / (lobes[:, 2] ** 2).sum())
    angle, reach = rng.uniform(0, 2 * np.pi, count), np.sqrt(rng.uniform(0, 1, count))
    offset = np.column_stack([np.cos(angle), np.sin(angle)]) * reach[:, None]
    centres = lobes[pick, :2] + offset * lobes[pick, 2:]
    low, high = (lobes[:, 1] - lobes[:, 2]).min(), (lobes[:, 1] + lobes[:, 2]).max()
    overall = (centres[:, 1] - low) / (high - low)
    depth = np.sort(rng.uniform(0, 1, count))
    lit = 0.38 * (offset @ [-0.5, 0.86]) + 0.34 * overall + 0.3 * depth + rng.normal(0, 0.09, count)
    share = np.clip(lit, 0, 1)[:, None]
    colors = np.array(dark) * (1 - share) + np.array(light) * share
    board.dots(centres, rng.uniform(0.6, 1.1, count) * size, colors)


def _broadleaf(rng: np.random.Generator, dark: Color, light: Color) -> Sprite:
    board = _Board(1.0, 1.15, 300)
    lean = rng.uniform(-0.03, 0.03)
    bark: Color = (74, 58, 46)
    board.fill(np.array([[0.455, 0.0], [0.545, 0.0], [0.52 + lean, 0.55], [0.485 + lean, 0.55]]), bark)
    board.fill(np.array([[0.51, 0.0], [0.545, 0.0], [0.52 + lean, 0.55], [0.507 + lean, 0.55]]), scale_color(bark, 0.7))
    count = int(rng.integers(8, 12))
    angle = np.linspace(0, 2 * np.pi, count, endpoint=False) + rng.uniform(0, 1)
    lobes = np.column_stack(
        [
            0.5 + lean + 0.23 * np.cos(angle) * rng.uniform(0.75, 1.1, count),
            0.7 + 0.23 * np.sin(angle) * rng.uniform(0.75, 1.1, count),
            rng.uniform(0.12, 0.18, count),
        ]
    )
    lobes = np.vstack([lobes, [[0.5 + lean, 0.7, 0.27]]])
    for x, y, _ in lobes[::3]:
        board.line(np.array([[0.5 + lean, 0.45], [x, y]]), bark, 0.012)
    _leaves(board, rng, lobes, dark, light, 2900, 0.015)
    return board.sprite(float(rng.uniform(9, 14)))


def _cypress(rng: np.random.Generator, dark: Color, light: Color) -> Sprite:
    board = _Board(0.34, 1.0, 340)
    board.fill(rectangle(0.15, 0, 0.04, 0.12), (70, 56, 44))
    level = np.linspace(0.1, 0.95, 14)
    wide = 0.135 * np.sin(np.pi * np.clip((level - 0.02) / 0.98, 0, 1) ** 0.72) ** 0.8
    lobes = np.column_stack([0.17 + rng.normal(0, 0.006, 14), level, np.maximum(wide, 0.02)])
    _leaves(board, rng, lobes, dark, light, 1700, 0.0095)
    return board.sprite(float(rng.uniform(10, 15)))


def _conifer(rng: np.random.Generator, dark: Color, light: Color) -> Sprite:
    board = _Board(0.62, 1.1, 300)
    board.fill(rectangle(0.285, 0, 0.05, 0.2), (66, 52, 42))
    for tier in range(9):
        low, reach = 0.1 + tier * 0.1, 0.29 * (1 - tier / 9.6)
        jag = np.linspace(-1, 1, 15)
        hem = low + 0.03 * (np.arange(15) % 2) + 0.035 * jag**2 + rng.normal(0, 0.006, 15)
        skirt = np.vstack([np.column_stack([0.31 + jag * reach, hem]), [[0.31, low + 0.2]]])
        board.fill(skirt, mix(dark, light, 0.15 + 0.05 * tier))
        sunny = np.vstack([np.column_stack([0.31 + jag[:8] * reach, hem[:8] + 0.012]), [[0.31, low + 0.19]]])
        board.fill(sunny, mix(dark, light, 0.42 + 0.05 * tier))
    return board.sprite(float(rng.uniform(9, 15)))


def _person(rng: np.random.Generator) -> Sprite:
    board = _Board(0.8, 1.8, 80)
    clothes: tuple[Color, ...] = (
        (176, 52, 48), (44, 82, 142), (232, 196, 88), (64, 118, 82), (226, 222, 214), (52, 54, 62), (150, 92, 128),
        (214, 122, 62), (104, 148, 176),
    )  # fmt: skip
    coat, trousers = (clothes[int(k)] for k in rng.choice(len(clothes), 2, replace=False))
    skins: tuple[Color, ...] = ((236, 196, 166), (198, 148, 112), (140, 96, 70), (96, 66, 50))
    skin, hair = skins[int(rng.integers(4))], mix((40, 30, 26), (150, 108, 62), float(rng.uniform()))
    stride, swing = rng.uniform(0.02, 0.15), rng.uniform(-0.03, 0.06)
    for side in (-1, 1):
        foot = 0.4 + side * stride
        leg = np.array([[0.4 + side * 0.03, 0.9], [0.4 + side * 0.12, 0.9], [foot + 0.06, 0.05], [foot - 0.05, 0.05]])
        board.fill(leg, scale_color(trousers, 0.75 if side > 0 else 0.6))
        board.fill(ellipse(foot + 0.03, 0.04, 0.09, 0.045, 12), (38, 34, 34))
        arm = np.array([[0.4 + side * 0.19, 1.42], [0.4 + side * (0.24 + swing), 0.92]])
        board.line(arm, scale_color(coat, 0.8), 0.09)
        board.fill(ellipse(0.4 + side * (0.24 + swing), 0.88, 0.045, 0.05, 10), skin)
    torso = np.array([[0.24, 1.45], [0.32, 1.52], [0.48, 1.52], [0.56, 1.45], [0.53, 0.84], [0.27, 0.84]])
    board.fill(torso, coat)
    board.fill(
        np.array([[0.44, 1.52], [0.48, 1.52], [0.56, 1.45], [0.53, 0.84], [0.44, 0.84]]), scale_color(coat, 0.78)
    )
    board.fill(rectangle(0.36, 1.48, 0.08, 0.09), skin)
    board.fill(ellipse(0.4, 1.67, 0.1, 0.12, 20), hair)
    board.fill(ellipse(0.385, 1.645, 0.085, 0.095, 20), skin)
    return board.sprite(float(rng.uniform(1.62, 1.86)))


def _wheels(board: _Board, places: tuple[float, ...], radius: float) -> None:
    for x in places:
        board.fill(ellipse(x, radius, radius, radius), (30, 30, 34))
        board.fill(ellipse(x, radius, radius * 0.58, radius * 0.58), (172, 174, 178))
        board.fill(ellipse(x, radius, radius * 0.2, radius * 0.2), (70, 72, 76))


def _car(color: Color) -> Sprite:
    board = _Board(4.4, 1.5, 55)
    cabin = np.array([[0.75, 0.82], [1.3, 1.42], [2.75, 1.45], [3.45, 0.86]])
    body = np.array([
        [0.06, 0.35], [0.08, 0.78], [0.7, 0.9], [3.4, 0.92], [4.2, 0.76], [4.34, 0.55], [4.32, 0.32],
    ])  # fmt: skip
    board.fill(cabin, scale_color(color, 1.05))
    for pane in (
        [[0.95, 0.88], [1.38, 1.34], [1.95, 1.36], [1.95, 0.9]],
        [[2.06, 0.9], [2.06, 1.36], [2.7, 1.36], [3.22, 0.9]],
    ):
        board.fill(np.array(pane), (74, 92, 108))
        shine = np.array(pane)
        board.fill(np.vstack([shine[1:3], shine[2:3] - [0.1, 0.16], shine[1:2] - [0.12, 0.16]]), (140, 160, 174))
    board.fill(body, color)
    board.fill(
        np.array([[0.08, 0.7], [0.7, 0.84], [3.4, 0.87], [4.22, 0.7], [4.2, 0.76], [3.4, 0.92], [0.7, 0.9]]),
        scale_color(color, 1.3),
    )
    board.fill(np.array([[0.06, 0.28], [0.06, 0.44], [4.33, 0.44], [4.32, 0.28]]), scale_color(color, 0.6))
    board.line(np.array([[2.0, 0.34], [2.0, 0.9]]), scale_color(color, 0.66), 0.03)
    board.fill(ellipse(4.22, 0.62, 0.1, 0.08, 14), (252, 244, 206))
    board.light_up(ellipse(4.22, 0.62, 0.16, 0.12, 14))
    board.fill(rectangle(0.05, 0.58, 0.1, 0.16), (168, 30, 30))
    _wheels(board, (0.92, 3.45), 0.34)
    return board.sprite(1.5)


def _bus(color: Color) -> Sprite:
    board = _Board(9.6, 3.1, 34)
    body = np.array([[0.05, 0.4], [0.05, 2.9], [0.25, 3.08], [9.3, 3.08], [9.5, 2.8], [9.55, 0.4]])
    board.fill(body, color)
    board.fill(rectangle(0.05, 0.4, 9.5, 0.5), scale_color(color, 0.7))
    board.fill(rectangle(0.05, 2.82, 9.4, 0.14), scale_color(color, 1.3))
    for index in range(6):
        pane = rectangle(0.35 + index * 1.33, 1.45, 1.2, 1.1)
        board.fill(pane, (66, 84, 100))
        board.fill(pane * [1, 0.4] + [0, 1.53], (112, 132, 148))
        board.light_up(pane)
    board.fill(rectangle(8.42, 0.55, 0.85, 2.0), (74, 94, 110))
    board.line(np.array([[8.84, 0.55], [8.84, 2.55]]), scale_color(color, 0.5), 0.06)
    board.fill(ellipse(9.42, 0.8, 0.12, 0.12, 14), (252, 244, 206))
    _wheels(board, (1.7, 7.3), 0.5)
    return board.sprite(3.1)


def _lamp(*, twin: bool) -> Sprite:
    board = _Board(1.8, 5.2, 46)
    iron: Color = (44, 48, 52)
    board.fill(np.array([[0.74, 0], [1.06, 0], [1.0, 0.5], [0.8, 0.5]]), iron)
    board.fill(np.array([[0.84, 0.4], [0.96, 0.4], [0.93, 4.2], [0.87, 4.2]]), iron)
    board.fill(rectangle(0.865, 0.4, 0.03, 3.8), (88, 94, 100))
    places = (0.4, 1.4) if twin else (0.9,)
    if twin:
        board.line(np.array([[0.4, 4.1], [0.6, 3.9], [0.9, 3.86], [1.2, 3.9], [1.4, 4.1]]), iron, 0.06)
    for x in places:
        glass = np.array([[x - 0.12, 4.2], [x + 0.12, 4.2], [x + 0.22, 4.8], [x - 0.22, 4.8]])
        board.fill(glass, (236, 232, 206))
        board.light_up(glass)
        board.fill(np.array([[x - 0.26, 4.78], [x + 0.26, 4.78], [x + 0.05, 5.1], [x - 0.05, 5.1]]), iron)
        board.line(np.array([[x, 4.2], [x, 4.8]]), iron, 0.03)
    return board.sprite(5.2)


def _house(rng: np.random.Generator, kind: int) -> Sprite:
    house = build_house(rng, kind)
    yaw = float(rng.uniform(-32, 32))
    reach = 4 * max(house.height, float(np.ptp(house.footprint[:, 0])))
    camera = look(reach, 2.0, yaw, 0, 0, (460, 340)).framed(house.bounds, (4, 4, 452, 334))
    turn = np.radians(yaw - 35)
    sun = np.array([np.sin(turn) * 0.8, 0.6, np.cos(turn) * 0.8])
    light = Light(sun / np.linalg.norm(sun), np.full(3, 0.42), np.full(3, 0.62))
    layer = render(house, camera, light, night=True)
    rows, columns = (np.flatnonzero(layer.rgba[..., 3].max(axis=axis) > 8) for axis in (1, 0))
    part = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    return _sprite(layer.rgba[part], layer.glow[part], house.height)


def stock(rng: np.random.Generator) -> Props:
    """Draw every sprite once."""
    greens: tuple[tuple[Color, Color], ...] = (
        ((26, 48, 24), (128, 164, 74)), ((30, 56, 34), (104, 150, 82)), ((40, 54, 20), (164, 174, 80)),
        ((82, 40, 16), (226, 150, 58)), ((84, 26, 18), (212, 92, 52)), ((110, 56, 74), (250, 206, 216)),
    )  # fmt: skip
    pines: tuple[tuple[Color, Color], ...] = (((18, 40, 32), (78, 116, 76)), ((22, 44, 28), (96, 128, 70)))
    paints: tuple[Color, ...] = (
        (172, 40, 38), (38, 74, 132), (208, 210, 212), (58, 60, 66), (222, 178, 62), (70, 116, 100),
    )  # fmt: skip
    trees = [_broadleaf(rng, *pair) for pair in (*greens, greens[0], greens[1])]
    trees += [_cypress(rng, *pair) for pair in pines] + [_conifer(rng, *pair) for pair in pines]
    vehicles = [_car(paint) for paint in paints] + [_bus(paint) for paint in (paints[0], paints[4], paints[5])]
    return Props(
        trees=tuple(trees),
        people=tuple(_person(rng) for _ in range(12)),
        vehicles=tuple(vehicles),
        lamps=(_lamp(twin=True), _lamp(twin=False)),
        houses=tuple(_house(rng, kind) for kind in range(12)),
    )

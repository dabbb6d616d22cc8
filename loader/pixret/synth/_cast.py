"""Which props stand where in one photograph: behind the landmark, before it, and in its way."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pixret.synth._camera import Camera
from pixret.synth._props import Props, Sprite
from pixret.synth._raster import Bytes, paste
from pixret.synth._settings import Setting
from pixret.synth._shots import Range

# So many occluders are tried for one view.
_OCCLUDERS = 80


@dataclass(frozen=True, slots=True)
class Placed:
    """A sprite at its place in the picture; `depth` is its distance from the camera in metres."""

    sprite: Sprite
    mirrored: bool
    left: int
    top: int
    depth: float
    rgba: Bytes

    @property
    def glow(self) -> Bytes:
        """The sprite's lights, of the same size as its picture."""
        lights = self.sprite.lights(self.rgba.shape[0])
        return np.ascontiguousarray(lights[:, ::-1]) if self.mirrored else lights


class Cover:
    """How much of a landmark still shows while props are put before it."""

    def __init__(self, alpha: Bytes, least: float) -> None:
        self.alpha, self.least = alpha, least
        self.whole = int(np.count_nonzero(alpha >= 128))
        self.share = 1.0
        self.placed: list[Placed] = []

    def add(self, item: Placed | None) -> None:
        """Put a prop before the landmark, unless less than `least` of it would be left."""
        if item is None:
            return
        after = self.alpha.copy()
        shade = np.zeros((*item.rgba.shape[:2], 2), dtype=np.uint8)
        shade[..., 1] = item.rgba[..., 3]
        paste(after[..., None], shade, item.left, item.top)
        share = int(np.count_nonzero(after >= 128)) / max(self.whole, 1)
        if self.whole and share < self.least:
            return
        self.alpha, self.share = after, share
        self.placed.append(item)


class Casting:
    """Chooses the props of one photograph."""

    def __init__(self, props: Props, camera: Camera, setting: Setting, rng: np.random.Generator) -> None:
        self.props, self.camera, self.setting, self.rng = props, camera, setting, rng
        self.distance = float(np.linalg.norm(camera.position[[0, 2]]))
        self.trees = [props.trees[int(index)] for index in rng.permutation(len(props.trees))[:4]]

    def choose_background(self) -> list[Placed]:
        """Houses and trees behind the landmark, or all over a place that has none."""
        setting = self.setting
        chosen = [self._choose(self.props.houses, *setting.depth) for _ in range(setting.houses)]
        chosen += [self._choose(self.trees, *setting.depth) for _ in range(setting.trees)]
        return [item for item in chosen if item is not None]

    def choose_front(self, alpha: Bytes, visible: Range) -> Cover:
        """Props before a landmark of which a share within `visible` stays in sight, or more when none fit there."""
        cover = Cover(alpha, visible[0])
        for candidate in self._choose_passers():
            cover.add(candidate)
        for _ in range(_OCCLUDERS):
            if not cover.whole or cover.share <= visible[1]:
                break
            cover.add(self._choose_occluder(cover.alpha, cover.share - visible[1]))
        return cover

    def _choose_passers(self) -> list[Placed | None]:
        """People, cars, lamps and some trees between camera and landmark."""
        rng, props = self.rng, self.props
        # A far landmark leaves more room before it, but people and trees keep their distance from the camera.
        near, room = min(30 / self.distance, 0.5), self.distance / 60
        chosen = [self._choose(props.people, 0.6 * near, 0.8) for _ in range(int(rng.integers(2, 10)))]
        chosen += [self._choose(self.trees, 1.5 * near, 0.85) for _ in range(int(rng.uniform(0, 2.5 + room)))]
        if self.setting.houses > 3 and room > 2.5:
            chosen += [self._choose(props.houses, 0.8, 1.0) for _ in range(int(rng.uniform(1, room)))]
        if self.setting.traffic:
            chosen += [self._choose(props.vehicles, 0.4, 0.75) for _ in range(int(rng.integers(0, 4)))]
        if self.setting.lamps:
            chosen += [self._choose(props.lamps, 0.25, 0.75) for _ in range(int(rng.integers(1, 5)))]
        return chosen

    def _choose_occluder(self, alpha: Bytes, excess: float) -> Placed | None:
        """Something large before a part of the landmark that still shows, nearer while there is much to hide."""
        columns = np.flatnonzero((alpha >= 128).any(axis=0))
        column = float(self.rng.choice(columns)) + float(self.rng.normal(0, 0.04)) * self.camera.size[0]
        pick = float(self.rng.random())
        sprites: Sequence[Sprite] = self.trees
        near, far = (0.2, 0.42) if excess > 0.2 else (0.35, 0.6)
        if pick < 0.3 and (self.setting.houses or excess > 0.3):
            sprites, (near, far) = self.props.houses, (0.3, 0.55)
        elif pick < 0.42 and self.setting.traffic:
            sprites, (near, far) = self.props.vehicles, (0.12, 0.3)
        sprite = sprites[int(self.rng.integers(len(sprites)))]
        return self._place(sprite, column, float(self.rng.uniform(near, far)) * self.distance)

    def _choose(self, sprites: Sequence[Sprite], near: float, far: float) -> Placed | None:
        """Any of the sprites anywhere across the picture, at a distance in units of the landmark's."""
        sprite = sprites[int(self.rng.integers(len(sprites)))]
        column = float(self.rng.uniform(-0.06, 1.06)) * self.camera.size[0]
        return self._place(sprite, column, float(self.rng.uniform(near, far)) * self.distance)

    def _place(self, sprite: Sprite, column: float, depth: float) -> Placed | None:
        """Put a sprite on the ground `depth` metres ahead; None where it cannot stand or would fill the picture."""
        row, scale = self.camera.ground_at(column, depth)
        right, up, forward = self.camera.axes
        x = (column - self.camera.centre[0]) / self.camera.focal
        y = (self.camera.centre[1] - row) / self.camera.focal
        spot = self.camera.position + (x * right + y * up + forward) * depth
        height = round(sprite.metres * scale)
        if self.setting.plan.has_water_at(float(spot[0]), float(spot[2])):
            return None
        if not 2 <= height <= self.camera.size[1]:
            return None
        left = round(column - sprite.aspect * height / 2)
        mirrored, rgba = bool(self.rng.random() < 0.5), sprite.picture(height)
        rgba = np.ascontiguousarray(rgba[:, ::-1]) if mirrored else rgba
        return Placed(sprite, mirrored, left, round(row - height), depth, rgba)

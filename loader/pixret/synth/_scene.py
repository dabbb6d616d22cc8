"""Composes photographs: a landmark in its place, what stands around it, and what hides it."""

from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pixret.synth._backdrop import Clouds, draw_ridges, draw_sky, make_clouds
from pixret.synth._cast import Casting, Placed
from pixret.synth._ground import Tile, draw_ground, draw_pool, draw_shadow, make_tiles, survey
from pixret.synth._landmarks import LANDMARKS
from pixret.synth._props import Props, stock
from pixret.synth._raster import Bytes, Singles, blend_over, paste, relight
from pixret.synth._render import render
from pixret.synth._settings import SETTINGS, Setting, invent_setting
from pixret.synth._shots import Exposure, Shot, expose
from pixret.synth._solids import Model
from pixret.synth._weather import grade, make_grain

# A view in which nothing hides the landmark as much as asked is drawn anew, so many times; the best one counts.
_ATTEMPTS = 8


@dataclass(frozen=True, slots=True)
class Picture:
    """A finished photograph (height, width, 3) in RGB, and exactly where its landmark shows."""

    image: Bytes
    visible: NDArray[np.bool_]
    share: float  # of the landmark in the frame that nothing hides


@dataclass(frozen=True, slots=True)
class Studio:
    """All that is drawn once for a benchmark: the landmarks, and the stock of props, skies and grounds."""

    models: Mapping[str, Model]
    props: Props
    clouds: Clouds
    tiles: Mapping[str, Tile]
    grain: Singles

    def shoot(self, landmark: str | None, shot: Shot, seed: tuple[int, ...]) -> Picture:
        """Take the photograph that a seed stands for; without a landmark, one of some other place."""
        best = self._shoot_once(landmark, shot, np.random.default_rng([*seed, 0]))
        for attempt in range(1, _ATTEMPTS):
            if best.share <= shot.visible[1]:
                break
            picture = self._shoot_once(landmark, shot, np.random.default_rng([*seed, attempt]))
            best = min(best, picture, key=lambda taken: taken.share)
        return best

    def _shoot_once(self, landmark: str | None, shot: Shot, rng: np.random.Generator) -> Picture:
        model = self.models[landmark or next(iter(self.models))]
        setting = SETTINGS[landmark] if landmark is not None else invent_setting(rng)
        exposure = expose(shot, model, rng)
        casting = Casting(self.props, exposure.camera, setting, rng)
        stage = _Stage(self, exposure, setting, rng)
        background = casting.choose_background()
        if landmark is None:
            front = casting.choose_front(np.zeros_like(stage.glow), shot.visible)
            props = background
        else:
            stage.draw_props(background)
            front = casting.choose_front(stage.draw_landmark(model), shot.visible)
            props = []
        stage.draw_pool()
        stage.draw_props(props + front.placed)
        return Picture(stage.develop(), front.alpha >= 128, front.share)


class _Stage:
    """A photograph in the making."""

    def __init__(self, studio: Studio, exposure: Exposure, setting: Setting, rng: np.random.Generator) -> None:
        self.exposure, self.setting, self.grain, self.rng = exposure, setting, studio.grain, rng
        self.camera, self.weather = exposure.camera, exposure.weather
        self.light = self.weather.light(*exposure.sun)
        self.image = draw_sky(self.camera, self.weather, studio.clouds, rng)
        self.glow: Bytes = np.zeros(self.image.shape[:2], dtype=np.uint8)
        draw_ridges(self.image, self.camera, self.weather, setting.backdrop, rng)
        self.lie = survey(self.camera)
        if self.lie is not None:
            draw_ground(self.image, self.lie, self.weather, studio.tiles, setting.plan, self.light)

    def draw_landmark(self, model: Model) -> Bytes:
        """Draw the landmark and its shadow, seen through the air; the result is its alpha."""
        draw_shadow(self.image, self.camera, model, self.light)
        light = self.weather.landmark_light(*self.exposure.sun)
        layer = render(model, self.camera, light, night=self.weather.lit > 0)
        distance = float(np.linalg.norm(self.camera.position[[0, 2]]))
        seen = relight(layer.rgba, np.ones(3), self.weather.horizon, self.weather.air(distance))
        blend_over(self.image, seen)
        alpha = np.ascontiguousarray(layer.rgba[..., 3])
        blend_over(self.glow[..., None], np.dstack([layer.glow, alpha]))
        return alpha

    def draw_pool(self) -> None:
        """Mirror what is drawn so far in the place's pool, where it has one."""
        if self.lie is not None:
            draw_pool(self.image, self.lie, self.camera, self.weather, self.setting.plan, self.rng)

    def draw_props(self, placed: list[Placed]) -> None:
        """Draw sprites from the farthest to the nearest, each on its own shadow."""
        for item in sorted(placed, key=lambda item: -item.depth):
            height, width = item.rgba.shape[:2]
            _shade_foot(self.image, item.left + width // 2, item.top + height, width)
            seen = relight(item.rgba, self.weather.on_props, self.weather.horizon, self.weather.air(item.depth))
            paste(self.image, seen, item.left, item.top)
            if self.weather.lit:
                lights = np.dstack([item.glow, item.rgba[..., 3]])
                paste(self.glow[..., None], lights, item.left, item.top)

    def develop(self) -> Bytes:
        """The finished picture."""
        height, width = self.glow.shape
        top, left = self.rng.integers(0, np.array(self.grain.shape) - self.glow.shape)
        grain = self.grain[top : top + height, left : left + width]
        return grade(self.image, self.glow, self.weather.lit, self.exposure.grading, grain)


def _shade_foot(image: Bytes, column: int, row: int, width: int) -> None:
    """Draw a soft dark patch on the ground where a prop stands."""
    reach, tall = max(2, round(width * 0.36)), min(6, max(1, round(width * 0.06)))
    patch = np.zeros((4 * tall + 1, 3 * reach + 1, 4), dtype=np.uint8)
    middle = (patch.shape[1] // 2, patch.shape[0] // 2)
    alpha = np.zeros(patch.shape[:2], dtype=np.uint8)
    cv2.ellipse(alpha, middle, (reach, tall), 0, 0, 360, (110,), -1, cv2.LINE_AA)
    patch[..., 3] = cv2.blur(alpha, (max(1, reach // 2), max(1, tall)))
    paste(image, patch, column - middle[0], row - middle[1])


def open_studio(seed: int, pool: Executor) -> Studio:
    """Draw everything that the photographs of a benchmark share."""
    props = pool.submit(stock, np.random.default_rng([seed, 1, 0]))
    clouds = pool.submit(make_clouds, np.random.default_rng([seed, 1, 1]))
    tiles = pool.submit(make_tiles, np.random.default_rng([seed, 1, 2]))
    models = {
        name: pool.submit(build, np.random.default_rng([seed, 1, number]))
        for number, (name, build) in enumerate(LANDMARKS.items(), start=4)
    }
    finished = {name: building.result() for name, building in models.items()}
    grain = make_grain(np.random.default_rng([seed, 1, 3]))
    return Studio(finished, props.result(), clouds.result(), tiles.result(), grain)

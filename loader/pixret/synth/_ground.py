"""The ground of a scene, in true perspective: lawn, paving, road, sand or water, with shadows and reflections."""

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from pixret.synth._backdrop import horizon
from pixret.synth._camera import Camera, Light
from pixret.synth._raster import Bytes, Color, Floats, Singles, cloud_noise, fill, fractal_noise, plain, scale_channels
from pixret.synth._solids import Model
from pixret.synth._weather import Weather

# A tile of ground is this many pixels a side and covers this many metres.
_TILE, _METRES = 512, 16.0


@dataclass(frozen=True, slots=True)
class Tile:
    """A picture of some ground that repeats, and its mean colour for where details cannot be seen."""

    rgb: Bytes
    mean: Singles


@dataclass(frozen=True, slots=True)
class Plan:
    """How the ground around a landmark is laid out; lengths in metres, in the landmark's frame."""

    base: str
    court: str
    court_half: tuple[float, float]
    path: str
    path_half: float
    pool: tuple[float, float, float] | None = None  # half width, near and far end in front of the landmark
    sea_behind: float | None = None  # distance behind the landmark from which there is only water

    def has_water_at(self, x: float, z: float) -> bool:
        """Whether nothing can stand at this place."""
        in_pool = self.pool is not None and abs(x) < self.pool[0] + 1 and self.pool[1] - 1 < z < self.pool[2] + 1
        return in_pool or (self.sea_behind is not None and z < -self.sea_behind + 2)


def _grain(rng: np.random.Generator, color: Color, amount: float, power: float) -> Singles:
    noise = cloud_noise(rng, _TILE, _TILE, power) * 0.6 + rng.standard_normal((_TILE, _TILE), np.float32) * 0.4
    return np.asarray(np.array(color) * (1 + amount * noise[..., None]), dtype=np.float32)


def _flags(rng: np.random.Generator, color: Color, stone: float, amount: float) -> Singles:
    """Square flagstones, `stone` metres a side, each of its own shade."""
    tile = _grain(rng, color, 0.03, 1.0)
    count = round(_METRES / stone)
    place = (np.arange(_TILE) * count) // _TILE
    shade = rng.normal(1, amount, (count, count)).astype(np.float32)[place][:, place]
    joint = (np.arange(_TILE) * count) % _TILE < 3 * count
    seam = np.where(joint[:, None] | joint[None, :], np.float32(0.74), np.float32(1))
    return np.asarray(tile * (shade * seam)[..., None], dtype=np.float32)


def make_tiles(rng: np.random.Generator) -> Mapping[str, Tile]:
    """Draw each kind of ground once, as a picture that repeats."""
    tiles = {
        "grass": _grain(rng, (106, 138, 66), 0.16, 0.9),
        "meadow": _grain(rng, (148, 146, 78), 0.18, 1.0),
        "sand": _grain(rng, (214, 192, 148), 0.06, 1.2),
        "gravel": _grain(rng, (188, 172, 144), 0.1, 0.5),
        "asphalt": _grain(rng, (98, 98, 102), 0.08, 0.4),
        "plaza": _flags(rng, (196, 184, 164), 2.0, 0.06),
        "cobble": _flags(rng, (148, 140, 132), 0.5, 0.12),
        "marble": _flags(rng, (216, 206, 190), 4.0, 0.05),
        "sea": _grain(rng, (66, 108, 128), 0.1, 0.9),
    }
    return {
        name: Tile(np.asarray(np.clip(tile, 0, 255), dtype=np.uint8), tile.mean(axis=(0, 1)))
        for name, tile in tiles.items()
    }


@dataclass(frozen=True, slots=True)
class Lie:
    """The ground that each pixel from row `first` on shows; metres, in the landmark's frame."""

    first: int
    below: NDArray[np.bool_]
    x: Singles
    z: Singles
    reach: Singles
    blur: Singles  # length of ground that the pixel covers
    detail: Singles  # share of a tile's contrast that is left
    column: Singles  # position on a tile
    row: Singles


def survey(camera: Camera) -> Lie | None:
    """Find the ground in the picture; None when all of it lies above the horizon."""
    first = max(0, int(np.floor(horizon(camera).min())) + 1)
    if first >= camera.size[1]:
        return None
    rays = camera.rays(first)
    below = rays[..., 1] < -1e-4
    reach = np.where(below, camera.position[1] / np.maximum(-rays[..., 1], 1e-4), 4000.0).clip(max=4000.0)
    x = camera.position[0] + rays[..., 0] * reach
    z = camera.position[2] + rays[..., 2] * reach
    # One pixel covers this many metres of ground along the view: edges are softened over that length.
    blur = reach * reach / (camera.focal * camera.position[1]) + 0.02
    scale = _TILE / _METRES
    fields = (x, z, reach, blur, np.exp(-blur / 0.9), x * scale % _TILE, z * scale % _TILE)
    return Lie(first, below, *(np.asarray(field, dtype=np.float32) for field in fields))


def draw_ground(image: Bytes, lie: Lie, weather: Weather, tiles: Mapping[str, Tile], plan: Plan, light: Light) -> None:
    """Cover what lies below the horizon, in place."""
    court_x, court_z = plan.court_half
    aside = np.abs(lie.x)
    path = np.minimum(_inside(plan.path_half - aside, lie.blur), _inside(lie.z, lie.blur))
    court = np.minimum(_inside(court_x - aside, lie.blur), _inside(court_z - np.abs(lie.z), lie.blur))
    covers = [(plan.court, court), (plan.path, path)]
    if plan.sea_behind is not None:
        covers.append(("sea", _inside(-plan.sea_behind - lie.z, lie.blur)))
    ground = _sample(tiles[plan.base], lie)
    for name, weight in covers:
        if weight.any():
            ground = _blend(ground, _sample(tiles[name], lie), weight)
    ground = scale_channels(ground, light.on(np.array([0.0, 1.0, 0.0])))
    # Never quite as pale as the sky, or a bright line would part the ground from the far country.
    air = np.minimum(0.3 + weather.haze, 1 - np.exp(-lie.reach / 100 * (0.6 * weather.haze + 0.02)))
    ground = _blend(ground, plain(air.shape[0], air.shape[1], weather.horizon), air)
    image[lie.first :][lie.below] = ground[lie.below]


def _blend(first: Bytes, second: Bytes, share: Singles) -> Bytes:
    """Both pictures mixed, with a weight of the second at each pixel."""
    weight = np.asarray(share, dtype=np.float32)
    return np.asarray(cv2.blendLinear(first, second, 1 - weight, weight), dtype=np.uint8)


def _inside(distance: ArrayLike, blur: Singles) -> Singles:
    return np.asarray(np.clip(np.asarray(distance) / blur + 0.5, 0, 1), dtype=np.float32)


def _sample(tile: Tile, lie: Lie) -> Bytes:
    """The tile's colours on the ground, fading to its mean where a pixel covers many of its details."""
    near = cv2.remap(tile.rgb, lie.column, lie.row, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    return _blend(
        plain(lie.detail.shape[0], lie.detail.shape[1], tile.mean), np.asarray(near, dtype=np.uint8), lie.detail
    )


def draw_shadow(image: Bytes, camera: Camera, model: Model, light: Light) -> None:
    """Darken the ground where the model keeps the sun and the open sky from it, in place."""
    sun = light.direction
    drift = -sun[[0, 2]] / max(float(sun[1]), 0.25) * model.height * 0.55
    foot = model.footprint
    strength = float(light.sun.mean() / (light.sun + light.sky).mean())
    cast = _hull(camera, np.vstack([foot, foot * 0.7 + drift]), image)
    contact = _hull(camera, foot * 1.06, image)
    size = max(1.0, image.shape[1] / 200)
    shade = cast * np.float32(0.75 * strength) + contact * np.float32(0.3)
    soft = cv2.GaussianBlur(np.asarray(shade, dtype=np.float32), (0, 0), size)
    image[:] = _blend(image, np.zeros_like(image), np.clip(soft, 0, 0.7))


def _hull(camera: Camera, places: Floats, image: Bytes) -> Singles:
    points = np.column_stack([places[:, 0], np.zeros(len(places)), places[:, 1]])
    hull = cv2.convexHull(np.asarray(camera.project(points), dtype=np.float32))[:, 0]
    mask = np.zeros(image.shape[:2], dtype=np.uint8)
    fill(mask, np.asarray(hull, dtype=np.float64), (255,))
    return np.asarray(mask / 255, dtype=np.float32)


def draw_pool(image: Bytes, lie: Lie, camera: Camera, weather: Weather, plan: Plan, rng: np.random.Generator) -> None:
    """Fill the plan's pool with water that mirrors what is drawn so far, in place."""
    if plan.pool is None:
        return
    half, near, far = plan.pool
    weight = _inside(half - np.abs(lie.x), lie.blur)
    weight *= _inside(lie.z - near, lie.blur) * _inside(far - lie.z, lie.blur)
    rows, width = weight.shape
    distance = float(np.linalg.norm(camera.position[[0, 2]]))
    shore = camera.ground_at(width / 2, max(distance - plan.court_half[1], distance * 0.5))[0]
    row = np.arange(lie.first, lie.first + rows, dtype=np.float32)[:, None]
    ripple = fractal_noise(rng, rows, width, 9.0, 2) * (0.5 + np.maximum(row - np.float32(shore), 0) / 40)
    map_x = np.asarray(np.arange(width, dtype=np.float32)[None, :] + ripple, dtype=np.float32)
    map_y = np.asarray(2 * np.float32(shore) - row + ripple, dtype=np.float32)
    mirrored = cv2.remap(image, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    tone = np.array(weather.zenith, np.float32) * 0.6
    water = mirrored * np.float32(0.7) + tone * np.float32(0.25) + ripple[..., None] * 3
    part = image[lie.first :]
    part[:] = np.clip(part * (1 - weight[..., None]) + water * weight[..., None], 0, 255)

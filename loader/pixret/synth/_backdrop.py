"""What lies behind a landmark: sky, clouds, sun or moon, and ridges on the horizon."""

from dataclasses import dataclass

import cv2
import numpy as np

from pixret.synth._camera import Camera
from pixret.synth._raster import Bytes, Color, Floats, Singles, cloud_noise, fill, mix, noise_line, smoothstep
from pixret.synth._weather import Weather


@dataclass(frozen=True, slots=True)
class Clouds:
    """Noise fields from which skies are cut."""

    fields: tuple[Singles, ...]


def make_clouds(rng: np.random.Generator, count: int = 3) -> Clouds:
    """Draw the noise fields once."""
    return Clouds(tuple(cloud_noise(rng, 360, 1000, 1.75) for _ in range(count)))


def horizon(camera: Camera) -> Singles:
    """The row of the horizon at each column (width,); it is tilted when the camera is."""
    right, up, forward = camera.axes
    x = (np.arange(camera.size[0]) - camera.centre[0]) / camera.focal
    y = -(x * right[1] + forward[1]) / up[1]
    return np.asarray(camera.centre[1] - camera.focal * y, dtype=np.float32)


def draw_sky(camera: Camera, weather: Weather, clouds: Clouds, rng: np.random.Generator) -> Bytes:
    """A sky over the whole picture (height, width, 3)."""
    coarse = camera.enlarged(0.5)
    height = coarse.size[1]
    rows = np.arange(height, dtype=np.float32)[:, None]
    above = np.clip((horizon(coarse)[None, :] - rows) / height, 0, 1.2)
    rise = (1 - np.exp(-2.4 * above))[..., None]
    low, high = (np.array(color, dtype=np.float32) for color in (weather.horizon, weather.zenith))
    sky = low + (high - low) * rise
    if not weather.is_night:
        sky = _add_sun(sky, weather, rng)
    sky = _add_clouds(sky, np.asarray(above, dtype=np.float32), weather, clouds, rng)
    # Nothing in it is sharp: half the resolution is enough.
    image = np.asarray(cv2.resize(np.clip(sky, 0, 255), camera.size), dtype=np.uint8)
    return _add_stars(image, rng) if weather.is_night else image


def _add_clouds(sky: Singles, above: Singles, weather: Weather, clouds: Clouds, rng: np.random.Generator) -> Singles:
    height, width = sky.shape[:2]
    field = clouds.fields[int(rng.integers(len(clouds.fields)))]
    zoom = float(rng.uniform(0.9, 1.7))
    tall, wide = min(field.shape[0], round(height / zoom)), min(field.shape[1], round(width * 1.1 / zoom))
    top = int(rng.integers(field.shape[0] - tall + 1))
    left = int(rng.integers(field.shape[1] - wide + 1))
    part = field[top : top + tall, left : left + wide]
    part = part[:, ::-1] if rng.random() < 0.5 else part
    noise = np.asarray(cv2.resize(part, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.float32)
    level = 1.35 - 2.4 * weather.clouds
    cover = smoothstep(noise, level, level + 1.1) * smoothstep(above, 0.02, 0.3)
    # The upper edge of a cloud is lit, its belly is not: compare the density with that a little higher up.
    higher = np.vstack([np.repeat(noise[:1], 6, axis=0), noise[:-6]])
    belly = smoothstep(noise - higher, -0.9, 0.5)
    light, dark = (np.array(color, dtype=np.float32) for color in (weather.cloud_light, weather.cloud_dark))
    shade = light * belly[..., None] + dark * (1 - belly[..., None])
    weight = cover[..., None] * np.float32(0.92)
    return np.asarray(sky * (1 - weight) + shade * weight, dtype=np.float32)


def _add_sun(sky: Singles, weather: Weather, rng: np.random.Generator) -> Singles:
    height, width = sky.shape[:2]
    x, y = rng.uniform(-0.2, 1.2) * width, rng.uniform(-0.1, 0.4) * height
    columns = np.arange(width, dtype=np.float32)[None, :]
    rows = np.arange(height, dtype=np.float32)[:, None]
    distance = np.hypot(columns - np.float32(x), rows - np.float32(y)) / width
    strength = sum(weather.sun) / 3
    halo = np.exp(-distance / 0.28) * np.float32(70 * strength)
    warmth = np.array(weather.sun, dtype=np.float32) / max(weather.sun)
    return np.asarray(sky + halo[..., None] * warmth, dtype=np.float32)


def _add_stars(sky: Bytes, rng: np.random.Generator) -> Bytes:
    height, width = sky.shape[:2]
    for _ in range(int(rng.integers(60, 110))):
        x, y = int(rng.integers(width)), int(rng.integers(round(height * 0.7)))
        sky[y, x] = np.maximum(sky[y, x], np.uint8(rng.uniform(60, 230)))
    x, y = float(rng.uniform(0.05, 0.95)) * width, float(rng.uniform(0.06, 0.3)) * height
    columns, rows = np.arange(width, dtype=np.float32)[None, :], np.arange(height, dtype=np.float32)[:, None]
    distance = np.hypot(columns - np.float32(x), rows - np.float32(y))
    disc = np.clip(np.float32(rng.uniform(9, 15)) - distance, 0, 1)[..., None]
    halo = np.exp(-distance / 22)[..., None] * 46
    pale = np.array([236, 234, 216], dtype=np.float32)
    return np.asarray(np.clip((sky + halo) * (1 - disc) + pale * disc, 0, 255), dtype=np.uint8)


def _ridge(rng: np.random.Generator, width: int, roughness: float) -> Floats:
    """A skyline of unit height over the columns: one noise line, lifted to be positive."""
    line = noise_line(rng, width, width * roughness).astype(np.float64)
    return np.asarray((line - line.min()) / max(float(np.ptp(line)), 1e-6), dtype=np.float64)


def draw_ridges(image: Bytes, camera: Camera, weather: Weather, kind: str, rng: np.random.Generator) -> None:
    """Draw the far country of a `kind` (mountains, hills, forest, city or sea) along the horizon."""
    width, height = camera.size
    level = horizon(camera).astype(np.float64)
    ambient = np.array(weather.sky) + 0.5 * np.array(weather.sun)
    columns = np.arange(width)
    for color, tall, roughness, air in _RIDGES[kind]:
        lit = np.minimum(np.array(color) * ambient, 255)
        shade = mix((int(lit[0]), int(lit[1]), int(lit[2])), weather.horizon, min(0.94, air + weather.haze))
        scale = tall * float(rng.uniform(0.75, 1.25)) * height
        if kind == "city":
            _draw_blocks(image, level, scale, shade, rng)
            continue
        crest = level - scale * (0.25 + 0.75 * _ridge(rng, width, roughness))
        outline = np.column_stack([columns, crest])
        base = np.array([[width, level[-1] + 3], [width, height], [0, height], [0, level[0] + 3]])
        fill(image, np.vstack([outline, base]), shade)


def _draw_blocks(image: Bytes, level: Floats, scale: float, color: Color, rng: np.random.Generator) -> None:
    x, width = -5.0, image.shape[1]
    while x < width:
        wide = float(rng.uniform(0.018, 0.06)) * width
        tall = scale * float(rng.uniform(0.35, 1.0))
        foot = float(level[min(max(int(x), 0), width - 1)])
        block = np.array([[x, foot - tall], [x + wide, foot - tall], [x + wide, foot + 4], [x, foot + 4]])
        fill(image, block, color)
        if rng.random() < 0.25:
            fill(
                image, np.array([[x, foot - tall], [x + wide, foot - tall], [x + wide / 2, foot - tall * 1.25]]), color
            )
        x += wide * float(rng.uniform(0.75, 1.1))


_RIDGES: dict[str, tuple[tuple[Color, float, float, float], ...]] = {
    "mountains": (
        ((126, 142, 168), 0.34, 0.34, 0.62),
        ((104, 122, 140), 0.2, 0.26, 0.42),
        ((84, 108, 84), 0.09, 0.3, 0.2),
    ),
    "hills": (((120, 142, 130), 0.14, 0.6, 0.5), ((98, 126, 92), 0.09, 0.45, 0.28), ((84, 114, 70), 0.05, 0.3, 0.12)),
    "forest": (((104, 128, 116), 0.11, 0.4, 0.45), ((66, 92, 66), 0.08, 0.045, 0.2), ((50, 76, 50), 0.05, 0.03, 0.06)),
    "city": (((140, 146, 158), 0.2, 0.1, 0.6), ((122, 124, 132), 0.13, 0.1, 0.36), ((112, 106, 104), 0.08, 0.1, 0.16)),
    "sea": (((126, 142, 158), 0.03, 0.5, 0.66),),
}
BACKDROPS = tuple(_RIDGES)

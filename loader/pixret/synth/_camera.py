"""The pinhole camera and the light of a scene; x runs right, y up, and z toward a viewer in front."""

from dataclasses import dataclass, replace

import numpy as np

from pixret.synth._raster import Floats


@dataclass(frozen=True, slots=True)
class Camera:
    """A view: `axes` has the rows right, up, forward; lengths in metres, focal length and centre in pixels."""

    position: Floats
    axes: Floats
    focal: float
    centre: tuple[float, float]
    size: tuple[int, int]  # width, height

    def project(self, points: Floats) -> Floats:
        """World points (n, 3) as pixel positions (n, 2)."""
        local = (points - self.position) @ self.axes.T
        depth = np.maximum(local[:, 2], 0.05)
        x = self.centre[0] + self.focal * local[:, 0] / depth
        y = self.centre[1] - self.focal * local[:, 1] / depth
        return np.column_stack([x, y])

    def rays(self, first: int = 0) -> Floats:
        """The world direction of every pixel from row `first` on (height - first, width, 3), one unit deep."""
        width, height = self.size
        x = (np.arange(width) - self.centre[0]) / self.focal
        y = (self.centre[1] - np.arange(first, height)) / self.focal
        right, up, forward = self.axes
        return np.asarray(x[None, :, None] * right + y[:, None, None] * up + forward, dtype=np.float64)

    def ground_at(self, column: float, depth: float) -> tuple[float, float]:
        """Where the ground lies in the image `depth` metres ahead at a pixel column: (row, pixels per metre)."""
        right, up, forward = self.axes
        x = (column - self.centre[0]) / self.focal
        # Solve (x * right + y * up + forward) * depth = -eye height in the vertical component for y.
        y = (-self.position[1] / depth - x * right[1] - forward[1]) / up[1]
        return self.centre[1] - self.focal * float(y), self.focal / depth

    def enlarged(self, factor: float) -> "Camera":
        """The same view with `factor` times as many pixels a side."""
        width, height = self.size
        shift = (factor - 1) / 2
        centre = self.centre[0] * factor + shift, self.centre[1] * factor + shift
        size = round(width * factor), round(height * factor)
        return replace(self, focal=self.focal * factor, centre=centre, size=size)

    def framed(self, points: Floats, box: tuple[float, float, float, float]) -> "Camera":
        """The same view zoomed and shifted so that `points` fit a pixel box (x, y, width, height) as well as they can.

        The points keep their aspect: they touch the box in one direction, stand on its lower edge, and are
        centred across it.
        """
        x, y, width, height = box
        seen = replace(self, focal=1.0, centre=(0.0, 0.0)).project(points)
        low, high = seen.min(axis=0), seen.max(axis=0)
        focal = float(min(width / (high[0] - low[0]), height / (high[1] - low[1])))
        centre = x + width / 2 - focal * float(low[0] + high[0]) / 2, y + height - focal * float(high[1])
        return replace(self, focal=focal, centre=centre)


def look(distance: float, eye: float, yaw: float, pitch: float, roll: float, size: tuple[int, int]) -> Camera:
    """A camera `distance` metres from the origin, turned around it by `yaw`; angles in degrees."""
    turn, tilt, lean = np.radians([yaw, pitch, roll])
    position = np.array([distance * np.sin(turn), eye, distance * np.cos(turn)])
    forward = np.array([-np.sin(turn) * np.cos(tilt), np.sin(tilt), -np.cos(turn) * np.cos(tilt)])
    level = np.array([np.cos(turn), 0.0, -np.sin(turn)])
    upright = np.cross(level, forward)
    right = np.cos(lean) * level + np.sin(lean) * upright
    up = np.cos(lean) * upright - np.sin(lean) * level
    return Camera(position, np.stack([right, up, forward]), 1.0, (0.0, 0.0), size)


@dataclass(frozen=True, slots=True)
class Light:
    """Sun and sky: `direction` points to the sun; the colours are RGB factors on what is painted."""

    direction: Floats
    sun: Floats
    sky: Floats

    def on(self, normals: Floats) -> Floats:
        """The RGB factor (..., 3) on surfaces with these unit normals (..., 3)."""
        facing = np.maximum(normals @ self.direction, 0.0)[..., None]
        dome = 0.86 + 0.14 * normals[..., 1:2]
        return np.asarray(self.sky * dome + self.sun * facing, dtype=np.float64)

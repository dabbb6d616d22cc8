"""Draws a model as a camera sees it, part by part from the farthest to the nearest."""

from dataclasses import dataclass

import cv2
import numpy as np

from pixret.synth._camera import Camera, Light
from pixret.synth._raster import Bytes, Floats, Singles, blend_over, fill, scale_channels, stroke
from pixret.synth._solids import Facet, Model, Panel, Turned
from pixret.synth._turning import shade_rings, unwrap

# Parts are drawn with this many samples a pixel and side, then averaged.
SUPERSAMPLING = 2


@dataclass(frozen=True, slots=True)
class Layer:
    """A drawn model: premultiplied RGBA of the whole image, and the glow of its windows."""

    rgba: Bytes
    glow: Bytes


def render(model: Model, camera: Camera, light: Light, *, night: bool = False) -> Layer:
    """Draw the model on an empty layer of the camera's size; `glow` stays black unless it is night."""
    canvas = _Canvas(camera.enlarged(SUPERSAMPLING), light, night=night)
    level = np.array([1.0, 0.0, 1.0])
    order = sorted(
        model.parts,
        key=lambda part: part.bias - float(np.linalg.norm((part.anchor - camera.position) * level)),
    )
    for part in order:
        match part:
            case Panel():
                canvas.draw_panel(part)
            case Turned():
                canvas.draw_turned(part)
            case Facet():
                canvas.draw_facet(part)
    rgba = cv2.resize(canvas.rgba, camera.size, interpolation=cv2.INTER_AREA)
    glow = cv2.resize(canvas.glow, camera.size, interpolation=cv2.INTER_AREA)
    return Layer(np.asarray(rgba, dtype=np.uint8), np.asarray(glow, dtype=np.uint8))


class _Canvas:
    """The supersampled layer while its parts are being drawn."""

    def __init__(self, camera: Camera, light: Light, *, night: bool) -> None:
        self.camera, self.light, self.night = camera, light, night
        width, height = camera.size
        self.rgba: Bytes = np.zeros((height, width, 4), dtype=np.uint8)
        self.glow: Bytes = np.zeros((height, width), dtype=np.uint8)

    def draw_panel(self, panel: Panel) -> None:
        """Warp the panel's painting into place, unless its back is turned to the camera."""
        corners = self.camera.project(panel.corners)
        window = self._window(corners)
        if window is None or not self._faces(panel.normal, panel.anchor):
            return
        left, top, width, height = window
        spread = np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1)
        rows, columns = panel.texture.levels[0].shape[:2]
        shrinkage = min(rows / max(spread[1], spread[3], 1e-3), columns / max(spread[0], spread[2], 1e-3))
        index = panel.texture.pick(float(shrinkage))
        rows, columns = panel.texture.levels[index].shape[:2]
        # Pixel centres go to the corners: half a sample of overlap hides the seams between walls.
        source = np.array([[0, 0], [columns - 1, 0], [columns - 1, rows - 1], [0, rows - 1]], dtype=np.float32)
        matrix = cv2.getPerspectiveTransform(source, np.asarray(corners - [left, top], dtype=np.float32))
        warped = cv2.warpPerspective(panel.texture.levels[index], matrix, (width, height))
        lit = scale_channels(warped, self.light.on(panel.normal))
        glow: Bytes | None = None
        if self.night:
            shine = cv2.warpPerspective(panel.texture.glow[index], matrix, (width, height))
            glow = np.asarray(shine, dtype=np.uint8)
        self._lay(left, top, lit, glow)

    def draw_facet(self, facet: Facet) -> None:
        """Fill the facet's polygon and draw its lines, unless its back is turned to the camera."""
        if facet.normal is not None and not self._faces(facet.normal, facet.anchor):
            return
        factor = self.light.on(np.array([0.0, 0.6, 0.0]) if facet.normal is None else facet.normal)
        corners = self.camera.project(facet.corners)
        fill(self.rgba, corners, (*np.minimum(np.array(facet.color) * factor, 255), 255.0))
        if self.night:
            fill(self.glow, corners, (0,))
        width = facet.line_width * self._pixels_at(facet.anchor)
        color = (*np.minimum(np.array(facet.line_color) * factor, 255), 255.0)
        for line in facet.lines:
            stroke(self.rgba, self.camera.project(line), color, width)

    def draw_turned(self, body: Turned) -> None:
        """Draw the body as a picture that faces the camera, wrapped and shaded by its outline."""
        to_camera = (self.camera.position - body.base) * [1.0, 0.0, 1.0]
        distance = float(np.linalg.norm(to_camera))
        facing = to_camera / distance
        across = np.array([facing[2], 0.0, -facing[0]])
        eye = float(self.camera.position[1] - body.base[1])
        reach, top = float(body.radii.max()), float(body.heights[-1])
        # Rings nearer than the axis appear farther from the horizon, by this much at most.
        high = top + max(top - eye, 0.0) * reach / distance
        low = -max(eye, 0.0) * reach / distance
        sheet = np.array([[-reach, high], [reach, high], [reach, low], [-reach, low]])
        corners = self.camera.project(body.base + sheet[:, :1] * across + sheet[:, 1:] * [0.0, 1.0, 0.0])
        window = self._window(corners)
        if window is None:
            return
        onto = cv2.getPerspectiveTransform(np.asarray(corners, np.float32), np.asarray(sheet, np.float32))
        x, y = _positions(np.asarray(onto, dtype=np.float64), window)
        surface = unwrap(body, x, y, eye=eye, distance=distance, pixels=self.camera.focal / distance)
        factor = shade_rings(body, surface, self.light, facing, across)
        shrinkage = body.texture.levels[0].shape[0] / (top * self._pixels_at(body.base))
        index = body.texture.pick(shrinkage)
        painted = body.texture.levels[index]
        turn = float(np.arctan2(facing[0], facing[2]))
        map_x, map_y = surface.texture_map(turn, painted.shape[0], painted.shape[1])
        color = cv2.remap(painted, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
        lit = np.asarray(cv2.multiply(color, factor, dtype=cv2.CV_8U), dtype=np.uint8)
        glow: Bytes | None = None
        if self.night:
            shine = cv2.remap(body.texture.glow[index], map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
            glow = np.asarray(shine * surface.cover, dtype=np.uint8)
        self._lay(window[0], window[1], lit, glow)

    def _faces(self, normal: Floats, place: Floats) -> bool:
        return float(normal @ (self.camera.position - place)) > 0

    def _pixels_at(self, place: Floats) -> float:
        return self.camera.focal / max(float((place - self.camera.position) @ self.camera.axes[2]), 0.1)

    def _window(self, corners: Floats) -> tuple[int, int, int, int] | None:
        """The part of the canvas that the corners span, as (left, top, width, height)."""
        low = np.maximum(np.floor(corners.min(axis=0)).astype(int) - 1, 0)
        high = np.minimum(np.ceil(corners.max(axis=0)).astype(int) + 2, self.camera.size)
        if (low >= high).any():
            return None
        return int(low[0]), int(low[1]), int(high[0] - low[0]), int(high[1] - low[1])

    def _lay(self, left: int, top: int, drawn: Bytes, glow: Bytes | None) -> None:
        height, width = drawn.shape[:2]
        if glow is not None:
            part = self.glow[top : top + height, left : left + width]
            cv2.multiply(part, 255 - drawn[..., 3], dst=part, scale=1 / 255)
            cv2.add(part, glow, dst=part)
        blend_over(self.rgba[top : top + height, left : left + width], drawn)


def _positions(matrix: Floats, window: tuple[int, int, int, int]) -> tuple[Singles, Singles]:
    """The positions that a homography gives to the pixels of a window."""
    left, top, width, height = window
    column = np.arange(left, left + width, dtype=np.float32)[None, :]
    row = np.arange(top, top + height, dtype=np.float32)[:, None]
    coefficients = matrix.astype(np.float32)
    across, down, depth = (c[0] * column + c[1] * row + c[2] for c in coefficients)
    return across / depth, down / depth

"""The finished benchmark in memory: what every image shows, exactly."""

from dataclasses import dataclass

import numpy as np

from pixret.metrics import Level
from pixret.synth._labels import Binary, label_polygons
from pixret.synth._plan import Itinerary, Photo
from pixret.synth._raster import Floats


@dataclass(frozen=True, slots=True)
class View:
    """A photograph that was taken: where its landmark shows, and the polygons of its label."""

    photo: Photo
    visible: Binary
    polygons: tuple[Floats, ...]

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the image."""
        return self.visible.shape[0], self.visible.shape[1]

    @property
    def box(self) -> list[float]:
        """The tight box [x1, y1, x2, y2] around what shows of the landmark."""
        rows, columns = np.nonzero(self.visible)
        edges = columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
        return [float(edge) for edge in edges]


def view(photo: Photo, visible: Binary) -> View:
    """Label a photograph; clutter gets no polygons."""
    return View(photo, visible, tuple(label_polygons(visible)) if photo.landmark else ())


@dataclass(frozen=True, slots=True)
class Truth:
    """Queries and index images with their views, and the judgement of every pair."""

    itinerary: Itinerary
    queries: tuple[View, ...]
    index: tuple[View, ...]

    def judged(self, query: int, level: Level) -> list[int]:
        """The index images at this level for a query, ascending."""
        return self.itinerary.judged(self.itinerary.queries[query], level)

    def positives(self, query: int) -> list[int]:
        """Easy, then hard index images of a query."""
        return self.judged(query, Level.EASY) + self.judged(query, Level.HARD)

    def level(self, query: int, image: int) -> Level | None:
        """The level of a pair, None for a negative."""
        photo = self.itinerary.index[image]
        return photo.level if photo.landmark == self.itinerary.queries[query].landmark else None

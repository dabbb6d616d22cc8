"""Which photographs a benchmark consists of, what they are called, and how their landmarks are judged."""

from dataclasses import dataclass

import numpy as np

from pixret.metrics import Level
from pixret.synth._landmarks import LANDMARKS
from pixret.synth._shots import CLUTTER, EASY, HARD_SHOTS, JUNK_SHOTS, QUERY, Shot

# Landmarks with two queries; the others have one.
_TWICE = ("castle", "mausoleum", "pagoda", "rotunda")
_EASY = 5
_CLUTTER = 22


@dataclass(frozen=True, slots=True)
class Photo:
    """One photograph to take; `landmark` is None for mere clutter, `level` for that and for queries."""

    name: str
    landmark: str | None
    level: Level | None
    shot: Shot
    seed: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Itinerary:
    """All photographs of a benchmark, in the order of its lists."""

    queries: tuple[Photo, ...]
    index: tuple[Photo, ...]

    def judged(self, query: Photo, level: Level) -> list[int]:
        """The index images that show the query's landmark at this level, ascending."""
        return [i for i, p in enumerate(self.index) if p.landmark == query.landmark and p.level == level]


def plan_photos(seed: int) -> Itinerary:
    """Plan the benchmark of a seed: every landmark from all sides, and scenes without any, in mixed order."""
    rng = np.random.default_rng([seed, 2])
    queries: list[Photo] = []
    index: list[Photo] = []
    for number, landmark in enumerate(LANDMARKS):
        wanted: list[tuple[Level | None, Shot]] = [(None, QUERY)] * (2 if landmark in _TWICE else 1)
        wanted += [(Level.EASY, EASY)] * _EASY
        wanted += [(Level.HARD, shot) for shot in HARD_SHOTS]
        wanted += [(Level.JUNK, shot) for shot in JUNK_SHOTS]
        # Numbers are dealt out in mixed order, so that no name gives its level away.
        for count, (place, (level, shot)) in enumerate(zip(rng.permutation(len(wanted)), wanted, strict=True)):
            photo = Photo(f"{landmark}_{place + 1:06d}", landmark, level, shot, (seed, 3, number, count))
            (queries if level is None else index).append(photo)
    index += [Photo(f"elsewhere_{n + 1:06d}", None, None, CLUTTER, (seed, 4, n)) for n in range(_CLUTTER)]
    order = rng.permutation(len(index))
    return Itinerary(tuple(queries), tuple(index[int(place)] for place in order))

"""The ground truth of a benchmark: who is positive for whom, and where the object is."""

import enum
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from pixret.metrics._mask import Mask
from pixret.metrics._polygons import Polygon


class Level(enum.IntEnum):
    """How hard a judged pair is. Junk is neither right nor wrong: it is taken out of the ranking."""

    EASY = 0
    HARD = 1
    JUNK = 2


class Protocol(enum.StrEnum):
    """Which levels count as positive; the other judged levels are junk (revisitop)."""

    EASY = "easy"
    MEDIUM = "medium"
    HARD = "hard"

    @property
    def positive_levels(self) -> frozenset[Level]:
        """Levels of the pairs that should be found."""
        return _POSITIVE_LEVELS[self]


_POSITIVE_LEVELS = {
    Protocol.EASY: frozenset({Level.EASY}),
    Protocol.MEDIUM: frozenset({Level.EASY, Level.HARD}),
    Protocol.HARD: frozenset({Level.HARD}),
}


@dataclass(frozen=True, slots=True, eq=False)
class Label:
    """Where the object of a positive pair is.

    `mask` lies on the true canvas of the index image. `polygons` are the shapes exactly as they were labelled,
    float64 of shape (n, 2), kept because the official convention rasterizes points on a canvas of its own; a shape
    without points stays as shape (0, 2).
    """

    mask: Mask
    polygons: tuple[Polygon, ...]

    @property
    def fault(self) -> str | None:
        """Why the published scripts crash on this label, if they do."""
        if self.polygons and all(map(len, self.polygons)):
            return None
        return "the label has no shapes, or a shape without points"


@dataclass(frozen=True, slots=True, eq=False)
class JudgedPair:
    """One index image that was judged for one query; `label` is None for junk, or when the label is missing."""

    query_index: int
    image_index: int
    level: Level
    label: Label | None

    @property
    def is_positive(self) -> bool:
        """Whether some protocol counts the pair as positive."""
        return self.level is not Level.JUNK


@dataclass(frozen=True, eq=False)
class GroundTruth:
    """Everything a submission is measured against.

    `pairs` keep, within a query and a level, the order of the authors' lists: means are taken in that order, and
    the last bit depends on it. `ignored_queries` leave the pixel-level mAP.
    """

    benchmark: str
    query_ids: tuple[str, ...]
    image_ids: tuple[str, ...]
    pairs: tuple[JudgedPair, ...]
    ignored_queries: tuple[int, ...] = ()
    query_index: Mapping[str, int] = field(init=False, repr=False)
    image_index: Mapping[str, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        queries = {name: i for i, name in enumerate(self.query_ids)}
        images = {name: i for i, name in enumerate(self.image_ids)}
        if len(queries) != len(self.query_ids) or len(images) != len(self.image_ids):
            raise ValueError(f"{self.benchmark}: names of queries and of index images must be unique")
        object.__setattr__(self, "query_index", queries)
        object.__setattr__(self, "image_index", images)

    @cached_property
    def digest(self) -> str:
        """SHA-256 over all that the numbers depend on, as ``sha256:`` and 64 hexadecimal digits."""
        sha = hashlib.sha256()
        head = [self.benchmark, self.query_ids, self.image_ids, self.ignored_queries]
        sha.update(json.dumps(head, separators=(",", ":")).encode())
        for pair in self.pairs:
            sha.update(b"\npair %d %d %d" % (pair.query_index, pair.image_index, pair.level))
            if pair.label is not None:
                mask = pair.label.mask
                sha.update(b" %d %d " % (mask.height, mask.width) + mask.counts)
                for polygon in pair.label.polygons:
                    sha.update(b"\nshape %d " % len(polygon) + polygon.astype("<f8", copy=False).tobytes())
        return f"sha256:{sha.hexdigest()}"

    @cached_property
    def canvases(self) -> Mapping[int, tuple[int, int]]:
        """Height and width of the index images that a label tells the size of, by image index."""
        return {
            pair.image_index: (pair.label.mask.height, pair.label.mask.width)
            for pair in self.pairs
            if pair.label is not None
        }

    def count(self, level: Level) -> int:
        """Number of pairs of a level, over all queries."""
        return sum(pair.level is level for pair in self.pairs)

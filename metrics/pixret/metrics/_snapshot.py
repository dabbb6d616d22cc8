"""The numbers of a submission as a whole."""

from collections.abc import Mapping
from dataclasses import dataclass

from pixret.metrics._groundtruth import Protocol


@dataclass(frozen=True, slots=True)
class TaskMetrics:
    """mIoU and mAP of boxes or of masks, in [0, 1]; None where undefined, and `undefined` says why.

    `map` is by threshold, in the order of `THRESHOLDS`; `map_50_95` is its mean.
    """

    miou: float | None
    map_50_95: float | None
    map: tuple[float, ...] | None
    undefined: str | None = None


@dataclass(frozen=True, slots=True)
class ConventionMetrics:
    """One convention in one protocol. `ranking_map` is the image-level mAP, which needs no masks."""

    detection: TaskMetrics
    segmentation: TaskMetrics
    ranking_map: float | None

    def without_masks(self, reason: str) -> "ConventionMetrics":
        """The same, with everything that masks go into undefined."""
        unknown = TaskMetrics(None, None, None, reason)
        return ConventionMetrics(unknown, unknown, self.ranking_map)


@dataclass(frozen=True, slots=True)
class Bounds:
    """The least and the greatest final value that is still possible for every number of a convention.

    None where no way to go on gives the number. docs/bounds.md says which of them are attained.
    """

    least: ConventionMetrics
    greatest: ConventionMetrics

    def without_masks(self, reason: str) -> "Bounds":
        """The same, with everything that masks go into undefined."""
        return Bounds(self.least.without_masks(reason), self.greatest.without_masks(reason))


@dataclass(frozen=True, slots=True)
class ProtocolMetrics:
    """One protocol. `coverage` is the fraction of its positive pairs that were predicted, None without positives."""

    coverage: float | None
    official: ConventionMetrics
    strict: ConventionMetrics
    official_bounds: Bounds
    strict_bounds: Bounds


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A submission scored as if nothing more came.

    `received` is accepted + rejected: all items below this offset are covered, and no other. `official_exact` says that
    the official numbers are those of the published scripts to the last bit. `chain_digest` is that of the items
    covered, where whoever took them kept one.
    """

    accepted: int
    rejected: int
    official_exact: bool
    protocols: Mapping[Protocol, ProtocolMetrics]
    chain_digest: bytes | None = None

    @property
    def received(self) -> int:
        """Items received."""
        return self.accepted + self.rejected

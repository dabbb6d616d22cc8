"""How the IoUs of the positives are distributed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pixret.metrics import Level
from pixret.pages._judged import JudgedQuery
from pixret.reports import CONVENTIONS, TASKS

BINS = 20
LEVELS = (Level.EASY, Level.HARD)
"""Of the positives."""


@dataclass(frozen=True, slots=True, eq=False)
class Overlaps:
    """Positives of each level: `nothing` was found in so many, and the others by IoU in twentieths, lowest first."""

    nothing: Mapping[Level, int]
    counts: Mapping[Level, NDArray[np.int64]]

    def total(self, level: Level) -> int:
        """All positives of a level."""
        return self.nothing[level] + int(self.counts[level].sum())


def count_overlaps(queries: Sequence[JudgedQuery], convention: str, task: str) -> Overlaps | None:
    """Count the positives; None where the published scripts give no number for one of them."""
    levels = np.concatenate([query.levels for query in queries])
    found = np.concatenate([query.found for query in queries])
    ious = np.concatenate([query.ious[CONVENTIONS.index(convention), TASKS.index(task)] for query in queries])
    if np.isnan(ious[found]).any():
        return None
    where = {level: levels == level for level in LEVELS}
    return Overlaps(
        {level: int(np.count_nonzero(of & ~found)) for level, of in where.items()},
        {level: np.histogram(ious[of & found], BINS, (0.0, 1.0))[0] for level, of in where.items()},
    )

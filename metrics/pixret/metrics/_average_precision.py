"""Average precision as revisitop defines it: trapezoids under the precision-recall curve, junk removed."""

import numpy as np
from numpy.typing import NDArray

THRESHOLDS = np.array([t / 100 for t in range(50, 100, 5)])
"""IoU thresholds of mAP@50:5:95. As integer over 100: np.arange would give other last bits."""


def ranks_without_junk(positions: NDArray[np.int64], junk: NDArray[np.int64]) -> NDArray[np.int64]:
    """Ranks from 0 of images at ascending positions, after the images at ascending junk positions are taken out."""
    return positions - np.searchsorted(junk, positions)


def average_precisions(
    hits: NDArray[np.bool_], ranks: NDArray[np.int64], positives: NDArray[np.int64]
) -> NDArray[np.float64]:
    """AP of several judgements of one ranking at once.

    Args:
        hits: shape (k, n); whether the j-th ranked candidate is a true positive in the k-th judgement.
        ranks: shape (n,), ascending from 0, junk removed.
        positives: shape (k,); the recall denominator, which also counts what was not retrieved.

    Returns:
        Shape (k,). NaN where there are no positives; 0 where none is retrieved.

    The operations and their order are those of the published `compute_ap`, so that the last bit is too:
    ``ap += (p0 + p1) * step / 2`` in rank order. Adding the zeros of misses changes nothing.
    """
    found = np.cumsum(hits, axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        step = 1.0 / positives
        before = np.where(ranks == 0, 1.0, (found - 1) / ranks)
    after = found / (ranks + 1)
    areas = np.where(hits, (before + after) * step[:, None] / 2.0, 0.0)
    # np.cumsum adds strictly from left to right, which np.sum does not.
    total = np.cumsum(areas, axis=1)[:, -1] if areas.shape[1] else np.zeros(len(hits))
    return np.where(positives > 0, total, np.nan)

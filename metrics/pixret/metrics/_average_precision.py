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
    ``ap += (p0 + p1) * step / 2`` in rank order.
    """
    count = np.count_nonzero(hits, axis=1)
    flat = np.flatnonzero(hits)
    judgement = np.repeat(np.arange(len(hits)), count)
    candidate = flat - judgement * hits.shape[1]
    found = np.arange(len(flat)) - (np.cumsum(count) - count)[judgement]  # true positives before this one
    rank = ranks[candidate]
    before = np.divide(found, rank, out=np.ones(len(rank)), where=rank > 0)
    after = (found + 1) / (rank + 1)
    step = 1.0 / np.maximum(positives, 1)
    areas = (before + after) * step[judgement] / 2.0
    # np.bincount adds its weights strictly from left to right, which np.sum does not.
    return np.where(positives > 0, np.bincount(judgement, areas, minlength=len(hits)), np.nan)

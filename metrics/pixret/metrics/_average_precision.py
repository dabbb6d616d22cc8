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
    """AP of several judgements of the same candidates, under several protocols.

    Args:
        hits: shape (p, k, n); whether the j-th ranked candidate is a true positive in the k-th judgement of protocol p.
        ranks: shape (p, n), ascending from 0, the protocol's junk removed.
        positives: shape (p, k); the recall denominator, which also counts what was not retrieved.

    Returns:
        Shape (p, k). NaN where there are no positives; 0 where none is retrieved.

    The operations and their order are those of the published `compute_ap`, so that the last bit is too:
    ``ap += (p0 + p1) * step / 2`` in rank order.
    """
    protocols, judgements, candidates = hits.shape
    count = np.count_nonzero(hits, axis=2).ravel()
    row = np.repeat(np.arange(protocols * judgements), count)
    candidate = np.flatnonzero(hits) - row * candidates
    found = np.arange(len(row)) - (np.cumsum(count) - count)[row]  # true positives before this one
    rank = ranks.ravel().take(row // judgements * candidates + candidate)
    before = np.divide(found, rank, out=np.ones(len(rank)), where=rank > 0)
    after = (found + 1) / (rank + 1)
    step = 1.0 / np.maximum(positives, 1).ravel()
    areas = (before + after) * step.take(row) / 2.0
    # np.bincount adds its weights strictly from left to right, which np.sum does not.
    totals = np.bincount(row, areas, minlength=protocols * judgements).reshape(protocols, judgements)
    return np.where(positives > 0, totals, np.nan)

"""Average precision as revisitop defines it: trapezoids under the precision-recall curve, junk removed."""

import numpy as np
from numpy.typing import NDArray

from pixret.metrics._native import kernel

THRESHOLDS = np.array([t / 100 for t in range(50, 100, 5)])
"""IoU thresholds of mAP@50:5:95. As integer over 100: np.arange would give other last bits."""


def ranks_without_junk(positions: NDArray[np.int64], junk: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Ranks from 0, shape (p, n), of images at ascending positions, after each protocol's junk is taken out.

    `junk`, of that shape too, tells which of the images are junk.
    """
    return positions - (np.cumsum(junk, axis=1) - junk)


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
    # The kernel reads memory as these types, whatever lies there.
    hits = np.ascontiguousarray(hits, np.bool_)
    ranks, positives = np.ascontiguousarray(ranks, np.int64), np.ascontiguousarray(positives, np.int64)
    if kernel is None:
        return numpy_average_precisions(hits, ranks, positives)
    totals = np.empty(positives.shape)
    kernel.average_precisions(*hits.shape, hits, ranks, positives, totals)
    return totals


def numpy_average_precisions(
    hits: NDArray[np.bool_], ranks: NDArray[np.int64], positives: NDArray[np.int64]
) -> NDArray[np.float64]:
    """The same without the compiled kernel."""
    count = np.count_nonzero(hits, axis=2).ravel()
    row = np.repeat(np.arange(len(count)), count)
    # Whole numbers as floats: exact, and the divisions below then need no conversion.
    rank = np.broadcast_to(ranks.astype(np.float64)[:, None], hits.shape)[hits]
    found = np.arange(len(row), dtype=np.float64) - (np.cumsum(count) - count).take(row)  # hits before this one
    areas = found / np.maximum(rank, 1.0)
    areas[rank == 0] = 1.0
    areas += (found + 1.0) / (rank + 1.0)
    areas *= (1.0 / np.maximum(positives, 1)).ravel().take(row)
    areas /= 2.0
    # np.bincount adds its weights strictly from left to right, which np.sum does not.
    totals = np.bincount(row, areas, minlength=len(count)).reshape(positives.shape)
    return np.where(positives > 0, totals, np.nan)


def threshold_precisions(
    ious: NDArray[np.float64],
    counted: NDArray[np.bool_],
    ranks: NDArray[np.int64],
    positives: NDArray[np.int64],
    beside: NDArray[np.int64],
) -> NDArray[np.float64]:
    """AP of the same candidates by protocol, task and threshold, as `average_precisions` gives it.

    Args:
        ious: shape (k, n), by task; of n candidates the first m are ranked, in the order of their ranks.
        counted: shape (p, n); which candidates are positives of the protocol.
        ranks: shape (p, m), ascending from 0, the protocol's junk removed.
        positives: shape (p,); a recall denominator.
        beside: shape (p,); what counts in the other one beside the candidates that pass, ranked or not.

    Returns:
        Shape (2, p, k, t): over what passes, and over `positives`. NaN where the denominator is 0.
    """
    if kernel is None:
        return numpy_threshold_precisions(ious, counted, ranks, positives, beside)
    totals = np.empty((2, len(counted), len(ious), len(THRESHOLDS)))
    sizes = (*totals.shape[1:], ious.shape[1], ranks.shape[1])
    arrays = map(np.ascontiguousarray, (ious, THRESHOLDS, counted, ranks, positives, beside))
    kernel.threshold_precisions(*sizes, *arrays, totals)
    return totals


def numpy_threshold_precisions(
    ious: NDArray[np.float64],
    counted: NDArray[np.bool_],
    ranks: NDArray[np.int64],
    positives: NDArray[np.int64],
    beside: NDArray[np.int64],
) -> NDArray[np.float64]:
    """The same without the compiled kernel."""
    passing = (ious[:, None] > THRESHOLDS[:, None]).reshape(len(ious) * len(THRESHOLDS), -1 if ious.size else 0)
    hits = passing & counted[:, None]
    ranked = hits[:, :, : ranks.shape[1]]
    of_all = np.broadcast_to(positives[:, None], hits.shape[:2])
    denominators = beside[:, None] + np.count_nonzero(hits, axis=2), of_all
    aps = np.stack([numpy_average_precisions(ranked, ranks, each) for each in denominators])
    return aps.reshape(2, len(counted), len(ious), len(THRESHOLDS))

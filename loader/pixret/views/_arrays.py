"""Columns of the pairs as arrays: masks and polygons."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixret.metrics import Mask


def decode_mask(segmentation: Mapping[str, Any] | None) -> NDArray[np.bool_] | None:
    """Decode the RLE of one row to a (height, width) array of bool; None for a pair without a mask.

    The size may be a list, an array or a tensor, as the format of a dataset makes it. Raises MaskError for a
    malformed RLE, at which pycocotools would hang.
    """
    if segmentation is None or segmentation["counts"] is None:  # some versions of `datasets` give a null so
        return None
    size = np.asarray(segmentation["size"]).tolist()
    return np.ascontiguousarray(Mask.from_coco({"size": size, "counts": segmentation["counts"]}).to_dense())


def decode_masks(batch: Mapping[str, Sequence[Any]]) -> dict[str, Any]:
    """Add the column ``mask`` to a batch of pairs: a transform for ``dataset.with_transform``."""
    return {**batch, "mask": [decode_mask(segmentation) for segmentation in batch["segmentation"]]}


def polygon_points(polygons: Iterable[Sequence[float]] | None) -> list[NDArray[np.float64]]:
    """Shape (n, 2) points of every polygon of one row; none for a pair without a label."""
    return [np.asarray(flat, np.float64).reshape(-1, 2) for flat in polygons or []]

"""IoU of one pair of masks."""

from typing import NamedTuple

from pycocotools import mask as coco

from pixret.metrics._mask import Mask
from pixret.metrics._rle import Box


class PairIou(NamedTuple):
    """IoU of one prediction with one label, both in [0, 1]."""

    detection: float
    segmentation: float


NOTHING_FOUND = PairIou(0.0, 0.0)


def pair_iou(prediction: Mask, label: Mask) -> PairIou:
    """IoU of two masks on one canvas; 0 when either is empty.

    Segmentation is pycocotools' RLE IoU, detection the IoU of the tight pixel boxes. This is the one place where
    the pixels of two masks meet, so a faster kernel goes here.

    Raises:
        ValueError: when the canvases differ.
    """
    size = [label.height, label.width]
    if [prediction.height, prediction.width] != size:
        raise ValueError(
            f"canvases differ: {prediction.height} x {prediction.width} and {label.height} x {label.width}"
        )
    if prediction.box is None or label.box is None:
        return NOTHING_FOUND
    detection = box_iou(prediction.box, label.box)
    if detection == 0.0:  # apart, and so are the masks
        return NOTHING_FOUND
    first, second = {"size": size, "counts": prediction.counts}, {"size": size, "counts": label.counts}
    return PairIou(detection, float(coco.iou([first], [second], [0])[0, 0]))


def box_iou(first: Box, second: Box) -> float:
    """IoU of two pixel boxes (x, y, width, height), neither of them empty."""
    (x, y, w, h), (u, v, r, s) = first, second
    overlap = max(0, min(x + w, u + r) - max(x, u)) * max(0, min(y + h, v + s) - max(y, v))
    return overlap / (w * h + r * s - overlap)

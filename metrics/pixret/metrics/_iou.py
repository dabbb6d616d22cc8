"""IoU of pairs of masks."""

from collections.abc import Sequence
from itertools import groupby, islice
from typing import NamedTuple

from pycocotools import mask as coco

from pixret.metrics._encode import without_empty_runs
from pixret.metrics._mask import Mask
from pixret.metrics._native import kernel
from pixret.metrics._rle import Box, add_to_first_run

_TOGETHER = 16  # pairs in one call; more gain nothing
_MAX_PIXELS = 2**31  # of a canvas, whose positions pycocotools holds in 32 bits


class PairIou(NamedTuple):
    """IoU of one prediction with one label, both in [0, 1]."""

    detection: float
    segmentation: float


NOTHING_FOUND = PairIou(0.0, 0.0)

MaskPair = tuple[Mask, Mask]


def pair_iou(prediction: Mask, label: Mask) -> PairIou:
    """IoU of two masks on one canvas; 0 when either is empty.

    Raises:
        ValueError: when the canvases differ.
    """
    (iou,) = pair_ious([(prediction, label)])
    return iou


def pair_ious(pairs: Sequence[MaskPair]) -> list[PairIou]:
    """IoU of each pair of masks, as `pair_iou` gives it.

    Segmentation is pycocotools' RLE IoU to the last bit, detection the IoU of the tight pixel boxes.
    """
    detections = [_detection_iou(*pair) for pair in pairs]
    # Where the boxes are apart, so are the masks.
    overlapping = [index for index, detection in enumerate(detections) if detection > 0.0]
    ious = [NOTHING_FOUND] * len(pairs)
    segmentations = segmentation_ious([pairs[index] for index in overlapping])
    for index, segmentation in zip(overlapping, segmentations, strict=True):
        ious[index] = PairIou(detections[index], segmentation)
    return ious


def segmentation_ious(pairs: Sequence[MaskPair]) -> list[float]:
    """RLE IoU of pairs of masks, neither of them empty."""
    if kernel is None:
        return coco_ious(pairs)
    firsts, seconds = zip(*pairs, strict=True) if pairs else ((), ())
    common = kernel.intersections(
        tuple(mask.counts for mask in firsts),
        tuple(mask.counts for mask in seconds),
        tuple(mask.height * mask.width for mask in firsts),
    )
    # A quotient of whole numbers, rounded once: pycocotools divides them as floats, to the same bits.
    return [area / (a.area + b.area - area) for area, (a, b) in zip(common, pairs, strict=True)]


def _detection_iou(prediction: Mask, label: Mask) -> float:
    if (prediction.height, prediction.width) != (label.height, label.width):
        raise ValueError(
            f"canvases differ: {prediction.height} x {prediction.width} and {label.height} x {label.width}"
        )
    if prediction.box is None or label.box is None:
        return 0.0
    return _box_iou(prediction.box, label.box)


def _box_iou(first: Box, second: Box) -> float:
    """IoU of two pixel boxes (x, y, width, height), neither of them empty."""
    (x, y, w, h), (u, v, r, s) = first, second
    overlap = max(0, min(x + w, u + r) - max(x, u)) * max(0, min(y + h, v + s) - max(y, v))
    return overlap / (w * h + r * s - overlap)


def coco_ious(pairs: Sequence[MaskPair]) -> list[float]:
    """RLE IoU of pairs of masks by pycocotools, several of one size in a call."""
    ious: list[float] = []
    for (height, width), group in groupby(pairs, lambda pair: (pair[0].height, pair[0].width)):
        together = max(1, min(_TOGETHER, _MAX_PIXELS // (height * width)))
        while chunk := list(islice(group, together)):
            ious += _coco_ious_in_one_call(chunk)
    return ious


def _coco_ious_in_one_call(pairs: Sequence[MaskPair]) -> list[float]:
    """IoUs of masks of one size.

    `coco.iou` computes all with all, but looks at pixels only where boxes overlap. Pair by pair side by side on a
    wide canvas, only partners overlap, and what is left is the cost of one call instead of many. Where both masks have
    an empty run at one place, it would stop there (2.0.11), so that one of them goes without.
    """
    canvas = pairs[0][0].height * pairs[0][0].width
    size = [pairs[0][0].height, pairs[0][0].width * len(pairs)]
    counts = [pair[0].counts for pair in pairs], [without_empty_runs(pair[1].counts) for pair in pairs]
    predictions, labels = (
        [{"size": size, "counts": add_to_first_run(each, place * canvas)} for place, each in enumerate(side)]
        for side in counts
    )
    ious: list[float] = coco.iou(predictions, labels, [0] * len(pairs)).diagonal().tolist()
    return ious

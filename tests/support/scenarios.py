"""Submissions to the small benchmark, by what they are about: every way of scoring gives each the same report."""

import numpy as np
from serving import HEIGHT, IMAGES, QUERIES, WIDTH, outline

from pixret.metrics import (
    NO_MASK,
    BoxRegion,
    Mask,
    Polygons,
    Prediction,
    Ranking,
    Reason,
    Rle,
    Runs,
    Unreadable,
)

DISTRACTORS = 4
PIXELS = HEIGHT * WIDTH
MASK = Mask.from_polygons([outline()], HEIGHT, WIDTH)
RLE = Rle(HEIGHT, WIDTH, MASK.counts)

REGIONS = {
    "rle": RLE,
    "empty rle": Rle(HEIGHT, WIDTH, Mask.from_dense(np.zeros((HEIGHT, WIDTH), bool)).counts),
    "runs": Runs(HEIGHT, WIDTH, [100, 300, PIXELS - 400]),
    "polygon": Polygons([outline(5.5, 6.25)]),
    "polygons": Polygons([outline(2, 2, 6), outline(9, 9, 4)]),
    "no polygons": Polygons([]),
    "polygon without points": Polygons([np.zeros((0, 2))]),
    "polygon of one point": Polygons([[[3.0, 4.0]]]),
    "polygon off the image": Polygons([outline(-50, -50, 5)]),
    "box": BoxRegion(3.5, 4.0, 12.0, 11.25),
    "no mask": NO_MASK,
}

FAULTS = {
    "query name": (Prediction("nobody", 0, RLE), Reason.UNKNOWN_QUERY),
    "empty query name": (Prediction("", 0, RLE), Reason.UNKNOWN_QUERY),
    "long query name": (Prediction("名" * 256, 0, RLE), Reason.UNKNOWN_QUERY),
    "query index": (Prediction(3, "塔_000000", RLE), Reason.UNKNOWN_QUERY),
    "image name": (Prediction(0, "塔_999999", RLE), Reason.UNKNOWN_IMAGE),
    "image index": (Prediction(0, 99, RLE), Reason.UNKNOWN_IMAGE),
    "largest index": (Prediction(0, 2**32 - 1, RLE), Reason.UNKNOWN_IMAGE),
    "no mask set": (Prediction(0, 0, None), Reason.INCOMPLETE),
    "score": (Prediction(0, 0, RLE, score=float("nan")), Reason.INVALID_ORDER),
    "infinite score": (Prediction(0, 0, RLE, score=float("-inf")), Reason.INVALID_ORDER),
    "other order": (Prediction(1, 1, RLE, rank=3), Reason.INVALID_ORDER),
    "ranking and scores": (Ranking(1, np.array([0, 1])), Reason.INVALID_ORDER),
    "ranking with a repeat": (Ranking(0, np.array([1, 2, 1])), Reason.INVALID_ORDER),
    "ranking of nobody": (Ranking("nobody", np.array([1])), Reason.UNKNOWN_QUERY),
    "ranking beyond the index": (Ranking(0, np.array([1, 10**6])), Reason.UNKNOWN_IMAGE),
    "pair again": (Prediction(QUERIES[1], IMAGES[0], NO_MASK), Reason.DUPLICATE),
    "torn counts": (Prediction(0, 0, Rle(HEIGHT, WIDTH, MASK.counts[:-1])), Reason.INVALID_MASK),
    "counts that are no text": (Prediction(0, 0, Rle(HEIGHT, WIDTH, b"\xff\x00")), Reason.INVALID_MASK),
    "short runs": (Prediction(0, 0, Runs(HEIGHT, WIDTH, [1])), Reason.INVALID_MASK),
    "odd polygon": (Prediction(0, 0, Polygons([[1.0, 2.0, 3.0]])), Reason.INVALID_MASK),
    "polygon with NaN": (Prediction(0, 0, Polygons([[[1.0, float("nan")]]])), Reason.INVALID_MASK),
    "negative box": (Prediction(0, 0, BoxRegion(0.0, 0.0, -1.0, 2.0)), Reason.INVALID_MASK),
    "other canvas": (Prediction(0, 0, Rle(WIDTH, HEIGHT, MASK.counts)), Reason.SIZE_MISMATCH),
    "huge canvas": (Prediction(0, 0, Rle(2**31, 2**31, b"0")), Reason.LIMIT_EXCEEDED),
    "huge coordinate": (Prediction(0, 0, Polygons([outline(1e12)])), Reason.LIMIT_EXCEEDED),
    "unreadable": (Prediction(0, 0, Unreadable("1-D: αβγ")), Reason.UNREADABLE),
}


def scenarios():
    """Name of every scenario with its items and its distractors."""
    for name, region in REGIONS.items():
        yield name, _everywhere(region), 0
    yield "nothing", [], 0
    yield "ranks", [Prediction(q, i, RLE, rank=i) for q in QUERIES for i in (3, 1, 4, 0, 2)], 0
    yield "neither score nor rank", [Prediction(q, i, RLE) for q in range(3) for i in range(4)], 0
    yield "ties", [Prediction(0, i, RLE, score=0.5) for i in (5, 0, 4, 2)], 0
    yield "names and indices", [Prediction(QUERIES[0], i, RLE, score=0.1 * i) for i in range(9)], 0
    yield "rankings alone", [Ranking(q, np.arange(9)[:: 1 - 2 * (q % 2)]) for q in range(3)], 0
    yield "rankings and masks apart", [Prediction(1, 2, RLE), Ranking(1, np.array([3, 2])), Prediction(1, 0, RLE)], 0
    far = np.random.default_rng(1).permutation(len(IMAGES) + DISTRACTORS)
    yield "distractors", [Ranking(q, far) for q in QUERIES], DISTRACTORS
    first = Prediction(1, 0, RLE, score=0.5)
    yield "every fault", [first, *(item for item, _ in FAULTS.values()), Prediction(2, 0, RLE)], 0


def _everywhere(region):
    """The region in every image, the masks of judged pairs among them."""
    return [Prediction(q, image, region, score=1 / (1 + i)) for q in range(3) for i, image in enumerate(IMAGES)]

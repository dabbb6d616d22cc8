"""Scoring here: one pair, then a full submission, against a bare loop over pycocotools."""

import tempfile
from pathlib import Path

import cv2
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pycocotools import mask as coco

from bench.case import Case, full_case
from bench.timing import fastest, ratios
from pixret.metrics import (
    COMPILED,
    Accumulator,
    Mask,
    MeasurePool,
    Polygons,
    Prediction,
    Rle,
    pair_iou,
    pair_ious,
    report_bytes,
)
from pixret.metrics._raster import official_pair_iou
from pixret.submissions import open_submission

_PAIRS = 2_000
_POINT_PAIRS = 100


def bare_loop(case: Case) -> list[float]:
    """What one writes who has pycocotools and nothing else: no validation, no detection, no AP."""
    return [coco.iou([found], [label], [0])[0, 0] for found, label in case.coco_pairs]


def measure(rounds: int) -> str:
    """All tables of this module; the first says whether the kernel is compiled."""
    case = full_case()
    return "\n\n".join([_one_pair(case, rounds), _submission(case, rounds), _points(case, rounds)])


def _one_pair(case: Case, rounds: int) -> str:
    some = case.coco_pairs[:_PAIRS]
    masks = [(Mask.from_coco(found), Mask.from_coco(label)) for found, label in some]
    seconds = fastest(
        {
            "pycocotools iou, pair by pair": lambda: [coco.iou([a], [b], [0])[0, 0] for a, b in some],
            "pair_iou (with detection), pair by pair": lambda: [pair_iou(a, b) for a, b in masks],
            "pair_ious (with detection), together": lambda: pair_ious(masks),
            "validation of a mask, one by one": lambda: [Mask.from_coco(found) for found, _ in some],
        },
        rounds,
    )
    kernel = "compiled kernel" if COMPILED else "no compiled kernel"
    return ratios(f"Pair IoU, masks known to be valid, {kernel}", seconds, len(some))


def _submission(case: Case, rounds: int) -> str:
    with tempfile.TemporaryDirectory() as folder, MeasurePool() as pool:
        path = Path(folder) / "submission.parquet"
        write_parquet(case, path)
        seconds = fastest(
            {
                "bare pycocotools loop": lambda: bare_loop(case),
                "Accumulator, one thread": lambda: _score(case, None),
                "Accumulator, a thread a core": lambda: _score(case, pool),
                "from Parquet to report, a thread a core": lambda: _score_file(case, path, pool),
            },
            rounds,
        )
    return ratios(f"A full submission here, {len(case.predictions)} pairs as RLE", seconds, len(case.predictions))


def _points(case: Case, rounds: int) -> str:
    """Point submissions, where the official convention rasterizes: our function against the published one's method."""
    pairs = [pair for pair in case.truth.pairs if pair.label is not None][:_POINT_PAIRS]
    points = [(pair.label.polygons[0] + 3.0, pair.label.polygons) for pair in pairs if pair.label is not None]
    items = [
        Prediction(pair.query_index, pair.image_index, Polygons([found]))
        for pair, (found, _) in zip(pairs, points, strict=True)
    ]
    seconds = fastest(
        {
            "float64 canvases, as the published script fills them": lambda: [_published(*each) for each in points],
            "official_pair_iou": lambda: [official_pair_iou([found], label) for found, label in points],
            "Accumulator: both conventions, both tasks": lambda: Accumulator(case.truth).add(items),
        },
        rounds,
    )
    return ratios(f"Points, {len(points)} pairs", seconds, len(points))


def write_parquet(case: Case, path: Path) -> None:
    """Write the submission as users have it."""
    regions = [each.region for each in case.predictions if isinstance(each.region, Rle)]
    masks = [{"size": [each.height, each.width], "counts": each.counts.decode()} for each in regions]
    table = pa.table(
        {
            "query_index": [each.query for each in case.predictions],
            "image_index": [each.image for each in case.predictions],
            "score": [each.score for each in case.predictions],
            "segmentation": masks,
        }
    )
    pq.write_table(table, path, compression="zstd")


def _score(case: Case, pool: MeasurePool | None) -> bytes:
    accumulator = Accumulator(case.truth)
    accumulator.add(case.predictions, pool)
    return report_bytes(accumulator)


def _score_file(case: Case, path: Path, pool: MeasurePool) -> bytes:
    accumulator = Accumulator(case.truth)
    accumulator.add(open_submission(path), pool)
    return report_bytes(accumulator)


def _published(found: np.ndarray, label: tuple[np.ndarray, ...]) -> tuple[float, float]:
    """Box and mask IoU by the method of the published script: two pairs of float64 canvases, filled and summed."""
    first, shapes = found.astype(int), [shape.astype(int) for shape in label]
    points = np.concatenate(shapes)
    side = max(first.max(), points.max())
    ious = []
    for fill in (_fill_box, _fill_polygons):
        mine, theirs = np.zeros((side, side)), np.zeros((side, side))
        fill(mine, [first])
        fill(theirs, shapes)
        overlap = np.sum(np.logical_and(mine, theirs))
        ious.append(overlap / (np.sum(theirs) + np.sum(mine) - overlap))
    return ious[0], ious[1]


def _fill_box(canvas: np.ndarray, polygons: list[np.ndarray]) -> None:
    points = np.concatenate(polygons)
    (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
    canvas[top : bottom + 1, left : right + 1] = 1.0


def _fill_polygons(canvas: np.ndarray, polygons: list[np.ndarray]) -> None:
    for polygon in polygons:
        cv2.fillPoly(canvas, [polygon.astype(np.int32)], (255, 255, 255))
    canvas /= 255.0

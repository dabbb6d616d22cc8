"""The two conventions once more, slow and plain: dense arrays and loops, written from the definitions alone.

Nothing here calls pixret, so that agreement means something. `official` follows the published scripts line by line
(mious.py, iou_compute.py and evaluate_pixel.py of the benchmark's repository), NumPy's summation order included.
"""

from dataclasses import dataclass, field

import cv2
import numpy as np

THRESHOLDS = range(50, 100, 5)
LEVELS = {"easy": ["easy"], "medium": ["easy", "hard"], "hard": ["hard"]}
JUNK = {"easy": ["junk", "hard"], "medium": ["junk"], "hard": ["junk", "easy"]}


@dataclass
class Query:
    """Image indices by level, label masks and polygons and predictions by image."""

    easy: list[int] = field(default_factory=list)
    hard: list[int] = field(default_factory=list)
    junk: list[int] = field(default_factory=list)
    labels: dict[int, np.ndarray] = field(default_factory=dict)
    shapes: dict[int, list[np.ndarray]] = field(default_factory=dict)
    masks: dict[int, np.ndarray | None] = field(default_factory=dict)
    points: dict[int, np.ndarray] = field(default_factory=dict)
    ranking: list[int] = field(default_factory=list)

    def level(self, name):
        return getattr(self, name)


def dense_segmentation_iou(first, second):
    union = np.logical_or(first, second).sum()
    return np.logical_and(first, second).sum() / union if union else 0.0


def dense_detection_iou(first, second):
    if not first.any() or not second.any():
        return 0.0
    boxes = []
    for mask in (first, second):
        rows, columns = np.nonzero(mask)
        filled = np.zeros_like(mask)
        filled[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1] = True
        boxes.append(filled)
    return dense_segmentation_iou(*boxes)


def average_precision(is_hit, is_junk, positives):
    """Trapezoids, walking down one ranking: `is_hit` and `is_junk` by position."""
    total, rank, found = 0.0, 0, 0
    for hit, junk in zip(is_hit, is_junk, strict=True):
        if junk:
            continue
        if hit:
            before = 1.0 if rank == 0 else found / rank
            after = (found + 1) / (rank + 1)
            total += (before + after) * (1.0 / positives) / 2.0
            found += 1
        rank += 1
    return total


def strict(queries, ignored=()):
    """mIoU and mAPs by (protocol, task), and ranking mAP by protocol."""
    results = {}
    for protocol, levels in LEVELS.items():
        for task, iou in (("detection", dense_detection_iou), ("segmentation", dense_segmentation_iou)):
            mious, aps = [], {t: [] for t in THRESHOLDS}
            for index, query in enumerate(queries):
                positives = [i for level in ("hard", "easy") if level in levels for i in query.level(level)]
                junk = {i for level in JUNK[protocol] for i in query.level(level)}
                if not positives:
                    continue
                ious = {i: _iou_or_zero(iou, query.masks.get(i), query.labels[i]) for i in positives}
                mious.append(np.mean([ious[i] for i in positives]))
                if index in ignored:
                    continue
                for t in THRESHOLDS:
                    hits = [i in ious and ious[i] > t / 100 for i in query.ranking]
                    aps[t].append(average_precision(hits, [i in junk for i in query.ranking], len(positives)))
            maps = [np.mean(aps[t]) for t in THRESHOLDS] if aps[50] else None
            results[protocol, task] = (np.mean(mious) if mious else None, maps)
    return results


def _iou_or_zero(iou, mask, label):
    return 0.0 if mask is None else iou(mask, label)


def ranking_map(queries, protocol):
    aps = []
    for query in queries:
        positives = {i for level in LEVELS[protocol] for i in query.level(level)}
        junk = {i for level in JUNK[protocol] for i in query.level(level)}
        if positives:
            hits = [i in positives for i in query.ranking]
            aps.append(average_precision(hits, [i in junk for i in query.ranking], len(positives)))
    total = 0.0
    for ap in aps:
        total = total + ap
    return total / len(aps) if aps else None


def official_pair(found, shapes):
    """[box IoU, mask IoU] of iou_compute.compute_iou, canvas and all."""
    points = np.concatenate([np.asarray(shape) for shape in shapes]).astype(int)
    found = found.astype(int)
    side = max(found[:, 0].max(), found[:, 1].max(), points[:, 0].max(), points[:, 1].max())
    ious = []
    for fill in (_fill_box, _fill_polygons):
        first, second = np.zeros((side, side)), np.zeros((side, side))
        fill(first, [found])
        fill(second, [np.asarray(shape).astype(int) for shape in shapes])
        intersection = np.sum(np.logical_and(first, second))
        ious.append(intersection / (np.sum(second) + np.sum(first) - intersection))
    return ious


def _fill_box(canvas, polygons):
    points = np.concatenate(polygons)
    (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
    canvas[top : bottom + 1, left : right + 1] = 1.0


def _fill_polygons(canvas, polygons):
    for polygon in polygons:
        cv2.fillPoly(canvas, pts=[polygon.astype(np.int32)], color=(255, 255, 255))
    canvas /= 255.0


def official(queries, ignored=()):
    """mIoU and mAPs by (protocol, task) for point submissions, as the published scripts print them."""
    saved = [_saved_ious(query) for query in queries]
    results = {}
    for protocol in LEVELS:
        for entry, task in enumerate(("detection", "segmentation")):
            mious = [_official_miou(query, ious, protocol, entry) for query, ious in zip(queries, saved, strict=True)]
            maps = [_official_map(queries, saved, protocol, entry, t / 100, ignored) for t in THRESHOLDS]
            results[protocol, task] = (np.mean(mious), maps)
    return results


def _saved_ious(query):
    ious = {}
    for level in ("hard", "easy"):
        for image in query.level(level):
            found = query.points[image]
            if len(found):
                ious[image] = official_pair(found, query.shapes[image])
            elif level == "hard":
                ious[image] = [0, 0]
    return ious


def _official_miou(query, ious, protocol, entry):
    order = [image for level in ("hard", "easy") if level in LEVELS[protocol] for image in query.level(level)]
    values = [ious[image][entry] for image in order if image in ious]
    return np.mean(values) if values else np.nan


def _official_map(queries, saved, protocol, entry, threshold, ignored):
    total, empty = 0.0, 0
    for index, (query, ious) in enumerate(zip(queries, saved, strict=True)):
        if index in ignored:
            continue
        ok = [image for level in LEVELS[protocol] for image in query.level(level)]
        passing = {image for image in ok if image in ious and ious[image][entry] > threshold}
        junk = {image for level in JUNK[protocol] for image in query.level(level)}
        if not passing:
            empty += 1
            continue
        hits = [image in passing for image in query.ranking]
        total = total + average_precision(hits, [image in junk for image in query.ranking], len(passing))
    return total / (len(queries) - empty) if len(queries) > empty else None

"""A benchmark and a submission of the size of PRParis, drawn at random: 17,224 positive pairs on 70 queries."""

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from pixret.metrics import GroundTruth, JudgedPair, Label, Level, Mask, Prediction, Rle

BENCHMARK = "bench"
OBJECTS = 800
QUERIES, IMAGES, POSITIVES, JUNK = 70, 6_322, 17_224, 7_153
HEIGHT, WIDTH = 768, 1024


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """What is scored, and the same masks as pycocotools takes them, pair by pair."""

    truth: GroundTruth
    predictions: list[Prediction]
    coco_pairs: list[tuple[dict[str, object], dict[str, object]]]


@dataclass(frozen=True, slots=True, eq=False)
class _Object:
    label: Label
    found: Mask
    outline: NDArray[np.float64]


@cache
def full_case(seed: int = 0) -> Case:
    """Draw the case, the same in every process. Pairs share 800 objects, since drawing 17,224 would take a minute."""
    rng = np.random.default_rng(seed)
    objects = [_draw_object(rng) for _ in range(OBJECTS)]
    pairs, predictions, coco_pairs = [], [], []
    for query, image, level in _judged(rng):
        drawn = objects[rng.integers(OBJECTS)]
        pairs.append(JudgedPair(query, image, level, None if level is Level.JUNK else drawn.label))
        if level is not Level.JUNK:
            region = Rle(HEIGHT, WIDTH, drawn.found.counts)
            predictions.append(Prediction(query, image, region, score=float(rng.random())))
            coco_pairs.append((_coco(drawn.found), _coco(drawn.label.mask)))
    names = tuple(f"query_{i:02}" for i in range(QUERIES)), tuple(f"image_{i:04}" for i in range(IMAGES))
    order = rng.permutation(len(predictions)).tolist()
    truth = GroundTruth(BENCHMARK, *names, tuple(pairs))
    return Case(truth, [predictions[i] for i in order], [coco_pairs[i] for i in order])


def _draw_object(rng: np.random.Generator) -> _Object:
    """A label with 8 to 30 corners, and a prediction of the same object that is moved and has holes."""
    outline = _outline(rng)
    label = Label(Mask.from_dense(_draw(outline, rng, holes=0)), (outline,))
    moved = outline + rng.normal(0, 12, 2)
    return _Object(label, Mask.from_dense(_draw(moved, rng, holes=6)), moved)


def _judged(rng: np.random.Generator) -> list[tuple[int, int, Level]]:
    """Query, image and level of all judged pairs, by query; two positives in five are easy, as in RParis."""
    judged = []
    for query in range(QUERIES):
        positives = POSITIVES // QUERIES + (query < POSITIVES % QUERIES)
        junk = JUNK // QUERIES + (query < JUNK % QUERIES)
        images = rng.choice(IMAGES, positives + junk, replace=False).tolist()
        easy = positives * 2 // 5
        levels = [Level.EASY] * easy + [Level.HARD] * (positives - easy) + [Level.JUNK] * junk
        judged += [(query, image, level) for image, level in zip(images, levels, strict=True)]
    return judged


def _outline(rng: np.random.Generator) -> NDArray[np.float64]:
    corners = int(rng.integers(8, 30))
    angles = np.sort(rng.random(corners)) * 2 * np.pi
    radii = rng.uniform(150, 350, corners)
    centre = np.array([WIDTH / 2, HEIGHT / 2]) + rng.normal(0, 30, 2)
    return centre + np.stack([radii * np.cos(angles) * 1.2, radii * np.sin(angles)], axis=1)


def _draw(outline: NDArray[np.float64], rng: np.random.Generator, holes: int) -> NDArray[np.uint8]:
    canvas = np.zeros((HEIGHT, WIDTH), np.uint8)
    cv2.fillPoly(canvas, [outline.astype(np.int32)], 1)
    for _ in range(holes):
        x, y = rng.integers((0, 0), (WIDTH, HEIGHT)).tolist()
        cv2.circle(canvas, (x, y), int(rng.integers(10, 40)), 0, -1)
    return canvas


def _coco(mask: Mask) -> dict[str, object]:
    return {"size": [mask.height, mask.width], "counts": mask.counts}

"""Small random benchmarks with submissions, for the core and for the reference alike."""

import cv2
import numpy as np
from reference import Query

from pixret.metrics import NO_MASK, GroundTruth, JudgedPair, Label, Level, Mask, Polygons, Prediction, Rle

SIZE = (24, 32)


def random_case(seed, queries=4, images=14):
    """Queries of the reference, drawn at random: overlapping blobs, empty predictions, unranked positives."""
    rng = np.random.default_rng(seed)
    return [_random_query(rng, images) for _ in range(queries)]


def _random_query(rng, images):
    query = Query()
    order = rng.permutation(images).tolist()
    for name in ("easy", "hard", "junk"):
        getattr(query, name).extend(order.pop() for _ in range(rng.integers(0, 4)))
    for image in query.easy + query.hard:
        shapes = [_outline(rng) for _ in range(rng.integers(1, 3))]
        query.shapes[image] = shapes
        query.labels[image] = _drawn(shapes)
        moved = shapes[0] + rng.normal(0, 1.5, shapes[0].shape)
        query.points[image] = moved if rng.random() < 0.8 else np.zeros((0, 2))
        query.masks[image] = _drawn([query.points[image]]) if len(query.points[image]) else None
    query.ranking = rng.permutation(images)[: rng.integers(0, images + 1)].tolist()
    return query


def _outline(rng):
    centre = rng.uniform((8, 6), (24, 18))
    angles = np.sort(rng.random(6)) * 2 * np.pi
    return centre + rng.uniform(3, 9, (6, 1)) * np.stack([np.cos(angles), np.sin(angles)], axis=1)


def _drawn(shapes):
    canvas = np.zeros(SIZE, np.uint8)
    for shape in shapes:
        cv2.fillPoly(canvas, [shape.astype(np.int32)], 1)
    return canvas.astype(bool)


def ground_truth(queries, images=14, ignored=()):
    """The ground truth of reference queries."""
    pairs = []
    for index, query in enumerate(queries):
        for level in Level:
            for image in query.level(level.name.lower()):
                label = None
                if level is not Level.JUNK:
                    label = Label(Mask.from_dense(query.labels[image]), tuple(query.shapes[image]))
                pairs.append(JudgedPair(index, image, level, label))
    names = tuple(f"q{i}" for i in range(len(queries))), tuple(f"i{i}" for i in range(images))
    return GroundTruth("small", *names, tuple(pairs), ignored)


def predictions(queries, *, points=False):
    """A prediction for every ranked image and every positive; points, or masks on the true canvas."""
    items = []
    for index, query in enumerate(queries):
        for image in dict.fromkeys([*query.ranking, *query.masks]):
            rank = query.ranking.index(image) if image in query.ranking else None
            items.append(Prediction(index, image, _region(query, image, points=points), rank=rank))
    return items


def _region(query, image, *, points):
    if points:
        return Polygons([query.points[image]] if image in query.points and len(query.points[image]) else [])
    mask = query.masks.get(image)
    if mask is None:
        return NO_MASK
    encoded = Mask.from_dense(mask)
    return Rle(encoded.height, encoded.width, encoded.counts)

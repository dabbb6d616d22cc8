"""The official convention at full size: the real structure of ROxford, against the plain reference."""

import pickle

import numpy as np
import pytest
from reference import Query, official

from pixret.metrics import (
    Accumulator,
    GroundTruth,
    JudgedPair,
    Label,
    Level,
    Mask,
    Polygons,
    Prediction,
    Protocol,
    Ranking,
)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
SIDE = 96  # small images, since the reference takes a second for hundred pairs of the real size
IGNORED = (56, 63)


@pytest.fixture(scope="module")
def queries(shared):
    gnd = pickle.loads((shared / "data" / "revisitop" / "gnd_roxford5k.pkl").read_bytes())
    rng = np.random.default_rng(5)
    return [_query(entry, rng) for entry in gnd["gnd"]]


def _query(entry, rng):
    query = Query(*(list(map(int, entry[level])) for level in ("easy", "hard", "junk")))
    for image in query.easy + query.hard:
        outline = rng.uniform(0, SIDE, (6, 2))
        query.shapes[image] = [outline, *(rng.uniform(0, SIDE, (4, 2)) for _ in range(rng.integers(0, 2)))]
        query.points[image] = outline + rng.normal(0, 4, (6, 2)) if rng.random() > 0.1 else np.zeros((0, 2))
    query.ranking = rng.permutation(4993).tolist()
    return query


def test_every_number_is_equal_to_the_last_bit(queries):
    accumulator = Accumulator(_truth(queries))
    accumulator.add(_items(queries))
    snapshot = accumulator.snapshot()
    assert snapshot.official_exact
    for (protocol, task), (miou, maps) in official(queries, IGNORED).items():
        metrics = getattr(snapshot.protocols[Protocol(protocol)].official, task)
        assert metrics.map == tuple(maps)
        assert metrics.miou == (None if np.isnan(miou) else miou)


def _truth(queries):
    pairs = []
    for index, query in enumerate(queries):
        for level in Level:
            for image in query.level(level.name.lower()):
                shapes = tuple(query.shapes.get(image, ()))
                label = None if level is Level.JUNK else Label(Mask.from_polygons(shapes, SIDE, SIDE), shapes)
                pairs.append(JudgedPair(index, image, level, label))
    names = tuple(map(str, range(70))), tuple(map(str, range(4993)))
    return GroundTruth("proxford", *names, tuple(pairs), IGNORED)


def _items(queries):
    for index, query in enumerate(queries):
        yield Ranking(index, np.array(query.ranking))
        for image, points in query.points.items():
            yield Prediction(index, image, Polygons([points] if len(points) else []))

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from prepared import write_tables

from pixret.metrics import GroundTruth, JudgedPair, Label, Level, Mask

BOXES = [(136.5, 34.1, 648.5, 955.7), (0.0, 0.0, 10.0, 20.0)]


def label(*outlines: list[tuple[float, float]], size: tuple[int, int] = (40, 50)) -> Label:
    polygons = tuple(np.array(outline, np.float64).reshape(-1, 2) for outline in outlines)
    return Label(Mask.from_polygons(polygons, *size), polygons)


@pytest.fixture
def truth() -> GroundTruth:
    """Two queries and six images, with every kind of label that there can be."""
    triangle = [(1.1, 2.2), (30.3, 1 / 3), (7.7, 39.999999999999996)]
    square = [(10.0, 10.0), (20.0, 10.0), (20.0, 20.0), (10.0, 20.0)]
    pairs = (
        JudgedPair(0, 3, Level.EASY, label(triangle)),
        JudgedPair(0, 0, Level.EASY, label(square, triangle)),
        JudgedPair(0, 1, Level.HARD, label(size=(7, 9))),
        JudgedPair(0, 4, Level.HARD, label(square, [])),
        JudgedPair(0, 5, Level.HARD, None),
        JudgedPair(0, 2, Level.JUNK, None),
        JudgedPair(1, 3, Level.HARD, label([(-5.5, -0.0), (3.0, 2.0)])),
        JudgedPair(1, 0, Level.JUNK, None),
    )
    names = tuple(f"image_{i}" for i in range(6))
    return GroundTruth("mini", ("query_a", "query_b"), names, pairs, (1,))


@pytest.fixture
def write(tmp_path: Path) -> Callable[[GroundTruth], Path]:
    """Write a ground truth as prepared tables, and return the folder of all benchmarks."""

    def write_prepared(truth: GroundTruth) -> Path:
        write_tables(tmp_path / "data", truth, [BOXES[i % 2] for i in range(len(truth.query_ids))])
        return tmp_path / "data"

    return write_prepared

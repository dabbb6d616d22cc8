import dataclasses
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from pixret.metrics import GroundTruth, JudgedPair, Label, Level, Mask
from pixret.tables import read_ground_truth

Writer = Callable[[GroundTruth], Path]


def same_pair(a: JudgedPair, b: JudgedPair) -> bool:
    if (a.query_index, a.image_index, a.level) != (b.query_index, b.image_index, b.level):
        return False
    if a.label is None or b.label is None:
        return a.label is b.label
    return a.label.mask == b.label.mask and bits(a.label) == bits(b.label)


def bits(label: Label) -> list[tuple[tuple[int, ...], str, bytes]]:
    return [(polygon.shape, polygon.dtype.str, polygon.tobytes()) for polygon in label.polygons]


def assert_same(read: GroundTruth, truth: GroundTruth) -> None:
    for field in ("benchmark", "query_ids", "image_ids", "ignored_queries", "digest"):
        assert getattr(read, field) == getattr(truth, field)
    assert len(read.pairs) == len(truth.pairs)
    assert all(map(same_pair, read.pairs, truth.pairs))


def test_a_ground_truth_comes_back_to_the_bit(truth: GroundTruth, write: Writer) -> None:
    read = read_ground_truth(write(truth))
    assert_same(read, truth)
    assert all(isinstance(pair.level, Level) for pair in read.pairs)


def test_what_is_read_can_be_scored(truth: GroundTruth, write: Writer) -> None:
    read = read_ground_truth(write(truth))
    first = read.pairs[0].label
    assert first is not None
    assert first.mask.to_runs()[1::2].sum() == first.mask.area
    assert dict(read.canvases) == dict(truth.canvases)


@pytest.mark.parametrize("level", [Level.JUNK, Level.HARD])
def test_a_ground_truth_without_labels_comes_back(truth: GroundTruth, write: Writer, level: Level) -> None:
    unlabelled = dataclasses.replace(truth, pairs=(JudgedPair(0, 1, level, None),))
    assert_same(read_ground_truth(write(unlabelled)), unlabelled)


def test_a_ground_truth_without_pairs_comes_back(truth: GroundTruth, write: Writer) -> None:
    empty = dataclasses.replace(truth, pairs=())
    assert_same(read_ground_truth(write(empty)), empty)


coordinates = st.floats(-16000, 16000)
outlines = st.lists(st.tuples(coordinates, coordinates), max_size=5)


def as_label(shapes: list[list[tuple[float, float]]]) -> Label:
    polygons: tuple[NDArray[np.float64], ...] = tuple(np.array(shape, np.float64).reshape(-1, 2) for shape in shapes)
    return Label(Mask.from_polygons(polygons, 12, 17), polygons)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(labels=st.lists(st.none() | st.lists(outlines, max_size=4), max_size=6))
def test_every_label_comes_back(
    truth: GroundTruth, write: Writer, labels: list[list[list[tuple[float, float]]] | None]
) -> None:
    pairs = tuple(
        JudgedPair(0, i, Level.HARD, None if shapes is None else as_label(shapes)) for i, shapes in enumerate(labels)
    )
    changed = dataclasses.replace(truth, pairs=pairs)
    assert_same(read_ground_truth(write(changed)), changed)


def test_many_pairs_cross_pages_and_row_groups(truth: GroundTruth, write: Writer) -> None:
    rng = np.random.default_rng(0)
    labels = [as_label([rng.uniform(0, 12, (int(n), 2)).tolist() for n in rng.integers(0, 200, 3)]) for _ in range(50)]
    labels_or_none = [*labels, None]
    names = tuple(f"image_{i}" for i in range(3000))
    pairs = tuple(JudgedPair(q, i, Level.HARD, labels_or_none[(q + i) % 51]) for q in range(2) for i in range(3000))
    large = dataclasses.replace(truth, image_ids=names, pairs=pairs)
    assert_same(read_ground_truth(write(large)), large)


def test_equal_tables_have_equal_bytes(truth: GroundTruth, write: Writer) -> None:
    def contents() -> dict[str, bytes]:
        data = write(truth)
        return {str(path.relative_to(data)): path.read_bytes() for path in data.rglob("*") if path.is_file()}

    assert contents() == contents()


def test_reading_imports_neither_datasets_nor_pandas_nor_opencv(truth: GroundTruth, write: Writer) -> None:
    code = (
        "import sys; from pathlib import Path; from pixret.tables import read_ground_truth\n"
        "read_ground_truth(Path(sys.argv[1]))\n"
        "print([name for name in ('datasets', 'pandas', 'cv2') if name in sys.modules])"
    )
    command = [sys.executable, "-c", code, str(write(truth))]
    assert subprocess.run(command, check=True, capture_output=True, text=True).stdout == "[]\n"

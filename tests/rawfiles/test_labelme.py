import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixret.rawfiles import RawFileError, parse_labelme, read_labelme

TRIANGLE = [[1, 2], [30.5, 2.25], [7.0, 40.125]]


def document(**changes: object) -> dict[str, Any]:
    shape = {"label": "1", "points": TRIANGLE, "group_id": None, "shape_type": "polygon", "flags": {}}
    whole = {"version": "5.0.1", "flags": {}, "shapes": [shape], "imagePath": "..\\jpg\\a.jpg"}
    return {**whole, "imageData": "aGVsbG8=" * 1000, "imageHeight": 480, "imageWidth": 640, **changes}


@pytest.fixture
def write(tmp_path: Path) -> Callable[[object], Path]:
    def write_label(content: object) -> Path:
        path = tmp_path / "0_1.json"
        path.write_text(json.dumps(content))
        return path

    return write_label


def test_a_label_reads_as_it_was_drawn(write: Callable[[object], Path]) -> None:
    label = read_labelme(write(document()))
    assert (label.height, label.width, label.image_path) == (480, 640, "..\\jpg\\a.jpg")
    (shape,) = label.shapes
    assert shape.points.dtype == np.float64
    assert shape.points.tolist() == TRIANGLE
    assert shape.outline is shape.points


@pytest.mark.parametrize("kind", [{"shape_type": None}, {}])
def test_a_shape_without_a_type_is_a_polygon(write: Callable[[object], Path], kind: dict[str, Any]) -> None:
    label = read_labelme(write(document(shapes=[{"points": TRIANGLE, **kind}])))
    assert label.shapes[0].shape_type == "polygon"


def test_a_rectangle_stands_for_its_four_corners(write: Callable[[object], Path]) -> None:
    shape = {"points": [[10, 40], [30, 5]], "shape_type": "rectangle"}
    (read,) = read_labelme(write(document(shapes=[shape]))).shapes
    assert read.points.tolist() == [[10, 40], [30, 5]]
    assert read.outline.tolist() == [[10, 40], [30, 40], [30, 5], [10, 5]]


def test_a_label_without_shapes_and_a_shape_without_points_are_legal(write: Callable[[object], Path]) -> None:
    assert read_labelme(write(document(shapes=[]))).shapes == ()
    shapes = [{"points": [], "shape_type": "polygon"}, {"points": [], "shape_type": "rectangle"}]
    label = read_labelme(write(document(shapes=shapes)))
    assert [shape.points.shape for shape in label.shapes] == [(0, 2), (0, 2)]
    assert [shape.outline.shape for shape in label.shapes] == [(0, 2), (0, 2)]


@pytest.mark.parametrize(
    ("changes", "detail"),
    [
        ({"imageHeight": None}, r"Expected `int`, got `null` - at `\$.imageHeight`"),
        ({"imageWidth": "640"}, r"Expected `int`, got `str` - at `\$.imageWidth`"),
        ({"imageWidth": 0}, r"Expected `int` >= 1 - at `\$.imageWidth`"),
        ({"imageHeight": -5}, r"Expected `int` >= 1 - at `\$.imageHeight`"),
        ({"imagePath": None}, r"got `null` - at `\$.imagePath`"),
        ({"shapes": None}, r"got `null` - at `\$.shapes`"),
        ({"shapes": [{}]}, r"missing required field `points` - at `\$.shapes\[0\]`"),
        ({"shapes": [{"points": [[1, 2, 3]]}]}, r"at `\$.shapes\[0\].points\[0\]`"),
        ({"shapes": [{"points": [[1, "2"]]}]}, r"Expected `float`, got `str`"),
        ({"shapes": [{"points": [[1, True]]}]}, r"Expected `float`, got `bool`"),
        ({"shapes": [{"points": TRIANGLE, "shape_type": 3}]}, r"got `int` - at `\$.shapes\[0\].shape_type`"),
        ({"shapes": [{"points": TRIANGLE, "shape_type": "circle"}]}, r"\$.shapes\[0\].shape_type is circle; polygon"),
        ({"shapes": [{"points": TRIANGLE, "shape_type": "rectangle"}]}, r"\$.shapes\[0\] is a rectangle of 3 points"),
    ],
)
def test_what_is_wrong_is_named(write: Callable[[object], Path], changes: dict[str, Any], detail: str) -> None:
    path = write(document(**changes))
    with pytest.raises(RawFileError, match=detail) as caught:
        read_labelme(path)
    assert caught.value.path == path


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"shapes": ' + b"[" * 200_000,
        b'{"flags": ' + b"[" * 200_000,
        json.dumps(document()).replace("480", "NaN").encode(),
        json.dumps(document()).replace("2.25", "1e999").encode(),
        json.dumps(document()).replace("2.25", "9" * 1000).encode(),
        json.dumps(document()).replace("480", "9" * 1000).encode(),
        json.dumps(document()).encode() + b"{}",
    ],
)
def test_what_is_no_label_is_refused(data: bytes) -> None:
    with pytest.raises(RawFileError, match="is not a labelme file"):
        parse_labelme(data, Path("label.json"))


def test_a_missing_label_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RawFileError, match="no such file"):
        read_labelme(tmp_path / "0_1.json")


@given(st.lists(st.lists(st.tuples(*[st.floats(allow_nan=False, allow_infinity=False)] * 2), max_size=5), max_size=4))
def test_coordinates_keep_every_bit(outlines: list[list[tuple[float, float]]]) -> None:
    content = document(shapes=[{"points": points} for points in outlines])
    label = parse_labelme(json.dumps(content).encode(), Path("label.json"))
    for shape, points in zip(label.shapes, outlines, strict=True):
        assert shape.points.tobytes() == np.array(points, np.float64).reshape(-1, 2).tobytes()

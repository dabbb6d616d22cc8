"""Masks from every form that people have them in."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixret.metrics import MAX_PIXELS, Mask, MaskError, MaskLimits, Reason


@pytest.mark.parametrize("counts", ["52203", b"52203", [5, 2, 2, 1]])
def test_coco_counts_may_be_compressed_or_runs(counts):
    size = [2, 5]
    expected = Mask.from_runs([5, 2, 2, 1], 2, 5)
    if not isinstance(counts, list):
        counts = expected.counts.decode() if isinstance(counts, str) else expected.counts
    assert Mask.from_coco({"size": size, "counts": counts}) == expected


@pytest.mark.parametrize(
    ("obj", "message"),
    [
        ({"counts": "0"}, "size must be"),
        ({"size": [2], "counts": "0"}, "size must be"),
        ({"size": [2.5, 4], "counts": "0"}, "size must be"),
        ({"size": [True, 4], "counts": "0"}, "size must be"),
        ({"size": [2, 5]}, "counts must be a string or a list of runs, not None"),
        ({"size": [2, 5], "counts": [5.5, 4.5]}, "runs must be a non-empty list of integers"),
        ({"size": [2, 5], "counts": []}, "runs must be a non-empty list of integers"),
        ({"size": [2, 5], "counts": [5, -1, 6]}, "a run is negative"),
        ({"size": [2, 5], "counts": [5, 4]}, "the runs sum to 9, not to height x width = 10"),
        ({"size": [2, 5], "counts": [2**40, 4]}, "more than the canvas"),
        ({"size": [-2, -5], "counts": "0"}, "is no canvas"),
        ({"size": [2, 5], "counts": [[5], [4, 1]]}, "runs must be a non-empty list of integers"),
        ({"size": [2, 5], "counts": "é"}, "not a COCO RLE character|does not end a run"),
        ({"size": [3, 5], "counts": "\ud800"}, "not a COCO RLE character|does not end a run"),
    ],
)
def test_malformed_coco_is_refused(obj, message):
    with pytest.raises(MaskError, match=message):
        Mask.from_coco(obj)


def test_polygons_are_united_truncated_and_clipped():
    square, beyond = np.array([[1.9, 1.9], [3.9, 1.9], [3.9, 3.9], [1.9, 3.9]]), np.array([[5.0, -9.0], [5.0, 99.0]])
    dense = np.zeros((6, 8), bool)
    dense[1:4, 1:4] = True  # boundary pixels belong to the polygon
    dense[:, 5] = True
    assert np.array_equal(Mask.from_polygons([square, beyond, np.zeros((0, 2))], 6, 8).to_dense(), dense)


@pytest.mark.parametrize(
    ("polygons", "reason", "message"),
    [
        ([[1.0, 2.0, 3.0]], Reason.INVALID_MASK, r"shape \(n, 2\), not \(3,\)"),
        ([np.zeros((2, 3))], Reason.INVALID_MASK, r"shape \(n, 2\), not \(2, 3\)"),
        ([[[1.0, np.nan]]], Reason.INVALID_MASK, "not finite"),
        ([[["a", "b"]]], Reason.INVALID_MASK, "not points"),
        ([[[1, 10**400]]], Reason.INVALID_MASK, "not points"),
        ([[[1.0, 1e9]]], Reason.LIMIT_EXCEEDED, "beyond the limit"),
    ],
)
def test_malformed_polygons_are_refused(polygons, reason, message):
    with pytest.raises(MaskError, match=message) as caught:
        Mask.from_polygons(polygons, 6, 8)
    assert caught.value.reason is reason
    assert caught.value.field == "mask.polygons[0]"


def test_too_many_points_are_refused():
    with pytest.raises(MaskError, match="11 points exceed the limit of 10"):
        Mask.from_polygons([np.zeros((11, 2))], 6, 8, MaskLimits(max_points=10))


def test_outlines_that_go_up_and_down_without_end_are_refused():
    limits = MaskLimits(max_coordinate=8, max_outline_rows=11)
    up_and_down = [[0, 0], [1, 3], [2, 0], [3, 3]]
    assert Mask.from_polygons([up_and_down[:3]], 6, 8, limits).area > 0
    with pytest.raises(MaskError, match="lines that cross 12 rows exceed the limit of 11") as one:
        Mask.from_polygons([up_and_down], 6, 8, limits)
    assert (one.value.reason, one.value.field) == (Reason.LIMIT_EXCEEDED, "mask.polygons")
    with pytest.raises(MaskError, match="cross 12 rows"):
        Mask.from_polygons([up_and_down[:3], up_and_down[:3]], 6, 8, limits)


@given(st.integers(-3, 9), st.integers(-3, 9), st.integers(0, 9), st.integers(0, 9))
def test_an_integer_box_is_its_own_pixels(x, y, width, height):
    dense = np.zeros((6, 8), bool)
    dense[max(y, 0) : max(y + height, 0), max(x, 0) : max(x + width, 0)] = True
    assert np.array_equal(Mask.from_box((x, y, width, height), 6, 8).to_dense(), dense)


QUARTERS = st.integers(-8, 40).map(lambda quarters: quarters / 4)


@given(QUARTERS, QUARTERS, QUARTERS.map(abs), QUARTERS.map(abs))
def test_a_box_has_the_pixels_whose_centres_it_holds(x, y, width, height):
    rows, columns = np.arange(6)[:, None] + 0.5, np.arange(8) + 0.5
    dense = (x <= columns) & (columns < x + width) & (y <= rows) & (rows < y + height)
    assert np.array_equal(Mask.from_box((x, y, width, height), 6, 8).to_dense(), dense)


@pytest.mark.parametrize(
    "box",
    [
        (0, 0, -1, 2),
        (0, 0, np.inf, 2),
        (np.nan, 0, 1, 2),
        (0, 0, 1),
        ("a", 0, 1, 2),
        ([0], 0, 1, 2),
        (10**400, 0, 1, 2),
    ],
)
def test_a_malformed_box_is_refused(box):
    with pytest.raises(MaskError, match="a box is x, y, width, height"):
        Mask.from_box(box, 6, 8)


@pytest.mark.parametrize(
    ("box", "edge"), [((-17.0, 0, 1, 1), "-17.0"), ((0, 15.5, 1, 1), "16.5"), ((1e308, 0, 1e308, 1), "inf")]
)
def test_a_box_has_the_limit_of_coordinates(box, edge):
    limits = MaskLimits(max_coordinate=16.0)
    with pytest.raises(MaskError, match=f"coordinate {edge} is beyond the limit of 16.0") as caught:
        Mask.from_box(box, 6, 8, limits)
    assert (caught.value.reason, caught.value.field) == (Reason.LIMIT_EXCEEDED, "mask.box")
    assert Mask.from_box((-16, -16, 32, 32), 6, 8, limits).area == 6 * 8


def test_a_dense_mask_has_two_axes():
    with pytest.raises(MaskError, match="shape"):
        Mask.from_dense(np.zeros((2, 3, 1)))
    with pytest.raises(MaskError, match="shape"):
        Mask.from_dense(np.zeros((0, 3)))
    with pytest.raises(MaskError, match="shape"):
        Mask.from_dense([[1], [1, 0]])


def test_a_canvas_has_a_limit():
    with pytest.raises(MaskError, match="exceeds the limit of 100 pixels") as caught:
        Mask.from_counts(b"0", 11, 10, MaskLimits(max_pixels=100))
    assert caught.value.reason is Reason.LIMIT_EXCEEDED


def test_no_limit_lets_in_a_canvas_that_cannot_be_measured():
    with pytest.raises(ValueError, match="max_pixels 536870913 is more than 536870912"):
        MaskLimits(max_pixels=MAX_PIXELS + 1)
    limits = MaskLimits(max_pixels=MAX_PIXELS)
    empty = Mask.from_runs([MAX_PIXELS], MAX_PIXELS, 1, limits)
    assert Mask.from_counts(empty.counts, MAX_PIXELS, 1, limits) == empty
    with pytest.raises(MaskError, match="exceeds the limit"):
        Mask.from_counts(empty.counts, MAX_PIXELS + 1, 1, limits)

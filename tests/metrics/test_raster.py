"""Polygons to pixels: the kernel beside OpenCV, whose fillPoly defines them."""

from unittest import mock

import cv2
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from pixret.metrics import MAX_COORDINATE, Mask, MaskLimits, NoRasterizerError, _raster
from pixret.metrics._raster import OfficialUndefinedError, official_pair_iou, opencv_fill, opencv_overlap

kernel = pytest.importorskip("pixret.metrics._kernel", reason="the kernel was not built, for want of a C compiler")

SIDES = st.tuples(st.integers(1, 40), st.integers(1, 40))


def outlines(*ranges, most=9):
    """Polygons of 0 to `most` points, with coordinates from one range or several; few ranges are often collinear."""
    values = st.one_of(*(st.integers(*each) for each in ranges))
    points = hnp.arrays(np.int32, st.tuples(st.integers(0, most), st.just(2)), elements=values)
    return st.lists(points, max_size=3)


WITHIN = outlines((0, 39), most=25)
NEAR = outlines((-3, 43))
FEW_VALUES = outlines((-1, 3))  # collinear, duplicate, self-crossing
LONG_AND_THIN = outlines((-16384, 16384), (18, 21))
FAR = outlines((-16384, 16384))
ANY = st.one_of(WITHIN, NEAR, FEW_VALUES, LONG_AND_THIN, FAR)


def filled(polygons, height, width):
    return kernel.fill(_raster._joined(polygons), tuple(map(len, polygons)), height, width)


@settings(max_examples=300)
@given(ANY, SIDES)
@example([np.array([[-9, 4], [30, -8], [25, 33], [3, 21]], np.int32)], (24, 24))  # differs before OpenCV 4.11
@example([np.array([[44, 27], [7, 37], [7, 19], [38, 19]], np.int32)], (50, 50))  # issue 26130 of OpenCV
def test_a_filled_polygon_has_the_pixels_of_opencv(polygons, size):
    assert filled(polygons, *size) == opencv_fill(polygons, *size)


@settings(max_examples=100)
@given(ANY, SIDES, ANY, SIDES)
def test_areas_and_overlap_are_those_of_opencv(first, size, second, other_size):
    assert _raster.overlap(first, size, second, other_size) == opencv_overlap(first, size, second, other_size)


@pytest.mark.parametrize("reach", [2**12, 2**17])
def test_far_away_points_are_cut_as_opencv_cuts_them(reach):
    # OpenCV walks over every row above the canvas, which is why they are no further away.
    rng = np.random.default_rng(3)
    for _ in range(40):
        points = rng.choice([-reach, -1, 0, 1, 47, 48, reach], (rng.integers(2, 7), 2)).astype(np.int32)
        points += rng.integers(-3, 4, points.shape, np.int32)
        assert filled([points], 48, 64) == opencv_fill([points], 48, 64), points


@pytest.mark.slow
@settings(max_examples=5_000, deadline=None)
@given(ANY, SIDES)
def test_many_polygons_have_the_pixels_of_opencv(polygons, size):
    assert filled(polygons, *size) == opencv_fill(polygons, *size)


@pytest.mark.slow
def test_the_furthest_points_are_cut_as_opencv_cuts_them():
    for far in (MAX_COORDINATE, 2**26 - 1):
        points = np.array([[-far, -3], [40, 60], [far, -far], [7, 9], [-far, far]], np.int32)
        assert filled([points], 48, 64) == opencv_fill([points], 48, 64)


def test_a_photograph_with_a_polygon_of_many_points_is_drawn_alike():
    angles, rng = np.linspace(0, 20, 3000), np.random.default_rng(4)
    star = np.stack([np.cos(angles), np.sin(angles)], axis=1) * rng.uniform(50, 700, (3000, 1)) + (512, 384)
    outline = star.astype(np.int32)
    assert filled([outline], 768, 1024) == opencv_fill([outline], 768, 1024)


@pytest.mark.parametrize(
    ("lengths", "size", "message"),
    [
        ((2,), (9, 9), "24 bytes are not the 2 points of two int32"),
        ((4, -1), (9, 9), "polygon 1 cannot have -1 points"),
        ((3,), (-1, 9), "-1 x 9 is no canvas"),
        ((3,), (2**31 - 1, 2**31 - 1), "is no canvas"),
    ],
)
def test_what_cannot_be_drawn_is_refused(lengths, size, message):
    points = np.zeros((3, 2), np.int32)
    with pytest.raises(ValueError, match=message):
        kernel.fill(points, lengths, *size)
    with pytest.raises(ValueError, match=message):
        kernel.overlap(points, (3,), (9, 9), points, lengths, size)


@pytest.mark.parametrize("far", [2**31 - 1, 2**30 + 1, -(2**31), -(2**30) - 1])
def test_coordinates_that_would_overflow_are_refused(far):
    points = np.array([[0, 0], [far, 3], [5, 5]], np.int32)
    with pytest.raises(ValueError, match=f"coordinate {far} is beyond {2**30}"):
        kernel.fill(points, (3,), 9, 9)


def test_no_limit_lets_in_what_cannot_be_drawn():
    with pytest.raises(ValueError, match=r"max_coordinate 2147483648.0 is more than 4194304"):
        MaskLimits(max_coordinate=2.0**31)
    limits = MaskLimits(max_coordinate=MAX_COORDINATE)
    corners = [[-MAX_COORDINATE, -MAX_COORDINATE], [MAX_COORDINATE, -5], [MAX_COORDINATE, MAX_COORDINATE]]
    assert Mask.from_polygons([corners], 4, 6, limits).area == 24 - 6


@pytest.mark.parametrize("far", [2.0**22 + 1, -(2.0**22) - 1])
def test_a_label_beyond_every_canvas_is_undefined(far):
    with pytest.raises(OfficialUndefinedError, match="more than a canvas has room for"):
        official_pair_iou([np.array([[1.0, 1.0], [4.0, 4.0]])], [np.array([[0.0, 0.0], [far, 3.0]])])


class TestWithoutTheKernel:
    @pytest.fixture(autouse=True)
    def no_kernel(self):
        _raster._opencv.cache_clear()
        with mock.patch.object(_raster, "kernel", None):
            yield
        _raster._opencv.cache_clear()

    def test_opencv_draws(self):
        assert Mask.from_polygons([[[1, 1], [3, 1], [3, 2], [1, 2]]], 4, 6).area == 6

    def test_a_version_of_opencv_that_draws_other_pixels_is_refused(self):
        with (
            mock.patch.object(cv2, "fillPoly"),
            pytest.raises(NoRasterizerError, match=r"OpenCV \S+ fills polygons otherwise than fillPoly-4.11"),
        ):
            Mask.from_polygons([[[1, 1]]], 4, 6)

    def test_without_opencv_either_the_error_names_it(self):
        with (
            mock.patch.dict("sys.modules", {"cv2": None}),
            pytest.raises(NoRasterizerError, match="OpenCV is not installed"),
        ):
            Mask.from_polygons([[[1, 1]]], 4, 6)

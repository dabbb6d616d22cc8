"""Outlines of masks."""

from typing import Any

import cv2
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from pixret.browse._contours import path_data, trace
from pixret.metrics import Mask

masks = arrays.arrays(bool, st.tuples(st.integers(1, 12), st.integers(1, 12)))


def test_a_box_has_four_corners() -> None:
    (corners,) = trace(Mask.from_box((2, 3, 5, 4), 10, 12), 0.5)
    assert sorted(corners.tolist()) == [[2, 3], [2, 6], [6, 3], [6, 6]]


def test_a_hole_has_an_outline_of_its_own() -> None:
    dense = np.ones((9, 9), bool)
    dense[3:6, 3:6] = False
    assert len(trace(Mask.from_dense(dense), 0.5)) == 2


def test_nothing_has_no_outline() -> None:
    assert trace(Mask.from_dense(np.zeros((4, 4))), 0.5) == ()
    assert path_data([]) == ""


@settings(deadline=None)
@given(masks)
def test_corners_lie_in_the_mask_and_their_outlines_hold_it(dense: Any) -> None:
    contours = trace(Mask.from_dense(dense), 0.0)
    assert all(dense[y, x] for contour in contours for x, y in contour.tolist())
    filled = np.zeros(dense.shape, np.uint8)
    cv2.fillPoly(filled, list(contours), 1)
    cv2.drawContours(filled, list(contours), -1, 1)
    for contour in contours:
        cv2.fillPoly(filled, [contour], 1)
    assert not (dense & ~filled.astype(bool)).any()


def test_a_path_closes_each_outline_and_goes_on_in_steps() -> None:
    square = np.array([[2, 3], [2, 6], [6, 6]], np.int32)
    pixel = np.array([[9, 9]], np.int32)
    assert path_data([square, pixel]) == "M2 3l0 3l4 0zM9 9z"

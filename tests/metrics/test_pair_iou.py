"""IoU of one pair, on the true canvas and on that of the published scripts."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from reference import dense_detection_iou, dense_segmentation_iou, official_pair

from pixret.metrics import Mask, PairIou, pair_iou, pair_ious
from pixret.metrics._raster import OfficialUndefinedError, official_pair_iou

SIDES = st.tuples(st.integers(1, 10), st.integers(1, 10))
PAIRS = SIDES.flatmap(lambda shape: st.tuples(hnp.arrays(bool, shape), hnp.arrays(bool, shape)))
POINTS = hnp.arrays(
    np.float64, st.tuples(st.integers(1, 7), st.just(2)), elements=st.floats(-12, 40, allow_nan=False, width=32)
)


@given(PAIRS)
def test_pair_iou_equals_counting_pixels(pair):
    first, second = pair
    iou = pair_iou(Mask.from_dense(first), Mask.from_dense(second))
    assert iou == PairIou(dense_detection_iou(first, second), dense_segmentation_iou(first, second))


@given(st.lists(PAIRS, max_size=40), st.booleans())
def test_many_pairs_are_each_worth_what_they_are_worth_alone(pairs, repeated):
    masks = [(Mask.from_dense(first), Mask.from_dense(second)) for first, second in pairs]
    if repeated:
        masks = [pair for pair in masks for _ in range(3)]  # so that pairs of one size follow one another
    assert pair_ious(masks) == [pair_iou(*pair) for pair in masks]


def test_pairs_side_by_side_stay_within_pycocotools_32_bits():
    side = 2**14
    whole = Mask.from_runs([0, side * side], side, side)
    half = Mask.from_runs([side * side // 2, side * side // 2], side, side)
    assert pair_ious([(half, whole), (whole, whole)] * 9) == [PairIou(0.5, 0.5), PairIou(1.0, 1.0)] * 9


def test_canvases_must_agree():
    with pytest.raises(ValueError, match="canvases differ: 2 x 3 and 3 x 2"):
        pair_iou(Mask.from_dense(np.ones((2, 3))), Mask.from_dense(np.ones((3, 2))))


@settings(max_examples=400)
@given(POINTS, st.lists(POINTS, min_size=1, max_size=3))
def test_official_iou_equals_the_published_function(found, shapes):
    side = int(max(points.astype(int).max() for points in (found, *shapes)))
    assume(side >= 0)  # a negative side makes the scripts' np.zeros raise
    try:
        with np.errstate(invalid="raise"):
            expected = PairIou(*official_pair(found, shapes))
    except Exception as error:  # noqa: BLE001 - OpenCV's own error class, or the 0/0
        with pytest.raises(OfficialUndefinedError):
            official_pair_iou([found], shapes)
        assert isinstance(error, FloatingPointError) or side == 0
    else:
        assert official_pair_iou([found], shapes) == expected


@pytest.mark.parametrize(
    ("found", "label", "message"),
    [
        ([[-5.0, -3.0]], [[-2.0, -9.0]], "the largest coordinate is -2"),
        ([[0.0, 0.0]], [[0.5, 0.5]], "the largest coordinate is 0"),
        ([[9.0, 9.0]], [[9.0, 9.0]], "0/0"),
    ],
)
def test_where_the_scripts_have_no_number_there_is_a_reason(found, label, message):
    with pytest.raises(OfficialUndefinedError, match=message):
        official_pair_iou([np.array(found)], [np.array(label)])

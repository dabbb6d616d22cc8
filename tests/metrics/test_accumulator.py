"""The accumulator: any order, any batching, any time, and merged, it gives the same to the last bit."""

import json
import random

import numpy as np
import pytest
from cases import ground_truth, predictions, random_case
from hypothesis import given, settings
from hypothesis import strategies as st

import pixret.metrics._accumulator as accumulator_module
from pixret.metrics import (
    NO_MASK,
    Accumulator,
    BoxRegion,
    GroundTruth,
    JudgedPair,
    Label,
    Level,
    Mask,
    MaskLimits,
    MeasurePool,
    MergeConflictError,
    Polygons,
    Prediction,
    Protocol,
    Ranking,
    Reason,
    Rle,
    Runs,
    Unreadable,
    report,
    report_bytes,
)

SEEDS = st.integers(0, 2**32 - 1)
SQUARE = np.array([[2.0, 2.0], [6.0, 2.0], [6.0, 6.0], [2.0, 6.0]])


@settings(max_examples=30, deadline=None)
@given(SEEDS, st.booleans(), st.randoms(use_true_random=False))
def test_order_batching_and_questions_change_no_bit(seed, points, shuffler):
    queries = random_case(seed)
    truth, items = ground_truth(queries), predictions(queries, points=points)
    whole = Accumulator(truth)
    whole.add(items)
    shuffler.shuffle(items)
    pieces = Accumulator(truth)
    while items:
        size = shuffler.randint(1, len(items))
        pieces.add(items[:size])
        items = items[size:]
        if shuffler.random() < 0.5:
            pieces.snapshot()
    assert report_bytes(pieces) == report_bytes(whole)


@settings(max_examples=20, deadline=None)
@given(SEEDS, st.booleans(), st.randoms(use_true_random=False))
def test_merging_is_as_good_as_sending_one_after_the_other(seed, points, shuffler):
    queries = random_case(seed)
    truth, items = ground_truth(queries), predictions(queries, points=points)
    items.append(Prediction("nobody", 0, NO_MASK))
    shuffler.shuffle(items)
    cut = shuffler.randint(0, len(items))
    whole, first, second = Accumulator(truth), Accumulator(truth), Accumulator(truth)
    whole.add(items)
    first.add(items[:cut])
    second.add(items[cut:])
    first.snapshot()
    first.merge(second)
    assert report_bytes(first) == report_bytes(whole)


def test_measuring_in_worker_processes_changes_no_bit():
    queries = random_case(3, queries=12, images=40)
    truth, items = ground_truth(queries, images=40), predictions(queries, points=True)
    here, there = Accumulator(truth), Accumulator(truth)
    here.add([*items, Prediction("nobody", 0, NO_MASK)])
    with MeasurePool(2) as pool:
        rejections = there.add([*items, Prediction("nobody", 0, NO_MASK)], pool)
    assert [each.offset for each in rejections] == [len(items)]
    assert report_bytes(there) == report_bytes(here)


def test_a_snapshot_evaluates_only_the_queries_that_changed(monkeypatch):
    queries = random_case(5, queries=6)
    evaluated = []
    evaluate = accumulator_module.evaluate
    monkeypatch.setattr(accumulator_module, "evaluate", lambda *args: evaluated.append(args) or evaluate(*args))
    accumulator = Accumulator(ground_truth(queries))
    accumulator.add(predictions(queries))
    accumulator.snapshot()
    assert len(evaluated) == 6
    evaluated.clear()
    accumulator.snapshot()
    assert evaluated == []
    left = next(i for i in range(14) if i not in queries[2].ranking and i not in queries[2].masks)
    accumulator.add([Prediction(2, left, NO_MASK)])
    accumulator.snapshot()
    assert len(evaluated) == 1


def small_truth():
    """One query with an easy, a hard and a junk image, and one image that was not judged."""
    label = Label(Mask.from_polygons([SQUARE], 10, 12), (SQUARE,))
    pairs = (
        JudgedPair(0, 0, Level.EASY, label),
        JudgedPair(0, 1, Level.HARD, label),
        JudgedPair(0, 2, Level.JUNK, None),
    )
    return GroundTruth("tiny", ("query",), ("a", "b", "c", "d"), pairs)


MASK = Mask.from_polygons([SQUARE], 10, 12)
RLE = Rle(MASK.height, MASK.width, MASK.counts)
FAULTS = [
    (Prediction("nobody", "a", RLE), Reason.UNKNOWN_QUERY, "query", "no query 'nobody' in tiny"),
    (Prediction(1, "a", RLE), Reason.UNKNOWN_QUERY, "query", "no query 1"),
    (Prediction(-1, "a", RLE), Reason.UNKNOWN_QUERY, "query", "no query -1"),
    (Prediction(0, "e", RLE), Reason.UNKNOWN_IMAGE, "image", "no index image 'e' in tiny"),
    (Prediction(0, 4, RLE), Reason.UNKNOWN_IMAGE, "image", "no index image 4"),
    (Prediction(0, 0, RLE, score=float("nan")), Reason.INVALID_ORDER, "score", "score nan is not finite"),
    (Prediction(0, 0, RLE, score=float("inf")), Reason.INVALID_ORDER, "score", "score inf is not finite"),
    (
        Prediction(0, 0, RLE, rank=-1),
        Reason.INVALID_ORDER,
        "rank",
        "rank -1 is no integer from 0, which is best, to 4294967295",
    ),
    (Prediction(0, 0, RLE, score=10**400), Reason.INVALID_ORDER, "score", "score 1000"),
    (Prediction(0, 0, RLE, score="best"), Reason.INVALID_ORDER, "score", "score best is not finite"),
    (Prediction(0, 0, RLE, rank=2**32), Reason.INVALID_ORDER, "rank", "rank 4294967296 is no integer from 0, which is"),
    (Prediction(0, 0, RLE, rank=0.5), Reason.INVALID_ORDER, "rank", "rank 0.5 is no integer"),
    (Prediction(0, 0, RLE, rank=float("nan")), Reason.INVALID_ORDER, "rank", "rank nan is no integer"),
    (Prediction(0, 0, RLE, score=0.5, rank=1), Reason.INVALID_ORDER, "order", "both given"),
    (Prediction(0, 0, None), Reason.INCOMPLETE, "mask", "no mask is set"),
    (Prediction(0, 0, Unreadable("torn")), Reason.UNREADABLE, "mask", "torn"),
    (Prediction(0, 0, MASK), Reason.UNREADABLE, "mask", "Mask is no region; give Rle, Runs, Polygons, BoxRegion or"),
    (Prediction(0, 3, "nothing"), Reason.UNREADABLE, "mask", "str is no region"),
    (Prediction(0, 0, Rle(10, 12, MASK.counts[:-1])), Reason.INVALID_MASK, "mask.rle.counts", "truncated|sum to"),
    (
        Prediction(0, 0, Rle(12, 10, MASK.counts)),
        Reason.SIZE_MISMATCH,
        "mask.rle.size",
        "12 x 10 and the image 10 x 12",
    ),
    (Prediction(0, 0, Runs(10, 12, [119])), Reason.INVALID_MASK, "mask.runs.counts", "sum to 119"),
    (Prediction(0, 0, Runs(1, 2, [2])), Reason.SIZE_MISMATCH, "mask.runs.size", "1 x 2"),
    (Prediction(0, 0, Polygons([[1.0, 2.0, 3.0]])), Reason.INVALID_MASK, "mask.polygons[0]", "shape"),
    (Prediction(0, 0, BoxRegion(0, 0, -1, 1)), Reason.INVALID_MASK, "mask.box", "a box is"),
    (Prediction(0, 3, BoxRegion(0, 0, -1, 1)), Reason.INVALID_MASK, "mask.box", "a box is"),
    (
        Prediction(0, 0, BoxRegion(2, 2, 16383, 1)),
        Reason.LIMIT_EXCEEDED,
        "mask.box",
        "coordinate 16385.0 is beyond the limit of 16384.0",
    ),
    (Prediction(0, 3, Rle(10, 12, b"oo")), Reason.INVALID_MASK, "mask.rle.counts", "does not end a run"),
    (
        Ranking(0, np.array([0, 0])),
        Reason.INVALID_ORDER,
        "ranking.image_indices",
        "image 0 stands in the",
    ),
    (Ranking(0, np.array([0, 9])), Reason.UNKNOWN_IMAGE, "ranking.image_indices", "no index image 9"),
    (Ranking(0, np.array([0.5])), Reason.INVALID_ORDER, "ranking.image_indices", "a ranking is a list"),
    (Ranking("x", np.array([0])), Reason.UNKNOWN_QUERY, "query", "no query 'x'"),
]


@pytest.mark.parametrize(("item", "reason", "field", "message"), FAULTS)
def test_a_faulty_item_is_refused_by_name_and_the_rest_goes_on(item, reason, field, message):
    accumulator = Accumulator(small_truth())
    rejections = accumulator.add([Prediction(0, "b", RLE, score=1.0), item, Prediction(0, "d", NO_MASK, score=0.5)])
    assert [(each.offset, each.reason, each.field) for each in rejections] == [(1, reason, field)]
    assert rejections[0].query == item.query
    with pytest.raises(AssertionError, match=message):
        raise AssertionError(rejections[0].message)
    assert (accumulator.received, accumulator.accepted) == (3, 2)


@pytest.mark.parametrize("item", [None, {"query_id": "q"}])
def test_what_is_no_item_is_never_taken_for_one(item):
    accumulator = Accumulator(small_truth())
    with pytest.raises(TypeError, match="is neither Prediction nor Ranking"):
        accumulator.add([item])
    assert accumulator.received == 0


def test_a_pair_counts_once_and_the_first_one_stands():
    accumulator = Accumulator(small_truth())
    accumulator.add([Prediction(0, 0, RLE, rank=0)])
    before = accumulator.snapshot().protocols
    (rejection,) = accumulator.add([Prediction("query", "a", NO_MASK, rank=5)])
    assert rejection.reason is Reason.DUPLICATE
    assert accumulator.snapshot().protocols == before


def test_a_query_is_ordered_in_one_way():
    ranking = Ranking(0, np.array([3, 0, 2, 1]))
    for first, second in (
        (Prediction(0, 0, RLE, rank=0), Prediction(0, 1, RLE, score=0.5)),
        (Prediction(0, 0, RLE, rank=0), ranking),
        (ranking, Prediction(0, 0, RLE, score=0.5)),
    ):
        (rejection,) = Accumulator(small_truth()).add([first, second])
        assert (rejection.offset, rejection.reason) == (1, Reason.INVALID_ORDER)
    (rejection,) = Accumulator(small_truth()).add([ranking, ranking])
    assert rejection.reason is Reason.DUPLICATE


def test_ties_go_to_the_lower_image_index():
    scores = {}
    for order in ((0, 3), (3, 0)):
        accumulator = Accumulator(small_truth())
        accumulator.add([Prediction(0, image, RLE, score=0.5) for image in order])
        scores[order] = accumulator.snapshot().protocols[Protocol.EASY].strict.ranking_map
    assert scores == {(0, 3): 1.0, (3, 0): 1.0}


@pytest.mark.parametrize("kind", [np.uint8, np.int8, np.uint64, np.float16])
def test_scores_of_numpy_order_as_numbers_do(kind):
    accumulator = Accumulator(small_truth())
    lowest = np.iinfo(kind).min if np.issubdtype(kind, np.integer) else -3
    scores = [kind(each) for each in (0, 3, 7, lowest)]
    for image, score in zip((0, 1, 3, 2), scores, strict=True):
        accumulator.add([Prediction(0, image, NO_MASK, score=score)])
    assert accumulator.judged_positions(0) == {1: 1, 0: 2, 2: 3}


def test_a_packed_ranking_orders_as_scores_do_and_masks_may_come_apart():
    masks = [Prediction(0, image, RLE) for image in (0, 1)]
    packed, scored = Accumulator(small_truth()), Accumulator(small_truth())
    packed.add([masks[1], Ranking(0, np.array([3, 0, 2, 1])), masks[0]])
    scored.add([Prediction(0, image, RLE, score=-place) for place, image in enumerate([3, 0, 2, 1])])
    assert packed.snapshot().protocols == scored.snapshot().protocols


def test_distractors_push_positives_down():
    accumulator = Accumulator(small_truth(), distractors=1_000_000)
    order = np.concatenate([np.arange(4, 1_000_004), np.arange(4)])
    assert accumulator.add([Ranking(0, order)]) == []
    assert 0 < (accumulator.snapshot().protocols[Protocol.EASY].strict.ranking_map or 0) < 1e-5
    (rejection,) = Accumulator(small_truth()).add([Ranking(0, order)])
    assert rejection.reason is Reason.UNKNOWN_IMAGE


def test_a_refused_positive_leaves_official_undefined_until_a_sound_one_comes():
    accumulator = Accumulator(small_truth())
    accumulator.add([Prediction(0, 0, Polygons([SQUARE]), rank=0), Prediction(0, 1, Unreadable("1-D"), rank=1)])
    assert [(pair.query_index, pair.image_index) for pair in accumulator.undefined_pairs()] == [(0, 1)]
    content = report(accumulator)
    assert content["conventions"]["official"]["undefined_pairs"][0]["pair"] == "0_1"
    medium = content["conventions"]["official"]["protocols"]["medium"]
    assert (medium["segmentation"]["miou"], medium["segmentation"]["map"]["0.50"]) == (None, None)
    assert medium["ranking"]["map"] is not None
    assert content["conventions"]["strict"]["protocols"]["medium"]["segmentation"]["miou"] == 0.5
    bounds = accumulator.snapshot().protocols[Protocol.MEDIUM].official_bounds
    assert (bounds.least.segmentation.miou, bounds.greatest.segmentation.miou) == pytest.approx((0.5, 1.0), abs=1e-12)
    accumulator.add([Prediction(0, 1, Polygons([SQUARE]), rank=1)])
    assert accumulator.undefined_pairs() == []
    assert accumulator.snapshot().official_exact


def test_several_polygons_are_no_form_that_the_scripts_could_have_read():
    accumulator = Accumulator(small_truth())
    accumulator.add([Prediction(0, image, Polygons([SQUARE] * count), rank=image) for image, count in ((0, 1), (1, 2))])
    assert not accumulator.snapshot().official_exact


@pytest.mark.parametrize("region", [RLE, BoxRegion(3, 3, 2, 2)])  # without a label, the size of the image is not known
def test_a_label_that_the_scripts_crash_on_is_named_when_something_was_found_there(region):
    faulty = Label(MASK, (SQUARE, np.zeros((0, 2))))
    pairs = (JudgedPair(0, 0, Level.HARD, faulty), JudgedPair(0, 1, Level.HARD, None))
    truth = GroundTruth("faulty", ("query",), ("a", "b"), pairs)
    nothing, something = Accumulator(truth), Accumulator(truth)
    nothing.add([Prediction(0, image, NO_MASK, rank=image) for image in (0, 1)])
    assert nothing.undefined_pairs() == []
    something.add([Prediction(0, 0, Polygons([SQUARE]), rank=0), Prediction(0, 1, region, rank=1)])
    assert [pair.reason for pair in something.undefined_pairs()] == [
        "the label has no shapes, or a shape without points",
        "the label is missing",
    ]
    assert something.snapshot().protocols[Protocol.HARD].strict.segmentation.miou == 0.5


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        ([Prediction(0, 0, RLE)], [Prediction(0, 0, NO_MASK)], "query query: index image 0 was predicted in both"),
        ([Prediction(0, 0, RLE, rank=0)], [Prediction(0, 1, RLE, score=0.1)], "not in one way"),
        ([Ranking(0, np.array([0]))], [Ranking(0, np.array([0]))], "not in one way"),
    ],
)
def test_what_contradicts_itself_is_not_merged(first, second, message):
    one, other = Accumulator(small_truth()), Accumulator(small_truth())
    one.add(first)
    other.add(second)
    before = report_bytes(one)
    with pytest.raises(MergeConflictError, match=message):
        one.merge(other)
    assert report_bytes(one) == before


def test_what_was_refused_is_merged_unless_a_sound_one_came():
    torn, sound = Prediction(0, 0, Unreadable("torn"), rank=0), Prediction(0, 0, Polygons([SQUARE]), rank=0)
    for first, second, undefined in (([], [torn], 1), ([torn], [], 1), ([sound], [torn], 0), ([torn], [sound], 0)):
        one, other = Accumulator(small_truth()), Accumulator(small_truth())
        one.add(first)
        other.add(second)
        one.merge(other)
        assert len(one.undefined_pairs()) == undefined
        assert one.snapshot().rejected == 1


def test_other_ground_truth_is_not_merged():
    with pytest.raises(MergeConflictError, match="not the same ground truth"):
        Accumulator(small_truth()).merge(Accumulator(small_truth(), distractors=1))


def test_the_report_is_json_without_nan_and_carries_its_signature():
    accumulator = Accumulator(small_truth())
    content = report_bytes(accumulator)
    parsed = json.loads(content, parse_constant=pytest.fail)
    assert parsed["schema"] == "pixret.report/1"
    assert parsed["predictions"] == {"received": 0, "accepted": 0, "rejected": 0}
    parts = dict(part.split(":", 1) for part in parsed["signature"].split("|"))
    assert parts["benchmark"] == "tiny"
    assert parts["truth"] == small_truth().digest
    assert parts["thresholds"] == "0.50:0.95:0.05"
    assert {"conventions", "protocols", "ties", "distractors", "pixret", "numpy", "pycocotools"} <= set(parts)
    assert parts["polygons"] == "fillPoly-4.11"


def test_a_name_that_is_no_text_does_not_keep_the_report_from_being_written():
    accumulator = Accumulator(small_truth())
    accumulator.add([Prediction("q\ud800", 0, NO_MASK)])
    assert json.loads(report_bytes(accumulator))["rejections"][0]["query"] == "q?"


def test_the_report_names_rejections_up_to_a_limit(monkeypatch):
    monkeypatch.setattr("pixret.metrics._report.MAX_REJECTIONS", 2)
    accumulator = Accumulator(small_truth())
    accumulator.add([Prediction(f"nobody {i}", 0, NO_MASK) for i in range(5)])
    content = report(accumulator)
    assert [each["query"] for each in content["rejections"]] == ["nobody 0", "nobody 1"]
    assert content["rejections_left_out"] == 3


def test_limits_are_the_callers():
    accumulator = Accumulator(small_truth(), limits=MaskLimits(max_pixels=100))
    (rejection,) = accumulator.add([Prediction(0, 0, RLE)])
    assert rejection.reason is Reason.LIMIT_EXCEEDED


def test_the_digest_depends_on_everything_that_numbers_depend_on():
    base = small_truth()
    moved = Label(MASK, (SQUARE + 1e-9,))
    variants = [
        GroundTruth("other", base.query_ids, base.image_ids, base.pairs),
        GroundTruth("tiny", base.query_ids, ("a", "b", "c", "x"), base.pairs),
        GroundTruth("tiny", base.query_ids, base.image_ids, base.pairs[::-1]),
        GroundTruth("tiny", base.query_ids, base.image_ids, base.pairs, (0,)),
        GroundTruth("tiny", base.query_ids, base.image_ids, (JudgedPair(0, 0, Level.EASY, moved), *base.pairs[1:])),
        GroundTruth("tiny", base.query_ids, base.image_ids, (JudgedPair(0, 0, Level.EASY, None), *base.pairs[1:])),
    ]
    assert len({base.digest, *(variant.digest for variant in variants)}) == len(variants) + 1
    assert small_truth().digest == base.digest


def test_names_are_unique():
    with pytest.raises(ValueError, match="must be unique"):
        GroundTruth("twice", ("q", "q"), ("a",), ())


def test_shuffling_predictions_is_not_what_made_the_reports_equal():
    queries = random_case(11)
    truth, items = ground_truth(queries), predictions(queries)
    other = [*items]
    random.Random(1).shuffle(other)
    assert other != items
    changed = Accumulator(truth)
    changed.add(other[:-1])
    whole = Accumulator(truth)
    whole.add(items)
    assert report_bytes(changed) != report_bytes(whole)

"""Compressed RLE: what is valid is read as pycocotools reads it, and what is not never reaches it."""

import subprocess
import sys
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from pycocotools import mask as coco

from pixret.metrics import (
    Accumulator,
    GroundTruth,
    JudgedPair,
    Label,
    Level,
    Mask,
    MaskError,
    MaskLimits,
    Prediction,
    Reason,
    Rle,
)
from pixret.metrics._rle import summarize_counts

DENSE = hnp.arrays(bool, st.tuples(st.integers(1, 12), st.integers(1, 12)))
LARGE = Mask.from_dense(np.random.default_rng(1).random((768, 1024)) > np.linspace(0, 1, 1024))


@given(DENSE)
def test_encoding_is_pycocotools_own(dense):
    mask = Mask.from_dense(dense)
    encoded = coco.encode(np.asfortranarray(dense.astype(np.uint8)))
    assert mask.counts == encoded["counts"]
    assert mask.area == dense.sum() == coco.area(encoded)
    assert np.array_equal(mask.to_dense(), dense)
    assert mask.to_coco() == {"size": list(dense.shape), "counts": encoded["counts"].decode()}


@given(DENSE)
def test_the_box_is_tight(dense):
    rows, columns = np.nonzero(dense)
    box = Mask.from_dense(dense).box
    if len(rows) == 0:
        assert box is None
    else:
        assert box is not None
        x, y, width, height = box
        assert (x, y) == (columns.min(), rows.min())
        assert (x + width, y + height) == (columns.max() + 1, rows.max() + 1)


@given(st.lists(DENSE, min_size=1, max_size=8), st.randoms())
def test_a_batch_is_read_as_its_masks_one_by_one(arrays, random):
    masks = [Mask.from_dense(array) for array in arrays]
    counts = [mask.counts for mask in masks]
    for position in range(len(counts)):
        if random.random() < 0.3:
            counts[position] = random.choice([b"", b"PP", b"\xff", counts[position] + b"1", b"0" * 5, b"P" * 9 + b"0"])
    sizes = [(mask.height, mask.width) for mask in masks]
    together = summarize_counts(counts, sizes)
    alone = [summarize_counts([data], [size])[0] for data, size in zip(counts, sizes, strict=True)]
    assert list(map(str, together)) == list(map(str, alone))


@given(st.lists(st.integers(0, 60), min_size=1, max_size=30))
def test_runs_round_trip_zero_runs_included(runs):
    height, width = max(1, sum(runs)), 1
    if sum(runs) != height:
        runs = [*runs, 1]
    mask = Mask.from_runs(runs, height, width)
    assert mask.to_runs().tolist() == runs
    assert Mask.from_counts(mask.counts, height, width) == mask
    assert mask.area == sum(runs[1::2])


LONG = st.lists(
    st.sampled_from([0, 1, 15, 16, 511, 512, *(2**bits + more for bits in range(24, 28) for more in (-1, 0))])
)


@given(LONG)
def test_long_runs_round_trip(runs):
    runs = np.array([*runs, 1])[np.cumsum([*runs, 1]) <= 2**28]
    if runs.sum() > 0:
        assert Mask.from_runs(runs, runs.sum(), 1).to_runs().tolist() == runs.tolist()


def test_runs_that_pycocotools_writes_past_its_buffer_corrupt_no_memory():
    script = """
from pixret.metrics import Mask
for _ in range(5000):
    mask = Mask.from_runs([2**24, 2**24, 2**24, 2**25], 5, 2**24)
print(len(mask.counts))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "24"), done.stderr[-500:]


@settings(max_examples=300)
@given(st.binary(max_size=40), st.integers(1, 40), st.integers(1, 40))
def test_arbitrary_bytes_are_a_mask_or_a_named_fault(data, height, width):
    try:
        mask = Mask.from_counts(data, height, width)
    except MaskError as fault:
        assert fault.reason in (Reason.INVALID_MASK, Reason.LIMIT_EXCEEDED)
        assert fault.field.startswith("mask.rle")
    else:
        rle = {"size": [height, width], "counts": mask.counts}
        assert coco.decode(rle).sum() == mask.area == coco.area(rle)


HOSTILE = {
    "truncated": (LARGE.counts[:-3], 768, 1024),
    "one byte short": (LARGE.counts[:-1], 768, 1024),
    "trailing": (LARGE.counts + b"11", 768, 1024),
    "unterminated": (LARGE.counts[:-1] + b"o", 768, 1024),
    "negative run": (b"5N05", 2, 5),
    "sum one too small": (b"9", 2, 5),
    "sum one too large": (b";", 2, 5),
    "height of 2^31": (b"0", 2**31, 2**31),
    "sides of 2^32 - 1": (b"0", 2**32 - 1, 2**32 - 1),
    "no canvas": (b"0", 0, 5),
    "a billion runs' worth of varint": (b"o" * 6 + b"0", 768, 1024),
    "endless varint": (b"P" * 2048 + b"0", 768, 1024),
    "zero runs without end": (b"0" * 4096, 768, 1024),
    "runs that overflow their own sum": (b"oooooo?" * 4096, 768, 1024),
    "not characters of RLE": (b"\x00\xff\x80", 768, 1024),
    "empty": (b"", 768, 1024),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_mask_is_refused_in_far_less_than_a_millisecond(name):
    counts, height, width = HOSTILE[name]
    started = time.process_time()
    for _ in range(20):
        with pytest.raises(MaskError):
            Mask.from_counts(counts, height, width)
    # Without validation pycocotools would not come back at all; the bound is generous so that a busy machine passes.
    assert (time.process_time() - started) / 20 < 0.01


@pytest.mark.timeout(10)
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_mask_for_a_positive_never_reaches_pycocotools(name):
    """Without validation this hangs: pycocotools loops for ever on several of them, with the GIL held."""
    counts, height, width = HOSTILE[name]
    positive = JudgedPair(0, 0, Level.HARD, Label(LARGE, (np.array([[1.0, 1.0], [9.0, 9.0]]),)))
    accumulator = Accumulator(GroundTruth("tiny", ("query",), ("image",), (positive,)))
    (rejection,) = accumulator.add([Prediction(0, 0, Rle(height, width, counts), score=1.0)])
    assert rejection.field.startswith("mask.rle")
    assert accumulator.snapshot().accepted == 0


def test_more_runs_than_the_limit_are_refused_unread():
    limits = MaskLimits(max_runs=4)
    assert Mask.from_counts(Mask.from_runs([1, 2, 3, 4], 10, 1).counts, 10, 1, limits).area == 6
    with pytest.raises(MaskError, match="5 runs exceed the limit of 4 runs") as caught:
        Mask.from_counts(Mask.from_runs([1, 2, 3, 3, 1], 10, 1).counts, 10, 1, limits)
    assert caught.value.reason is Reason.LIMIT_EXCEEDED
    with pytest.raises(MaskError, match="exceed the limit"):
        Mask.from_counts(b"1" * 10_000_000, 10_000, 1000, limits)


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        (b"", "counts are empty"),
        (b"9P", "the last byte, 80, does not end a run"),
        (b"\x7f2", "byte 127 at position 0 is not a COCO RLE character"),
        (b"9", "the runs sum to 9, not to height x width = 10"),
        (b"5N05", "a run is negative"),
        (b"P" * 8 + b"0", "a run takes more than 7 characters"),
    ],
)
def test_the_message_says_what_is_wrong(counts, message):
    with pytest.raises(MaskError, match=message):
        Mask.from_counts(counts, 2, 5)

"""The compiled kernel beside its twins in NumPy and pycocotools: the same bits, and no memory that is not its own."""

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from pixret.metrics import Mask, MaskLimits, _average_precision, _iou, _rle
from pixret.metrics._encode import without_empty_runs

kernel = pytest.importorskip("pixret.metrics._kernel", reason="the kernel was not built, for want of a C compiler")

LIMITS = MaskLimits()
DENSE = hnp.arrays(bool, st.tuples(st.integers(1, 12), st.integers(1, 12)))
SIDES = st.tuples(st.integers(1, 10), st.integers(1, 10))
PAIRS = SIDES.flatmap(lambda shape: st.tuples(hnp.arrays(bool, shape), hnp.arrays(bool, shape)))
CODES = st.lists(st.integers(46, 113), max_size=24).map(bytes)


@st.composite
def damaged(draw):
    """Counts of a mask with some bytes changed, taken out or put in, and the canvas of the mask."""
    mask = Mask.from_dense(draw(DENSE))
    counts = bytearray(mask.counts)
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(counts)))
        counts[at : at + draw(st.integers(0, 2))] = draw(CODES)[:2]
    return bytes(counts), (mask.height, mask.width)


@settings(max_examples=500)
@given(st.lists(st.one_of(damaged(), st.tuples(CODES, SIDES)), max_size=6))
def test_counts_are_summarized_or_refused_alike(masks):
    counts, sizes = [data for data, _ in masks], [size for _, size in masks]
    compiled = _rle.summarize_counts(counts, sizes, LIMITS)
    with mock.patch.object(_rle, "kernel", None):
        twin = _rle.summarize_counts(counts, sizes, LIMITS)
    assert list(map(repr, compiled)) == list(map(repr, twin))


@given(DENSE)
def test_what_is_valid_is_not_read_twice(dense):
    mask = Mask.from_dense(dense)
    (summary,) = kernel.summarize((mask.counts,), (dense.shape,))
    assert summary == (mask.area, *(mask.box or (0, 0, 0, 0)))


@given(st.lists(PAIRS, max_size=20))
def test_the_iou_of_masks_is_pycocotools_own(arrays):
    pairs = [(Mask.from_dense(first), Mask.from_dense(second)) for first, second in arrays]
    pairs = [pair for pair in pairs if all(mask.area for mask in pair)]
    assert _iou.segmentation_ious(pairs) == _iou.coco_ious(pairs)


RUNS = st.lists(st.integers(0, 2), min_size=1, max_size=20).filter(any)


@settings(max_examples=400)
@given(RUNS, RUNS)
@example([6, 0, 0, 0, 0, 4, 3, 2, 0], [1, 0, 5, 0, 0, 9])
def test_empty_runs_change_no_iou(first, second):
    total = max(sum(first), sum(second))
    pair = [Mask.from_runs([*runs, total - sum(runs)], 1, total) for runs in (first, second)]
    if all(mask.area for mask in pair):
        dense = [mask.to_dense() for mask in pair]
        expected = [np.logical_and(*dense).sum() / np.logical_or(*dense).sum()]
        assert _iou.segmentation_ious([pair]) == _iou.coco_ious([pair]) == expected


@given(DENSE)
def test_masks_without_empty_runs_stay_as_they_are(dense):
    mask = Mask.from_dense(dense)
    split = [part for run in mask.to_runs().tolist() for part in (run // 2, 0, run - run // 2)]
    assert without_empty_runs(mask.counts) == mask.counts
    assert without_empty_runs(Mask.from_runs(split, *dense.shape).counts) == mask.counts


@given(st.integers(1, 3), st.integers(1, 5), st.integers(0, 30), st.randoms())
def test_ap_has_the_same_bits(protocols, judgements, candidates, random):
    rng = np.random.default_rng(random.getrandbits(32))
    hits = rng.random((protocols, judgements, candidates)) < 0.5
    ranks = np.sort(np.stack([rng.permutation(200)[:candidates] for _ in range(protocols)]))
    positives = np.count_nonzero(hits, axis=2) + rng.integers(0, 3, (protocols, judgements))
    compiled = _average_precision.average_precisions(hits, ranks, positives)
    twin = _average_precision.numpy_average_precisions(hits, ranks, positives)
    assert compiled.tobytes() == twin.tobytes()


@given(st.integers(1, 3), st.integers(1, 2), st.integers(0, 30), st.integers(0, 5), st.randoms())
def test_ap_at_thresholds_has_the_same_bits(protocols, tasks, ranked, unranked, random):
    rng = np.random.default_rng(random.getrandbits(32))
    ious = rng.choice([0.0, 0.5, 0.77, 0.95, 1.0, rng.random()], (tasks, ranked + unranked))
    counted = rng.random((protocols, ranked + unranked)) < 0.7
    ranks = np.sort(np.stack([rng.permutation(200)[:ranked] for _ in range(protocols)]))
    arrays = ious, counted, ranks, np.count_nonzero(counted, axis=1), rng.integers(0, 3, protocols)
    compiled = _average_precision.threshold_precisions(*arrays)
    assert compiled.tobytes() == _average_precision.numpy_threshold_precisions(*arrays).tobytes()


@pytest.mark.parametrize("counts", [b"", b"9", b"0:o", b"P" * 9, b"\xff"])
def test_counts_that_were_never_validated_are_refused_and_not_measured(counts):
    valid = Mask.from_dense(np.ones((2, 5))).counts
    assert kernel.summarize((counts,), ((2, 5),)) == [None]
    with pytest.raises(ValueError, match="pair 1: counts are not valid on a canvas of its pixels"):
        kernel.intersections((valid, counts), (valid, valid), (10, 10))


def test_arrays_of_other_shapes_are_refused():
    arrays = np.ones((1, 1, 3), bool), np.arange(3)[None], np.array([[3]]), np.empty((1, 1))
    kernel.average_precisions(1, 1, 3, *arrays)
    for shape in ((2, 1, 3), (1, 2, 3), (1, 1, 4), (-1, -1, 3)):
        with pytest.raises(ValueError, match="the arrays do not have the shapes"):
            kernel.average_precisions(*shape, *arrays)


def test_arrays_of_other_shapes_are_not_judged():
    counts = np.array([2])
    arrays = np.ones((1, 3)), np.ones(4), np.ones((1, 3), bool), np.arange(2)[None], counts, counts, np.empty(8)
    kernel.threshold_precisions(1, 1, 4, 3, 2, *arrays)
    for shape in (
        (2, 1, 4, 3, 2),
        (1, 2, 4, 3, 2),
        (1, 1, 3, 3, 2),
        (1, 1, 4, 2, 2),
        (1, 1, 4, 3, 4),
        (-1, 1, -4, 3, 2),
    ):
        with pytest.raises(ValueError, match="the arrays do not have the shapes"):
            kernel.threshold_precisions(*shape, *arrays)


@pytest.mark.parametrize("switch", ["on", "off"])
def test_the_kernel_can_be_left_out(switch):
    script = "from pixret.metrics import _native; print(_native.kernel is None)"
    command = [sys.executable, "-c", script]
    environment = {**os.environ, "PIXRET_KERNEL": switch}
    printed = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    assert printed.strip() == str(switch == "off")


_FUZZ = """
import array, importlib.machinery, importlib.util, random, sys
loader = importlib.machinery.ExtensionFileLoader("_kernel", sys.argv[1])
kernel = importlib.util.module_from_spec(importlib.util.spec_from_loader("_kernel", loader))
loader.exec_module(kernel)
rng = random.Random(1)
for _ in range(60_000):
    counts = bytearray(rng.choice(sys.argv[2:]).encode())
    for _ in range(rng.randrange(5)):
        at = rng.randrange(len(counts) + 1)
        counts[at : at + rng.randrange(4)] = bytes(rng.randrange(40, 120) for _ in range(rng.randrange(4)))
    size = rng.choice([(48, 64), (1, 3072), (3072, 1), (2**31 - 1, 2**31 - 1), (1, 1)])
    data = bytes(counts)
    kernel.summarize((data, data[:3], b""), (size, (48, 64), size))
    try:
        kernel.intersections((data, data), (data, data[::-1]), (48 * 64, size[0] * size[1]))
    except ValueError:
        pass
far = [-(2**31), -(2**30), -16384, -1, 0, 1, 30, 31, 16384, 2**30, 2**31 - 1]
for _ in range(20_000):
    reach = rng.choice([far[2:9], far[1:10], far])
    points = array.array("i", rng.choices(reach, k=rng.randrange(24)))
    lengths = rng.choice([(len(points) // 2,), (len(points) // 4, len(points) // 2 - len(points) // 4), (5, -1), ()])
    sizes = rng.choices([(1, 1), (32, 31), (1, 9), (40, 1), (0, 5), (-1, 2**40), (2**31, 2**31)], k=2)
    try:
        kernel.overlap(points, lengths, sizes[0], points, lengths, sizes[1])
        kernel.fill(points, lengths, *sizes[0])
    except ValueError:
        pass
print("survived")
"""


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("gcc") is None, reason="no gcc, whose sanitizers this takes")
def test_hostile_counts_and_points_touch_nothing_under_sanitizers(tmp_path):
    library = tmp_path / "_kernel.abi3.so"
    sources = map(str, Path(_rle.__file__).parent.glob("*.c"))
    sanitize = ["-g", "-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
    include = f"-I{sysconfig.get_paths()['include']}"
    subprocess.run(["gcc", "-shared", "-fPIC", *sanitize, include, *sources, "-o", str(library)], check=True)
    runtime = subprocess.run(["gcc", "-print-file-name=libasan.so"], capture_output=True, text=True, check=True)
    rng = np.random.default_rng(2)
    masks = [Mask.from_dense(rng.random((48, 64)) < share) for share in (0, 0.01, 0.5, 1)]
    # Python itself leaks by design, and its allocator would hide an overrun.
    environment = {
        **os.environ,
        "LD_PRELOAD": runtime.stdout.strip(),
        "ASAN_OPTIONS": "detect_leaks=0",
        "PYTHONMALLOC": "malloc",
    }
    command = [sys.executable, "-c", _FUZZ, str(library), *(mask.counts.decode() for mask in masks)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "survived", done.stderr[-2000:]

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pixret.loader import PrepareError, prepare
from pixret.metrics import Level, Mask
from pixret.rawfiles import RAW_BENCHMARKS, RawFileError, read_gnd, read_labelme, read_pair_labels
from pixret.tables import read_ground_truth, read_manifest

ERROR_LABELS = (
    "15_4745 21_4812 22_1522 24_3021 31_1375 41_4755 47_3723 50_3269 54_1636 59_2200 60_3431"  # labels without points
)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_source_becomes_tables(raw: Any, out: Path) -> None:
    manifest = prepare("mini", raw.write(), out)
    assert manifest == read_manifest(out)
    assert (manifest.counts.queries, manifest.counts.images) == (2, 8)
    assert (manifest.counts.easy, manifest.counts.hard, manifest.counts.junk) == (2, 3, 3)
    assert (manifest.missing_labels, manifest.empty_labels, manifest.ignored_queries) == ((), (), ())
    assert not manifest.annotations_only
    assert sorted(path.name for path in out.iterdir()) == ["README.md", "croissant.json", "eval.yaml", "mini"]


def test_only_queries_that_there_are_can_be_ignored(raw: Any, out: Path) -> None:
    assert RAW_BENCHMARKS["mini"].ignored_queries == (11,)
    assert prepare("mini", raw.write(), out).ignored_queries == ()


def test_pairs_are_in_the_order_of_the_ground_truth_file(raw: Any, out: Path) -> None:
    prepare("mini", raw.write(), out)
    pairs = [(pair.query_index, pair.image_index, pair.level.name) for pair in read_ground_truth(out).pairs]
    first = [(0, 3, "EASY"), (0, 0, "EASY"), (0, 6, "HARD"), (0, 1, "JUNK")]
    assert pairs == [*first, (1, 0, "HARD"), (1, 2, "HARD"), (1, 7, "JUNK"), (1, 5, "JUNK")]


def test_labels_become_masks_on_the_canvas_of_the_image(raw: Any, out: Path) -> None:
    square = {"points": [[5, 5], [25, 5], [25, 25], [5, 25]], "shape_type": "polygon"}
    beyond = {"points": [[90.9, -3], [120, -3], [120, 10.9], [90.9, 10.9]], "shape_type": None}
    raw.add_label(0, 3, [square, beyond])
    prepare("mini", raw.write(), out)
    label = read_ground_truth(out).pairs[0].label
    assert label is not None
    wanted = np.zeros((80, 100), bool)
    wanted[5:26, 5:26] = True
    wanted[0:11, 90:100] = True
    assert label.mask == Mask.from_dense(wanted)
    assert [polygon.tolist() for polygon in label.polygons] == [square["points"], beyond["points"]]


def test_a_rectangle_fills_its_box_and_keeps_its_two_points(raw: Any, out: Path) -> None:
    raw.add_label(0, 3, [{"points": [[30, 9], [10, 4]], "shape_type": "rectangle"}])
    prepare("mini", raw.write(), out)
    label = read_ground_truth(out).pairs[0].label
    assert label is not None
    assert label.mask.box == (10, 4, 21, 6)
    assert label.mask.area == 21 * 6
    assert label.polygons[0].tolist() == [[30, 9], [10, 4]]


@pytest.mark.parametrize(
    ("shapes", "area", "sizes"),
    [
        ([], 0, []),
        ([{"points": []}], 0, [0]),
        ([{"points": []}, {"points": [[5, 5], [9, 5], [9, 9], [5, 9]]}], 25, [0, 4]),
    ],
)
def test_empty_labels_are_kept_and_named(
    raw: Any, out: Path, shapes: list[dict[str, Any]], area: int, sizes: list[int]
) -> None:
    raw.add_label(0, 0, shapes)
    manifest = prepare("mini", raw.write(), out)
    assert manifest.empty_labels == ("0_0",)
    label = read_ground_truth(out).pairs[1].label
    assert label is not None
    assert (label.mask.area, label.mask.height, label.mask.width) == (area, 80, 100)
    assert list(map(len, label.polygons)) == sizes


def test_missing_labels_are_kept_when_they_are_allowed(raw: Any, out: Path) -> None:
    del raw.labels[raw.pair_map["1_2"]]
    del raw.pair_map["0_6"]
    manifest = prepare("mini", raw.write(), out, allow_missing=True)
    assert manifest.missing_labels == ("0_6", "1_2")
    pairs = {(pair.query_index, pair.image_index): pair for pair in read_ground_truth(out).pairs}
    for pair in (pairs[0, 6], pairs[1, 2]):
        assert (pair.level, pair.label) == (Level.HARD, None)


def test_equal_sources_give_equal_bytes(raw: Any, tmp_path: Path) -> None:
    source = raw.write()
    prepare("mini", source, tmp_path / "a")
    prepare("mini", source, tmp_path / "b")
    assert contents(tmp_path / "a") == contents(tmp_path / "b")
    raw.label("0_0")["imageData"] = "other"
    changed = prepare("mini", raw.write(), tmp_path / "c")
    before = read_manifest(tmp_path / "a")
    assert changed.labels_sha256 != before.labels_sha256
    assert (changed.ground_truth, changed.files, changed.sources) == (before.ground_truth, before.files, before.sources)


def test_progress_is_told_up_to_the_end(raw: Any, out: Path) -> None:
    calls: list[tuple[str, int, int]] = []
    prepare("mini", raw.write(), out, on_progress=lambda *call: calls.append(call))
    labels = [("reading labels", done, 5) for done in range(1, 6)]
    found, checked = ([(doing, done, 10) for done in range(1, 11)] for doing in ("finding images", "checking images"))
    assert calls == [*labels, *found, *checked, ("writing images", 2, 2), ("writing images", 8, 8)]


def test_an_unknown_benchmark_is_named(raw: Any, out: Path) -> None:
    with pytest.raises(PrepareError, match="no benchmark is called oxford; there are proxford, prparis, mini"):
        prepare("oxford", raw.write(), out)


def test_a_wrong_number_of_processes_is_refused(raw: Any, out: Path) -> None:
    with pytest.raises(PrepareError, match="0 processes read nothing"):
        prepare("mini", raw.write(), out, jobs=0)


def test_a_missing_source_is_named(tmp_path: Path, out: Path) -> None:
    with pytest.raises(PrepareError, match="nowhere: no such folder; give the authors' folder"):
        prepare("mini", tmp_path / "nowhere", out)
    with pytest.raises(RawFileError, match=r"gnd_roxford5k\.pkl: no such file"):
        prepare("proxford", tmp_path, out, annotations_only=True)
    assert not out.exists()


@pytest.mark.parametrize(
    ("case", "benchmark", "empty"),
    [
        ("roxford_small_s1", "proxford", ()),
        ("roxford_small_s1_err", "proxford", tuple(ERROR_LABELS.split())),
        ("rparis_small_s1", "prparis", ()),
    ],
)
def test_golden_sources_prepare(golden: Path, out: Path, case: str, benchmark: str, empty: tuple[str, ...]) -> None:
    source = golden / case / "pixel_retrieval_benchmarks"
    manifest = prepare(benchmark, source, out, annotations_only=True, jobs=2)
    assert (manifest.missing_labels, manifest.empty_labels) == ((), empty)
    raw = RAW_BENCHMARKS[benchmark]
    gnd, paths = read_gnd(source / raw.gnd), read_pair_labels(source / raw.pair_map)
    truth = read_ground_truth(out)
    assert (truth.query_ids, truth.image_ids) == (gnd.qimlist, gnd.imlist)
    assert truth.ignored_queries == raw.ignored_queries
    positives = [pair for pair in truth.pairs if pair.is_positive]
    assert {(pair.query_index, pair.image_index) for pair in positives} == set(paths)
    for pair in (positives[0], positives[len(positives) // 2], positives[-1]):
        label = read_labelme(source / paths[pair.query_index, pair.image_index])
        assert pair.label is not None
        assert [points.tobytes() for points in pair.label.polygons] == [one.points.tobytes() for one in label.shapes]
        assert pair.label.mask == Mask.from_polygons(pair.label.polygons, label.height, label.width)


def test_one_process_and_several_give_equal_bytes(golden: Path, tmp_path: Path) -> None:
    source = golden / "roxford_small_s1" / "pixel_retrieval_benchmarks"
    prepare("proxford", source, tmp_path / "one", annotations_only=True, jobs=1)
    prepare("proxford", source, tmp_path / "two", annotations_only=True, jobs=2)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_importing_the_loader_is_light() -> None:
    heavy = ("datasets", "cv2", "pandas", "PIL", "rarfile")
    code = f"import sys, pixret.loader; print([name for name in {heavy} if name in sys.modules])"
    command = [sys.executable, "-c", code]
    assert subprocess.run(command, check=True, capture_output=True, text=True).stdout == "[]\n"

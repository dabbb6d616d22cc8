import dataclasses
import hashlib
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pixret.loader import InconsistentSourceError, Problem, ProblemKind, prepare
from pixret.loader import _source as source_module
from pixret.rawfiles import RAW_BENCHMARKS, RawCounts, RawFileError
from pixret.tables import read_ground_truth

FAR = {"points": [[10, 10], [20, 10], [-100.5, 20]], "shape_type": "polygon"}
Change = Callable[[Any], object]


def problems_of(raw: Any, out: Path, *, allow_missing: bool = False) -> tuple[Problem, ...]:
    with pytest.raises(InconsistentSourceError) as caught:
        prepare("mini", raw.write(), out, annotations_only=True, allow_missing=allow_missing)
    assert not list(out.iterdir())
    return caught.value.problems


@pytest.mark.parametrize(
    ("change", "kind", "message"),
    [
        (
            lambda raw: raw.pair_map.pop("0_3"),
            ProblemKind.MISSING_LABEL,
            "pair 0_3: {map} has no label for it, and {gnd} judges it as easy",
        ),
        (
            lambda raw: raw.labels.pop(raw.pair_map["1_2"]),
            ProblemKind.MISSING_LABEL,
            "pair 1_2: its label does not exist: {labels}/1/1_2.json: no such file",
        ),
        (
            lambda raw: raw.add_label(0, 4, []),
            ProblemKind.UNKNOWN_PAIR,
            "pair 0_4: {map} has a label for it, but {gnd} does not judge it",
        ),
        (
            lambda raw: raw.add_label(0, 1, []),
            ProblemKind.UNKNOWN_PAIR,
            "pair 0_1: {map} has a label for it, but {gnd} judges it as junk",
        ),
        (
            lambda raw: raw.add_label(2, 1, []),
            ProblemKind.UNKNOWN_PAIR,
            "pair 2_1: {map} has a label for it, but query 2 is out of range: {gnd} has queries 0 to 1",
        ),
        (
            lambda raw: raw.pair_map.update({"0_8": "a.json"}),
            ProblemKind.UNKNOWN_PAIR,
            "pair 0_8: {map} has a label for it, but index image 8 is out of range: {gnd} has images 0 to 7",
        ),
        (
            lambda raw: raw.label("0_6").pop("shapes"),
            ProblemKind.UNREADABLE_LABEL,
            "pair 0_6: {labels}/0/0_6.json: is not a labelme file: Object missing required field `shapes`",
        ),
        (
            lambda raw: raw.label("0_6").update(imageHeight=2**20, imageWidth=2**20),
            ProblemKind.UNREADABLE_LABEL,
            "pair 0_6: {labels}/0/0_6.json: size 1048576 x 1048576 exceeds the limit of 268435456 pixels",
        ),
        (
            lambda raw: raw.add_label(0, 6, [FAR]),
            ProblemKind.OUTSIDE_IMAGE,
            "pair 0_6: {labels}/0/0_6.json has shape 0 with the vertex {far}, far outside its image of 100 x 80 pixels",
        ),
        (
            lambda raw: raw.label("1_0").update(imageWidth=101),
            ProblemKind.SIZE_CONFLICT,
            "pair 1_0: its label says that image mini_000 has 101 x 80 pixels, and that of pair 0_0 says 100 x 80",
        ),
    ],
)
def test_a_contradiction_is_named(raw: Any, out: Path, change: Change, kind: ProblemKind, message: str) -> None:
    change(raw)
    (problem,) = problems_of(raw, out)
    assert problem.kind is kind
    names = {"map": "mini_pair2labelpath.npy", "gnd": "revisitop/data/mini/gnd_mini.pkl", "far": "(-100.5, 20.0)"}
    assert str(problem) == message.format(labels=raw.root / "labels" / "mini", **names)


@pytest.mark.parametrize("vertex", [[-100, -80], [200, 160], [0, 0]])
def test_a_vertex_as_far_outside_as_the_image_is_large_is_allowed(raw: Any, out: Path, vertex: list[float]) -> None:
    raw.add_label(0, 6, [{"points": [[10, 10], [20, 10], vertex], "shape_type": "polygon"}])
    prepare("mini", raw.write(), out)


@pytest.mark.parametrize("vertex", [[-100.5, 0], [200.5, 0], [0, -80.5], [0, 160.5], [1e300, 0]])
def test_a_vertex_beyond_that_is_not(raw: Any, out: Path, vertex: list[float]) -> None:
    raw.add_label(0, 6, [{"points": [[10, 10], [20, 10], vertex], "shape_type": "polygon"}])
    assert [problem.kind for problem in problems_of(raw, out)] == [ProblemKind.OUTSIDE_IMAGE]


@pytest.mark.parametrize("path", ["mini_006.jpg", "a/b/mini_006.png", "C:\\a\\mini_006.JPG", "mini_006"])
def test_the_image_of_a_label_is_known_by_its_name_alone(raw: Any, out: Path, path: str) -> None:
    raw.label("0_6")["imagePath"] = path
    assert prepare("mini", raw.write(), out).other_image_labels == ()


def test_a_label_that_names_another_image_is_noted_and_kept(raw: Any, out: Path) -> None:
    raw.label("0_6")["imagePath"] = "mini_005.jpg"
    assert prepare("mini", raw.write(), out).other_image_labels == ("0_6",)


def test_all_problems_are_collected(raw: Any, out: Path) -> None:
    raw.pair_map.pop("0_3")
    raw.add_label(0, 4, [])
    raw.labels[raw.pair_map["1_2"]] = b"{"
    raw.label("0_6").update(shapes=[FAR, FAR])
    kinds = " ".join(problem.kind for problem in problems_of(raw, out))
    assert kinds == "unknown_pair missing_label outside_image outside_image unreadable_label"


def test_only_missing_labels_can_be_allowed(raw: Any, out: Path) -> None:
    raw.pair_map.pop("0_3")
    raw.add_label(0, 4, [])
    assert [problem.kind for problem in problems_of(raw, out, allow_missing=True)] == [ProblemKind.UNKNOWN_PAIR]


def test_a_label_that_is_a_folder_is_not_missing(raw: Any, out: Path) -> None:
    path = raw.pair_map["0_3"]
    del raw.labels[path]
    (raw.root / path).mkdir(parents=True)
    (problem,) = problems_of(raw, out, allow_missing=True)
    assert str(problem).endswith("0_3.json: is not a regular file")


def test_the_message_lists_the_first_problems_and_the_object_all(raw: Any, out: Path) -> None:
    for image in range(30):
        raw.pair_map[f"7_{image}"] = "a.json"
    with pytest.raises(InconsistentSourceError) as caught:
        prepare("mini", raw.write(), out)
    lines = str(caught.value).splitlines()
    assert lines[0] == f"{raw.root}: 30 problems"
    assert lines[1].startswith("  pair 7_0: mini_pair2labelpath.npy has a label for it")
    assert (len(lines), lines[-1]) == (22, "  and 10 more")
    assert len(caught.value.problems) == 30


def test_the_message_says_how_to_live_with_missing_labels(raw: Any, out: Path) -> None:
    raw.pair_map.pop("0_3")
    with pytest.raises(InconsistentSourceError, match=r"1 problem\n(.|\n)*or allow missing ones"):
        prepare("mini", raw.write(), out)


def test_the_error_survives_a_pickle(raw: Any) -> None:
    error = InconsistentSourceError(raw.root, [Problem(ProblemKind.COUNTS, None, "text")])
    copy = pickle.loads(pickle.dumps(error))
    assert (copy.problems, str(copy)) == (error.problems, str(error))


def test_a_published_file_that_reads_otherwise_is_a_problem(raw: Any, out: Path, monkeypatch: Any) -> None:
    root = raw.write()
    mini = RAW_BENCHMARKS["mini"]
    digest = hashlib.sha256((root / mini.gnd).read_bytes()).hexdigest()
    known = dataclasses.replace(mini, gnd_sha256=digest, counts=RawCounts(2, 9, 2, 3, 3))
    monkeypatch.setattr(source_module, "RAW_BENCHMARKS", {"mini": known})
    (problem,) = problems_of(raw, out)
    assert problem.kind is ProblemKind.COUNTS
    counts = "RawCounts(queries=2, images=8, easy=2, hard=3, junk=3)"
    assert str(problem) == f"{mini.gnd} is the published file, yet it reads as {counts}"


def test_a_ground_truth_that_points_nowhere_is_refused(raw: Any, out: Path) -> None:
    raw.gnd[1]["hard"].append(8)
    with pytest.raises(RawFileError, match=r"gnd\[1\].hard\[2\] is 8, and imlist has images 0 to 7"):
        prepare("mini", raw.write(), out)
    assert not out.exists()


def test_the_published_ground_truth_without_labels_lists_every_pair(shared: Path, tmp_path: Path, out: Path) -> None:
    proxford = RAW_BENCHMARKS["proxford"]
    gnd = tmp_path / "source" / proxford.gnd
    gnd.parent.mkdir(parents=True)
    shutil.copy(shared / "data" / "revisitop" / gnd.name, gnd)
    np.save(tmp_path / "source" / proxford.pair_map, np.array({}), allow_pickle=True)
    with pytest.raises(InconsistentSourceError, match="5526 problems"):
        prepare("proxford", tmp_path / "source", out, annotations_only=True)
    manifest = prepare("proxford", tmp_path / "source", out, annotations_only=True, allow_missing=True)
    counts = manifest.counts
    assert (counts.queries, counts.images, counts.easy, counts.hard, counts.junk) == (70, 4993, 3029, 2497, 1356)
    assert len(manifest.missing_labels) == 5526
    assert len(read_ground_truth(out).pairs) == 5526 + 1356

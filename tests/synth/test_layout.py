"""What lies where in a synthesized benchmark, and what its ground truth promises."""

import json
import pickletools
from collections import Counter
from typing import Any

import cv2
import numpy as np

_SOURCE = "pixel_retrieval_benchmarks"


def test_every_raw_file_of_the_authors_layout_is_there(mini: Any) -> None:
    expected = [f"{_SOURCE}/mini_pair2labelpath.npy", f"{_SOURCE}/revisitop/data/mini/gnd_mini.pkl"]
    for quality in ("oracle", "good", "noisy", "boxes", "empty", "random"):
        expected += [
            f"results/image-level/{quality}/mini.npy",
            f"results/pixel-level/{quality}/matching_result/mini.npy",
            f"submissions/{quality}.jsonl",
        ]
    written = {
        str(path.relative_to(mini.out))
        for path in mini.out.rglob("*")
        if path.is_file() and path.suffix != ".jpg" and "labels" not in path.parts
    }
    assert written == set(expected)


def test_summary_counts_what_was_written(mini: Any) -> None:
    summary, gnd = mini.summary, mini.gnd
    assert (summary.landmarks, summary.queries) == (8, len(gnd["qimlist"]))
    assert summary.queries == 12
    assert 120 <= summary.index_images == len(gnd["imlist"]) <= 160
    for level, count in (("easy", summary.easy_pairs), ("hard", summary.hard_pairs), ("junk", summary.junk_pairs)):
        assert count == sum(len(judged[level]) for judged in gnd["gnd"])
    assert summary.positive_pairs == summary.easy_pairs + summary.hard_pairs
    assert summary.source.is_dir()
    assert summary.results.is_dir()
    assert summary.submissions.is_dir()


def test_ground_truth_needs_no_trust_to_be_read(mini: Any) -> None:
    pickled = (mini.summary.source / "revisitop/data/mini/gnd_mini.pkl").read_bytes()
    opcodes = Counter(opcode.name for opcode, _, _ in pickletools.genops(pickled))
    assert pickled[:2] == b"\x80\x02"
    assert not {"GLOBAL", "STACK_GLOBAL", "REDUCE", "BUILD", "INST", "OBJ", "NEWOBJ"} & set(opcodes)


def test_every_query_has_easy_hard_and_junk_images_in_disjoint_lists(mini: Any) -> None:
    count = len(mini.gnd["imlist"])
    for judged in mini.gnd["gnd"]:
        assert set(judged) == {"bbx", "easy", "hard", "junk"}
        assert len(judged["easy"]) >= 3
        assert len(judged["hard"]) >= 3
        assert len(judged["junk"]) >= 1
        listed = judged["easy"] + judged["hard"] + judged["junk"]
        assert len(listed) == len(set(listed))
        assert all(type(image) is int and 0 <= image < count for image in listed)


def test_the_images_of_a_query_show_its_landmark_and_no_others_do(mini: Any) -> None:
    names, queries = mini.gnd["imlist"], mini.gnd["qimlist"]
    for name, judged in zip(queries, mini.gnd["gnd"], strict=True):
        listed = set(judged["easy"] + judged["hard"] + judged["junk"])
        shown = {index for index, other in enumerate(names) if other.split("_")[0] == name.split("_")[0]}
        assert listed == shown
    assert sum(name.startswith("elsewhere_") for name in names) >= 15


def test_names_are_unique_and_queries_are_not_in_the_index(mini: Any) -> None:
    names = mini.gnd["imlist"] + mini.gnd["qimlist"]
    assert len(names) == len(set(names))
    assert {path.stem for path in (mini.out / "images").glob("*.jpg")} == set(names)


def test_query_boxes_lie_inside_their_images(mini: Any) -> None:
    for name, judged in zip(mini.gnd["qimlist"], mini.gnd["gnd"], strict=True):
        height, width = cv2.imread(str(mini.out / "images" / f"{name}.jpg")).shape[:2]
        x1, y1, x2, y2 = judged["bbx"]
        assert all(type(edge) is float for edge in judged["bbx"])
        assert 0 <= x1 < x2 <= width
        assert 0 <= y1 < y2 <= height
        assert (x2 - x1) * (y2 - y1) > 0.1 * width * height


def test_every_positive_pair_has_a_label_of_the_size_of_its_image(mini: Any) -> None:
    paths = np.load(mini.summary.source / "mini_pair2labelpath.npy", allow_pickle=True)
    assert paths.shape == ()
    queries = range(len(mini.gnd["qimlist"]))
    assert set(paths.item()) == {f"{q}_{i}" for q in queries for i in mini.positives(q)}
    for key, relative in paths.item().items():
        label = json.loads((mini.summary.source / relative).read_text())
        assert relative == f"labels/mini/{key.split('_')[0]}/{key}.json"
        name = mini.gnd["imlist"][int(key.split("_")[1])]
        height, width = cv2.imread(str(mini.out / "images" / f"{name}.jpg")).shape[:2]
        assert (label["imageHeight"], label["imageWidth"]) == (height, width)
        assert (label["imagePath"], label["imageData"]) == (f"{name}.jpg", None)
        assert label["shapes"]
        for shape in label["shapes"]:
            assert shape["shape_type"] == "polygon"
            assert len(shape["points"]) >= 3
            assert all(type(value) is float for point in shape["points"] for value in point)


def test_easy_images_show_more_of_the_landmark_than_hard_ones(mini: Any) -> None:
    shown: dict[str, list[float]] = {"easy": [], "hard": []}
    for query, judged in enumerate(mini.gnd["gnd"]):
        for level, shares in shown.items():
            for image in judged[level]:
                label = json.loads((mini.summary.source / f"labels/mini/{query}/{query}_{image}.json").read_text())
                area = sum(cv2.contourArea(np.array(s["points"], np.float32)) for s in label["shapes"])
                shares.append(area / (label["imageHeight"] * label["imageWidth"]))
    assert min(shown["easy"]) > 0.04
    assert np.median(shown["easy"]) > 1.3 * np.median(shown["hard"])


def test_the_whole_is_small_and_the_images_are_varied(mini: Any) -> None:
    assert sum(path.stat().st_size for path in mini.out.rglob("*") if path.is_file()) < 15_000_000
    pictures = [cv2.imread(str(path)) for path in (mini.out / "images").glob("*.jpg")]
    assert len({picture.shape for picture in pictures}) >= 5
    brightness = [picture.mean() for picture in pictures]
    assert min(brightness) < 60
    assert max(brightness) > 150
    assert all(picture.std() > 8 for picture in pictures)

"""The six invented submissions: well formed, complete, and as good as their names say."""

import json
from typing import Any

import numpy as np
import pytest

from pixret.metrics import Mask
from pixret.synth import QUALITIES

Row = dict[str, Any]


def _table(mini: Any, quality: str) -> list[Row]:
    return [json.loads(line) for line in (mini.summary.submissions / f"{quality}.jsonl").read_text().splitlines()]


def _ranking(mini: Any, quality: str) -> np.ndarray:
    return np.load(mini.summary.results / "image-level" / quality / "mini.npy")


def _matches(mini: Any, quality: str) -> dict[str, np.ndarray]:
    path = mini.summary.results / "pixel-level" / quality / "matching_result" / "mini.npy"
    return np.load(path, allow_pickle=True).item()


def _label(mini: Any, query: int, image: int) -> Mask:
    label = json.loads((mini.summary.source / f"labels/mini/{query}/{query}_{image}.json").read_text())
    polygons = [np.array(shape["points"]) for shape in label["shapes"]]
    return Mask.from_polygons(polygons, label["imageHeight"], label["imageWidth"])


def _mask(row: Row, height: int, width: int) -> np.ndarray:
    if "bbox" in row:
        x, y, w, h = row["bbox"]
        dense = np.zeros((height, width), bool)
        dense[y : y + h, x : x + w] = True
        return dense
    if row["segmentation"] is None:
        return np.zeros((height, width), bool)
    return Mask.from_coco(row["segmentation"]).to_dense()


def _mean_iou(mini: Any, quality: str) -> float:
    rows = {(row["query_id"], row["image_id"]): row for row in _table(mini, quality)}
    ious = []
    for query, name in enumerate(mini.gnd["qimlist"]):
        for image in mini.positives(query):
            label = _label(mini, query, image).to_dense()
            found = _mask(rows[name, mini.gnd["imlist"][image]], *label.shape)
            ious.append((label & found).sum() / (label | found).sum())
    return float(np.mean(ious))


def _average_precision(mini: Any, quality: str) -> float:
    ranking, precisions = _ranking(mini, quality), []
    for query, judged in enumerate(mini.gnd["gnd"]):
        order = [image for image in ranking[:, query] if image not in judged["junk"]]
        hits = np.flatnonzero(np.isin(order, mini.positives(query)))
        precisions.append(np.mean((np.arange(len(hits)) + 1) / (hits + 1)))
    return float(np.mean(precisions))


def test_the_qualities_are_the_six_known_ones(mini: Any) -> None:
    assert QUALITIES == ("oracle", "good", "noisy", "boxes", "empty", "random")
    assert mini.summary.qualities == QUALITIES


@pytest.mark.parametrize("quality", QUALITIES)
def test_rankings_are_permutations_of_the_index(mini: Any, quality: str) -> None:
    ranking = _ranking(mini, quality)
    images, queries = len(mini.gnd["imlist"]), len(mini.gnd["qimlist"])
    assert ranking.dtype == np.int64
    assert ranking.shape == (images, queries)
    assert np.array_equal(np.sort(ranking, axis=0), np.tile(np.arange(images)[:, None], queries))


@pytest.mark.parametrize("quality", QUALITIES)
def test_the_authors_layout_covers_every_positive_pair(mini: Any, quality: str) -> None:
    matches = _matches(mini, quality)
    queries = range(len(mini.gnd["qimlist"]))
    assert set(matches) == {f"qimlist_{q}_imlist_{i}" for q in queries for i in mini.positives(q)}
    for points in matches.values():
        assert points.dtype == np.float64
        assert points.ndim == 2
        assert points.shape[1] == 2
        assert (points >= 0).all()


@pytest.mark.parametrize("quality", QUALITIES)
def test_tables_follow_the_ranking_and_hold_every_positive(mini: Any, quality: str) -> None:
    ranking, table = _ranking(mini, quality), _table(mini, quality)
    for query, name in enumerate(mini.gnd["qimlist"]):
        rows = [row for row in table if row["query_id"] == name]
        listed = [mini.gnd["imlist"].index(row["image_id"]) for row in rows]
        assert listed == ranking[: len(rows), query].tolist()
        assert len(rows) >= 60
        assert set(mini.positives(query)) <= set(listed)
        keys = [(-row["score"], image) for row, image in zip(rows, listed, strict=True)]
        assert keys == sorted(keys)
        assert all(0 <= row["score"] <= 1 for row in rows)


@pytest.mark.parametrize("quality", QUALITIES)
def test_every_mask_is_a_valid_rle_or_box(mini: Any, quality: str) -> None:
    for row in _table(mini, quality):
        assert set(row) in (
            {"query_id", "image_id", "score", "segmentation"},
            {"query_id", "image_id", "score", "bbox"},
        )
        if row.get("segmentation"):
            assert Mask.from_coco(row["segmentation"]).area > 0
        if "bbox" in row:
            x, y, width, height = row["bbox"]
            assert min(x, y) >= 0
            assert min(width, height) >= 1


def test_the_oracle_ranks_easy_then_hard_then_junk_and_knows_every_mask(mini: Any) -> None:
    ranking = _ranking(mini, "oracle")
    for query, judged in enumerate(mini.gnd["gnd"]):
        order, at = ranking[:, query].tolist(), 0
        for level in ("easy", "hard", "junk"):
            assert set(order[at : at + len(judged[level])]) == set(judged[level])
            at += len(judged[level])
    assert _mean_iou(mini, "oracle") == 1.0


def test_the_oracle_gives_the_largest_shape_where_there_is_room_for_one(mini: Any) -> None:
    matches = _matches(mini, "oracle")
    for query in range(len(mini.gnd["qimlist"])):
        for image in mini.positives(query):
            label = json.loads((mini.summary.source / f"labels/mini/{query}/{query}_{image}.json").read_text())
            assert matches[f"qimlist_{query}_imlist_{image}"].tolist() == label["shapes"][0]["points"]


def test_the_empty_one_finds_nothing_but_ranks(mini: Any) -> None:
    assert all(len(points) == 0 for points in _matches(mini, "empty").values())
    assert all(row["segmentation"] is None for row in _table(mini, "empty"))
    assert _average_precision(mini, "empty") > 0.9


def test_boxes_are_the_same_pixels_in_both_forms(mini: Any) -> None:
    matches = _matches(mini, "boxes")
    rows = {(row["query_id"], row["image_id"]): row for row in _table(mini, "boxes")}
    assert not any(row.get("segmentation") for row in rows.values())
    for query, name in enumerate(mini.gnd["qimlist"]):
        for image in mini.positives(query):
            points = matches[f"qimlist_{query}_imlist_{image}"]
            row = rows[name, mini.gnd["imlist"][image]]
            assert len(points) == (4 if "bbox" in row else 0)
            if "bbox" in row:
                x, y, width, height = row["bbox"]
                assert points.min(axis=0).tolist() == [x, y]
                assert points.max(axis=0).tolist() == [x + width - 1, y + height - 1]


def test_good_and_noisy_also_see_the_object_where_it_is_not(mini: Any) -> None:
    for quality, least in (("good", 20), ("noisy", 80)):
        false = 0
        for row in _table(mini, quality):
            landmark = row["query_id"].split("_")[0]
            false += not row["image_id"].startswith(landmark) and row["segmentation"] is not None
        assert false >= least


def test_qualities_score_as_their_names_say(mini: Any) -> None:
    iou = {quality: _mean_iou(mini, quality) for quality in QUALITIES}
    assert 0.6 <= iou["good"] <= 0.8
    assert 0.3 <= iou["noisy"] <= 0.5
    assert 0.3 <= iou["boxes"] <= 0.6
    assert iou["empty"] == 0
    assert iou["random"] < 0.2
    precision = {quality: _average_precision(mini, quality) for quality in QUALITIES}
    assert precision["oracle"] == 1
    assert precision["good"] > 0.9 > precision["noisy"] > 0.4 > precision["random"]

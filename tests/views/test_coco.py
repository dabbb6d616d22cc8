"""COCO instances, as pycocotools reads and evaluates them."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from pixret.metrics import GroundTruth, Level, Mask, Protocol
from pixret.submissions import open_submission
from pixret.tables import read_ground_truth
from pixret.views import CocoInstances, ViewError, to_coco

Results = list[dict[str, Any]]


def opened(instances: CocoInstances, folder: Path) -> COCO:
    path = folder / "instances.json"
    path.write_text(json.dumps(instances), encoding="utf-8")
    return COCO(path)


def positives(truth: GroundTruth, *levels: Level) -> Results:
    """A perfect submission, in the form of COCO results."""
    return [
        {
            "image_id": pair.image_index,
            "category_id": pair.query_index,
            "segmentation": pair.label.mask.to_coco(),
            "score": 1.0,
        }
        for pair in truth.pairs
        if pair.label is not None and pair.level in levels
    ]


def whole_images(instances: CocoInstances, truth: GroundTruth, level: Level) -> Results:
    """Detections that fill every image of a level, with the best of scores."""
    sizes = {image["id"]: (image["height"], image["width"]) for image in instances["images"]}
    return [
        {
            "image_id": pair.image_index,
            "category_id": pair.query_index,
            "segmentation": Mask.from_box((0, 0, 10_000, 10_000), *sizes[pair.image_index]).to_coco(),
            "score": 2.0,
        }
        for pair in truth.pairs
        if pair.level is level
    ]


def average_precision(coco: COCO, results: Results) -> float:
    evaluation = COCOeval(coco, coco.loadRes(deepcopy(results)), "segm")  # loadRes writes into what it is given
    evaluation.evaluate()
    evaluation.accumulate()
    evaluation.summarize()
    return float(evaluation.stats[0])


@pytest.fixture(scope="module")
def truth(image_tables: Path) -> GroundTruth:
    return read_ground_truth(image_tables)


def test_ids_are_indices_and_names_are_kept(image_tables: Path, truth: GroundTruth) -> None:
    instances = to_coco(image_tables)
    assert [image["id"] for image in instances["images"]] == list(range(126))
    assert [image["file_name"] for image in instances["images"]] == [f"{name}.jpg" for name in truth.image_ids]
    assert [category["name"] for category in instances["categories"]] == list(truth.query_ids)
    assert [category["id"] for category in instances["categories"]] == list(range(12))
    assert instances["info"] == {"description": "mini, protocol medium", "version": truth.digest}
    assert [row["id"] for row in instances["annotations"]] == list(range(1, 157))


def test_masks_come_back_bit_for_bit(image_tables: Path, truth: GroundTruth, tmp_path: Path) -> None:
    coco = opened(to_coco(image_tables), tmp_path)
    rows = [row for row in coco.dataset["annotations"] if not row["iscrowd"]]
    labels = {(pair.query_index, pair.image_index): pair.label for pair in truth.pairs}
    assert len(rows) == 132
    for row in rows:
        label = labels[row["category_id"], row["image_id"]]
        assert label is not None
        assert np.array_equal(coco.annToMask(row), label.mask.to_dense())
        assert (row["area"], tuple(row["bbox"])) == (label.mask.area, label.mask.box)


def test_a_submission_in_coco_form_is_read_by_both(image_tables: Path, truth: GroundTruth, tmp_path: Path) -> None:
    results = positives(truth, Level.EASY, Level.HARD)
    path = tmp_path / "results.json"
    path.write_text(json.dumps(results), encoding="utf-8")
    coco = opened(to_coco(image_tables), tmp_path).loadRes(str(path))
    items: Any = list(open_submission(path))
    assert len(items) == len(coco.dataset["annotations"]) == 132
    for item, row in zip(items, coco.dataset["annotations"], strict=True):
        mask = Mask.from_counts(item.region.counts, item.region.height, item.region.width)
        assert np.array_equal(coco.annToMask(row), mask.to_dense())


@pytest.mark.parametrize("protocol", list(Protocol))
def test_a_perfect_submission_is_perfect_whatever_it_finds_in_junk(
    image_tables: Path, truth: GroundTruth, tmp_path: Path, protocol: Protocol
) -> None:
    instances = to_coco(image_tables, protocol=protocol)
    coco = opened(instances, tmp_path)
    perfect = positives(truth, *protocol.positive_levels)
    junk = [level for level in Level if level not in protocol.positive_levels]
    found = [row for level in junk for row in whole_images(instances, truth, level)]
    assert found
    assert average_precision(coco, perfect + found) == 1.0
    assert (
        average_precision(opened(to_coco(image_tables, protocol=protocol, junk=False), tmp_path), perfect + found) < 1.0
    )


def test_without_images_junk_of_unknown_size_is_named(plain_tables: Path) -> None:
    with pytest.raises(ViewError) as caught:
        to_coco(plain_tables)
    message = str(caught.value)
    assert message.startswith("mini: 16 junk images are of unknown size, since the tables hold no images: ")
    assert message.endswith(", ...; prepare with images, or pass junk=False")
    instances = to_coco(plain_tables, junk=False)
    assert len(instances["annotations"]) == 132
    sizes = [(image["width"], image["height"]) for image in instances["images"] if "width" in image]
    assert sizes[0] == (384, 512)
    assert 0 < len(sizes) < len(instances["images"]) == 126

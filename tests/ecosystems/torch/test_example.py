"""The example beside PyTorch, and the parts that it is made of."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torchvision import tv_tensors
from torchvision.transforms import v2

from pixret.loader import load
from pixret.tables import read_ground_truth
from pixret.views import decode_mask

EXAMPLE = Path(__file__).parents[3] / "examples" / "torch_pairs.py"


@pytest.fixture(scope="module")
def pairs(image_tables):
    spec = importlib.util.spec_from_file_location("torch_pairs", EXAMPLE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.PositivePairs(image_tables, "mini")


def test_it_runs_with_workers(image_tables):
    done = subprocess.run(
        [sys.executable, EXAMPLE, "--data", image_tables, "--batch", "44"],
        capture_output=True,
        text=True,
        timeout=110,
        check=True,
    )
    first, second = done.stdout.splitlines()
    assert first == (
        "a batch: {'query': (44, 3, 224, 224), 'image': (44, 3, 224, 224), 'mask': (44, 224, 224)}, masks of torch.bool"
    )
    assert second.startswith("132 pairs; the query's object fills ")


def test_an_item_is_a_query_an_image_and_a_mask(pairs):
    assert len(pairs) == 132
    item = pairs[0]
    assert isinstance(item["image"], tv_tensors.Image)
    assert isinstance(item["mask"], tv_tensors.Mask)
    assert item["mask"].dtype is torch.bool
    assert 0.0 <= item["image"].min() < item["image"].max() <= 1.0
    assert item["query"].shape == (3, 224, 224)


def test_a_flip_takes_the_mask_along(pairs, image_tables):
    pairs.of_pair = v2.RandomHorizontalFlip(p=1.0)
    mask = read_ground_truth(image_tables).pairs[0].label.mask.to_dense()
    assert np.array_equal(pairs[0]["mask"].numpy(), mask[:, ::-1])


def test_masks_of_rows_in_torch_format_decode_too(image_tables):
    rows = load("mini-pairs", image_tables).with_format("torch")
    for row, pair in zip(rows, read_ground_truth(image_tables).pairs, strict=True):
        mask = decode_mask(row["segmentation"])
        if pair.label is None:
            assert mask is None
        else:
            assert np.array_equal(mask, pair.label.mask.to_dense())
            assert torch.from_numpy(mask).sum() == row["area"]

"""Masks and polygons of rows, as `datasets` gives them."""

from pathlib import Path
from typing import Any

import datasets
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from pixret.metrics import Mask, MaskError
from pixret.tables import read_ground_truth, table_path
from pixret.views import decode_mask, decode_masks, polygon_points


@pytest.fixture(scope="module")
def pairs(image_tables: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    path = str(image_tables / "mini" / table_path("pairs"))
    return datasets.Dataset.from_parquet(path, cache_dir=str(tmp_path_factory.mktemp("cache")))


@settings(deadline=None)
@given(arrays.arrays(bool, st.tuples(st.integers(1, 9), st.integers(1, 9))))
def test_an_encoded_mask_decodes_to_itself(dense: Any) -> None:
    assert np.array_equal(decode_mask(Mask.from_dense(dense).to_coco()), dense)


@pytest.mark.parametrize("null", [None, {"size": None, "counts": None}])
def test_no_mask_decodes_to_none(null: Any) -> None:
    assert decode_mask(null) is None


def test_a_malformed_mask_is_refused_and_never_hangs() -> None:
    with pytest.raises(MaskError, match="the counts look truncated"):
        decode_mask({"size": [4, 4], "counts": "0PPP"})


def test_every_row_has_the_mask_of_its_label(pairs: Any, image_tables: Path) -> None:
    rows = pairs.with_transform(decode_masks)
    for row, pair in zip(rows, read_ground_truth(image_tables).pairs, strict=True):
        if pair.label is None:
            assert row["mask"] is None
        else:
            assert np.array_equal(row["mask"], pair.label.mask.to_dense())
            assert row["mask"].flags.c_contiguous


def test_masks_of_rows_in_numpy_format_decode_too(pairs: Any, image_tables: Path) -> None:
    row = pairs.with_format("numpy")[0]
    label = read_ground_truth(image_tables).pairs[0].label
    assert label is not None
    assert np.array_equal(decode_mask(row["segmentation"]), label.mask.to_dense())


def test_one_mask_is_mapped_over_a_dataset(pairs: Any) -> None:
    def count(row: Any) -> dict[str, Any]:
        mask = decode_mask(row["segmentation"])
        return {"pixels": None if mask is None else mask.sum()}

    counted = pairs.map(count, keep_in_memory=True)
    assert counted["pixels"] == counted["area"]


def test_polygons_are_points_as_labelled(pairs: Any, image_tables: Path) -> None:
    for row, pair in zip(pairs, read_ground_truth(image_tables).pairs, strict=True):
        expected = () if pair.label is None else pair.label.polygons
        points = polygon_points(row["polygons"])
        assert len(points) == len(expected)
        assert all(np.array_equal(one, other) for one, other in zip(points, expected, strict=True))

"""What other readers see in the Parquet files."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pixret.metrics import GroundTruth, Level
from pixret.tables import SCHEMAS, table_path, write_table

Writer = Callable[[GroundTruth], Path]


def rows(data: Path, table: str) -> list[dict[str, Any]]:
    return pq.read_table(data / "mini" / table_path(table)).to_pylist()


def test_queries_have_boxes_in_coco_order(truth: GroundTruth, write: Writer) -> None:
    first, second = rows(write(truth), "queries")
    assert first["query_id"] == "query_a"
    assert (first["query_index"], second["query_index"]) == (0, 1)
    assert first["bbox"] == [136.5, 34.1, 648.5 - 136.5, 955.7 - 34.1]
    assert (first["image"], first["width"], first["height"]) == (None, None, None)


def test_the_corpus_knows_the_sizes_that_labels_tell(truth: GroundTruth, write: Writer) -> None:
    corpus = rows(write(truth), "corpus")
    assert [row["image_id"] for row in corpus] == [f"image_{i}" for i in range(6)]
    assert [row["image_index"] for row in corpus] == list(range(6))
    assert [(row["width"], row["height"]) for row in corpus[:3]] == [(50, 40), (9, 7), (None, None)]
    assert all(row["image"] is None and row["sha256"] is None for row in corpus)


def test_pairs_keep_the_order_of_the_ground_truth(truth: GroundTruth, write: Writer) -> None:
    pairs = rows(write(truth), "pairs")
    assert [(row["query_index"], row["image_index"], row["level"]) for row in pairs] == [
        (pair.query_index, pair.image_index, pair.level) for pair in truth.pairs
    ]
    assert [row["query_id"] for row in pairs] == ["query_a"] * 6 + ["query_b"] * 2
    assert pairs[0]["image_id"] == "image_3"


def test_pairs_hold_the_mask_in_cocos_form(truth: GroundTruth, write: Writer) -> None:
    first = rows(write(truth), "pairs")[0]
    label = truth.pairs[0].label
    assert label is not None
    assert first["segmentation"] == dict(label.mask.to_coco())
    assert (first["area"], tuple(first["bbox"])) == (label.mask.area, label.mask.box)
    assert first["polygons"] == [label.polygons[0].ravel().tolist()]


def test_an_empty_label_is_no_missing_label(truth: GroundTruth, write: Writer) -> None:
    pairs = rows(write(truth), "pairs")
    assert (pairs[2]["segmentation"]["size"], pairs[2]["polygons"]) == ([7, 9], [])
    assert (pairs[2]["area"], pairs[2]["bbox"]) == (0, None)
    assert pairs[3]["polygons"] == [[10.0, 10.0, 20.0, 10.0, 20.0, 20.0, 10.0, 20.0], []]
    for row in (pairs[4], pairs[5]):
        assert [row[name] for name in ("segmentation", "polygons", "bbox", "area")] == [None] * 4


def test_the_files_are_written_as_the_hub_likes_them(truth: GroundTruth, write: Writer) -> None:
    data = write(truth)
    metadata = pq.read_metadata(data / "mini" / table_path("corpus"))
    corpus = metadata.row_group(0)
    columns = {corpus.column(i).path_in_schema: corpus.column(i) for i in range(corpus.num_columns)}
    assert columns.pop("image.bytes").compression == "UNCOMPRESSED"
    assert {column.compression for column in columns.values()} == {"ZSTD"}
    assert columns["image_id"].has_offset_index
    pairs = pq.read_metadata(data / "mini" / table_path("pairs")).row_group(0)
    assert {pairs.column(i).compression for i in range(pairs.num_columns)} == {"ZSTD"}


def test_every_batch_is_a_row_group(tmp_path: Path) -> None:
    batch = pa.RecordBatch.from_pylist([{"query_id": "a", "query_index": 0}], schema=SCHEMAS["queries"])
    record = write_table(tmp_path, "queries", [batch, batch])
    metadata = pq.read_metadata(tmp_path / table_path("queries"))
    assert (metadata.num_row_groups, record.rows) == (2, 2)
    assert record.bytes == (tmp_path / table_path("queries")).stat().st_size


@pytest.mark.parametrize("table", list(SCHEMAS))
def test_types_are_spelled_for_old_versions_of_datasets(table: str) -> None:
    metadata = SCHEMAS[table].metadata
    assert metadata is not None
    text = metadata[b"huggingface"].decode()
    assert '"List"' not in text
    assert list(json.loads(text)["info"]["features"]) == SCHEMAS[table].names


@pytest.fixture
def loaded(truth: GroundTruth, write: Writer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Any]:
    datasets = pytest.importorskip("datasets")
    datasets.disable_progress_bars()
    data = write(truth)

    def load(table: str) -> Any:
        files = {"test": str(data / "mini" / table_path(table))}
        return datasets.load_dataset("parquet", data_files=files, split="test", cache_dir=str(tmp_path / "cache"))

    return load


def test_datasets_reads_pairs_with_their_types(loaded: Callable[[str], Any], truth: GroundTruth) -> None:
    import datasets

    pairs = loaded("pairs")
    assert pairs.features["level"] == datasets.ClassLabel(names=["easy", "hard", "junk"])
    assert pairs.features["polygons"] == datasets.Sequence(datasets.Sequence(datasets.Value("float64")))
    assert pairs.features["segmentation"]["size"] == datasets.Sequence(datasets.Value("int32"))
    assert pairs.features["area"] == datasets.Value("int64")
    assert [Level(row["level"]) for row in pairs] == [pair.level for pair in truth.pairs]
    assert pairs[4]["segmentation"] is None
    label = truth.pairs[0].label
    assert label is not None
    assert pairs[0]["segmentation"] == dict(label.mask.to_coco())


@pytest.mark.parametrize("table", ["queries", "corpus"])
def test_datasets_reads_images_as_images(loaded: Callable[[str], Any], table: str) -> None:
    import datasets

    read = loaded(table)
    assert isinstance(read.features["image"], datasets.Image)
    assert read.features["width"] == datasets.Value("int32")
    assert read.with_format("arrow")[0]["image"].null_count == 1

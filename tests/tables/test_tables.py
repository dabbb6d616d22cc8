"""What other readers see in the Parquet files."""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pixret.metrics import GroundTruth, Level
from pixret.tables import SCHEMAS, ImageFile, corpus_batch, fill_images, table_path, write_table

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


def test_qrels_name_the_positives_of_their_protocol_alone(truth: GroundTruth, write: Writer) -> None:
    data = write(truth)
    easy, hard = [("query_a", "image_3"), ("query_a", "image_0")], [("query_a", f"image_{i}") for i in (1, 4, 5)]
    expected = {"easy": easy, "medium": [*easy, *hard, ("query_b", "image_3")], "hard": [*hard, ("query_b", "image_3")]}
    for protocol, positives in expected.items():
        rows_of_protocol = [{"query-id": query, "corpus-id": image, "score": 1} for query, image in positives]
        assert rows(data, f"{protocol}-qrels") == rows_of_protocol


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
    images = columns.pop("image.bytes")
    assert (images.compression, images.is_stats_set) == ("UNCOMPRESSED", False)
    assert {column.compression for column in columns.values()} == {"ZSTD"}
    assert columns["image_id"].has_offset_index
    assert columns["id"].is_stats_set
    pairs = pq.read_metadata(data / "mini" / table_path("pairs")).row_group(0)
    assert {pairs.column(i).compression for i in range(pairs.num_columns)} == {"ZSTD"}


def test_every_batch_is_a_row_group(tmp_path: Path) -> None:
    batch = pa.RecordBatch.from_pylist([{"query_id": "a", "query_index": 0}], schema=SCHEMAS["queries"])
    record = write_table(tmp_path, "queries", [batch, batch])[table_path("queries")]
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


def image_rows(sizes: list[int]) -> list[pa.RecordBatch]:
    """Rows of the corpus with images of these sizes, each a batch of its own."""
    rows = [{"image_id": str(i), "image": {"bytes": bytes([i]) * size}} for i, size in enumerate(sizes)]
    return [pa.RecordBatch.from_pylist([row], SCHEMAS["corpus"]) for row in rows]


@pytest.mark.parametrize(
    ("sizes", "shards"),
    [
        ([40, 60, 1], [2, 1]),
        ([40, 61, 39], [1, 2]),
        ([500, 20, 90, 1], [1, 1, 2]),
        ([0, 0], [2]),
    ],
)
def test_a_table_is_cut_into_shards_by_the_bytes_of_its_images(
    tmp_path: Path, sizes: list[int], shards: list[int]
) -> None:
    records = write_table(tmp_path, "corpus", image_rows(sizes), shard_bytes=100)
    assert {path: record.rows for path, record in records.items()} == {
        table_path("corpus", i, len(shards)): rows for i, rows in enumerate(shards)
    }
    assert {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()} == set(records)
    stored = [row["image"]["bytes"] for path in records for row in pq.read_table(tmp_path / path).to_pylist()]
    assert stored == [bytes([i]) * size for i, size in enumerate(sizes)]


def test_images_are_filled_in_by_a_hundred(truth: GroundTruth) -> None:
    names = tuple(f"image_{i:03}" for i in range(250))
    rows = corpus_batch(dataclasses.replace(truth, image_ids=names))
    reads: list[int] = []

    def file(index: int) -> ImageFile:
        return ImageFile(f"{index}.jpg", 7, 5, "00", lambda: reads.append(index) or b"%d" % index)

    batches = fill_images(rows, [None if i in {0, 2} else file(i) for i in range(250)])
    first = next(batches)
    assert len(reads) == 98
    assert [first.num_rows, *(batch.num_rows for batch in batches)] == [100, 100, 50]
    assert first.schema.equals(SCHEMAS["corpus"], check_metadata=True)
    missing, stored = first.to_pylist()[:2]
    assert (missing["image"], missing["width"], missing["height"], missing["sha256"]) == (None, 50, 40, None)
    assert stored == {
        "image_id": "image_001",
        "image_index": 1,
        "image": {"bytes": b"1", "path": "1.jpg"},
        "width": 7,
        "height": 5,
        "sha256": "00",
        "id": "image_001",
    }


def test_large_images_are_filled_in_by_fewer(truth: GroundTruth, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pixret.tables._rows._GROUP_BYTES", 10)
    sizes = [4, 5, 1, 25, 3, 7]
    files = [ImageFile(f"{size}.jpg", 7, 5, "00", lambda size=size: bytes(size)) for size in sizes]
    batches = [batch.to_pylist() for batch in fill_images(corpus_batch(truth), files)]
    assert [[len(row["image"]["bytes"]) for row in batch] for batch in batches] == [[4, 5, 1], [25], [3, 7]]

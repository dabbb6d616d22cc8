"""The rows of the tables, made from a ground truth."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from pixret.metrics import GroundTruth, JudgedPair, Protocol
from pixret.tables._schema import IMAGE, SCHEMAS, SEGMENTATION

IMAGE_ROWS = 100
"""Rows of a row group with images, so that a reader of one image need not fetch many."""

_GROUP_BYTES = 2**28  # of images, with which a row group ends early: Arrow cannot hold 2**31 in one

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class ImageFile:
    """An image to store: its bare file name, its size in pixels as it is shown, its SHA-256; `read` gives its bytes."""

    name: str
    width: int
    height: int
    sha256: str
    read: Callable[[], bytes]


def queries_batch(truth: GroundTruth, boxes: Sequence[Box]) -> pa.RecordBatch:
    """Rows of the queries, without images; `boxes` are [x1, y1, x2, y2] as the ground truth files have them."""
    n = len(truth.query_ids)
    columns: list[pa.Array[Any]] = [
        pa.array(truth.query_ids, pa.string()),
        pa.array(range(n), pa.int32()),
        pa.nulls(n, IMAGE),
        pa.nulls(n, pa.int32()),
        pa.nulls(n, pa.int32()),
        pa.array([(x1, y1, x2 - x1, y2 - y1) for x1, y1, x2, y2 in boxes], pa.list_(pa.float64())),
        pa.nulls(n, pa.string()),
        pa.array(truth.query_ids, pa.string()),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=SCHEMAS["queries"])


def corpus_batch(truth: GroundTruth) -> pa.RecordBatch:
    """Rows of the index images, without images; sizes are known for those that a label tells the size of."""
    n = len(truth.image_ids)
    sizes = [truth.canvases.get(i, (None, None)) for i in range(n)]
    columns: list[pa.Array[Any]] = [
        pa.array(truth.image_ids, pa.string()),
        pa.array(range(n), pa.int32()),
        pa.nulls(n, IMAGE),
        pa.array([width for _, width in sizes], pa.int32()),
        pa.array([height for height, _ in sizes], pa.int32()),
        pa.nulls(n, pa.string()),
        pa.array(truth.image_ids, pa.string()),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=SCHEMAS["corpus"])


def fill_images(rows: pa.RecordBatch, files: Sequence[ImageFile | None]) -> Iterator[pa.RecordBatch]:
    """Give the rows of queries or index images with their images, of which 100 are in memory at a time, or 256 MB.

    `files` has one entry for each row, None for an image that is not there: its row stays as it is.
    """
    group: list[dict[str, Any]] = []
    held = 0
    for row, file in zip(rows.to_pylist(), files, strict=True):
        filled = {} if file is None else _filled(file)
        held += len(filled["image"]["bytes"]) if filled else 0
        group.append(row | filled)
        if len(group) == IMAGE_ROWS or held >= _GROUP_BYTES:
            yield pa.RecordBatch.from_pylist(group, rows.schema)
            group, held = [], 0
    if group:
        yield pa.RecordBatch.from_pylist(group, rows.schema)


def _filled(file: ImageFile) -> dict[str, Any]:
    image = {"bytes": file.read(), "path": file.name}
    return {"image": image, "width": file.width, "height": file.height, "sha256": file.sha256}


def pairs_batch(truth: GroundTruth) -> pa.RecordBatch:
    """Rows of the judged pairs, in the order of the ground truth."""
    pairs = truth.pairs
    masks = [None if pair.label is None else pair.label.mask for pair in pairs]
    columns: list[pa.Array[Any]] = [
        pa.array([truth.query_ids[pair.query_index] for pair in pairs], pa.string()),
        pa.array([pair.query_index for pair in pairs], pa.int32()),
        pa.array([truth.image_ids[pair.image_index] for pair in pairs], pa.string()),
        pa.array([pair.image_index for pair in pairs], pa.int32()),
        pa.array([int(pair.level) for pair in pairs], pa.int64()),
        pa.array([mask and mask.to_coco() for mask in masks], SEGMENTATION),
        pa.array([_flat_polygons(pair) for pair in pairs], pa.list_(pa.list_(pa.float64()))),
        pa.array([mask and mask.box for mask in masks], pa.list_(pa.int32())),
        pa.array([mask and mask.area for mask in masks], pa.int64()),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=SCHEMAS["pairs"])


def qrels_batch(truth: GroundTruth, protocol: Protocol) -> pa.RecordBatch:
    """Positives of a protocol as MTEB and BEIR name them; those have no junk, so it is left out."""
    positives = [pair for pair in truth.pairs if pair.level in protocol.positive_levels]
    columns: list[pa.Array[Any]] = [
        pa.array([truth.query_ids[pair.query_index] for pair in positives], pa.string()),
        pa.array([truth.image_ids[pair.image_index] for pair in positives], pa.string()),
        pa.array([1] * len(positives), pa.int64()),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=SCHEMAS[f"{protocol}-qrels"])


def _flat_polygons(pair: JudgedPair) -> list[list[float]] | None:
    if pair.label is None:
        return None
    return [polygon.ravel().tolist() for polygon in pair.label.polygons]

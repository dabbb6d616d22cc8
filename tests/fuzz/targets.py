"""What the fuzzer feeds: every reader of bytes from outside, with seeds, and what must hold whatever it is fed.

A target takes bytes and raises when something is wrong. A reader may refuse its input with its own error and no other;
what it accepts must be whole. Nothing here needs the fuzzer, so that the suite can replay seeds and findings.
"""

import json
import math
import pickle
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from unittest import mock

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from google.protobuf.message import DecodeError
from packing import COMPRESSED, WRITERS
from pycocotools import mask as coco
from scenarios import MASK, scenarios
from serving import small_truth

from pixret.archives import ArchiveError, ArchiveLimits, open_archive
from pixret.client._wire import encode_item
from pixret.metrics import Accumulator, Item, Mask, MaskError, MaskLimits, _raster, _rle, measure, report_bytes
from pixret.rawfiles import (
    RawFileError,
    parse_labelme,
    read_gnd,
    read_matching_result,
    read_pair_labels,
    read_ranking,
)
from pixret.scoring.v1 import scoring_pb2 as pb
from pixret.service._wire import read_items
from pixret.submissions import SubmissionError, open_submission

TRUTH = small_truth()
LIMITS = MaskLimits(max_pixels=2**16, max_runs=2**12, max_coordinate=300.0, max_points=500)  # so that a run stays short


@dataclass(frozen=True)
class Target:
    """Something to feed, and inputs to begin with."""

    run: Callable[[bytes], None]
    seeds: Callable[[], Iterable[bytes]]


def masks(data: bytes) -> None:
    """Two bytes of size, then counts: the kernel, its twin and pycocotools agree, or the fault is named."""
    height, width, counts = 1 + data[0] % 64, 1 + data[1] % 64, data[2:]
    (found,) = _rle.summarize_counts([counts], [(height, width)], LIMITS)
    with mock.patch.object(_rle, "kernel", None):
        (twin,) = _rle.summarize_counts([counts], [(height, width)], LIMITS)
    assert repr(found) == repr(twin)
    if isinstance(found, MaskError):
        return
    mask = Mask.from_counts(counts, height, width, LIMITS)
    rle = {"size": [height, width], "counts": counts}
    dense = mask.to_dense()
    assert dense.sum() == mask.area == coco.area(rle)
    assert np.array_equal(dense, coco.decode(rle))


def polygons(data: bytes) -> None:
    """A byte of height and of width, then points in 16 bits, apart by (0, 0): the kernel draws what OpenCV draws."""
    points = np.frombuffer(data[2:], "<i2", len(data[2:]) // 4 * 2).reshape(-1, 2).astype(float)
    outlines = np.split(points, np.flatnonzero(~points.any(axis=1)))
    height, width = 1 + data[0] % 64, 1 + data[1] % 64
    try:
        mask = Mask.from_polygons(outlines, height, width)
    except MaskError:
        return
    with mock.patch.object(_raster, "kernel", None):
        assert Mask.from_polygons(outlines, height, width) == mask


def batch(data: bytes) -> None:
    """A batch of the wire: every item gets one outcome, and the report stays sound."""
    message = pb.ItemBatch()
    try:
        message.ParseFromString(data)
    except DecodeError:
        return
    _score(read_items(message.items))


def gnd(data: bytes) -> None:
    _read(read_gnd, data)


def pair_labels(data: bytes) -> None:
    _read(read_pair_labels, data)


def matching_result(data: bytes) -> None:
    _read(read_matching_result, data)


def ranking(data: bytes) -> None:
    _read(lambda path: read_ranking(path, 3, 9), data)


def labelme(data: bytes) -> None:
    """A label that is read can be drawn."""
    try:
        label = parse_labelme(data, Path("label.json"))
    except RawFileError:
        return
    if label.height * label.width <= LIMITS.max_pixels:
        try:
            Mask.from_polygons([shape.outline for shape in label.shapes], label.height, label.width)
        except MaskError:
            return


def archive(data: bytes) -> None:
    """What is read of an archive is as long as it says, and stays below its folder."""
    with tempfile.NamedTemporaryFile() as file:
        Path(file.name).write_bytes(data)
        try:
            with open_archive(Path(file.name), ArchiveLimits(max_total_bytes=2**22)) as members:
                for member in members:
                    assert len(member.read()) == member.size
                    assert Path("/folder").joinpath(member.name).resolve().is_relative_to("/folder")
        except ArchiveError:
            return


def jsonl(data: bytes) -> None:
    _submit(data, "jsonl")


def coco_results(data: bytes) -> None:
    _submit(data, "json")


def parquet(data: bytes) -> None:
    _submit(data, "parquet")


def _read(reader: Callable[[Path], object], data: bytes) -> None:
    with tempfile.NamedTemporaryFile() as file:
        Path(file.name).write_bytes(data)
        try:
            reader(Path(file.name))
        except RawFileError:
            return


def _submit(data: bytes, ending: str) -> None:
    with tempfile.NamedTemporaryFile(suffix=f".{ending}") as file:
        Path(file.name).write_bytes(data)
        try:
            items = list(open_submission(Path(file.name)))
        except SubmissionError:
            return
    _score(items)


def _score(items: list[Item]) -> None:
    accumulator = Accumulator(TRUTH, limits=LIMITS)
    resolved = accumulator.resolve(items)
    accumulator.commit(resolved, measure(resolved.jobs, LIMITS))
    assert accumulator.received == len(items)
    assert [each.offset for each in accumulator.rejections] == sorted({each.offset for each in accumulator.rejections})
    report = json.loads(report_bytes(accumulator), parse_constant=_no_nan)
    for convention in report["conventions"].values():
        for protocol in convention["protocols"].values():
            _check_fractions(protocol)


def _check_fractions(node: object) -> None:
    if isinstance(node, dict):
        for value in node.values():
            _check_fractions(value)
    elif isinstance(node, float):
        assert math.isfinite(node)
        assert 0 <= node <= 1 + 1e-9


def _no_nan(constant: str) -> None:
    raise AssertionError(f"{constant} stands in a report")


def _batches() -> Iterable[bytes]:
    for _, items, _ in scenarios():
        messages = [encode_item(item, at) for at, item in enumerate(items)]
        yield pb.ItemBatch(items=messages).SerializeToString()
        yield pb.ItemBatch(items=messages[:1]).SerializeToString()


def _gnds() -> Iterable[bytes]:
    query = {"bbx": [1, 2.5, 30, 40], "easy": [0], "hard": [1, 2], "junk": []}
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        yield pickle.dumps({"imlist": ["a", "b", "c"], "qimlist": ["q"], "gnd": [query]}, protocol)


def _npys(content: object) -> Callable[[], list[bytes]]:
    def write() -> list[bytes]:
        file = BytesIO()
        np.save(file, np.asarray(content))
        return [file.getvalue()]

    return write


def _labels() -> list[bytes]:
    shapes = [{"points": [[1, 2], [30, 4.5], [8, 20]], "label": "1", "shape_type": "polygon"}]
    shapes.append({"points": [[1, 2], [9, 9]], "label": "1", "shape_type": "rectangle"})
    label = {"shapes": shapes, "imageHeight": 40, "imageWidth": 50, "imagePath": "a.jpg", "imageData": "aGVsbG8="}
    return [json.dumps(label).encode()]


def _archives() -> Iterable[bytes]:
    for kind in sorted(WRITERS.keys() - set(COMPRESSED)):
        with tempfile.TemporaryDirectory() as folder:
            WRITERS[kind](Path(folder, "archive"), {"labels/0_1.json": b"{}", "labels/empty": b"", "a": bytes(600)})
            yield Path(folder, "archive").read_bytes()


_ROWS = [
    {"query_index": 0, "image_id": "塔_000000", "score": 0.5, "segmentation": MASK.to_coco()},
    {"query_id": "Кремль", "image_index": 1, "rank": 3, "polygons": [[1, 2, 9, 2, 9.5, 8]]},
    {"query_index": 1, "image_index": 2, "bbox": [1, 2, 3.5, 4]},
    {"query_index": 2, "image_index": 0, "segmentation": {"size": [24, 32], "counts": [700, 68]}},
]


def _parquets() -> Iterable[bytes]:
    for row in _ROWS:
        file = BytesIO()
        pq.write_table(pa.Table.from_pylist([row]), file)
        yield file.getvalue()


def _coco_rows() -> list[bytes]:
    rows = [{"category_id": 0, "image_id": 1, "score": 0.25, "segmentation": MASK.to_coco()}]
    return [json.dumps([*rows, {"category_id": 1, "image_id": 2, "score": 1, "bbox": [1, 2, 3, 4]}]).encode()]


TARGETS = {
    "masks": Target(lambda data: masks(data) if len(data) > 1 else None, lambda: [bytes([23, 31]) + MASK.counts]),
    "polygons": Target(
        lambda data: polygons(data) if len(data) > 1 else None,
        lambda: [bytes([23, 31]) + np.array([[-9, 4], [30, -8], [25, 33], [3, 21]], "<i2").tobytes()],
    ),
    "batch": Target(batch, _batches),
    "gnd": Target(gnd, _gnds),
    "pair_labels": Target(pair_labels, _npys({"0_1": "labels/0_1.json"})),
    "matching_result": Target(matching_result, _npys({"qimlist_0_imlist_1": np.array([[1.5, 2], [3, 4], [5, 9]])})),
    "ranking": Target(ranking, _npys(np.tile(np.arange(9)[:, None], 3))),
    "labelme": Target(labelme, _labels),
    "archive": Target(archive, _archives),
    "jsonl": Target(jsonl, lambda: ["".join(json.dumps(row) + "\n" for row in _ROWS).encode()]),
    "coco_results": Target(coco_results, _coco_rows),
    "parquet": Target(parquet, _parquets),
}

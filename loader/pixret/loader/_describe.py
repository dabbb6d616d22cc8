"""What a manifest says of prepared tables."""

import hashlib
from collections.abc import Mapping
from importlib.metadata import version

from pixret.loader._labels import LabelReading
from pixret.loader._source import Pair, Source, pair_name
from pixret.metrics import POLYGONS, GroundTruth, JudgedPair
from pixret.tables import Counts, FileRecord, ImagesRecord, Manifest

_LIBRARIES = ("pixret", "numpy", "pillow", "pyarrow", "pycocotools")


def describe(
    source: Source,
    readings: Mapping[Pair, LabelReading],
    truth: GroundTruth,
    files: dict[str, FileRecord],
    images: ImagesRecord | None,
) -> Manifest:
    """Make the manifest of tables that are written; `images` is None where no image was read."""
    counts = source.counts()
    positives = [pair for pair in truth.pairs if pair.is_positive]
    return Manifest(
        benchmark=truth.benchmark,
        counts=Counts(counts.queries, counts.images, counts.easy, counts.hard, counts.junk),
        ground_truth=truth.digest,
        ignored_queries=truth.ignored_queries,
        annotations_only=images is None,
        images=images,
        missing_labels=tuple(_name(pair) for pair in positives if pair.label is None),
        empty_labels=tuple(_name(pair) for pair in positives if pair.label is not None and pair.label.fault),
        other_image_labels=tuple(pair_name(pair) for pair, reading in readings.items() if reading.names_other_image),
        files=files,
        sources=dict(source.digests),
        labels_sha256=_labels_digest(readings),
        versions=_versions(),
    )


def _name(pair: JudgedPair) -> str:
    return pair_name((pair.query_index, pair.image_index))


def _labels_digest(readings: Mapping[Pair, LabelReading]) -> str:
    """SHA-256 over the names of the pairs with the SHA-256 of their label files."""
    lines = (f"{pair_name(pair)} {reading.sha256}\n" for pair, reading in readings.items() if reading.label)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _versions() -> dict[str, str]:
    return {**{library: version(library) for library in _LIBRARIES}, "polygons": POLYGONS}

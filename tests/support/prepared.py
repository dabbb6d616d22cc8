"""Prepared tables of any ground truth, and images put into tables that were prepared without them."""

import hashlib
import io
import shutil

import msgspec
import pyarrow.parquet as pq
from PIL import Image

from pixret.metrics import Level, Protocol
from pixret.tables import (
    Counts,
    ImageFile,
    Manifest,
    corpus_batch,
    fill_images,
    load_manifest,
    pairs_batch,
    qrels_batch,
    queries_batch,
    write_manifest,
    write_table,
)


def write_tables(data, truth, boxes):
    """Write a ground truth as prepared tables without images; `boxes` are [x1, y1, x2, y2]."""
    folder = data / truth.benchmark
    batches = {"queries": queries_batch(truth, boxes), "corpus": corpus_batch(truth), "pairs": pairs_batch(truth)}
    batches |= {f"{protocol}-qrels": qrels_batch(truth, protocol) for protocol in Protocol}
    files = {path: file for table in batches for path, file in write_table(folder, table, [batches[table]]).items()}
    levels = {level.name.lower(): truth.count(level) for level in Level}
    manifest = Manifest(
        benchmark=truth.benchmark,
        counts=Counts(queries=len(truth.query_ids), images=len(truth.image_ids), **levels),
        ground_truth=truth.digest,
        ignored_queries=truth.ignored_queries,
        annotations_only=True,
        missing_labels=(),
        empty_labels=(),
        other_image_labels=(),
        files=files,
        sources={},
        labels_sha256="",
        versions={},
    )
    write_manifest(folder, manifest)


def add_images(folder, paths):
    """Fill the tables in a benchmark's folder with image files, by name, and renew its manifest."""
    manifest = load_manifest(folder)
    files = dict(manifest.files)
    for table in ("queries", "corpus"):
        rows = pq.read_table(folder / table).combine_chunks().to_batches()[0]
        images = [_image_file(paths[name]) if name in paths else None for name in rows["id"].to_pylist()]
        files |= write_table(folder, table, fill_images(rows, images))
    write_manifest(folder, msgspec.structs.replace(manifest, files=files, annotations_only=False))


def split_corpus(folder):
    """Spread the index images in a benchmark's folder over several files, and renew its manifest."""
    manifest = load_manifest(folder)
    corpus = pq.read_table(folder / "corpus")
    shutil.rmtree(folder / "corpus")
    shards = write_table(folder, "corpus", corpus.to_batches(max_chunksize=20), shard_bytes=10**6)
    files = {path: record for path, record in manifest.files.items() if not path.startswith("corpus/")}
    write_manifest(folder, msgspec.structs.replace(manifest, files={**files, **shards}))


def _image_file(path):
    content = path.read_bytes()
    with Image.open(io.BytesIO(content)) as image:
        size = image.size
    return ImageFile(path.name, *size, hashlib.sha256(content).hexdigest(), path.read_bytes)

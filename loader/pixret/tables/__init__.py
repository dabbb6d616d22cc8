"""Prepared tables: their schemas, their manifest, and the ground truth read back from them."""

from pixret.tables._configs import SPLIT, TableConfig, list_configs
from pixret.tables._distractors import DISTRACTORS, DISTRACTORS_NAME, DistractorsManifest, read_distractors
from pixret.tables._errors import TablesError
from pixret.tables._folders import read_manifests, read_tables_manifest
from pixret.tables._manifest import (
    MANIFEST_NAME,
    MANIFEST_SCHEMA,
    Counts,
    FileRecord,
    ImagesRecord,
    ImageVariant,
    Manifest,
    TablesManifest,
    is_table_path,
    list_prepared,
    load_manifest,
    prepared_folder,
    read_manifest,
    table_path,
    write_manifest,
)
from pixret.tables._read import read_ground_truth
from pixret.tables._rows import (
    IMAGE_ROWS,
    ImageFile,
    corpus_batch,
    fill_images,
    pairs_batch,
    qrels_batch,
    queries_batch,
)
from pixret.tables._schema import SCHEMAS
from pixret.tables._stored import ImageTable, StoredImage, read_images, read_stored
from pixret.tables._write import SHARD_BYTES, write_table

__all__ = [
    "DISTRACTORS",
    "DISTRACTORS_NAME",
    "IMAGE_ROWS",
    "MANIFEST_NAME",
    "MANIFEST_SCHEMA",
    "SCHEMAS",
    "SHARD_BYTES",
    "SPLIT",
    "Counts",
    "DistractorsManifest",
    "FileRecord",
    "ImageFile",
    "ImageTable",
    "ImageVariant",
    "ImagesRecord",
    "Manifest",
    "StoredImage",
    "TableConfig",
    "TablesError",
    "TablesManifest",
    "corpus_batch",
    "fill_images",
    "is_table_path",
    "list_configs",
    "list_prepared",
    "load_manifest",
    "pairs_batch",
    "prepared_folder",
    "qrels_batch",
    "queries_batch",
    "read_distractors",
    "read_ground_truth",
    "read_images",
    "read_manifest",
    "read_manifests",
    "read_stored",
    "read_tables_manifest",
    "table_path",
    "write_manifest",
    "write_table",
]

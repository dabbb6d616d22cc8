"""Prepared tables: their schemas, their manifest, and the ground truth read back from them."""

from pixret.tables._errors import TablesError
from pixret.tables._manifest import (
    MANIFEST_NAME,
    MANIFEST_SCHEMA,
    Counts,
    FileRecord,
    Manifest,
    list_prepared,
    load_manifest,
    prepared_folder,
    read_manifest,
    table_path,
    write_manifest,
)
from pixret.tables._read import read_ground_truth
from pixret.tables._rows import corpus_batch, pairs_batch, queries_batch
from pixret.tables._schema import SCHEMAS
from pixret.tables._stored import ImageTable, StoredImage, read_images, read_stored
from pixret.tables._write import write_table

__all__ = [
    "MANIFEST_NAME",
    "MANIFEST_SCHEMA",
    "SCHEMAS",
    "Counts",
    "FileRecord",
    "ImageTable",
    "Manifest",
    "StoredImage",
    "TablesError",
    "corpus_batch",
    "list_prepared",
    "load_manifest",
    "pairs_batch",
    "prepared_folder",
    "queries_batch",
    "read_ground_truth",
    "read_images",
    "read_manifest",
    "read_stored",
    "table_path",
    "write_manifest",
    "write_table",
]

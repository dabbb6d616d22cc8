"""Prepared tables without the bytes of their images, for those who may not pass images on."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from pixret.loader._publish import publish_folder
from pixret.repository import describe_repository
from pixret.tables import (
    SCHEMAS,
    FileRecord,
    Manifest,
    TablesError,
    list_prepared,
    read_manifest,
    write_manifest,
    write_table,
)


def strip_images(data: Path, out: Path) -> None:
    """Copy the tables of all benchmarks in `data` into `out`, with null for every image, and describe them anew.

    Names, sizes and digests of the images stay, so that `load` can join local files. Raises TablesError, and
    PrepareError for an `out` that holds something else.
    """
    for benchmark in list_prepared(data):
        manifest = read_manifest(data, benchmark)
        with publish_folder(out, benchmark) as folder:
            files: dict[str, FileRecord] = {}
            for table in SCHEMAS:
                files |= _strip_table(data / benchmark, folder, manifest, table)
            write_manifest(folder, msgspec.structs.replace(manifest, files=files, annotations_only=True))
    describe_repository(out)


def _strip_table(source: Path, folder: Path, manifest: Manifest, table: str) -> dict[str, FileRecord]:
    shards = manifest.shards(table)
    if "image" in SCHEMAS[table].names:
        return write_table(folder, table, _without_images(source, shards, SCHEMAS[table]))
    (folder / table).mkdir()
    for path in shards:
        shutil.copyfile(source / path, folder / path)
    return {path: manifest.files[path] for path in shards}


def _without_images(source: Path, shards: tuple[str, ...], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    kept = [name for name in schema.names if name != "image"]
    for path in shards:
        try:
            table = pq.read_table(source / path, columns=kept)
        except (OSError, pa.ArrowException) as error:
            raise TablesError(source / path, f"cannot be read: {error}") from error
        columns = {name: table[name].combine_chunks() for name in kept}
        columns["image"] = pa.nulls(table.num_rows, schema.field("image").type)
        yield pa.RecordBatch.from_arrays([columns[name] for name in schema.names], schema=schema)

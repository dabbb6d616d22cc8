"""Prepared tables without the bytes of their images, for those who may not pass images on."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from pixret.loader._errors import PrepareError
from pixret.loader._publish import publish_folder
from pixret.repository import check_describable, describe_repository
from pixret.tables import (
    SCHEMAS,
    DistractorsManifest,
    FileRecord,
    Manifest,
    TablesError,
    TablesManifest,
    prepared_folder,
    read_manifests,
    write_manifest,
    write_table,
)


def strip_images(data: Path, out: Path) -> tuple[TablesManifest, ...]:
    """Copy all tables in `data` into `out`, with null for every image, describe them anew, and give their manifests.

    Names, sizes and digests of the images stay, so that `load` can join local files. Raises TablesError for a table
    that is not as it was written, PrepareError for an `out` that is or lies in `data`, or holds something else, and
    RepositoryError for an `out` with descriptions that pixret did not write.
    """
    manifests = read_manifests(data)
    if not manifests:
        prepared_folder(data)  # raises, and says why there is none
    if out.resolve() == data.resolve():
        raise PrepareError(f"{out}: holds the tables themselves; choose another place for the copy")
    if out.resolve().is_relative_to(data.resolve()):
        raise PrepareError(f"{out}: lies in {data}, the folder of the tables; choose another place for the copy")
    check_describable(out)
    for manifest in manifests:
        _check_files(data / manifest.benchmark, manifest)
    stripped = tuple(_strip(data / manifest.benchmark, out, manifest) for manifest in manifests)
    describe_repository(out)
    return stripped


def _check_files(folder: Path, manifest: TablesManifest) -> None:
    for path, record in manifest.files.items():
        record.check(folder / path)


def _strip(source: Path, out: Path, manifest: Manifest | DistractorsManifest) -> TablesManifest:
    files: dict[str, FileRecord] = {}
    with publish_folder(out, manifest.benchmark) as folder:
        for table in manifest.tables:
            files |= _strip_table(source, folder, manifest, table)
        stripped = msgspec.structs.replace(manifest, files=files, annotations_only=True)
        write_manifest(folder, stripped)
    return stripped


def _strip_table(source: Path, folder: Path, manifest: TablesManifest, table: str) -> dict[str, FileRecord]:
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

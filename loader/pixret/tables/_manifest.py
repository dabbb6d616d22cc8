"""What a folder of prepared tables says about itself."""

import hashlib
import re
from pathlib import Path
from typing import ClassVar, Literal, TypeVar

import msgspec

from pixret.tables._errors import TablesError
from pixret.tables._schema import SCHEMAS

MANIFEST_SCHEMA = "pixret.manifest/2"
MANIFEST_NAME = "manifest.json"


ImageVariant = Literal["original", "v1", "unknown"]
"""Which release of the images: the first one, or `-v1`, in which faces are blurred."""


def table_path(table: str, shard: int = 0, shards: int = 1) -> str:
    """Path of a table's file, one of `shards`, inside its benchmark's folder."""
    return f"{table}/test-{shard:05}-of-{shards:05}.parquet"


def is_table_path(path: str) -> bool:
    """Tell whether a path inside a benchmark's folder can be that of a table's file."""
    table, _, name = path.partition("/")
    return table in SCHEMAS and re.fullmatch(r"test-\d{5}-of-\d{5}\.parquet", name) is not None


class FileRecord(msgspec.Struct, frozen=True):
    """Digest (hexadecimal), size and number of rows of one file."""

    sha256: str
    bytes: int
    rows: int

    def check(self, path: Path) -> None:
        """Raise TablesError unless the file is as it was written."""
        try:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise TablesError(path, f"cannot be read: {error.strerror}") from error
        if digest != self.sha256:
            raise TablesError(path, "has changed since it was written: its SHA-256 is not the manifest's")


class Counts(msgspec.Struct, frozen=True):
    """How much a benchmark holds: queries, index images, and pairs of each level."""

    queries: int
    images: int
    easy: int
    hard: int
    junk: int


class ImagesRecord(msgspec.Struct, frozen=True):
    """Where the images of a benchmark came from.

    `sha256` is one digest over the names and the SHA-256 of all images, queries first. `sources` counts the images by
    the bare name of the folder or archive that held them. `missing` names the images that are not there, and
    `boxes_beyond` the queries whose box reaches beyond their image.
    """

    variant: ImageVariant
    sha256: str
    sources: dict[str, int]
    missing: tuple[str, ...]
    boxes_beyond: tuple[str, ...]


class TablesManifest:
    """What every manifest says: of which benchmark the tables in its folder are, and which files they have.

    `tables` are the tables that such a folder holds, and `file_name` is the name of its manifest. The fields themselves
    are declared by each kind, in the order in which it is written.
    """

    __slots__ = ()

    tables: ClassVar[tuple[str, ...]]
    file_name: ClassVar[str]

    benchmark: str
    annotations_only: bool
    files: dict[str, FileRecord]

    def shards(self, table: str) -> tuple[str, ...]:
        """Paths of a table's files in the order of their rows."""
        return tuple(sorted(path for path in self.files if path.startswith(f"{table}/")))


class Manifest(msgspec.Struct, TablesManifest, frozen=True, kw_only=True):
    """The manifest of one benchmark's folder, written last and free of timestamps: equal input, equal bytes.

    `ground_truth` is the digest of the ground truth. `files` are relative to the folder; `sources` are the digests
    of the raw files by their path in the authors' folder, and `labels_sha256` one digest over all label files. Pairs
    are named QUERY_IMAGE by index: those in `missing_labels` have no label, those in `empty_labels` a label without
    shapes or with a shape without points, and those in `other_image_labels` one that names another image. `images` is
    None where the images were never read; `annotations_only` says that the tables hold none.
    """

    tables: ClassVar[tuple[str, ...]] = tuple(SCHEMAS)
    file_name: ClassVar[str] = MANIFEST_NAME

    schema: str = MANIFEST_SCHEMA
    benchmark: str
    counts: Counts
    ground_truth: str
    ignored_queries: tuple[int, ...]
    annotations_only: bool
    images: ImagesRecord | None = None
    missing_labels: tuple[str, ...]
    empty_labels: tuple[str, ...]
    other_image_labels: tuple[str, ...]
    files: dict[str, FileRecord]
    sources: dict[str, str]
    labels_sha256: str
    versions: dict[str, str]


AnyManifest = TypeVar("AnyManifest", bound=TablesManifest)


class _Versioned(msgspec.Struct):
    schema: str


def write_manifest(folder: Path, manifest: TablesManifest) -> None:
    """Write the manifest into its benchmark's folder."""
    text = msgspec.json.format(msgspec.json.encode(manifest), indent=2)
    (folder / manifest.file_name).write_bytes(text + b"\n")


def list_prepared(directory: Path) -> tuple[str, ...]:
    """Names of the benchmarks that are prepared in a directory, sorted; none when there is no such directory."""
    return tuple(sorted(path.parent.name for path in directory.glob(f"[!.]*/{MANIFEST_NAME}")))


def prepared_folder(directory: Path, benchmark: str | None = None) -> Path:
    """Find a benchmark's folder; without a name, the only one there is. Raises TablesError."""
    names = list_prepared(directory)
    if not names:
        if (directory / MANIFEST_NAME).is_file():
            raise TablesError(directory, "is the folder of one benchmark", f"give {directory.parent} instead")
        raise TablesError(directory, "holds no prepared benchmark", "make one with pixret prepare")
    if benchmark is None and len(names) > 1:
        raise TablesError(
            directory, f"holds several benchmarks: {', '.join(names)}", "say which one is meant (--benchmark)"
        )
    if benchmark is not None and benchmark not in names:
        detail = f"holds no {benchmark}, only {', '.join(names)}"
        raise TablesError(directory, detail, f"make it with pixret prepare {benchmark}")
    return directory / (benchmark or names[0])


def read_manifest(directory: Path, benchmark: str | None = None) -> Manifest:
    """Read and check the manifest of a benchmark; without a name, of the only one. Raises TablesError."""
    return load_manifest(prepared_folder(directory, benchmark))


def load_manifest(folder: Path) -> Manifest:
    """Read and check the manifest in a benchmark's folder. Raises TablesError."""
    return load_manifest_as(Manifest, MANIFEST_SCHEMA, folder)


def load_manifest_as(kind: type[AnyManifest], schema: str, folder: Path) -> AnyManifest:
    """Read and check the manifest of some kind in a folder of tables. Raises TablesError."""
    path = folder / kind.file_name
    try:
        data = path.read_bytes()
        version = msgspec.json.decode(data, type=_Versioned).schema
        if version == schema:
            return _checked(msgspec.json.decode(data, type=kind), path)
    except OSError as error:
        raise TablesError(path, f"cannot be read: {error.strerror}") from error
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise TablesError(path, f"is not a manifest: {error}") from error
    remedy = "run pixret prepare again, or use the version of pixret that wrote it"
    raise TablesError(path, f"has the schema {version:.40}, and this version of pixret reads {schema}", remedy)


def _checked(manifest: AnyManifest, path: Path) -> AnyManifest:
    if manifest.benchmark != path.parent.name:
        detail = f"is the manifest of {manifest.benchmark:.40}, and the folder is named {path.parent.name}"
        raise ValueError(detail)
    shards = {table: len(manifest.shards(table)) or 1 for table in manifest.tables}
    if set(manifest.files) != {table_path(table, i, n) for table, n in shards.items() for i in range(n)}:
        raise ValueError(f"it names the files {', '.join(sorted(manifest.files)):.200}")
    return manifest

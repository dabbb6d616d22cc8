"""What a folder of prepared tables says about itself."""

from pathlib import Path

import msgspec

from pixret.tables._errors import TablesError
from pixret.tables._schema import SCHEMAS

MANIFEST_SCHEMA = "pixret.manifest/1"
MANIFEST_NAME = "manifest.json"


def table_path(table: str) -> str:
    """Path of a table's file inside its benchmark's folder."""
    return f"{table}/test-00000-of-00001.parquet"


class FileRecord(msgspec.Struct, frozen=True):
    """Digest (hexadecimal), size and number of rows of one file."""

    sha256: str
    bytes: int
    rows: int


class Counts(msgspec.Struct, frozen=True):
    """How much a benchmark holds: queries, index images, and pairs of each level."""

    queries: int
    images: int
    easy: int
    hard: int
    junk: int


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """The manifest of one benchmark's folder, written last and free of timestamps: equal input, equal bytes.

    `ground_truth` is the digest of the ground truth. `files` are relative to the folder; `sources` are the digests
    of the raw files by their path in the authors' folder, and `labels_sha256` one digest over all label files. Pairs
    are named QUERY_IMAGE by index: those in `missing_labels` have no label, those in `empty_labels` a label without
    shapes or with a shape without points, and those in `other_image_labels` one that names another image.
    """

    schema: str = MANIFEST_SCHEMA
    benchmark: str
    counts: Counts
    ground_truth: str
    ignored_queries: tuple[int, ...]
    annotations_only: bool
    missing_labels: tuple[str, ...]
    empty_labels: tuple[str, ...]
    other_image_labels: tuple[str, ...]
    files: dict[str, FileRecord]
    sources: dict[str, str]
    labels_sha256: str
    versions: dict[str, str]


class _Versioned(msgspec.Struct):
    schema: str


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest into its benchmark's folder."""
    text = msgspec.json.format(msgspec.json.encode(manifest), indent=2)
    (folder / MANIFEST_NAME).write_bytes(text + b"\n")


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
        raise TablesError(directory, f"holds several benchmarks: {', '.join(names)}", "say which one is meant")
    if benchmark is not None and benchmark not in names:
        detail = f"holds no {benchmark}, only {', '.join(names)}"
        raise TablesError(directory, detail, f"make it with pixret prepare {benchmark}")
    return directory / (benchmark or names[0])


def read_manifest(directory: Path, benchmark: str | None = None) -> Manifest:
    """Read and check the manifest of a benchmark; without a name, of the only one. Raises TablesError."""
    return load_manifest(prepared_folder(directory, benchmark))


def load_manifest(folder: Path) -> Manifest:
    """Read and check the manifest in a benchmark's folder. Raises TablesError."""
    path = folder / MANIFEST_NAME
    try:
        data = path.read_bytes()
        version = msgspec.json.decode(data, type=_Versioned).schema
        if version == MANIFEST_SCHEMA:
            return _checked(msgspec.json.decode(data, type=Manifest), path)
    except OSError as error:
        raise TablesError(path, f"cannot be read: {error.strerror}") from error
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise TablesError(path, f"is not a manifest: {error}") from error
    remedy = "run pixret prepare again, or use the version of pixret that wrote it"
    raise TablesError(path, f"has the schema {version:.40}, and this version of pixret reads {MANIFEST_SCHEMA}", remedy)


def _checked(manifest: Manifest, path: Path) -> Manifest:
    if manifest.benchmark != path.parent.name:
        detail = f"is the manifest of {manifest.benchmark:.40}, and the folder is named {path.parent.name}"
        raise ValueError(detail)
    if set(manifest.files) != {table_path(table) for table in SCHEMAS}:
        raise ValueError(f"it names the files {', '.join(sorted(manifest.files)):.200}")
    return manifest

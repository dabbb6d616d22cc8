"""What a folder of distractors says about itself."""

from pathlib import Path
from typing import ClassVar

import msgspec

from pixret.tables._errors import TablesError
from pixret.tables._manifest import FileRecord, TablesManifest, load_manifest_as

DISTRACTORS = "r1m"
"""The name of the distractors where a benchmark is asked for."""

DISTRACTORS_NAME = "distractors.json"
"""The manifest of distractors, which are no benchmark that could be scored."""

_SCHEMA = "pixret.distractors/1"


class DistractorsManifest(msgspec.Struct, TablesManifest, frozen=True, kw_only=True):
    """What the folder of the distractors says about itself, written last and free of timestamps.

    `listed` is the number of names in the list, `images` that of rows. `missing` names the images that no archive
    holds, which have no row; `unreadable` tells by name why an image cannot be decoded, whose row is empty. `archives`
    has a digest over the names and the SHA-256 of the images of each archive.
    """

    tables: ClassVar[tuple[str, ...]] = ("corpus",)
    file_name: ClassVar[str] = DISTRACTORS_NAME

    schema: str = _SCHEMA
    benchmark: str = DISTRACTORS
    listed: int
    images: int
    annotations_only: bool = False
    missing: tuple[str, ...]
    unreadable: dict[str, str]
    list_sha256: str
    archives: dict[str, str]
    files: dict[str, FileRecord]
    versions: dict[str, str]


def has_distractors(directory: Path) -> bool:
    """Tell whether distractors are prepared in a directory."""
    return (directory / DISTRACTORS / DISTRACTORS_NAME).is_file()


def read_distractors(directory: Path) -> DistractorsManifest:
    """Read and check the manifest of the distractors in a directory. Raises TablesError."""
    if not has_distractors(directory):
        raise TablesError(directory, f"holds no {DISTRACTORS}", f"make it with pixret prepare {DISTRACTORS}")
    return load_manifest_as(DistractorsManifest, _SCHEMA, directory / DISTRACTORS)

"""Local image files, put into tables that were made without them."""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from pixret.loader._errors import LoadError

JOINED = ("id", "image", "sha256")
"""Columns that joining images needs."""

_SUFFIXES = frozenset({".jpg", ".jpeg", ".png"})
_MAX_LISTED = 20
_ROWS = 100  # rows whose images are in memory at a time


class LocalImages:
    """The image files in a folder and its subfolders, found by their SHA-256 or by their name without extension."""

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise LoadError(f"{folder}: no such folder; give the one with the image files")
        self.folder = folder
        self._digests: dict[Path, str] = {}
        self._by_name: dict[str, list[Path]] = defaultdict(list)
        for path in sorted(folder.rglob("*")):
            if path.suffix.lower() in _SUFFIXES and path.is_file():
                self._by_name[path.stem].append(path)

    def find(self, names: Sequence[str], digests: Sequence[str | None]) -> list[Path]:
        """Find a file for every row. Raises LoadError that names what is missing, ambiguous or not the same."""
        found = [self._find(name, digest) for name, digest in zip(names, digests, strict=True)]
        problems = [each for each in found if isinstance(each, str)]
        if problems:
            more = [f"and {len(problems) - _MAX_LISTED} more"] if len(problems) > _MAX_LISTED else []
            listing = "\n  ".join([*problems[:_MAX_LISTED], *more])
            raise LoadError(f"{self.folder}: {len(problems)} of {len(found)} images do not fit\n  {listing}")
        return [each for each in found if isinstance(each, Path)]

    def _find(self, name: str, digest: str | None) -> Path | str:
        """Find the file of a row, or say why there is none."""
        named = {self._digest(path): path for path in self._by_name.get(name, ())}
        if digest is None:
            if len(named) > 1:
                return f"{name}: {' and '.join(map(str, named.values()))} differ, and no SHA-256 says which is meant"
            return next(iter(named.values()), f"{name}: no file of that name")
        if digest in named:
            return named[digest]
        if digest in self._by_digest:
            return self._by_digest[digest]
        for other, path in named.items():
            return f"{name}: {path} has the SHA-256 {other}, and the table says {digest}"
        return f"{name}: no file of that name, nor one with the SHA-256 {digest}"

    @cached_property
    def _by_digest(self) -> Mapping[str, Path]:
        return {self._digest(path): path for paths in self._by_name.values() for path in paths}

    def _digest(self, path: Path) -> str:
        """Digest of a file, kept, so that `datasets` also sees by the digests whether it did the same before."""
        if path not in self._digests:
            with path.open("rb") as file:
                self._digests[path] = hashlib.file_digest(file, "sha256").hexdigest()
        return self._digests[path]


def join_images(table: Any, local: LocalImages) -> Any:
    """Fill the column `image` of a table, which may be streamed, with local files.

    A table that is not streamed is checked as a whole first. Raises LoadError.
    """
    import datasets

    fill, options = partial(_fill, local), {"input_columns": ["id", "sha256"], "batched": True, "batch_size": _ROWS}
    if isinstance(table, datasets.IterableDataset):
        return table.map(fill, **options).cast(table.features)  # with map's own features, it would decode no image
    local.find(list(table["id"]), list(table["sha256"]))
    return table.map(fill, features=table.features, **options)


def _fill(local: LocalImages, names: Sequence[str], digests: Sequence[str | None]) -> dict[str, list[dict[str, Any]]]:
    return {"image": [{"bytes": path.read_bytes(), "path": path.name} for path in local.find(names, digests)]}

"""Queries and index images as the tables hold them, and the bytes of their images."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq

from pixret.tables._errors import TablesError
from pixret.tables._manifest import load_manifest, prepared_folder

ImageTable = Literal["queries", "corpus"]
"""The tables that hold images."""


@dataclass(frozen=True, slots=True)
class StoredImage:
    """One row of queries or index images, without the bytes.

    `bbox` is that of a query, [x, y, width, height], and None for an index image. `file_name`, `width` and `height`
    are None where the tables do not know them, as those without images may not, and so is `sha256`, that of the file.
    """

    name: str
    index: int
    file_name: str | None
    width: int | None
    height: int | None
    bbox: tuple[float, float, float, float] | None = None
    sha256: str | None = None

    @property
    def size(self) -> tuple[int, int] | None:
        """Height and width in pixels, where they are known."""
        return None if self.height is None or self.width is None else (self.height, self.width)


def read_stored(directory: Path, table: ImageTable, benchmark: str | None = None) -> tuple[StoredImage, ...]:
    """Read the rows of a table in the order of their index, and no image bytes. Raises TablesError."""
    key = "query" if table == "queries" else "image"
    columns = [
        f"{key}_id",
        f"{key}_index",
        "image.path",
        "width",
        "height",
        "sha256",
        *(["bbox"] if key == "query" else []),
    ]
    rows: list[StoredImage] = []
    for path in _shards(directory, table, benchmark):
        with _opened(path) as file:
            rows += [_stored_image(key, row) for row in file.read(columns=columns).to_pylist()]
    return tuple(rows)


def read_images(
    directory: Path, table: ImageTable, indices: Iterable[int], benchmark: str | None = None
) -> Iterator[tuple[int, bytes | None]]:
    """Read the files of some images, None for one that is not there, in ascending order of their index.

    At most one row group is in memory. Raises TablesError.
    """
    wanted = sorted(set(indices))
    start = 0
    for path in _shards(directory, table, benchmark):
        with _opened(path) as file:
            for group in range(file.num_row_groups):
                stop = start + file.metadata.row_group(group).num_rows
                rows = wanted[bisect_left(wanted, start) : bisect_left(wanted, stop)]
                if rows:
                    images: Any = file.read_row_group(group, columns=["image.bytes"]).column("image")
                    for row in rows:
                        yield row, (images[row - start].as_py() or {}).get("bytes")
                start = stop


def _stored_image(key: str, row: dict[str, Any]) -> StoredImage:
    file_name = (row["image"] or {}).get("path")
    box = row.get("bbox")
    return StoredImage(
        name=row[f"{key}_id"],
        index=row[f"{key}_index"],
        file_name=file_name,
        width=row["width"],
        height=row["height"],
        bbox=None if box is None else tuple(box),
        sha256=row["sha256"],
    )


def _shards(directory: Path, table: str, benchmark: str | None) -> list[Path]:
    folder = prepared_folder(directory, benchmark)
    return [folder / path for path in load_manifest(folder).shards(table)]


@contextmanager
def _opened(path: Path) -> Iterator[pq.ParquetFile]:
    try:
        with pq.ParquetFile(path, memory_map=True) as file:
            yield file
    except OSError as error:
        raise TablesError(path, f"cannot be read: {error}") from error
    except (pa.ArrowException, UnicodeDecodeError) as error:  # the latter, for names that are no text
        raise TablesError(path, f"is not a Parquet file: {error}") from error

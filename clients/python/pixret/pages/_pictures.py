"""The pictures on a page: from the tables, or from the image files in a folder."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pixret.browse import Thumbnail, read_thumbnails, shrink
from pixret.loader import LocalImages
from pixret.tables import ImageTable, StoredImage


@dataclass(frozen=True, slots=True)
class Gallery:
    """Where the images of a benchmark are: in the tables in `data`, or as files in `folder` if that is given."""

    data: Path
    benchmark: str
    folder: Path | None = None

    def thumbnails(self, table: ImageTable, images: Sequence[StoredImage], side: int) -> dict[int, Thumbnail]:
        """Small pictures of some images, by index; none for an image that is not in the tables.

        Raises TablesError, BrowseError for what cannot be decoded, and LoadError for files that do not fit.
        """
        if self.folder is None:
            return read_thumbnails(self.data, self.benchmark, table, images, side)
        files = LocalImages(self.folder).find([image.name for image in images], [image.sha256 for image in images])
        return {
            image.index: shrink(path.read_bytes(), side, f"{path}: the image of {image.name}")
            for image, path in zip(images, files, strict=True)
        }

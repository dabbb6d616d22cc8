"""Images of the tables, made small."""

import io
from collections.abc import Iterable
from pathlib import Path

from PIL import Image, ImageOps

from pixret.browse._errors import BrowseError
from pixret.browse._sheet import Thumbnail
from pixret.tables import ImageTable, StoredImage, read_images

_QUALITY = 78


def read_thumbnails(
    data: Path, benchmark: str, table: ImageTable, images: Iterable[StoredImage], side: int
) -> dict[int, Thumbnail]:
    """Make thumbnails of at most `side` pixels a side, by index; none for an image that is not in the tables."""
    names = {image.index: image.name for image in images}
    thumbnails = {}
    for index, content in read_images(data, table, names, benchmark):
        if content is not None:
            thumbnails[index] = shrink(content, side, f"{benchmark}: image {names[index]}")
    return thumbnails


def shrink(content: bytes, side: int, name: str) -> Thumbnail:
    """Make the thumbnail of an image file. Raises BrowseError, which names it, when it cannot be decoded."""
    try:
        with Image.open(io.BytesIO(content)) as image:
            image.draft("RGB", (side, side))  # a JPEG is decoded at the smallest scale that is large enough
            small = ImageOps.exif_transpose(image).convert("RGB")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise BrowseError(f"{name} cannot be decoded: {error}; prepare the tables again") from error
    small.thumbnail((side, side), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    small.save(buffer, "WEBP", quality=_QUALITY)
    return Thumbnail(buffer.getvalue(), *small.size)

"""From an image file to its size: decoded in full, since a header proves nothing of what follows it."""

import hashlib
import io
import warnings
from dataclasses import dataclass
from pathlib import Path

from pixret.rawfiles import RawFileError, read_bounded

_MAX_BYTES = 2**27
_FORMATS = ("JPEG", "PNG")
_TURNED = frozenset({5, 6, 7, 8})  # EXIF orientations that swap width and height

Size = tuple[int, int]


@dataclass(frozen=True, slots=True)
class ImageReading:
    """What an image file gave: SHA-256 and sizes as (width, height), or the fault for which it cannot be used.

    `size` is that of the image as it is shown; `stored` is that in the file, before its EXIF `orientation`.
    """

    sha256: str
    size: Size
    stored: Size
    orientation: int | None
    fault: str | None = None


def read_image(path: Path) -> ImageReading:
    """Read, hash and decode one image. Never raises for what is in the file."""
    try:
        data = read_bounded(path, _MAX_BYTES)
    except RawFileError as error:
        return _failed(error.detail)
    if not data:
        return _failed("is empty")
    try:
        stored, orientation = _decode(data)
    except Exception as error:  # noqa: BLE001, Pillow's decoders raise whatever the bytes lead them to
        return _failed(_wording(data, error))
    size = stored[::-1] if orientation in _TURNED else stored
    return ImageReading(hashlib.sha256(data).hexdigest(), size, stored, orientation)


def _decode(data: bytes) -> tuple[Size, int | None]:
    """Decode as `datasets` does when it shows an image; the EXIF block is read last, as it may follow the pixels."""
    from PIL import ExifTags, Image  # here, since preparing without images needs no Pillow

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
            image.load()
            return image.size, image.getexif().get(ExifTags.Base.Orientation)


def _wording(data: bytes, error: Exception) -> str:
    from PIL import UnidentifiedImageError

    if isinstance(error, UnidentifiedImageError):  # whose own message holds nothing but the address of a buffer
        return f"is neither JPEG nor PNG: it begins with {data[:16]!r}"
    return f"cannot be decoded: {error}"


def _failed(fault: str) -> ImageReading:
    return ImageReading("", (0, 0), (0, 0), None, fault)

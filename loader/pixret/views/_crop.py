"""Queries as the protocol wants them: an image, cropped to its box."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

# Fewer decimals than a double holds and more than the ground truth has: x + width is then the authors' x2 again.
_DECIMALS = 6


def crop_query(image: "Image", bbox: Sequence[float]) -> "Image":
    """Crop a query image to its box in COCO order, as revisitop does: ``image.crop((x1, y1, x2, y2))``.

    Pillow rounds the corners; what lies outside of the image is black. The other pixels of the image may not be used.
    """
    x, y, width, height = map(float, bbox)
    return image.crop((x, y, round(x + width, _DECIMALS), round(y + height, _DECIMALS)))

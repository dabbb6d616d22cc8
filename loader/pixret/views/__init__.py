"""Prepared benchmarks as other ecosystems want them. Importing this imports none of theirs."""

from pixret.views._arrays import decode_mask, decode_masks, polygon_points
from pixret.views._coco import CocoAnnotation, CocoCategory, CocoImage, CocoInstances, to_coco
from pixret.views._crop import crop_query
from pixret.views._errors import ViewError
from pixret.views._fiftyone import to_fiftyone

__all__ = [
    "CocoAnnotation",
    "CocoCategory",
    "CocoImage",
    "CocoInstances",
    "ViewError",
    "crop_query",
    "decode_mask",
    "decode_masks",
    "polygon_points",
    "to_coco",
    "to_fiftyone",
]

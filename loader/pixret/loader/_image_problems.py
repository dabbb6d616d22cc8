"""Where the images of a benchmark contradict its ground truth and its labels."""

from collections.abc import Iterator, Mapping

from pixret.loader._decode import ImageReading, Size
from pixret.loader._errors import Problem, ProblemKind
from pixret.loader._gallery import Gallery
from pixret.loader._labels import LabelReading
from pixret.loader._source import Pair, Source, pair_name


def find_image_problems(source: Source, labels: Mapping[Pair, LabelReading], gallery: Gallery) -> list[Problem]:
    """List everything that stands against the images, in a fixed order."""
    return [
        *gallery.located.problems,
        *_missing(source, gallery),
        *_unreadable(gallery),
        *_boxes_outside(source, gallery),
        *_wrong_canvases(source, labels, gallery),
    ]


def find_boxes_beyond(source: Source, gallery: Gallery) -> tuple[str, ...]:
    """Name the queries whose box reaches beyond their image; revisitop's crop is black there."""
    return tuple(
        name
        for name, (x1, y1, x2, y2), (width, height) in _boxes(source, gallery)
        if x1 < 0 or y1 < 0 or x2 > width or y2 > height
    )


def _missing(source: Source, gallery: Gallery) -> Iterator[Problem]:
    queries = set(source.gnd.qimlist)
    where = ", ".join(str(place.path) for place in gallery.places)
    for name in gallery.names:
        if name not in gallery.located.images:
            kind = "query" if name in queries else "index"
            yield Problem(ProblemKind.MISSING_IMAGE, None, f"{kind} image {name} is not in {where}")


def _unreadable(gallery: Gallery) -> Iterator[Problem]:
    for name, reading in gallery.readings.items():
        if reading.fault is not None:
            message = f"image {name}: {gallery.located.images[name].shown} {reading.fault}"
            yield Problem(ProblemKind.UNREADABLE_IMAGE, None, message)


def _boxes_outside(source: Source, gallery: Gallery) -> Iterator[Problem]:
    for name, (x1, y1, x2, y2), (width, height) in _boxes(source, gallery):
        if x2 <= 0 or y2 <= 0 or x1 >= width or y1 >= height:
            message = f"query image {name} has {width} x {height} pixels, and its box {x1, y1, x2, y2} lies outside"
            yield Problem(ProblemKind.BOX_OUTSIDE, None, message)


def _boxes(source: Source, gallery: Gallery) -> Iterator[tuple[str, tuple[float, float, float, float], Size]]:
    for name, query in zip(source.gnd.qimlist, source.gnd.queries, strict=True):
        reading = gallery.readings.get(name)
        if reading is not None and reading.fault is None:
            yield name, query.bbx, reading.size


def _wrong_canvases(source: Source, labels: Mapping[Pair, LabelReading], gallery: Gallery) -> Iterator[Problem]:
    for pair, label in labels.items():
        name = source.gnd.imlist[pair[1]]
        image = gallery.readings.get(name)
        if label.label is None or image is None or image.fault is not None:
            continue
        canvas = label.label.mask.width, label.label.mask.height
        if canvas != image.size:
            message = f"its label is drawn on {_pixels(canvas)}, and image {name} has {_pixels(image.size)}"
            yield Problem(ProblemKind.IMAGE_SIZE, pair_name(pair), message + _about_rotation(canvas, image))


def _about_rotation(canvas: Size, image: ImageReading) -> str:
    if image.size != image.stored:
        same = ", as the label" if canvas == image.stored else ""
        return f"; before its EXIF orientation {image.orientation} is applied it has {_pixels(image.stored)}{same}"
    return "; a quarter turn would make them equal" if canvas == image.size[::-1] else ""


def _pixels(size: Size) -> str:
    return f"{size[0]} x {size[1]} pixels"

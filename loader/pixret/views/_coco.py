"""A benchmark as COCO instances: a category for every query, an annotation for every judged pair."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NotRequired, TypedDict

from pixret.metrics import CocoRle, GroundTruth, JudgedPair, Mask, Protocol
from pixret.tables import StoredImage, read_ground_truth, read_stored
from pixret.views._errors import ViewError

_Size = tuple[int, int]
_MAX_NAMED = 5


class CocoImage(TypedDict):
    """An index image; `id` is its index. Without a size where the tables do not know it."""

    id: int
    file_name: str
    width: NotRequired[int]
    height: NotRequired[int]


class CocoCategory(TypedDict):
    """A query; `id` is its index, `bbox` the box in its own image, [x, y, width, height]."""

    id: int
    name: str
    supercategory: str
    bbox: list[float]


class CocoAnnotation(TypedDict):
    """The query object in an index image, or, with `iscrowd` 1, an image to be ignored for this query."""

    id: int
    image_id: int
    category_id: int
    segmentation: CocoRle
    area: int
    bbox: list[int]
    iscrowd: int
    level: str


class CocoInstances(TypedDict):
    """COCO's instances format, all of which JSON can hold."""

    info: dict[str, str]
    licenses: list[object]
    images: list[CocoImage]
    categories: list[CocoCategory]
    annotations: list[CocoAnnotation]


def to_coco(
    data: Path, benchmark: str | None = None, *, protocol: Protocol = Protocol.MEDIUM, junk: bool = True
) -> CocoInstances:
    """Make COCO instances of prepared tables; without a name, of the only benchmark there.

    The positives of `protocol` are annotations with the mask of their label. Whatever else was judged is junk: a
    crowd over the whole image, where COCO's evaluation neither rewards nor punishes a detection of that query; so is
    a positive whose label is missing. `junk` False leaves all those out.

    Raises TablesError, and ViewError where the size of such an image is not known.
    """
    truth = read_ground_truth(data, benchmark)
    images = read_stored(data, "corpus", truth.benchmark)
    sizes = {image.index: image.size for image in images if image.size is not None}
    judged = [pair for pair in truth.pairs if junk or _is_annotated(pair, protocol)]
    _check_sizes(truth, judged, sizes)
    return {
        "info": {"description": f"{truth.benchmark}, protocol {protocol}", "version": truth.digest},
        "licenses": [],
        "images": [_image(image, sizes) for image in images],
        "categories": [_category(query) for query in read_stored(data, "queries", truth.benchmark)],
        # From 1 on: COCO's evaluation takes the id 0 for "not matched".
        "annotations": [_annotation(number, pair, sizes, protocol) for number, pair in enumerate(judged, 1)],
    }


def _is_annotated(pair: JudgedPair, protocol: Protocol) -> bool:
    return pair.label is not None and pair.level in protocol.positive_levels


def _check_sizes(truth: GroundTruth, judged: Iterable[JudgedPair], sizes: Mapping[int, _Size]) -> None:
    unknown = sorted({pair.image_index for pair in judged} - set(sizes))
    if unknown:
        names = ", ".join(truth.image_ids[index] for index in unknown[:_MAX_NAMED])
        raise ViewError(
            f"{truth.benchmark}: {len(unknown)} junk images are of unknown size, since the tables hold no images: "
            f"{names}{', ...' if len(unknown) > _MAX_NAMED else ''}; prepare with images, or pass junk=False"
        )


def _image(image: StoredImage, sizes: Mapping[int, _Size]) -> CocoImage:
    row: CocoImage = {"id": image.index, "file_name": image.file_name or f"{image.name}.jpg"}
    if image.index in sizes:
        row["height"], row["width"] = sizes[image.index]
    return row


def _category(query: StoredImage) -> CocoCategory:
    return {"id": query.index, "name": query.name, "supercategory": "query", "bbox": list(query.bbox or ())}


def _annotation(number: int, pair: JudgedPair, sizes: Mapping[int, _Size], protocol: Protocol) -> CocoAnnotation:
    is_crowd = not _is_annotated(pair, protocol)
    mask = _whole(*sizes[pair.image_index]) if is_crowd or pair.label is None else pair.label.mask
    return {
        "id": number,
        "image_id": pair.image_index,
        "category_id": pair.query_index,
        "segmentation": mask.to_coco(),
        "area": mask.area,
        "bbox": list(mask.box or (0, 0, 0, 0)),
        "iscrowd": int(is_crowd),
        "level": pair.level.name.lower(),
    }


def _whole(height: int, width: int) -> Mask:
    return Mask.from_runs([0, height * width], height, width)

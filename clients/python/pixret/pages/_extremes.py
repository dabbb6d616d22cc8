"""The pairs that were segmented best and worst."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from pixret.browse import Card, Findings, Thumbnail
from pixret.metrics import JudgedPair
from pixret.pages._errors import PageError
from pixret.pages._pictures import Gallery
from pixret.tables import ImageTable, StoredImage, read_stored

_SIDE, _QUERY_SIDE = 400, 240


class ShownPair(NamedTuple):
    """A query, and a positive of it with the masks of label and prediction."""

    query: StoredImage
    card: Card


class Picture(NamedTuple):
    """A thumbnail, and the size of the canvas that is drawn on it."""

    thumbnail: Thumbnail
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Extremes:
    """Pairs by the strict IoU of their masks, best and worst first, and the pictures that they share, by index.

    Only pairs count for which a mask was predicted that holds something; `found` says how many these are.
    """

    found: int
    best: tuple[ShownPair, ...]
    worst: tuple[ShownPair, ...]
    queries: Mapping[int, Picture]
    images: Mapping[int, Picture]


def find_extremes(findings: Findings, gallery: Gallery, count: int) -> Extremes:
    """Choose up to `count` pairs from either end, none twice. Of equal IoUs, what ranks first stands first."""
    pairs = _by_iou(findings)
    best = pairs[: min(count, (len(pairs) + 1) // 2)]
    rest = sorted(pairs[len(best) :], key=lambda pair: (findings.iou(_key(pair)), _rank(findings, pair)))
    chosen = _show(findings, gallery, [*best, *rest[:count]])
    return Extremes(
        found=len(pairs),
        best=tuple(chosen[: len(best)]),
        worst=tuple(chosen[len(best) :]),
        queries=_pictures(gallery, "queries", {pair.query: pair.query.size for pair in chosen}, _QUERY_SIDE),
        images=_pictures(gallery, "corpus", {pair.card.image: _canvas(pair.card) for pair in chosen}, _SIDE),
    )


def _pictures(
    gallery: Gallery, table: ImageTable, sizes: Mapping[StoredImage, tuple[int, int] | None], side: int
) -> dict[int, Picture]:
    """Pictures by index, of images with their height and width; where these are not known, those of the thumbnail."""
    found = gallery.thumbnails(table, list(sizes), side)
    of_index = {image.index: (image, size) for image, size in sizes.items()}
    return {index: _picture(thumbnail, *of_index[index]) for index, thumbnail in found.items()}


def _picture(thumbnail: Thumbnail, image: StoredImage, size: tuple[int, int] | None) -> Picture:
    height, width = size or (thumbnail.height, thumbnail.width)
    # Thumbnails are rounded to whole pixels, so that their sides fit up to one.
    if abs(thumbnail.width * height - thumbnail.height * width) > max(height, width):
        detail = f"is {width} x {height} in the tables, and the file has another shape; give the images of these tables"
        raise PageError(f"image {image.name}", detail)
    return Picture(thumbnail, width, height)


def _canvas(card: Card) -> tuple[int, int] | None:
    return None if card.mask is None else (card.mask.height, card.mask.width)


def _by_iou(findings: Findings) -> list[JudgedPair]:
    accumulator = findings.accumulator
    found = {(query, image) for query, image, each in accumulator.pair_measurements() if each.found}
    pairs = [pair for pair in accumulator.truth.pairs if _key(pair) in found and pair.label is not None]
    return sorted(pairs, key=lambda pair: (-findings.iou(_key(pair)), _rank(findings, pair)))


def _show(findings: Findings, gallery: Gallery, pairs: Sequence[JudgedPair]) -> list[ShownPair]:
    queries, images = (read_stored(gallery.data, table, gallery.benchmark) for table in ("queries", "corpus"))
    canvases = findings.accumulator.truth.canvases
    said = findings.select({_key(pair): canvases.get(pair.image_index) for pair in pairs})
    masks = [None if pair.label is None else pair.label.mask for pair in pairs]
    return [
        ShownPair(queries[pair.query_index], Card(images[pair.image_index], pair.level, mask, said[_key(pair)]))
        for pair, mask in zip(pairs, masks, strict=True)
    ]


def _key(pair: JudgedPair) -> tuple[int, int]:
    return pair.query_index, pair.image_index


def _rank(findings: Findings, pair: JudgedPair) -> tuple[float, int, int]:
    rank = findings.rank(_key(pair))
    return (float("inf") if rank is None else rank), *_key(pair)

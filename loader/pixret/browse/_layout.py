"""Where everything stands on the picture of a sheet."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from pixret.browse._sheet import Card, Group, Sheet, Thumbnail
from pixret.tables import StoredImage

WIDTH, MARGIN = 1280, 24
QUERY_WIDTH = 300
LEFT = MARGIN + QUERY_WIDTH + MARGIN
"""Where the index images begin."""

_ROW, _GAP = 150, 10
_HEADING, _CAPTION = 30, 40
_UNKNOWN = 4 / 3
_SLIMMEST = 1 / 10  # beyond which a picture is squeezed: it would be wider or taller than the page


class Cell(NamedTuple):
    """A card with the place of its image in pixels."""

    card: Card
    x: int
    y: int
    width: int
    height: int


@dataclass(slots=True)
class Layout:
    """Cells, and headings with the y at which they stand; `height` is that of the picture."""

    headings: list[tuple[Group, int]] = field(default_factory=list)
    cells: list[Cell] = field(default_factory=list)
    height: int = MARGIN


def arrange(sheet: Sheet, images: Mapping[int, Thumbnail], query_height: int) -> Layout:
    """Put the levels below one another, each in rows of equal height; a level without images has a heading alone."""
    layout = Layout()
    for group in sheet.groups:
        layout.headings.append((group, layout.height))
        layout.height += _HEADING
        for row in _rows(group, images):
            layout.cells += [Cell(card, x, layout.height, width, _ROW) for card, x, width in row]
            layout.height += _ROW + _CAPTION + _GAP
    layout.height = max(layout.height, query_height) + MARGIN
    return layout


def aspect(image: StoredImage, thumbnail: Thumbnail | None) -> float:
    """Width by height, of what is shown of an image: 1:10 at the least, and 10:1 at the most."""
    if thumbnail is not None:
        shown = thumbnail.width / thumbnail.height
    else:
        shown = _UNKNOWN if image.size is None else image.size[1] / image.size[0]
    return min(max(shown, _SLIMMEST), 1 / _SLIMMEST)


def _rows(group: Group, images: Mapping[int, Thumbnail]) -> Iterator[list[tuple[Card, int, int]]]:
    row: list[tuple[Card, int, int]] = []
    x = LEFT
    for card in group.cards:
        width = min(round(aspect(card.image, images.get(card.image.index)) * _ROW), WIDTH - MARGIN - LEFT)
        if row and x + width > WIDTH - MARGIN:
            yield row
            row, x = [], LEFT
        row.append((card, x, width))
        x += width + _GAP
    if row:
        yield row

"""Sheets as pictures, one a query."""

import io
import re
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageColor, ImageDraw, ImageFont

from pixret.browse._contours import trace
from pixret.browse._layout import LEFT, MARGIN, QUERY_WIDTH, WIDTH, Cell, arrange, aspect
from pixret.browse._sheet import Album, Group, Sheet, Thumbnail
from pixret.files import write_whole
from pixret.metrics import Level, Mask

_PAPER, _INK, _SOFT, _BLANK = "#f7f6f3", "#1d1c1a", "#66635d", "#dcd9d2"
_LEVELS = {Level.EASY: "#15803d", Level.HARD: "#b45309", Level.JUNK: "#6b7280"}
_LABEL, _PREDICTION = "#16d9c5", "#ff7a2f"
_QUERY_TOP = MARGIN + 52
_FINER = 2


def write_pictures(album: Album, folder: Path) -> list[Path]:
    """Write one PNG for every sheet into a folder, which is made when it is not there; return their paths."""
    return [write_picture(album, sheet, folder / _file_name(sheet)) for sheet in album.sheets]


def write_picture(album: Album, sheet: Sheet, path: Path) -> Path:
    """Write one sheet as a PNG, in one step, with its folder; return its path."""
    buffer = io.BytesIO()
    _draw(album, sheet).save(buffer, "PNG")
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, buffer.getvalue())
    return path


def _file_name(sheet: Sheet) -> str:
    """A name comes from data, so that only its harmless characters become part of a path."""
    return f"{sheet.query.index:03d}_{re.sub(r'[^A-Za-z0-9-]+', '_', sheet.query.name)[:100]}.png"


def _draw(album: Album, sheet: Sheet) -> Image.Image:
    thumbnail = album.queries.get(sheet.query.index)
    query_height = round(QUERY_WIDTH / aspect(sheet.query, thumbnail))
    layout = arrange(sheet, album.images, _QUERY_TOP + query_height)
    picture = Image.new("RGB", (WIDTH, layout.height), _PAPER)
    pen = ImageDraw.Draw(picture)
    _text(pen, (MARGIN, MARGIN), sheet.query.name, QUERY_WIDTH, size=20)
    _text(pen, (MARGIN, MARGIN + 26), _query_facts(album, sheet), QUERY_WIDTH, color=_SOFT)
    picture.paste(_query_image(sheet, thumbnail, query_height), (MARGIN, _QUERY_TOP))
    for group, y in layout.headings:
        _draw_heading(pen, group, y)
    for cell in layout.cells:
        picture.paste(_card_image(cell, album.images.get(cell.card.image.index)), (cell.x, cell.y))
        _draw_caption(pen, cell)
    return picture


def _query_facts(album: Album, sheet: Sheet) -> str:
    facts = [f"{album.benchmark}, query {sheet.query.index}"]
    if sheet.miou is not None:
        facts.append(f"mean IoU {sheet.miou:.0%}")
    if album.annotations_only:
        facts.append("no images")
    return ", ".join(facts)


def _query_image(sheet: Sheet, thumbnail: Thumbnail | None, height: int) -> Image.Image:
    image = _scaled(thumbnail, QUERY_WIDTH, height)
    query = sheet.query
    if query.size is None or query.bbox is None:
        return image
    x, y, width, tall = query.bbox
    across, down = QUERY_WIDTH / query.size[1], height / query.size[0]
    box = round(x * across), round(y * down), round((x + width) * across), round((y + tall) * down)
    dimmed = Image.blend(image, Image.new("RGB", image.size), 0.5)
    dimmed.paste(image.crop(box), box)
    ImageDraw.Draw(dimmed).rectangle(box, outline="#ffffff", width=2)
    return dimmed


def _card_image(cell: Cell, thumbnail: Thumbnail | None) -> Image.Image:
    image = _scaled(thumbnail, cell.width, cell.height)
    finding = cell.card.finding
    predicted = None if finding is None else finding.mask
    for mask, color in ((cell.card.mask, _LABEL), (predicted, _PREDICTION)):
        if mask is not None:
            image = _outlined(image, mask, color)
    return image


def _scaled(thumbnail: Thumbnail | None, width: int, height: int) -> Image.Image:
    if thumbnail is None:
        return Image.new("RGB", (width, height), _BLANK)
    with Image.open(io.BytesIO(thumbnail.content)) as image:
        return image.convert("RGB").resize((width, height), Image.Resampling.LANCZOS)


def _outlined(image: Image.Image, mask: Mask, color: str) -> Image.Image:
    """Draw the outline of a mask at twice the size, where a thin line is smooth."""
    large = image.resize((_FINER * image.width, _FINER * image.height))
    scale = np.array([large.width / mask.width, large.height / mask.height])
    lines = [np.round(one * scale).astype(np.int32) for one in trace(mask, float(0.5 / scale.max()))]
    pixels = np.array(large)
    cv2.polylines(pixels, lines, True, ImageColor.getrgb(color), _FINER, cv2.LINE_AA)
    return Image.fromarray(pixels).resize(image.size, Image.Resampling.LANCZOS)


def _draw_heading(pen: ImageDraw.ImageDraw, group: Group, y: int) -> None:
    shown = len(group.cards)
    count = f"{shown} of {group.total}" if shown < group.total else f"{group.total}"
    pen.ellipse((LEFT, y + 5, LEFT + 10, y + 15), fill=_LEVELS[group.level])
    _text(pen, (LEFT + 18, y), f"{group.level.name.capitalize()}  {count}", WIDTH - MARGIN - LEFT, size=16)


def _draw_caption(pen: ImageDraw.ImageDraw, cell: Cell) -> None:
    bottom = cell.y + cell.height
    _text(pen, (cell.x, bottom + 2), cell.card.image.name, cell.width, size=12)
    finding = cell.card.finding
    if finding is not None:
        rank = "not ranked" if finding.rank is None else f"rank {finding.rank}"
        words = rank if finding.iou is None else f"{rank}, IoU {finding.iou:.0%}"
        _text(pen, (cell.x, bottom + 17), words, cell.width, size=12, color=_SOFT)


def _text(
    pen: ImageDraw.ImageDraw, place: tuple[int, int], words: str, width: int, *, size: int = 14, color: str = _INK
) -> None:
    """Write one line, cut where it would be wider than `width`."""
    font = ImageFont.load_default(size)
    while len(words) > 1 and font.getlength(words) > width:
        words = words.rstrip("…")[:-1] + "…"
    pen.text(place, words, color, font)

"""Sheets as one HTML file that needs nothing but itself."""

from base64 import b64encode
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined

from pixret.browse._contours import path_data, trace
from pixret.browse._sheet import Album, Thumbnail
from pixret.browse._write import write_whole
from pixret.metrics import Mask

_LONG_SIDE = 320  # of the pictures that an outline is drawn on; half a pixel there is not seen


class Outline(NamedTuple):
    """A mask on its own canvas, as the data of an SVG path."""

    height: int
    width: int
    path: str


def write_page(album: Album, path: Path) -> None:
    """Write the sheets as one self-contained page, in one step."""
    environment = Environment(
        loader=PackageLoader("pixret.browse", "page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["outline"] = _outline
    environment.filters["percent"] = "{:.0%}".format
    template = environment.get_template("page.html.j2")
    text = template.render(album=album, thumbnails=_store(album))
    write_whole(path, text.encode("utf-8"))


def _store(album: Album) -> dict[str, str]:
    """Every thumbnail once, as a data URI, by the key that the page's images name."""
    kinds = {"query": album.queries, "image": album.images}
    return {f"{kind}-{index}": _data_uri(one) for kind, some in kinds.items() for index, one in some.items()}


def _data_uri(thumbnail: Thumbnail) -> str:
    return f"data:image/webp;base64,{b64encode(thumbnail.content).decode('ascii')}"


def _outline(mask: Mask | None) -> Outline | None:
    """What to draw of a mask; None when there is nothing to see."""
    if mask is None or not mask.area:
        return None
    tolerance = max(mask.height, mask.width) / _LONG_SIDE / 2
    return Outline(mask.height, mask.width, path_data(trace(mask, tolerance)))

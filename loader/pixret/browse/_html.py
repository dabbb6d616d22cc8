"""Sheets as one HTML file that needs nothing but itself."""

from pathlib import Path

from pixret.browse._contours import outline
from pixret.browse._environment import page_environment
from pixret.browse._sheet import Album
from pixret.files import write_whole


def write_page(album: Album, path: Path) -> None:
    """Write the sheets as one self-contained page, in one step, with its folder."""
    environment = page_environment()
    environment.filters["outline"] = outline
    environment.filters["percent"] = "{:.0%}".format
    template = environment.get_template("page.html.j2")
    text = template.render(album=album, thumbnails=_store(album))
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, text.encode("utf-8"))


def _store(album: Album) -> dict[str, str]:
    """Every thumbnail once, as a data URI, by the key that the page's images name."""
    kinds = {"query": album.queries, "image": album.images}
    return {f"{kind}-{index}": one.data_uri for kind, some in kinds.items() for index, one in some.items()}

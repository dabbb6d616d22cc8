"""A page as its elements, with the standard library's parser."""

from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple

Attributes = dict[str, str | None]

_VOID = {"br", "img", "input", "meta"}


class Element(NamedTuple):
    """One element with its attributes and the pieces of text in it."""

    tag: str
    attributes: Attributes
    pieces: list[str]

    @property
    def words(self) -> str:
        return " ".join("".join(self.pieces).split())


class Page(HTMLParser):
    """The elements of a page in their order, and its text."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.found: list[Element] = []
        self.text: list[str] = []
        self.source = path.read_text(encoding="utf-8")
        self._open: list[Element] = []
        self.feed(self.source)
        assert not self._open, f"never closed: {[element.tag for element in self._open]}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append(Element(tag, dict(attrs), []))
        if tag not in _VOID:
            self._open.append(self.found[-1])

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append(Element(tag, dict(attrs), []))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop().tag == tag, f"{tag} at {self.getpos()} closes something else"

    def handle_data(self, data: str) -> None:
        self.text.append(data)
        for element in self._open:
            element.pieces.append(data)

    def of(self, tag: str) -> list[Element]:
        return [element for element in self.found if element.tag == tag]

    def all(self, tag: str) -> list[Attributes]:
        return [element.attributes for element in self.of(tag)]

    @property
    def words(self) -> str:
        return " ".join(" ".join(self.text).split())

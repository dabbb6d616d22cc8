"""Matplotlib's figures as SVG for a page: colours from the page's style, no identity of their own, the same bytes."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from markupsafe import Markup

from pixret.pages._errors import PageError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_SVG = "http://www.w3.org/2000/svg"
_STYLE: dict[Any, object] = {
    "svg.fonttype": "none",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.axisbelow": True,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "lines.linewidth": 1.6,
    "lines.solid_capstyle": "round",
}

_COLORS = ("soft", "line", "masks", "boxes", "easy", "hard", *(f"step-{step}" for step in range(10)))
"""Names of custom properties of the page's style."""

_PLACEHOLDERS = {name: f"#{number:02x}fe{number:02x}" for number, name in enumerate(_COLORS, 1)}
"""What stands for them while a figure is drawn: colours that nothing else has."""

_PROPERTIES = {placeholder: f"var(--{name})" for name, placeholder in _PLACEHOLDERS.items()}
_COLOR = re.compile("|".join(_PROPERTIES))
_LONG = re.compile(r"\d+\.\d{2,}")


def color(name: str) -> str:
    """The colour to draw with for a custom property of the page's style."""
    return _PLACEHOLDERS[name]


def require_matplotlib() -> None:
    """Raise PageError, which says what to install, when there is no Matplotlib."""
    if find_spec("matplotlib") is None:
        detail = "need Matplotlib, which is not installed; pip install 'pixret[report]' brings it"
        raise PageError("the plots of a page", detail)


@contextmanager
def new_figure(width: float, height: float) -> "Iterator[Figure]":
    """A figure of so many inches, with the axes that every plot here has."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    soft: dict[Any, object] = {
        key: color("soft") for key in ("text.color", "axes.labelcolor", "xtick.color", "ytick.color")
    }
    lines: dict[Any, object] = {key: color("line") for key in ("axes.edgecolor", "grid.color")}
    with rc_context(_STYLE | soft | lines):
        figure = Figure(figsize=(width, height))
        figure.subplots_adjust(left=0.1, right=0.97, top=0.96, bottom=0.15)
        yield figure


def to_svg(figure: "Figure", name: str, description: str) -> Markup:
    """Write a figure as an `svg` element, which its name makes apart from others, and a description for whom hears it.

    The description becomes an attribute, escaped; so do all words in the figure become text.
    """
    from matplotlib import rc_context

    buffer = io.BytesIO()
    with rc_context({"svg.hashsalt": name}):
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    root = ET.fromstring(buffer.getvalue())  # noqa: S314, Matplotlib wrote it
    for unwanted in ("metadata", "defs/{*}style"):
        _remove(root, unwanted)
    for element in root.iter():
        _clean(element)
    root.attrib |= {"role": "img", "aria-label": description}
    return Markup(ET.tostring(root, encoding="unicode"))  # noqa: S704, every text in it was escaped


def _remove(root: ET.Element, path: str) -> None:
    parents = {child: parent for parent in root.iter() for child in parent}
    for element in [*root.iterfind(f"{{*}}{path}")]:
        parents[element].remove(element)


def _clean(element: ET.Element) -> None:
    """Colours become those of the style, and a tenth of a unit is finer than a pixel."""
    if element.tag == f"{{{_SVG}}}svg":
        del element.attrib["width"], element.attrib["height"]
    elif element.tag == f"{{{_SVG}}}g":
        element.attrib.pop("id", None)  # "axes_1" is in every figure
    for name, value in element.attrib.items():
        rounded = _LONG.sub(lambda match: f"{float(match[0]):.1f}", value)
        element.attrib[name] = _COLOR.sub(lambda match: _PROPERTIES[match[0]], rounded)
    element.text, element.tail = (text and text.strip() for text in (element.text, element.tail))


ET.register_namespace("", _SVG)
ET.register_namespace("xlink", "http://www.w3.org/1999/xlink")

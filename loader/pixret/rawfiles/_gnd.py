"""The ground truth files of revisitop, ``gnd_*.pkl``."""

import math
from dataclasses import dataclass
from pathlib import Path
from reprlib import repr as bounded_repr

from pixret.rawfiles._errors import RawFileError
from pixret.rawfiles._files import read_bounded
from pixret.rawfiles._unpickle import PickleLimits, load_plain

_LIMITS = PickleLimits(max_bytes=2**24)
_LEVELS = ("easy", "hard", "junk")


@dataclass(frozen=True, slots=True)
class GndQuery:
    """One query: its box [x1, y1, x2, y2] in pixels, and the index images judged for it, in the file's order."""

    bbx: tuple[float, float, float, float]
    easy: tuple[int, ...]
    hard: tuple[int, ...]
    junk: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Gnd:
    """A ground truth file: names of the index images and of the queries (no extension), and one entry per query."""

    imlist: tuple[str, ...]
    qimlist: tuple[str, ...]
    queries: tuple[GndQuery, ...]


def read_gnd(path: Path) -> Gnd:
    """Read and check a ground truth file; its pickle may name no global at all. Raises RawFileError."""
    content = load_plain(read_bounded(path, _LIMITS.max_bytes), path, {}, _LIMITS)
    if not isinstance(content, dict):
        raise RawFileError(path, f"holds a {type(content).__name__}; a dict of imlist, qimlist and gnd belongs here")
    imlist = _names(content, "imlist", path)
    qimlist = _names(content, "qimlist", path)
    entries = _list(content, "gnd", "", path)
    if len(entries) != len(qimlist):
        raise RawFileError(path, f"gnd has {len(entries)} entries, and qimlist names {len(qimlist)} queries")
    queries = tuple(_query(entry, f"gnd[{q}]", len(imlist), path) for q, entry in enumerate(entries))
    return Gnd(imlist, qimlist, queries)


def _query(entry: object, where: str, n_images: int, path: Path) -> GndQuery:
    if not isinstance(entry, dict):
        raise RawFileError(
            path, f"{where} is a {type(entry).__name__}; a dict of bbx, easy, hard and junk belongs here"
        )
    easy, hard, junk = (_indices(entry, level, where, n_images, path) for level in _LEVELS)
    first: dict[int, str] = {}
    for level, indices in zip(_LEVELS, (easy, hard, junk), strict=True):
        for i in indices:
            if i in first:
                raise RawFileError(path, f"{where} judges image {i} twice, as {first[i]} and as {level}")
            first[i] = level
    return GndQuery(_box(entry, where, path), easy, hard, junk)


def _indices(entry: dict[object, object], level: str, where: str, n_images: int, path: Path) -> tuple[int, ...]:
    indices: list[int] = []
    for at, index in enumerate(_list(entry, level, f"{where}.", path)):
        if not isinstance(index, int) or isinstance(index, bool):
            raise RawFileError(path, f"{where}.{level}[{at}] is {bounded_repr(index)}, not the index of an image")
        if not 0 <= index < n_images:
            raise RawFileError(path, f"{where}.{level}[{at}] is {index}, and imlist has images 0 to {n_images - 1}")
        indices.append(index)
    return tuple(indices)


def _box(entry: dict[object, object], where: str, path: Path) -> tuple[float, float, float, float]:
    box = _list(entry, "bbx", f"{where}.", path)
    edges = [float(edge) for edge in box if isinstance(edge, (int, float)) and not isinstance(edge, bool)]
    if len(edges) != 4 or len(box) != 4 or not all(map(math.isfinite, edges)):
        raise RawFileError(path, f"{where}.bbx is {bounded_repr(box)}, not four numbers x1, y1, x2, y2")
    x1, y1, x2, y2 = edges
    if not (x1 < x2 and y1 < y2):
        raise RawFileError(path, f"{where}.bbx is {bounded_repr(box)}: x1 < x2 and y1 < y2 do not hold")
    return x1, y1, x2, y2


def _names(content: dict[object, object], key: str, path: Path) -> tuple[str, ...]:
    names: dict[str, int] = {}
    for at, name in enumerate(_list(content, key, "", path)):
        if not isinstance(name, str) or not name.isprintable() or not name or "/" in name or "\\" in name:
            raise RawFileError(path, f"{key}[{at}] is {bounded_repr(name)}, not the name of an image")
        if name in names:
            raise RawFileError(path, f"{key}[{at}] is {name}, and so is {key}[{names[name]}]; names must be unique")
        names[name] = at
    if not names:
        raise RawFileError(path, f"{key} names no image")
    return tuple(names)


def _list(content: dict[object, object], key: str, prefix: str, path: Path) -> list[object] | tuple[object, ...]:
    try:
        value = content[key]
    except KeyError:
        raise RawFileError(path, f"{prefix}{key} is missing") from None
    if not isinstance(value, (list, tuple)):
        raise RawFileError(path, f"{prefix}{key} is a {type(value).__name__}, not a list")
    return value

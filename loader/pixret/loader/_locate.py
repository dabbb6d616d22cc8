"""Finding the file of every image in folders and archives."""

import filecmp
import os
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Never

from pixret.loader._errors import PrepareError, Problem, ProblemKind
from pixret.loader._places import ImagePlace

_ENDINGS = frozenset({".jpg", ".jpeg", ".png"})
_BLOCK = 2**20


@dataclass(frozen=True, slots=True)
class FoundImage:
    """The file of an image: its name, its place, where it can be read, and how messages call it."""

    name: str
    place: ImagePlace
    path: Path
    shown: str


@dataclass(frozen=True, slots=True)
class Located:
    """Images by their name, without ending, and a problem for every name that stands for different files."""

    images: dict[str, FoundImage]
    problems: list[Problem]


def locate_images(
    places: Sequence[ImagePlace], names: Collection[str], scratch: Path, on_found: Callable[[int], None]
) -> Located:
    """Find images by their names, folders first: an archive is opened only for images that no folder holds.

    The images of archives are unpacked into the folder `scratch`, each archive in one pass. `on_found` is called with
    the number of images found so far. Raises ArchiveError for an archive at fault, and PrepareError for a folder.
    """
    located = Located({}, [])
    for place in places:
        if not place.is_archive:
            for found in _walk_folder(place, names):
                _add(located, found, on_found)
    missing = set(names) - located.images.keys()
    for place in places:
        if place.is_archive and missing:
            for found in _unpack(place, missing, scratch):
                _add(located, found, on_found)
    return located


def _add(located: Located, found: FoundImage, on_found: Callable[[int], None]) -> None:
    """Keep the first of equal files; two that differ are a problem."""
    first = located.images.setdefault(found.name, found)
    if first is found:
        on_found(len(located.images))
    elif not filecmp.cmp(first.path, found.path, shallow=False):
        message = f"image {found.name} is {first.shown}, and {found.shown} has other bytes; keep one of them"
        located.problems.append(Problem(ProblemKind.CONFLICTING_IMAGES, None, message))


def _walk_folder(place: ImagePlace, names: Collection[str]) -> Iterator[FoundImage]:
    for folder, subfolders, files in os.walk(place.path, onerror=_refuse_unreadable):
        subfolders.sort()
        for path in (Path(folder, name) for name in sorted(files)):
            name = _find_name(path.relative_to(place.path).as_posix(), names)
            if name is not None:
                yield FoundImage(name, place, path, str(path))


def _refuse_unreadable(error: OSError) -> Never:
    """What is in a folder that cannot be read is not missing, and is not to be passed over."""
    raise PrepareError(f"{error.filename}: cannot be searched for images: {error.strerror}") from error


def _unpack(place: ImagePlace, names: Collection[str], scratch: Path) -> Iterator[FoundImage]:
    from pixret.archives import open_archive  # here, since images in folders need none of the formats of archives

    with open_archive(place.path) as members:
        for number, member in enumerate(members):
            name = _find_name(member.name, names)
            if name is not None:
                folder = scratch / f"{place.path.name}-{number}"  # so that equal names lie side by side
                folder.mkdir()
                path = folder / PurePosixPath(member.name).name
                with path.open("wb") as file:
                    while block := member.read(_BLOCK):
                        file.write(block)
                yield FoundImage(name, place, path, f"{member.name} in {place.path}")


def _find_name(file: str, names: Collection[str]) -> str | None:
    """The name that a file's path ends with, apart from its own ending; names of distractors have folders in them."""
    path = PurePosixPath(file)
    if path.suffix.lower() not in _ENDINGS:
        return None
    parts = path.with_suffix("").parts
    return next((name for i in range(len(parts)) if (name := "/".join(parts[i:])) in names), None)

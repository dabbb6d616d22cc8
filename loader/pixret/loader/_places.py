"""Where the images of a benchmark may lie: folders and archives beside the authors' folder, or where the user says."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pixret.loader._errors import PrepareError
from pixret.rawfiles import RawBenchmark
from pixret.tables import ImageVariant

StatedVariant = Literal["original", "v1"]
"""The release of images that a user says is meant."""


@dataclass(frozen=True, slots=True)
class ImagePlace:
    """A folder or an archive that may hold images, and which release of them its name tells."""

    path: Path
    variant: ImageVariant

    @property
    def is_archive(self) -> bool:
        """Whether it is a file."""
        return self.path.is_file()


def find_places(
    raw: RawBenchmark, source: Path, images: Sequence[Path] | None, variant: StatedVariant | None
) -> tuple[ImagePlace, ...]:
    """List the folders, then the archives, to look for images in; None for `images` means what is beside `source`.

    Beside `source`, archives whose name tells another `variant` are left out. Raises PrepareError for a place that is
    not there or tells another variant, for archives of both variants, and when there is no place at all.
    """
    places = [ImagePlace(path, _told_variant(raw, path)) for path in images or _default_paths(raw, source)]
    fitting = [place for place in places if variant is None or place.variant in {variant, "unknown"}]
    if images and len(fitting) < len(places):
        other = next(place for place in places if place not in fitting)
        raise PrepareError(f"{other.path}: holds the images of the variant {other.variant}, and {variant} is meant")
    for place in fitting:
        if not place.path.exists():
            raise PrepareError(f"{place.path}: no such folder or archive of images")
    if not fitting:
        raise PrepareError(_nothing_found(raw, source, places, variant))
    _check_mixture(fitting)
    return tuple(sorted(fitting, key=lambda place: place.is_archive))


def _default_paths(raw: RawBenchmark, source: Path) -> Iterator[Path]:
    beside = source.absolute().parent
    data = Path(raw.gnd).parent / "jpg"  # as revisitop's own scripts keep them
    folders = (beside / "images", beside / "jpg", source / data, beside.joinpath(*data.parts))
    archives = (beside / name for name in (*raw.original_archives, *raw.blurred_archives, *raw.other_archives))
    yield from (folder for folder in folders if folder.is_dir())
    yield from (archive for archive in archives if archive.is_file())


def _told_variant(raw: RawBenchmark, path: Path) -> ImageVariant:
    if path.name in raw.original_archives:
        return "original"
    return "v1" if path.name in raw.blurred_archives else "unknown"


def _check_mixture(places: Sequence[ImagePlace]) -> None:
    of_variant = {place.variant: place for place in places}
    if {"original", "v1"} <= of_variant.keys():
        original, blurred = (of_variant[variant].path for variant in ("original", "v1"))
        message = f"{original} holds original images, and {blurred} the same with blurred faces (v1)"
        raise PrepareError(f"{message}; say which variant is meant, or name one of them")


def _nothing_found(raw: RawBenchmark, source: Path, places: Sequence[ImagePlace], variant: StatedVariant | None) -> str:
    if places:
        found = ", ".join(f"{place.path.name} ({place.variant})" for place in places)
        return f"no images of the variant {variant} are there, only {found}; name their folder or archive"
    beside = source.absolute().parent
    names = ("images", "jpg", Path(raw.gnd).parent / "jpg", *raw.blurred_archives, *raw.original_archives)
    looked = ", ".join(map(str, (*names, *raw.other_archives)))
    return (
        f"{beside}: no images of {raw.name} (looked for {looked}); "
        "name their folder or archive (--images), or prepare without (--annotations-only)"
    )

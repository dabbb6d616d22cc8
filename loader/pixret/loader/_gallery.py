"""The images of a benchmark, found, checked and described."""

import hashlib
import os
import shutil
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pixret.loader._decode import ImageReading, read_image
from pixret.loader._errors import PrepareError
from pixret.loader._locate import FoundImage, Located, locate_images
from pixret.loader._parallel import Progress, run_jobs
from pixret.loader._places import ImagePlace, StatedVariant
from pixret.tables import ImageFile, ImagesRecord, ImageVariant

CHUNK = 16
"""Images that a worker takes at a time."""

WORTH_A_WORKER = 64
"""Images that take about as long to decode as a worker to start."""


@dataclass(frozen=True, slots=True)
class Gallery:
    """The images of a benchmark by name: where each was found, and what its file gave."""

    names: tuple[str, ...]
    located: Located
    readings: Mapping[str, ImageReading]
    places: tuple[ImagePlace, ...]
    stated: StatedVariant | None

    def files(self, names: Iterable[str]) -> list[ImageFile | None]:
        """Images as a table stores them, None for one that is not there."""
        return [self._file(name) for name in names]

    def _file(self, name: str) -> ImageFile | None:
        found = self.located.images.get(name)
        if found is None:
            return None
        return image_file(found, self.readings[name])

    def record(self, boxes_beyond: tuple[str, ...]) -> ImagesRecord:
        """What the manifest says of the images, and of queries whose box reaches beyond theirs."""
        present = [name for name in self.names if name in self.located.images]
        lines = "".join(f"{name} {self.readings[name].sha256}\n" for name in present)
        sources = Counter(_text(self.located.images[name].place.path.name) for name in present)
        return ImagesRecord(
            variant=self._variant(),
            sha256=hashlib.sha256(lines.encode()).hexdigest(),
            sources=dict(sorted(sources.items())),
            missing=tuple(name for name in self.names if name not in self.located.images),
            boxes_beyond=boxes_beyond,
        )

    def _variant(self) -> ImageVariant:
        told = {found.place.variant for found in self.located.images.values()}
        if self.stated is not None:
            return self.stated
        return told.pop() if len(told) == 1 else "unknown"


def read_gallery(
    names: Collection[str],
    places: tuple[ImagePlace, ...],
    stated: StatedVariant | None,
    scratch: Path,
    workers: int | None,
    on_progress: Progress,
) -> Gallery:
    """Find and check the images of these names, each decoded in full, on all cores.

    Raises ArchiveError for an archive at fault.
    """
    names = tuple(dict.fromkeys(names))
    located = locate_images(places, set(names), scratch, lambda found: on_progress("finding images", found, len(names)))
    jobs = {name: located.images[name].path for name in names if name in located.images}
    tell = partial(on_progress, "checking images")
    readings = run_jobs(read_image, list(jobs.values()), workers, tell, worth_a_worker=WORTH_A_WORKER, chunk=CHUNK)
    return Gallery(names, located, dict(zip(jobs, readings, strict=True)), places, stated)


def _text(name: str) -> str:
    """The name of a file or a folder, which need not be text to the system."""
    return os.fsencode(name).decode(errors="replace")


@contextmanager
def scratch_folder(folder: Path) -> Iterator[Path]:
    """Give a folder for what archives hold, on the disk of the tables, and remove it."""
    scratch = folder / ".images"
    scratch.mkdir()
    yield scratch
    shutil.rmtree(scratch)


def image_file(found: FoundImage, reading: ImageReading) -> ImageFile:
    """An image as a table stores it; its bytes are read when they are written, and must still be those checked."""
    return ImageFile(found.path.name, *reading.size, reading.sha256, partial(_read_again, found, reading.sha256))


def _read_again(found: FoundImage, sha256: str) -> bytes:
    try:
        data = found.path.read_bytes()
    except OSError as error:
        raise PrepareError(f"{found.shown}: cannot be read any more: {error.strerror}; prepare again") from error
    if hashlib.sha256(data).hexdigest() != sha256:
        raise PrepareError(f"{found.shown}: changed since it was checked; prepare again")
    return data

"""One archive of distractors made into one file of their table, in a folder that later runs find again."""

import hashlib
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import msgspec
import pyarrow as pa

from pixret.files import cleared
from pixret.loader._decode import ImageReading, read_image
from pixret.loader._errors import InconsistentSourceError, PrepareError, Problem, ProblemKind
from pixret.loader._gallery import CHUNK, WORTH_A_WORKER, image_file, scratch_folder
from pixret.loader._locate import FoundImage, locate_images
from pixret.loader._parallel import Progress, run_jobs
from pixret.loader._places import ImagePlace
from pixret.tables import SCHEMAS, FileRecord, fill_images, write_table

_RECORD = "record.json"
_WHOLE = 2**62  # bytes that no archive has, so that its images are not cut into several files


class Names(msgspec.Struct, frozen=True):
    """The list of distractors: the line of every name, from 0, and the SHA-256 of the list."""

    lines: Mapping[str, int]
    sha256: str


class ShardRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What was made of an archive; its size and time of change tell whether it is still the same.

    `indices` are the lines of its images in the list, `images_sha256` is a digest over their names and SHA-256, and
    `unreadable` tells by name why an image cannot be decoded; its row is empty.
    """

    size: int
    modified: int
    list_sha256: str
    indices: tuple[int, ...]
    images_sha256: str
    unreadable: dict[str, str]
    file: FileRecord


def find_shard(folder: Path, archive: Path, names: Names) -> ShardRecord | None:
    """What an earlier run made of an archive, None if that was another archive or of another list."""
    try:
        record = msgspec.json.decode((folder / _RECORD).read_bytes(), type=ShardRecord)
    except (FileNotFoundError, msgspec.MsgspecError, ValueError, RecursionError):
        return None
    now = archive.stat()
    same = (record.size, record.modified, record.list_sha256) == (now.st_size, now.st_mtime_ns, names.sha256)
    return record if same else None


def make_shard(
    folder: Path, archive: Path, names: Names, workers: int | None, allow_unreadable: bool, tell: Progress
) -> ShardRecord:
    """Unpack an archive, check its images, and write those in the list, in its order; `folder` appears in one step.

    Raises ArchiveError, InconsistentSourceError with all that is wrong with the images, or PrepareError for no image.
    """
    with _appearing(folder) as making, scratch_folder(making) as scratch:
        stat = archive.stat()
        images, problems = _unpack(archive, names, scratch, tell)
        if not images:
            detail = "holds no image of the list; get it again, or take it away and allow missing ones"
            raise PrepareError(f"{archive}: {detail}")
        paths = [found.path for found in images.values()]
        show = partial(tell, f"checking {archive.name}")
        readings = run_jobs(read_image, paths, workers, show, worth_a_worker=WORTH_A_WORKER, chunk=CHUNK)
        faults = {name: one.fault for name, one in zip(images, readings, strict=True) if one.fault is not None}
        if not allow_unreadable:
            problems += [_unreadable(images[name], name, fault) for name, fault in faults.items()]
        if problems:
            raise InconsistentSourceError(archive, problems)
        record = ShardRecord(
            size=stat.st_size,
            modified=stat.st_mtime_ns,
            list_sha256=names.sha256,
            indices=tuple(names.lines[name] for name in images),
            images_sha256=_digest(images, readings),
            unreadable=faults,
            file=_write(making, names, images, readings),
        )
        (making / _RECORD).write_bytes(msgspec.json.encode(record))
    return record


def _unpack(archive: Path, names: Names, scratch: Path, tell: Progress) -> tuple[dict[str, FoundImage], list[Problem]]:
    """The images of an archive in the order of the list, and those that it holds twice."""
    place = ImagePlace(archive, "unknown")
    doing = f"unpacking {archive.name}"
    located = locate_images([place], names.lines, scratch, lambda found: tell(doing, found, found))
    return dict(sorted(located.images.items(), key=lambda item: names.lines[item[0]])), located.problems


def _unreadable(found: FoundImage, name: str, fault: str) -> Problem:
    return Problem(ProblemKind.UNREADABLE_IMAGE, None, f"image {name}: {found.shown} {fault}")


def _digest(images: Mapping[str, FoundImage], readings: list[ImageReading]) -> str:
    lines = (f"{name} {reading.sha256}\n" for name, reading in zip(images, readings, strict=True))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _write(folder: Path, names: Names, images: Mapping[str, FoundImage], readings: list[ImageReading]) -> FileRecord:
    rows = [{"image_id": name, "image_index": names.lines[name], "id": name} for name in images]
    found = zip(images.values(), readings, strict=True)
    files = [None if reading.fault is not None else image_file(image, reading) for image, reading in found]
    batches = fill_images(pa.RecordBatch.from_pylist(rows, SCHEMAS["corpus"]), files)
    (record,) = write_table(folder, "corpus", batches, _WHOLE).values()
    return record


@contextmanager
def _appearing(folder: Path) -> Iterator[Path]:
    """Give a folder that takes the place of `folder` when the block ends well."""
    making = folder.with_name(f"{folder.name}.making")
    with cleared(making):
        making.mkdir(parents=True)
        yield making
        shutil.rmtree(folder, ignore_errors=True)
        making.rename(folder)

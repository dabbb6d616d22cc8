"""R1M, the million distractors of revisitop: a table of index images alone, made of one archive at a time."""

import hashlib
import os
import shutil
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path, PurePosixPath

from pixret.loader._distractor_shard import Names, ShardRecord, find_shard, make_shard
from pixret.loader._errors import InconsistentSourceError, PrepareError, Problem, ProblemKind
from pixret.loader._parallel import Progress
from pixret.loader._publish import publish_folder
from pixret.rawfiles import read_bounded
from pixret.repository import check_describable, describe_repository
from pixret.tables import DISTRACTORS, DistractorsManifest, table_path, write_manifest

_LIST = "revisitop1m.txt"
_MAX_LIST_BYTES = 2**28
_MAX_SHOWN = 5
_LIBRARIES = ("pixret", "pillow", "pyarrow")


def prepare_distractors(
    source: Path,
    out: Path,
    *,
    archives: int = 100,
    allow_missing: bool = False,
    jobs: int | None = None,
    on_progress: Progress | None = None,
) -> DistractorsManifest:
    """Make the table of the distractors in the folder ``out/r1m``, which appears in one step.

    `source` holds revisitop1m.txt and, beside it or in ``jpg``, the archives revisitop1m.1.tar.gz to `archives`. One
    at a time is unpacked, and makes one file; a run that was stopped is taken up behind the last one that was done.
    `image_index` is the line of the list, from 0. With `allow_missing`, archives and images may be missing, and images
    that cannot be decoded leave their row empty; the manifest names them. Benchmarks in `out` are described anew.

    `jobs` and `on_progress` are those of `prepare`. Raises RawFileError, ArchiveError, InconsistentSourceError with
    all that is wrong with an archive, RepositoryError for descriptions in `out` that pixret did not write, and
    PrepareError for what else the caller can mend.
    """
    check_describable(out)
    tell = on_progress or (lambda _doing, _done, _total: None)
    names = _read_names(source / _LIST)
    paths = _find_archives(source, archives, allow_missing=allow_missing)
    work = out / f".{DISTRACTORS}.shards"
    with publish_folder(out, DISTRACTORS) as folder:
        records = {}
        for done, path in enumerate(paths):
            tell("preparing archives", done, len(paths))
            record = find_shard(work / path.name, path, names)
            if record is None or (record.unreadable and not allow_missing):
                record = make_shard(work / path.name, path, names, jobs, allow_missing, tell)
            records[path] = record
        manifest = _manifest(names, records, _missing(source, names, records, allow_missing=allow_missing))
        (folder / "corpus").mkdir()
        for place, path in zip(manifest.files, paths, strict=True):
            os.link(work / path.name / table_path("corpus"), folder / place)
        write_manifest(folder, manifest)
    shutil.rmtree(work)
    describe_repository(out)
    return manifest


def _read_names(path: Path) -> Names:
    """The names of the list, which has the path of an image on every line, without their endings."""
    content = read_bounded(path, _MAX_LIST_BYTES)
    names: dict[str, int] = {}
    for number, line in enumerate(content.decode(errors="replace").splitlines()):
        path_of_image = PurePosixPath(line.strip())
        name = path_of_image.with_suffix("").as_posix() if path_of_image.name else ""
        if not name or not name.isprintable() or "\ufffd" in name:
            raise PrepareError(f"{path}: line {number + 1} is {line[:80]!r}, not the path of an image")
        if names.setdefault(name, number) != number:
            raise PrepareError(f"{path}: line {number + 1} names {name}, and so does line {names[name] + 1}")
    if not names:
        raise PrepareError(f"{path}: names no image")
    return Names(names, hashlib.sha256(content).hexdigest())


def _find_archives(source: Path, count: int, *, allow_missing: bool) -> list[Path]:
    names = [f"revisitop1m.{number}.tar.gz" for number in range(1, count + 1)]
    found = {name: path for name in names for path in (source / "jpg" / name, source / name) if path.is_file()}
    missing = [name for name in names if name not in found]
    if not found or (missing and not allow_missing):
        detail = f"holds none of the archives {_listing(missing)}"
        raise PrepareError(f"{source}: {detail}; get them, or allow missing ones when you have some")
    return [found[name] for name in names if name in found]


def _missing(
    source: Path, names: Names, records: Mapping[Path, ShardRecord], *, allow_missing: bool
) -> tuple[str, ...]:
    """Names that no archive holds. Raises InconsistentSourceError unless they may be missing, or for one held twice."""
    holders: dict[int, Path] = {}
    problems = []
    for path, record in records.items():
        for index in record.indices:
            if holders.setdefault(index, path) is not path:
                both = f"{holders[index].name} and {path.name}"
                message = f"the image of line {index + 1} of {_LIST} is in {both}; keep one of them"
                problems.append(Problem(ProblemKind.CONFLICTING_IMAGES, None, message))
    missing = tuple(name for name, index in names.lines.items() if index not in holders)
    if not allow_missing:
        messages = (f"image {name} is in {_LIST}, and in none of the archives" for name in missing)
        problems += [Problem(ProblemKind.MISSING_IMAGE, None, message) for message in messages]
    if problems:
        raise InconsistentSourceError(source, problems)
    return missing


def _manifest(names: Names, records: Mapping[Path, ShardRecord], missing: tuple[str, ...]) -> DistractorsManifest:
    shards = list(records.values())
    return DistractorsManifest(
        listed=len(names.lines),
        images=sum(record.file.rows for record in shards),
        missing=missing,
        unreadable={name: fault for record in shards for name, fault in record.unreadable.items()},
        list_sha256=names.sha256,
        archives={path.name: record.images_sha256 for path, record in records.items()},
        files={table_path("corpus", i, len(shards)): record.file for i, record in enumerate(shards)},
        versions={library: version(library) for library in _LIBRARIES},
    )


def _listing(names: list[str]) -> str:
    more = f" and {len(names) - _MAX_SHOWN} more" if len(names) > _MAX_SHOWN else ""
    return ", ".join(names[:_MAX_SHOWN]) + more

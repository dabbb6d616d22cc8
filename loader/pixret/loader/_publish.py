"""Putting a folder into place in one step, so that nothing half-made is ever seen."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from pixret.loader._errors import PrepareError
from pixret.tables import DISTRACTORS_NAME, MANIFEST_NAME, SCHEMAS, is_table_path

_MANIFESTS = frozenset({MANIFEST_NAME, DISTRACTORS_NAME})


class _Named(msgspec.Struct):
    benchmark: str


@contextmanager
def publish_folder(out: Path, benchmark: str) -> Iterator[Path]:
    """Give an empty folder to write in, which takes the place of ``out/benchmark`` when the block ends well.

    What a killed run left behind is cleared away first. Raises PrepareError when something that `prepare` did not
    write is in the way, when `out` lies in a folder of tables or has a name that is not in UTF-8, when another run is
    at work in `out` on the same benchmark, or when writing fails.
    """
    try:
        _check_place(out.resolve())
        out.mkdir(parents=True, exist_ok=True)
        with _locked(out / f".{benchmark}.lock"):
            yield from _publish(out, benchmark)
    except OSError as error:
        raise PrepareError(f"{out}: cannot be written: {error}") from error


def _publish(out: Path, benchmark: str) -> Iterator[Path]:
    final, partial, replaced = out / benchmark, out / f".{benchmark}.partial", out / f".{benchmark}.replaced"
    if replaced.exists() and not final.exists():  # killed between the two renames below
        replaced.rename(final)
    _remove(partial, replaced)
    _check_replaceable(final, benchmark)
    partial.mkdir()
    try:
        yield partial
        if final.exists():
            final.rename(replaced)
        partial.rename(final)
    finally:
        if replaced.exists() and not final.exists():
            replaced.rename(final)
        _remove(partial, replaced)


def _remove(*folders: Path) -> None:
    for folder in folders:
        if folder.exists():
            shutil.rmtree(folder)


def _check_replaceable(final: Path, benchmark: str) -> None:
    """Refuse to replace anything but a folder that `prepare` wrote, even if damaged, or an empty one."""
    if not final.exists() and not final.is_symlink():
        return
    if final.is_symlink() or not final.is_dir():
        raise PrepareError(f"{final}: is no folder; remove it, or choose another place")
    found = {path.relative_to(final).as_posix() for path in final.rglob("*")}
    foreign = sorted(path for path in found - {*_MANIFESTS, *SCHEMAS} if not is_table_path(path))
    if foreign:
        message = f"{final}: holds {foreign[0]}, which prepare did not write; remove it, or choose another place"
        raise PrepareError(message)
    if found and all(_named_benchmark(final / name) != benchmark for name in _MANIFESTS):
        raise PrepareError(f"{final}: is no prepared {benchmark}; remove it, or choose another place")


def _check_place(out: Path) -> None:
    """Refuse a name that Arrow cannot open, and the folder of a benchmark, which could not be replaced any more."""
    try:
        str(out).encode()
    except UnicodeEncodeError:
        raise PrepareError(f"{str(out)!a}: has a name that is not in UTF-8; choose another place") from None
    for folder in (out, *out.parents):
        if any(_named_benchmark(folder / name) == folder.name for name in _MANIFESTS):
            raise PrepareError(f"{out}: lies in {folder}, the tables of one benchmark; choose another place")


def _named_benchmark(manifest: Path) -> str | None:
    try:
        return msgspec.json.decode(manifest.read_bytes(), type=_Named).benchmark
    except (OSError, msgspec.MsgspecError, ValueError, RecursionError):
        return None


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold a lock, which the system gives back when this process ends in whatever way."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if path.exists() and path.stat().st_ino == os.fstat(descriptor).st_ino:
                break
            os.close(descriptor)  # the run before removed the file just now
        except BlockingIOError:
            os.close(descriptor)
            message = f"{path.parent}: another run is preparing the same benchmark here; wait for it"
            raise PrepareError(message) from None
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(descriptor)

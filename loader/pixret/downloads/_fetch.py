"""Having all files of a benchmark, laid out as the authors do."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pixret.archives import extract
from pixret.downloads._errors import DownloadError, MissingOfflineError
from pixret.downloads._files import RAW_FILES, RawFiles, RemoteFile
from pixret.downloads._store import Store, Whereabouts, open_store
from pixret.files import cleared, write_whole
from pixret.rawfiles import RAW_BENCHMARKS

_SOURCE = "pixel_retrieval_benchmarks"


@dataclass(frozen=True, slots=True)
class Fetched:
    """The authors' folder, and the archives with the images, none if they were not asked for."""

    source: Path
    images: tuple[Path, ...]


def fetch(
    benchmark: str,
    where: Whereabouts,
    *,
    images: bool = True,
    unwanted: Collection[str] = (),
    files: Mapping[str, RawFiles] = RAW_FILES,
) -> Fetched:
    """Have the files of a benchmark: what is missing is downloaded, all is verified, the labels are unpacked.

    `unwanted` names archives of images that are not meant, such as those of another release. Raises DownloadError, and
    ArchiveError for an archive of labels that is refused.
    """
    if benchmark not in files:
        raise DownloadError(f"{benchmark} cannot be downloaded; {' and '.join(files)} can, and pixret synth draws mini")
    wanted = files[benchmark].without(unwanted) if images else files[benchmark].without_images()
    if not wanted.images:
        raise DownloadError(f"{benchmark}: no archive of images is left without {', '.join(sorted(unwanted))}")
    pair_map, gnd = RAW_BENCHMARKS[benchmark].pair_map, RAW_BENCHMARKS[benchmark].gnd
    with open_store(where) as store:
        source = store.cache / _SOURCE
        if where.offline:
            _check_missing(store, wanted, source, gnd)
        if not source.exists():
            _unpack(store.get(wanted.labels), source, pair_map)
        if not (source / pair_map).is_file():
            raise DownloadError(f"{source}: holds no {pair_map}; remove the folder, and the labels are unpacked anew")
        _place(store, wanted.gnd, source / gnd)
        return Fetched(source, store.get_any(wanted.images))


def fetch_files(files: Sequence[RemoteFile], where: Whereabouts) -> tuple[Path, ...]:
    """Have some files, each verified, in their order. Raises DownloadError."""
    with open_store(where) as store:
        return store.get_any([files])


def _check_missing(store: Store, wanted: RawFiles, source: Path, gnd: str) -> None:
    """Name all that is missing, so that nobody has to get files one by one."""
    needed = [] if source.exists() else [wanted.labels]
    if source.exists() and not (source / gnd).exists():  # before that, the archive of the labels may hold it
        needed.append(wanted.gnd)
    missing = [file for file in needed if store.find(file) is None]
    try:
        store.get_any(wanted.images)
    except MissingOfflineError as error:
        missing += error.files
    if missing:
        raise MissingOfflineError(missing, store.cache)


def _unpack(archive: Path, source: Path, pair_map: str) -> None:
    """Put the folder with the pair map, which lies anywhere in the archive, into its place in one step."""
    scratch = source.with_name(f".{source.name}.unpacked")
    with cleared(scratch):
        extract(archive, scratch)
        found = sorted(scratch.rglob(pair_map))
        if len(found) != 1:
            message = f"holds {len(found)} files named {pair_map}, where the archive of the labels holds one"
            raise DownloadError(f"{archive}: {message}; get another, or unpack it yourself and give --source")
        found[0].parent.rename(source)


def _place(store: Store, gnd: RemoteFile, path: Path) -> None:
    """See to it that the ground truth is in its place, whether or not it came with the labels."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, store.get(gnd).read_bytes())
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if gnd.sha256 not in {None, digest}:
        message = f"has SHA-256 {digest}, and the published one has {gnd.sha256}"
        raise DownloadError(f"{path}: {message}; remove it, and it is downloaded anew")

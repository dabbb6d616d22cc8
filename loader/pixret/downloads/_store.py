"""A folder with downloads: what is there is verified, what is not is downloaded."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

import httpx2
from filelock import FileLock, Timeout

from pixret.downloads._errors import DownloadError, MirrorError, MissingOfflineError, Unavailable, UnavailableError
from pixret.downloads._files import RemoteFile
from pixret.downloads._lock import LOCK_NAME, LockedFile, LockFile
from pixret.downloads._part import PartFile
from pixret.downloads._patience import DEFAULT_PATIENCE, Patience
from pixret.downloads._transfer import transfer

Progress = Callable[[str, int, int | None], None]
"""Told of a file's name, its bytes so far, and all its bytes if that is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Whereabouts:
    """Where files are looked for, and where they go.

    Downloads go to `cache`; a file that lies there or in one of the folders `have` is used from there. `mirrors` are
    addresses of folders that are asked, by the file's name, before those that are known. `offline` makes no connection.
    """

    cache: Path
    have: tuple[Path, ...] = ()
    mirrors: tuple[str, ...] = ()
    offline: bool = False
    patience: Patience = DEFAULT_PATIENCE
    on_progress: Progress | None = None


@contextmanager
def open_store(where: Whereabouts) -> Iterator["Store"]:
    """Open the folder with the downloads for one run at a time. Raises DownloadError."""
    for mirror in where.mirrors:
        if not mirror.startswith(("http://", "https://")):
            raise DownloadError(f"mirror {mirror} is no http or https address of a folder with the files")
    for folder in where.have:
        if not folder.is_dir():
            raise DownloadError(f"{folder}: no such folder; give one that holds downloaded files")
    try:
        where.cache.mkdir(parents=True, exist_ok=True)
        with FileLock(where.cache / ".downloads.lock", timeout=0), ExitStack() as closing:
            yield Store(where, closing)
    except Timeout:
        raise DownloadError(f"{where.cache}: another run is downloading here; wait for it") from None
    except OSError as error:
        raise DownloadError(f"{where.cache}: cannot be used for downloads: {error}") from error


class Store:
    """The files of a folder, by their name."""

    def __init__(self, where: Whereabouts, closing: ExitStack) -> None:
        self._where = where
        self._closing = closing
        self._lock = LockFile(where.cache)
        self._verified: dict[str, Path] = {}

    @cached_property
    def _client(self) -> httpx2.Client:
        """A client that takes proxies from the environment, and bytes as they are: an archive is not to be unpacked."""
        patience = self._where.patience
        timeout = httpx2.Timeout(patience.read, connect=patience.connect)
        client = httpx2.Client(timeout=timeout, follow_redirects=True, headers={"Accept-Encoding": "identity"})
        return self._closing.enter_context(client)

    @property
    def cache(self) -> Path:
        """The folder with the downloads."""
        return self._where.cache

    def find(self, file: RemoteFile) -> Path | None:
        """The verified file, if it is on this machine. Raises DownloadError when another one has its name."""
        if file.name not in self._verified:
            path = next((path for path in self._places(file) if path.is_file()), None)
            if path is None:
                return None
            self._verify(file, path)
            self._verified[file.name] = path
        return self._verified[file.name]

    def get(self, file: RemoteFile) -> Path:
        """The verified file, downloaded if need be. Raises DownloadError."""
        found = self.find(file)
        if found is not None:
            return found
        if self._where.offline:
            raise MissingOfflineError([file], self.cache)
        return self._download(file)

    def get_any(self, ways: Sequence[Sequence[RemoteFile]]) -> tuple[Path, ...]:
        """The files of one of several sets: of the first that is on this machine, else of the first that can be had."""
        for way in ways:
            found = [path for path in map(self.find, way) if path is not None]
            if len(found) == len(way):
                return tuple(found)
        if self._where.offline:
            raise MissingOfflineError([file for file in ways[0] if self.find(file) is None], self.cache)
        unavailable: list[Unavailable] = []
        for way in ways:
            try:
                return tuple(map(self.get, way))
            except UnavailableError as error:
                unavailable += error.files
        raise UnavailableError(unavailable, self.cache)

    def _places(self, file: RemoteFile) -> list[Path]:
        return [folder / file.name for folder in (self.cache, *self._where.have)]

    def _verify(self, file: RemoteFile, path: Path) -> None:
        digest = _sha256(path)
        expected = file.sha256 or self._lock.sha256(file.name)
        if expected is not None and digest != expected:
            message = f"has SHA-256 {digest}, and {expected} {self._source_of_digest(file)}"
            raise DownloadError(f"{path}: {message}; remove it, and it is downloaded anew")
        self._lock.record(file.name, LockedFile(digest, path.stat().st_size, str(path)))

    def _download(self, file: RemoteFile) -> Path:
        urls = [f"{mirror.rstrip('/')}/{file.name}" for mirror in self._where.mirrors] + list(file.urls)
        target = self.cache / file.name
        reasons: list[tuple[str, str]] = []
        for url in urls:
            part = PartFile(target)
            try:
                self._attempts(url, part, file)
                digest = self._check(file, part)
            except MirrorError as fault:
                reasons.append((url, str(fault)))
                continue
            self._lock.record(file.name, LockedFile(digest, part.size, url))
            part.publish(target)
            self._verified[file.name] = target
            return target
        raise UnavailableError([Unavailable(file.name, tuple(reasons))], self.cache)

    def _attempts(self, url: str, part: PartFile, file: RemoteFile) -> None:
        meter = partial(self._report, file.name)
        self._where.patience.retrying()(transfer, self._client, url, part, self._where.patience, meter)

    def _check(self, file: RemoteFile, part: PartFile) -> str:
        digest = _sha256(part.path)
        expected = file.sha256 or self._lock.sha256(file.name)
        if expected is not None and digest != expected:
            part.clear()
            raise MirrorError(f"gives a file with SHA-256 {digest}, and {expected} {self._source_of_digest(file)}")
        return digest

    def _source_of_digest(self, file: RemoteFile) -> str:
        return "is that of the published file" if file.sha256 else f"was noted in {self.cache / LOCK_NAME} at first use"

    def _report(self, name: str, done: int, total: int | None) -> None:
        if self._where.on_progress is not None:
            self._where.on_progress(name, done, total)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

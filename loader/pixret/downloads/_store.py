"""A folder with downloads: what is there is verified, what is not is downloaded."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

import httpx2
from filelock import FileLock, Timeout

from pixret.archives import is_archive
from pixret.downloads._errors import DownloadError, MirrorError, MissingOfflineError, Unavailable, UnavailableError
from pixret.downloads._files import RemoteFile
from pixret.downloads._lock import LockedFile, LockFile
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
        _check_address(mirror)
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


def _check_address(mirror: str) -> None:
    try:
        url = httpx2.URL(mirror)
    except httpx2.InvalidURL as error:
        raise DownloadError(f"mirror {mirror} is no address: {error}") from error
    if url.scheme not in {"http", "https"} or not url.host:
        raise DownloadError(f"mirror {mirror} is no http or https address of a folder with the files")


class Store:
    """The files of a folder, by their name."""

    def __init__(self, where: Whereabouts, closing: ExitStack) -> None:
        self._where = where
        self._closing = closing
        self._lock = LockFile(where.cache)
        self._verified: dict[str, Path] = {}

    @cached_property
    def _client(self) -> httpx2.Client:
        return self._closing.enter_context(_open_client(self._where.patience))

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
        fault = self._fault(file, path, digest)
        if fault is not None:
            raise DownloadError(f"{path}: {fault}; remove it, and it is downloaded anew")
        self._lock.record(file.name, LockedFile(digest, path.stat().st_size, str(path)))

    def _download(self, file: RemoteFile) -> Path:
        urls = [f"{mirror.rstrip('/')}/{file.name}" for mirror in self._where.mirrors] + list(file.urls)
        target = self.cache / file.name
        reasons: list[tuple[str, str]] = []
        for url in urls:
            try:
                self._try(url, file, target)
            except MirrorError as error:
                reasons.append((_without_password(url), str(error)))
            else:
                return target
        raise UnavailableError([Unavailable(file.name, tuple(reasons))], self.cache)

    def _try(self, url: str, file: RemoteFile, target: Path) -> None:
        """Download from one address. Raises MirrorError."""
        part, patience = PartFile(target), self._where.patience
        patience.retrying()(transfer, self._client, url, part, patience, partial(self._report, file.name))
        digest = _sha256(part.path)
        fault = self._fault(file, part.path, digest)
        if fault is not None:
            part.clear()
            raise MirrorError(f"gives a file that {fault}")
        self._lock.record(file.name, LockedFile(digest, part.size, _without_password(url)))
        part.publish(target)
        self._verified[file.name] = target

    def _fault(self, file: RemoteFile, path: Path, digest: str) -> str | None:
        """What is wrong with a file: another digest than it should have, or nothing of an archive at first use."""
        if file.sha256 is not None:
            return None if digest == file.sha256 else f"has SHA-256 {digest}, and the published one has {file.sha256}"
        noted = self._lock.sha256(file.name)
        if noted is not None:
            what_to_do = "if what was used first was not whole, remove its entry there"
            told = f"has SHA-256 {digest}, and {self._lock.path} notes {noted} ({what_to_do})"
            return None if digest == noted else told
        return "is no archive" if file.is_archive and not is_archive(path) else None

    def _report(self, name: str, done: int, total: int | None) -> None:
        if self._where.on_progress is not None:
            self._where.on_progress(name, done, total)


def _open_client(patience: Patience) -> httpx2.Client:
    """A client that takes proxies from the environment, and bytes as they are: an archive is not to be unpacked."""
    timeout = httpx2.Timeout(patience.read, connect=patience.connect)
    try:
        return httpx2.Client(timeout=timeout, follow_redirects=True, headers={"Accept-Encoding": "identity"})
    except (ValueError, ImportError, httpx2.InvalidURL) as error:
        message = f"the proxy that the environment names cannot be used: {error}"
        raise DownloadError(f"{message}; mend HTTP_PROXY, HTTPS_PROXY or ALL_PROXY") from error


def _without_password(url: str) -> str:
    return str(httpx2.URL(url).copy_with(userinfo=b""))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

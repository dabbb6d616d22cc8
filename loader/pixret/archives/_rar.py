"""RAR archives: rarfile reads the headers and what is stored, a program of the system unpacks what is compressed."""

import shutil
import subprocess
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, Any, Self, cast

import rarfile

from pixret.archives._errors import ArchiveError, MissingToolError
from pixret.archives._member import Entry, Kind

# Each writes the files of an archive to its output, one after the other. rarfile would start a program for every
# entry anew, which takes quadratic time in a solid archive, and gives bsdtar a command that it refuses.
_TOOLS = (
    ("unrar", "p", "-inul", "-p-"),
    ("unar", "-quiet", "-output-directory", "-", "-password", ""),
    ("bsdtar", "-x", "--to-stdout", "-f"),
    ("7zz", "e", "-so", "-bb0", "-p"),
    ("7z", "e", "-so", "-bb0", "-p"),
)
_INSTEAD = "or unpack the archive yourself, and say where with --source"
_AT_ONCE = 2**20


def walk_rar(path: Path) -> Iterator[Entry]:
    """Give the entries of a RAR archive."""
    with _opened(path) as archive:
        infos = archive.infolist()
        if all(info.compress_type == rarfile.RAR_M0 for info in infos if _kind(info) == "file"):
            for info in infos:
                yield Entry(info.filename, _kind(info), info.file_size, partial(archive.open, info))
        else:
            yield from _walk_output(path, infos)


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """A RAR archive that is whole, in one file, and not encrypted."""
    blocks: list[Any] = []
    several = ArchiveError(path, None, "is one of several parts; unpack them yourself, and say where with --source")
    try:
        archive = rarfile.RarFile(path, errors="strict", info_callback=blocks.append)
    except rarfile.NeedFirstVolume as error:
        raise several from error
    with archive:
        if archive.needs_password():
            raise ArchiveError(path, None, "is encrypted; unpack it yourself, and say where with --source")
        if len(archive.volumelist()) > 1:
            raise several
        if not blocks or not _ends(blocks[-1], path.stat().st_size):
            raise rarfile.BadRarFile("it ends too early")
        yield archive


def _ends(block: Any, size: int) -> bool:
    """Whether an archive of `size` bytes may end with this block. Before RAR5, a block that says so is optional."""
    return bool(block.type == rarfile.RAR_BLOCK_ENDARC or block.data_offset + block.add_size == size)


def _kind(info: Any) -> Kind:
    if info.is_symlink() or info.file_redir:  # RAR5 also has hard links, and copies of other entries
        return "link"
    return "folder" if info.is_dir() else "file"


def _walk_output(path: Path, infos: list[Any]) -> Iterator[Entry]:
    """Cut what the program writes into entries; the checksums in the headers tell whether the cuts are right."""
    with _unpacking(path) as (tool, output):
        for info in infos:
            content = _Slice(tool, output, info)
            yield Entry(info.filename, _kind(info), info.file_size, content.opened)
            if _kind(info) == "file":
                content.pass_over()


@contextmanager
def _unpacking(path: Path) -> Iterator[tuple[str, IO[bytes]]]:
    """The name of a program and what it unpacks."""
    command = next((tool for tool in _TOOLS if shutil.which(tool[0])), None)
    if command is None:
        names = ", ".join(tool[0] for tool in _TOOLS)
        detail = f"is a compressed RAR archive, which takes one of {names} to unpack: install unar, for example, "
        raise MissingToolError(path, None, detail + _INSTEAD)
    arguments = [*command, str(path.resolve())]  # absolute, so that no program takes it for an option
    process = subprocess.Popen(  # noqa: S603, the program is one of those above, and the path is one argument
        arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    with process, cast("IO[bytes]", process.stdout) as output:
        try:
            yield command[0], output
        finally:
            process.kill()


class _Slice:
    """The content of one entry in the output of a program."""

    def __init__(self, tool: str, output: IO[bytes], info: Any) -> None:
        self._tool = tool
        self._output = output
        self._info = info
        self._left: int = info.file_size
        self._crc = 0
        self._blake = rarfile.Blake2SP() if info.blake2sp_hash else None

    def opened(self) -> Self:
        """The content itself, since there is nothing to open."""
        return self

    def read(self, size: int, /) -> bytes:
        """Read the next bytes, and check the last of them."""
        data = self._output.read(min(size, self._left))
        self._left -= len(data)
        self._crc = zlib.crc32(data, self._crc)
        if self._blake:
            self._blake.update(data)
        if not data and self._left:
            raise rarfile.BadRarFile(self._fault(f"{self._tool} gives {self._left} bytes too few"))
        if not self._left and self._is_wrong():
            raise rarfile.BadRarFile(self._fault(f"what {self._tool} gives has another checksum"))
        return data

    def pass_over(self) -> None:
        """Read what nobody read, so that the next entry begins where it should."""
        while self.read(_AT_ONCE):
            pass

    def _is_wrong(self) -> bool:
        if self._blake:
            return bool(self._blake.digest() != self._info.blake2sp_hash)
        return self._info.CRC is not None and self._crc != self._info.CRC

    @staticmethod
    def _fault(what: str) -> str:
        return f"{what}; get the archive again, try another program (unrar, unar), {_INSTEAD}"

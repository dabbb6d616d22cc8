"""Archives of every kind, as they are written, and what is in them."""

import io
import shutil
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import rars

from pixret.archives import DEFAULT_LIMITS, ArchiveLimits, open_archive

FILES = {"labels/0/0_1.json": b'{"shapes": []}' * 3000, "labels/empty": b"", "top.txt": bytes(range(256)) * 40}

Writer = Callable[[Path, dict[str, bytes]], None]


def write_tar(path: Path, files: dict[str, bytes], mode: str = "w") -> None:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        folder = tarfile.TarInfo("labels")
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))


def write_gzipped_tar(path: Path, files: dict[str, bytes]) -> None:
    write_tar(path, files, "w:gz")


def write_zip(path: Path, files: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.mkdir("labels")
        for name, content in files.items():
            archive.writestr(name, content)


def rar_writer(**options: Any) -> Writer:
    def write(path: Path, files: dict[str, bytes]) -> None:
        builder = rars.RarBuilder(**options)
        if options["format"] == "rar50":
            builder.add_directory("labels")
        for name, content in files.items():
            builder.add_bytes(content, name)
        builder.write(str(path))

    return write


WRITERS: dict[str, Writer] = {
    "tar": write_tar,
    "tgz": write_gzipped_tar,
    "zip": write_zip,
    "rar5 stored": rar_writer(format="rar50", store=True),
    "rar4 stored": rar_writer(format="rar40", store=True),
    "rar5": rar_writer(format="rar50"),
    "rar5 solid": rar_writer(format="rar50", solid=True),
    "rar4": rar_writer(format="rar40"),
}
COMPRESSED = ("rar5", "rar5 solid", "rar4")
TOOLS = ("unrar", "unar", "bsdtar", "7zz", "7z")

needs_tool = pytest.mark.skipif(
    not any(map(shutil.which, TOOLS)), reason="no program here unpacks compressed RAR archives (install unar)"
)


def read_all(path: Path, limits: ArchiveLimits = DEFAULT_LIMITS) -> dict[str, bytes]:
    with open_archive(path, limits) as members:
        return {member.name: member.read() for member in members}


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

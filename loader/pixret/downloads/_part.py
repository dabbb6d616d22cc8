"""A file that is not whole yet, and what is known of the rest."""

from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

import msgspec


class _Origin(msgspec.Struct, frozen=True):
    """Where the bytes came from, and the server's word for this version of the file."""

    url: str
    validator: str


class PartFile:
    """The bytes of a file so far, in ``NAME.part``, and beside it their origin, so that a later run can go on."""

    def __init__(self, target: Path) -> None:
        self.path = target.with_name(f"{target.name}.part")
        self._origin_path = target.with_name(f"{target.name}.part.json")

    @property
    def size(self) -> int:
        """The bytes so far."""
        return self.path.stat().st_size if self.path.exists() else 0

    def resume_headers(self, url: str) -> dict[str, str]:
        """Headers that ask for the rest, and for everything if the file is another one by now; none to begin anew."""
        try:
            origin = msgspec.json.decode(self._origin_path.read_bytes(), type=_Origin)
        except (FileNotFoundError, msgspec.MsgspecError, ValueError, RecursionError):
            return {}
        if origin.url != url or not self.size:
            return {}
        return {"Range": f"bytes={self.size}-", "If-Range": origin.validator}

    def begin(self, url: str, headers: Mapping[str, str]) -> BinaryIO:
        """Open for all bytes, those so far being dropped."""
        self.clear()
        validator = _validator(headers)
        if validator is not None:
            self._origin_path.write_bytes(msgspec.json.encode(_Origin(url, validator)))
        return self.path.open("wb")

    def go_on(self) -> BinaryIO:
        """Open for the rest."""
        return self.path.open("ab")

    def clear(self) -> None:
        """Drop everything."""
        self.path.unlink(missing_ok=True)
        self._origin_path.unlink(missing_ok=True)

    def publish(self, target: Path) -> None:
        """Give the whole file its name."""
        self._origin_path.unlink(missing_ok=True)
        self.path.replace(target)


def _validator(headers: Mapping[str, str]) -> str | None:
    """What If-Range takes: a strong ETag, else the date of the last change; None for what no header can carry back."""
    etag = headers.get("etag", "")
    validator = etag if etag.startswith('"') else headers.get("last-modified", "")
    return validator if validator and validator.isascii() else None

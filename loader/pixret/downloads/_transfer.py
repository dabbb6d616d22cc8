"""One attempt to get the bytes of a file from one address."""

import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus

import httpx2

from pixret.downloads._errors import DownloadError, MirrorError, PassingError
from pixret.downloads._part import PartFile
from pixret.downloads._patience import Patience

_CONTENT_RANGE = re.compile(r"bytes (?:([0-9]+)-[0-9]+|\*)/([0-9]{1,18}|\*)")
_PASSING_STATUS = {408, 425, 429, 500, 502, 503, 504}
_SPARE_BYTES = 2**26

Meter = Callable[[int, int | None], None]
"""Told of the bytes so far, and of all if that is known."""


def transfer(client: httpx2.Client, url: str, part: PartFile, patience: Patience, meter: Meter) -> None:
    """Bring `part` to the whole file, going on where it ends if the server still has the same file.

    Raises MirrorError, PassingError if another attempt may do better, and DownloadError if no mirror can help.
    """
    with _naming_faults(part), client.stream("GET", url, headers=part.resume_headers(url)) as response:
        if _is_complete(response, part):
            return
        _check_status(response, part)
        total = _total(response, part)
        _check_space(part, total)
        rest_alone = response.status_code == HTTPStatus.PARTIAL_CONTENT
        with part.go_on() if rest_alone else part.begin(url, response.headers) as file:
            done = file.tell()
            meter(done, total)
            for chunk in _paced(response.iter_raw(), patience, part):
                file.write(chunk)
                done += len(chunk)
                meter(done, total)
    if total is not None and part.size != total:
        raise PassingError(f"ended after {part.size} of {total} bytes", part.size)


@contextmanager
def _naming_faults(part: PartFile) -> Iterator[None]:
    try:
        yield
    except (httpx2.UnsupportedProtocol, httpx2.TooManyRedirects, httpx2.InvalidURL) as error:
        raise MirrorError(_described(error)) from error
    except httpx2.HTTPError as error:
        raise PassingError(_described(error), part.size) from error
    except OSError as error:
        raise DownloadError(f"{part.path}: cannot be written: {error}") from error


def _described(error: Exception) -> str:
    match error:
        case httpx2.ConnectTimeout():
            return "does not answer"
        case httpx2.ReadTimeout():
            return "stopped sending"
        case httpx2.RemoteProtocolError():
            return f"the connection broke: {error}"
        case httpx2.ProxyError():
            return f"the proxy refuses: {error}"
        case _:
            return str(error) or type(error).__name__


def _is_complete(response: httpx2.Response, part: PartFile) -> bool:
    """Whether the server says that nothing follows the bytes so far."""
    if response.status_code != HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
        return False
    found = _CONTENT_RANGE.fullmatch(response.headers.get("content-range", ""))
    if found and found[2] == str(part.size):
        return True
    part.clear()
    raise PassingError("has fewer bytes than an attempt before gave", 0)


def _check_status(response: httpx2.Response, part: PartFile) -> None:
    status = response.status_code
    if status in _PASSING_STATUS:
        raise PassingError(_answer(response), part.size, _retry_after(response))
    if status not in {HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT}:
        raise MirrorError(_answer(response))
    if response.headers.get("content-type", "").startswith("text/html"):
        raise MirrorError(f"answers with a web page{_moved(response)}")


def _answer(response: httpx2.Response) -> str:
    return f"answers {response.status_code} {response.reason_phrase}".rstrip() + _moved(response)


def _moved(response: httpx2.Response) -> str:
    return f", redirected to {response.url}" if response.history else ""


def _retry_after(response: httpx2.Response) -> float | None:
    """The seconds that the server asks to wait; it may also name a date, which is passed over."""
    value = response.headers.get("retry-after", "")
    return float(value) if value.isdecimal() else None


def _total(response: httpx2.Response, part: PartFile) -> int | None:
    """The length of the whole file, if the server tells."""
    if response.status_code == HTTPStatus.OK:
        length = response.headers.get("content-length", "")
        return int(length) if length.isdecimal() else None
    found = _CONTENT_RANGE.fullmatch(response.headers.get("content-range", ""))
    if not found or found[1] != str(part.size):
        part.clear()
        raise PassingError("answers with another part of the file than it was asked for", 0)
    return None if found[2] == "*" else int(found[2])


def _check_space(part: PartFile, total: int | None) -> None:
    if total is None:
        return
    folder = part.path.parent
    missing, free = total - part.size, shutil.disk_usage(folder).free
    if missing + _SPARE_BYTES > free:
        message = f"{part.path.stem} takes {missing} bytes more, and {free} are free there"
        raise DownloadError(f"{folder}: {message}; free some, or choose another folder with --cache")


def _paced(chunks: Iterator[bytes], patience: Patience, part: PartFile) -> Iterator[bytes]:
    """Pass chunks through as long as they come fast enough."""
    since, received = time.monotonic(), 0
    for chunk in chunks:
        yield chunk
        received += len(chunk)
        elapsed = time.monotonic() - since
        if elapsed >= patience.rate_window:
            if received < patience.rate * elapsed:
                raise PassingError(f"sends fewer than {patience.rate} bytes a second", part.size)
            since, received = time.monotonic(), 0

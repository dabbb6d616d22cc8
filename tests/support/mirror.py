"""A real HTTP server of files, with the faults that servers have."""

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Served:
    """A file on a server, and how the server behaves; each fault of `faults` is for one request, in their order."""

    content: bytes
    faults: list[str] = field(default_factory=list)
    etag: bool = True
    ranges: bool = True
    length: bool = True
    content_type: str = "application/octet-stream"
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Mirror:
    """A running server: its files by path, the paths and headers of the requests so far, and its address."""

    files: dict[str, Served]
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    address: str = ""

    def url(self, path: str) -> str:
        return f"{self.address}{path}"

    def ranges(self) -> list[str | None]:
        """What the requests asked for."""
        return [headers.get("range") for _, headers in self.requests]


@contextmanager
def running_mirror(files: dict[str, Served] | None = None) -> Iterator[Mirror]:
    mirror = Mirror(files if files is not None else {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(mirror))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    mirror.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield mirror
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(mirror: Mirror) -> type[BaseHTTPRequestHandler]:
    class Handler(_Handler):
        served_by = mirror

    return Handler


class _Handler(BaseHTTPRequestHandler):
    served_by: Mirror
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, the name is the base class's
        pass

    def end_headers(self) -> None:
        self.send_header("Connection", "close")
        super().end_headers()

    def do_GET(self) -> None:
        self.served_by.requests.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
        # A proxy is asked for the whole address.
        served = self.served_by.files.get(re.sub("^http://[^/]+", "", self.path))
        if served is None:
            self.send_error(404)
            return
        fault, _, argument = (served.faults.pop(0) if served.faults else "").partition(" ")
        match fault:
            case "status":
                self.send_response(int(argument))
                self.send_header("Retry-After", "0")
                self.send_header("Content-Length", "0")
                self.end_headers()
            case "redirect":
                self.send_response(302)
                self.send_header("Location", argument)
                self.send_header("Content-Length", "0")
                self.end_headers()
            case "part":
                self.send_response(206)
                self.send_header("Content-Range", argument)
                self.send_header("Content-Length", "0")
                self.end_headers()
            case "huge":
                self.send_response(200)
                self.send_header("Content-Length", argument)
                self.end_headers()
            case _:
                self._send(served, fault, argument)

    def _send(self, served: Served, fault: str, argument: str) -> None:
        content = served.content
        etag = f'"{sha256(content).hexdigest()[:16]}"'
        found = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", "")) if served.ranges else None
        start = int(found[1]) if found and self.headers.get("If-Range") in {etag, None} else 0
        if found and start and start >= len(content):
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(content)}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(206 if start else 200)
        self.send_header("Content-Type", served.content_type)
        if start:
            shown = start + 1 if fault == "shifted" else start
            self.send_header("Content-Range", f"bytes {shown}-{len(content) - 1}/{len(content)}")
        if served.etag:
            self.send_header("ETag", etag)
        for name, value in served.headers.items():
            self.send_header(name, value)
        if served.length:
            self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        self._send_body(content[start:], fault, argument)

    def _send_body(self, body: bytes, fault: str, argument: str) -> None:
        try:
            match fault:
                case "cut":
                    self.wfile.write(body[: int(argument)])
                case "stall":
                    self.wfile.write(body[:100])
                    self.wfile.flush()
                    time.sleep(float(argument))
                case "drip":
                    for at in range(len(body)):
                        self.wfile.write(body[at : at + 1])
                        self.wfile.flush()
                        time.sleep(float(argument))
                case _:
                    self.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):
            pass  # the client has had enough

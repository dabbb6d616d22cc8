"""Resource names and page tokens."""

import base64
import binascii

from pixret.service._errors import EnvelopeError

_MAX_NAME = 256


def check_name(field: str, name: str) -> None:
    """Raise EnvelopeError unless a name that the client chose can be kept everywhere."""
    if len(name) > _MAX_NAME:
        raise EnvelopeError(field, f"{field} has {len(name)} characters, and {_MAX_NAME} are the most")
    if "\0" in name:
        raise EnvelopeError(field, f"{field} is {name[:80]!r}, which holds a NUL character; leave it out")


def check_session_name(field: str, name: str) -> str:
    """Return a resource name that could be a session's; EnvelopeError naming the field otherwise."""
    return f"sessions/{_resource_id(field, name, 'sessions')}"


def benchmark_id(field: str, name: str) -> str:
    """The benchmark of a resource name; EnvelopeError naming the field when it is not one."""
    return _resource_id(field, name, "benchmarks")


def write_token(scope: str, position: int) -> str:
    """A page token that only lists of the same scope take."""
    return base64.urlsafe_b64encode(f"{scope}:{position}".encode()).decode("ascii")


def read_token(scope: str, token: str) -> int:
    """The position that a page token holds, 0 for the empty one; EnvelopeError for any that was not given out."""
    if not token:
        return 0
    try:
        found, _, position = base64.b64decode(token.encode(), altchars=b"-_", validate=True).decode().rpartition(":")
    except (binascii.Error, ValueError):
        found, position = "", ""
    if found != scope or not (position.isascii() and position.isdecimal() and len(position) <= 18):
        message = f"{token[:80]!r} is no page token of this list; pass next_page_token as it was given, or none"
        raise EnvelopeError("page_token", message)
    return int(position)


def _resource_id(field: str, name: str, collection: str) -> str:
    prefix, _, identifier = name.partition("/")
    if prefix != collection or not identifier or not {"/", "\0"}.isdisjoint(identifier) or len(identifier) > 128:
        raise EnvelopeError(field, f"{name[:80]!r} is no resource name; it reads {collection}/...")
    return identifier

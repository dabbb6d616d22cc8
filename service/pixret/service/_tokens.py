"""Bearer tokens: a file of their hashes, and the check of what a caller presents.

A token is 256 random bits, so that there is nothing to guess and nothing to stretch: one SHA-256 keeps it as secret
as a password hash would, and costs a microsecond at every call.
"""

import hmac
import logging
import os
import secrets
import stat
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from pixret.files import alone_in, write_whole
from pixret.service._access import Grant, Role
from pixret.service._errors import ServiceError, TokensUnreadableError, UnauthenticatedError

_LOG = logging.getLogger("pixret.service")
_PREFIX = "pixret_"  # so that people and secret scanners see what it is
_FORBIDDEN_MODE = stat.S_IWGRP | stat.S_IRWXO

RoleName = Literal["read", "submit", "admin"]
_Name = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$")]
_Digest = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]


class Token(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One token as the file has it: whose it is, what it allows, its SHA-256, and when it ends, if it does.

    Tokens of one name are one principal, which owns what any of them created.
    """

    name: _Name
    role: RoleName
    sha256: _Digest
    expires: Annotated[datetime, msgspec.Meta(tz=True)] | None = None

    def check(self) -> None:
        """Raise UnauthenticatedError once the token has expired."""
        if self.expires is not None and time.time() >= self.expires.timestamp():
            raise UnauthenticatedError(f"the token of {self.name} expired at {self.expires.isoformat()}; get another")


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    token: tuple[Token, ...] = ()


class TokenFile:
    """The tokens of a file, read anew when it changes.

    Raises:
        ServiceError: when it cannot be read now, or others may write or read it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: tuple[int, ...] = ()
        self._tokens: tuple[Token, ...] = ()
        self._refresh()

    def admit(self, presented: str | None) -> Grant:
        """The grant of a token that was presented.

        Raises:
            UnauthenticatedError: when it is none, or has expired.
            TokensUnreadableError: when the file, which has changed, cannot be read.
        """
        if presented is None:
            raise UnauthenticatedError("no token; send the metadata authorization: Bearer TOKEN")
        digest = _digest(presented)

        def check() -> None:
            self._find(digest).check()

        token = self._find(digest)
        token.check()
        return Grant(token.name, Role[token.role.upper()], check)

    def _find(self, digest: str) -> Token:
        self._read_changes()
        found = None
        for token in self._tokens:  # all of them, in constant time: how long it takes tells nothing
            if hmac.compare_digest(token.sha256, digest):
                found = token
        if found is None:
            raise UnauthenticatedError("the server does not know this token; get another")
        return found

    def _read_changes(self) -> None:
        try:
            self._refresh()
        except ServiceError as error:
            _LOG.error("nobody is let in: %s", error)
            raise TokensUnreadableError from None

    def _refresh(self) -> None:
        stamp = _stamp(self._path)
        if stamp != self._stamp:
            self._tokens = read_tokens(self._path)
            self._stamp = stamp


def read_tokens(path: Path) -> tuple[Token, ...]:
    """The tokens of a file; ServiceError when it cannot be read, or when others may write or read it."""
    try:
        content = path.read_bytes()
        mode = path.stat().st_mode
    except OSError as error:
        raise ServiceError(f"{path}: the tokens cannot be read: {error.strerror}") from None
    if mode & _FORBIDDEN_MODE:
        raise ServiceError(f"{path}: its mode is {stat.filemode(mode)}, which lets others in; run chmod 600 on it")
    try:
        return msgspec.toml.decode(content, type=_File).token
    except (msgspec.DecodeError, ValueError) as error:
        raise ServiceError(f"{path}: these are no tokens: {error}; pixret token new writes them") from None


def new_token(path: Path, name: str, role: RoleName, days: float | None = None) -> str:
    """Make a token, add its hash to a file, which is made when there is none, and return it; it is kept nowhere.

    Raises:
        ServiceError: when the file cannot be read or written, or the name is none.
    """
    secret = _PREFIX + secrets.token_urlsafe(32)
    try:
        values = {"name": name, "role": role, "sha256": _digest(secret), "expires": _expiry(days)}
        token = msgspec.convert(values, Token)
    except msgspec.ValidationError:
        message = f"{name!r} is no name for a principal; use up to 64 letters, digits, and . _ @ - after the first"
        raise ServiceError(message) from None
    try:
        with alone_in(path.parent):
            _write(path.resolve(), [*(read_tokens(path) if path.exists() else ()), token])
    except OSError as error:
        raise ServiceError(f"{path}: the tokens cannot be written: {error.strerror}") from None
    return secret


def _expiry(days: float | None) -> datetime | None:
    try:
        return None if days is None else (datetime.now(UTC) + timedelta(days=days)).replace(microsecond=0)
    except (OverflowError, ValueError):
        message = f"{days:g} days is no time until a token expires; give fewer, or none for a token that does not"
        raise ServiceError(message) from None


def _write(path: Path, tokens: Iterable[Token]) -> None:
    """Replace the file at once, so that a server never reads half of it; who may read it stays as it is."""
    content = "\n".join(f"[[token]]\n{_lines(token)}" for token in tokens)
    former = path.stat() if path.exists() else None
    mode = 0o600 if former is None else stat.S_IMODE(former.st_mode)
    write_whole(path, content.encode(), mode=mode)
    if former is not None:
        os.chown(path, former.st_uid, former.st_gid)
        path.chmod(mode)  # of which the umask has its part


def _lines(token: Token) -> str:
    values = msgspec.to_builtins(token, builtin_types=(datetime,))
    return "".join(
        f"{name} = {value.isoformat()}\n" if isinstance(value, datetime) else f'{name} = "{value}"\n'
        for name, value in values.items()
    )


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def _stamp(path: Path) -> tuple[int, ...]:
    try:
        found = path.stat()
    except OSError as error:
        raise ServiceError(f"{path}: the tokens cannot be read: {error.strerror}") from None
    return found.st_mtime_ns, found.st_size, found.st_ino, found.st_mode

"""Signatures of reports.

What is signed are the report's bytes as they are, with Ed25519 (RFC 8032) and nothing around them. So any program that
knows Ed25519 can check the 64 bytes that `signature` holds in base64. docs/signed-reports.md shows how with OpenSSL.
"""

import base64
import hashlib
from pathlib import Path
from typing import Final, Literal

import msgspec
from cryptography.exceptions import InvalidSignature

from pixret.metrics import SCHEMA
from pixret.signing._errors import FalseSignatureError, SigningError
from pixret.signing._keys import SigningKey, VerifyingKey, fingerprint

SIGNATURE_SCHEMA: Final = "pixret.signature/1"


class _Signature(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file beside a report; `key` and `sha256` say what does not fit when the signature is false."""

    schema: Literal["pixret.signature/1"]
    algorithm: Literal["ed25519"]
    key: str
    sha256: str
    signature: str

    def encode(self) -> bytes:
        return msgspec.json.format(msgspec.json.encode(self), indent=1) + b"\n"


class _Head(msgspec.Struct, frozen=True):
    schema: str
    benchmark: str
    signature: str


class SignedReport(msgspec.Struct, frozen=True):
    """What a true signature vouches for: the benchmark, what its numbers depend on, and whose key it is."""

    benchmark: str
    depends_on: str
    key: str


def signature_path(report: Path) -> Path:
    """Where the signature of a report lies by default: beside it."""
    return report.with_name(f"{report.name}.sig")


def sign_report(content: bytes, key: SigningKey) -> bytes:
    """Sign the bytes of a report; the signature file. The same bytes and key give the same file."""
    return _Signature(
        schema=SIGNATURE_SCHEMA,
        algorithm="ed25519",
        key=fingerprint(key.public_key()),
        sha256=hashlib.sha256(content).hexdigest(),
        signature=base64.b64encode(key.sign(content)).decode(),
    ).encode()


def verify_report(content: bytes, signature: bytes, key: VerifyingKey, source: str) -> SignedReport:
    """Check that a report is what was signed with a key; `source` names it in errors.

    Raises:
        FalseSignatureError: when it was signed with another key, or changed since.
        SigningError: when the signature is none, or what was signed is no report that is known here.
    """
    found = _read(signature, source)
    mine, digest = fingerprint(key), hashlib.sha256(content).hexdigest()
    if found.key != mine:
        raise FalseSignatureError(source, f"was signed with the key {found.key}, and the key given is {mine}")
    if found.sha256 != digest:
        raise FalseSignatureError(source, f"was changed: its SHA-256 is {digest}, and that signed was {found.sha256}")
    try:
        key.verify(_decode(found.signature), content)
    except (InvalidSignature, ValueError):
        raise FalseSignatureError(source, f"has a signature that is not of the key {mine}") from None
    return _signed_report(content, source, mine)


def _decode(text: str) -> bytes:
    """The bytes behind base64; ValueError when they are not written in the one form, for its end has unused bits."""
    raw = base64.b64decode(text, validate=True)
    if base64.b64encode(raw).decode() != text:
        raise ValueError("not the form in which base64 is written")
    return raw


def _read(content: bytes, source: str) -> _Signature:
    try:
        found = msgspec.json.decode(content, type=_Signature)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise SigningError(source, f"its signature is none that is known here ({SIGNATURE_SCHEMA}): {error}") from None
    if found.encode() != content:  # so that no byte of it can be changed unseen
        raise SigningError(source, "its signature was changed: it is not in the form in which it is written")
    return found


def _signed_report(content: bytes, source: str, key: str) -> SignedReport:
    try:
        head = msgspec.json.decode(content, type=_Head)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise SigningError(source, f"what was signed is no report: {error}") from None
    if head.schema != SCHEMA:
        raise SigningError(source, f"its schema is {head.schema!r}, and this version of pixret knows {SCHEMA}")
    return SignedReport(head.benchmark, head.signature, key)

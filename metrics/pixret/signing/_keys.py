"""Ed25519 keys in files: PEM as OpenSSL writes it, or OpenSSH's own form."""

import base64
import os
import stat
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from pixret.signing._errors import SigningError

SigningKey = Ed25519PrivateKey
VerifyingKey = Ed25519PublicKey

_MAX_BYTES = 64 * 1024
_UNREADABLE = (ValueError, TypeError, UnsupportedAlgorithm)
"""What cryptography raises for a file that is no key, or one with a passphrase."""


def new_key(path: Path) -> VerifyingKey:
    """Make a key pair: the private key at a path, for its owner alone to read, and the public one at ``PATH.pub``.

    Raises:
        SigningError: when either file is there, which is never overwritten.
    """
    key = SigningKey.generate()
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    public_path = path.with_name(f"{path.name}.pub")
    for each in (path, public_path):
        if each.exists():
            raise SigningError(str(each), "is there already, and a key is never overwritten; name another file")
    _write(path, private, 0o600)
    _write(public_path, public, 0o644)
    return key.public_key()


def read_signing_key(path: Path) -> SigningKey:
    """Read a private key; SigningError when it is none of Ed25519, has a passphrase, or others may read it."""
    content = _read(path)
    is_openssh = b"OPENSSH PRIVATE KEY" in content
    load = serialization.load_ssh_private_key if is_openssh else serialization.load_pem_private_key
    try:
        key = load(content, None)
    except _UNREADABLE as error:
        raise SigningError(str(path), f"is no private key that can be read, PEM or OpenSSH's: {error}") from None
    if not isinstance(key, SigningKey):
        raise SigningError(str(path), "is no Ed25519 key; pixret keygen makes one")
    if os.name == "posix" and (mode := stat.S_IMODE(path.stat().st_mode)) & 0o077:
        raise SigningError(str(path), f"has mode {mode:04o}, so that others may read the key; say chmod 600 {path}")
    return key


def read_verifying_key(path: Path) -> VerifyingKey:
    """Read a public key; SigningError when it is none of Ed25519."""
    content = _read(path)
    load = serialization.load_ssh_public_key if content.startswith(b"ssh-") else serialization.load_pem_public_key
    try:
        key = load(content)
    except _UNREADABLE as error:
        what = "a private key; give the public one" if b"PRIVATE KEY" in content else f"no public key: {error}"
        raise SigningError(str(path), f"is {what}") from None
    if not isinstance(key, VerifyingKey):
        raise SigningError(str(path), "is no Ed25519 key")
    return key


def fingerprint(key: VerifyingKey) -> str:
    """A key's fingerprint, as ``ssh-keygen -l`` shows it."""
    digest = serialization.ssh_key_fingerprint(key, hashes.SHA256())
    return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_MAX_BYTES)


def _write(path: Path, content: bytes, mode: int) -> None:
    """Write a new file that never has another mode."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)

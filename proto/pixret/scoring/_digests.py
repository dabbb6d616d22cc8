"""Digests of items and of logs, of SHA-256 alone, so that a client in any language can compute them.

scoring.proto defines them, at Session.chain_digest.
"""

from hashlib import sha256

from google.protobuf.message import Message

DIGEST_SIZE = 16
"""Bytes of an item's digest."""

CHAIN_START = bytes(32)
"""Chain digest of a log without items."""


def canonical_bytes(item: Message) -> bytes:
    """The one serialization of an item: fields by their number, nothing for a default, lists packed."""
    return item.SerializeToString(deterministic=True)


def item_digest(canonical: bytes) -> bytes:
    """Digest of an item by its canonical bytes."""
    return sha256(canonical).digest()[:DIGEST_SIZE]


def extend_chain(chain: bytes, digests: bytes) -> bytes:
    """Chain digest of a log after further items, whose digests stand one after the other."""
    for at in range(0, len(digests), DIGEST_SIZE):
        chain = sha256(chain + digests[at : at + DIGEST_SIZE]).digest()
    return chain

"""The wire of the scoring service, and the digests that both of its ends compute."""

from pixret.scoring._digests import CHAIN_START, DIGEST_SIZE, canonical_bytes, extend_chain, item_digest

__all__ = ["CHAIN_START", "DIGEST_SIZE", "canonical_bytes", "extend_chain", "item_digest"]

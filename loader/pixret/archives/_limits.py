"""How much an archive may hold."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """Bounds on what an archive unpacks to; beyond one of them it is refused, before the bytes are read.

    `max_ratio` is that of all bytes so far to the size of the archive; the first `free_bytes` do not count, since
    small archives of repetitive text have ratios of any height.
    """

    max_entries: int = 1_000_000
    max_entry_bytes: int = 2**32
    max_total_bytes: int = 2**36
    max_ratio: int = 100
    free_bytes: int = 2**26


DEFAULT_LIMITS = ArchiveLimits()
"""Bounds that hold for every archive of the benchmarks: the largest has some GB and some 10,000 entries."""

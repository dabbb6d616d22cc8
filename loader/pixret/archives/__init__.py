"""Archives (tar, gzipped tar, zip, RAR), read and unpacked without trusting them."""

from pixret.archives._errors import ArchiveError, MissingToolError
from pixret.archives._extract import extract
from pixret.archives._limits import DEFAULT_LIMITS, ArchiveLimits
from pixret.archives._member import Member
from pixret.archives._open import is_archive, open_archive

__all__ = [
    "DEFAULT_LIMITS",
    "ArchiveError",
    "ArchiveLimits",
    "Member",
    "MissingToolError",
    "extract",
    "is_archive",
    "open_archive",
]

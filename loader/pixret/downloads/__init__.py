"""The authors' files, downloaded, verified, and laid out as the authors do."""

from pixret.downloads._errors import DownloadError, MissingOfflineError, Unavailable, UnavailableError
from pixret.downloads._fetch import Fetched, fetch, fetch_files
from pixret.downloads._files import DISTRACTORS, RAW_FILES, RawFiles, RemoteFile
from pixret.downloads._lock import LOCK_NAME
from pixret.downloads._patience import DEFAULT_PATIENCE, Patience
from pixret.downloads._store import Progress, Whereabouts

__all__ = [
    "DEFAULT_PATIENCE",
    "DISTRACTORS",
    "LOCK_NAME",
    "RAW_FILES",
    "DownloadError",
    "Fetched",
    "MissingOfflineError",
    "Patience",
    "Progress",
    "RawFiles",
    "RemoteFile",
    "Unavailable",
    "UnavailableError",
    "Whereabouts",
    "fetch",
    "fetch_files",
]

"""The one exception of this package, and what of huggingface_hub's becomes it."""

from collections.abc import Iterator
from contextlib import contextmanager


class RepositoryError(ValueError):
    """A repository of the Hub that cannot be written or sent, for a reason that the caller can do something about."""


@contextmanager
def hub_errors(repo_id: str, fault: str = "cannot be pushed") -> Iterator[None]:
    """Word what huggingface_hub raises: an answer of the Hub, no connection, no token, or an impossible name."""
    import httpx2

    try:
        yield
    except (httpx2.HTTPError, OSError, RuntimeError, ValueError) as error:
        raise RepositoryError(f"{repo_id}: {fault}: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    """What an error says, with its cause, and at which address where there was no answer."""
    import httpx2

    said, cause = str(error), str(error.__cause__ or "")
    where = f"{error.request.url}: " if isinstance(error, httpx2.TransportError) else ""
    return " ".join(f"{where}{said} {'' if cause in said else cause}".split())

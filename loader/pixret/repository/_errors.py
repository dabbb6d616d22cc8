"""The one exception of this package."""


class RepositoryError(ValueError):
    """A dataset repository that cannot be written or sent, for a reason that the caller can do something about."""

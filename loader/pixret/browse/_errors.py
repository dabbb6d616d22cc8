"""The one exception of this package."""


class BrowseError(ValueError):
    """A sheet that cannot be made, for a reason that the caller can do something about."""

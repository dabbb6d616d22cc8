"""The one exception of this package."""


class ViewError(ValueError):
    """A view that cannot be made of these tables, or not without a package that is missing."""

"""What can be wrong with one item of a submission."""

import enum


class Reason(enum.StrEnum):
    """Kinds of faults for which an item is refused; UNKNOWN is one that a newer server knows, and nothing here."""

    INCOMPLETE = "incomplete"
    UNKNOWN_QUERY = "unknown_query"
    UNKNOWN_IMAGE = "unknown_image"
    DUPLICATE = "duplicate"
    INVALID_ORDER = "invalid_order"
    INVALID_MASK = "invalid_mask"
    SIZE_MISMATCH = "size_mismatch"
    LIMIT_EXCEEDED = "limit_exceeded"
    UNREADABLE = "unreadable"
    UNKNOWN = "unknown"


class ItemError(ValueError):
    """An item that cannot count, for a reason that lies in the item alone.

    `field` is the path of the value at fault, as in ``mask.rle.counts``.
    """

    def __init__(self, reason: Reason, field: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.field = field
        self.message = message

    def __reduce__(self) -> tuple[type["ItemError"], tuple[Reason, str, str]]:
        # Faults travel back from worker processes, and BaseException would rebuild them from the message alone.
        return type(self), (self.reason, self.field, self.message)


class MaskError(ItemError):
    """A mask that is not one: malformed, of the wrong size, or beyond the limits."""


class MergeConflictError(ValueError):
    """Two accumulators that cannot be one: other benchmarks, or the same pair predicted in both."""


class NoRasterizerError(RuntimeError):
    """Nothing here draws points: the kernel was not built, and OpenCV is missing or draws other pixels."""

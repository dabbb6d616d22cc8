"""A binary mask that is always a valid COCO RLE."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self, TypedDict

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pixret.metrics._encode import encode_dense, encode_runs
from pixret.metrics._errors import MaskError, Reason
from pixret.metrics._rle import (
    DEFAULT_LIMITS,
    Box,
    MaskLimits,
    RunSummary,
    check_size,
    decode_runs,
    summarize_counts,
    summarize_runs,
)


class CocoRle(TypedDict):
    """COCO's form of a compressed mask, as JSON holds it."""

    size: list[int]
    counts: str


@dataclass(frozen=True, slots=True)
class Mask:
    """A binary mask on the (height, width) canvas of an image, as COCO compressed RLE.

    Every constructor but `trusted` validates and raises MaskError. `area` counts foreground pixels; `box` is
    their tight box (x, y, width, height), None for an empty mask.
    """

    height: int
    width: int
    counts: bytes
    area: int
    box: Box | None

    @classmethod
    def trusted(cls, height: int, width: int, counts: bytes, area: int, box: Box | None) -> Self:
        """Build from values that were validated before, as those of prepared tables were."""
        return cls(height, width, counts, area, box)

    @classmethod
    def from_counts(cls, counts: bytes, height: int, width: int, limits: MaskLimits = DEFAULT_LIMITS) -> Self:
        """Read COCO compressed counts."""
        (summary,) = summarize_counts([counts], [(height, width)], limits)
        return cls._of(summary, counts, height, width)

    @classmethod
    def from_runs(cls, runs: ArrayLike, height: int, width: int, limits: MaskLimits = DEFAULT_LIMITS) -> Self:
        """Read uncompressed run lengths, column-major, first background."""
        field = "mask.runs.counts"
        check_size(height, width, limits, "mask.runs.size")
        lengths = _array(runs)
        if lengths.ndim != 1 or len(lengths) == 0 or lengths.dtype.kind not in "iu":
            raise MaskError(Reason.INVALID_MASK, field, f"runs must be a non-empty list of integers, not {runs!r:.60}")
        if len(lengths) > limits.max_runs:
            message = f"{len(lengths)} runs exceed the limit of {limits.max_runs} runs"
            raise MaskError(Reason.LIMIT_EXCEEDED, field, message)
        if lengths.max() > height * width:  # which also makes the conversion below safe
            message = f"a run has {lengths.max()} pixels, more than the canvas"
            raise MaskError(Reason.INVALID_MASK, field, message)
        lengths = lengths.astype(np.int64)
        summary = summarize_runs(lengths, (height, width), field)
        counts = encode_runs(lengths) if isinstance(summary, RunSummary) else b""
        return cls._of(summary, counts, height, width)

    @classmethod
    def from_coco(cls, obj: Mapping[str, object], limits: MaskLimits = DEFAULT_LIMITS) -> Self:
        """Read ``{"size": [height, width], "counts": str | bytes | list of runs}``."""
        height, width = _coco_size(obj.get("size"))
        match obj.get("counts"):
            case bytes(counts):
                return cls.from_counts(counts, height, width, limits)
            case str(counts):
                return cls.from_counts(counts.encode("utf-8", "surrogatepass"), height, width, limits)
            case list(runs) | tuple(runs):
                return cls.from_runs(runs, height, width, limits)
            case other:
                message = f"counts must be a string or a list of runs, not {other!r:.60}"
                raise MaskError(Reason.INVALID_MASK, "mask.rle.counts", message)

    @classmethod
    def from_dense(cls, array: ArrayLike) -> Self:
        """Encode a (height, width) array; whatever is not zero is foreground."""
        dense = _array(array)
        if dense.ndim != 2 or dense.size == 0:
            message = f"a dense mask has shape (height, width), not {dense.shape}"
            raise MaskError(Reason.INVALID_MASK, "mask.size", message)
        return cls.from_counts(encode_dense(dense != 0), *dense.shape)

    @classmethod
    def from_polygons(
        cls, polygons: Iterable[ArrayLike], height: int, width: int, limits: MaskLimits = DEFAULT_LIMITS
    ) -> Self:
        """Rasterize the union of polygons, each (n, 2) of x, y, as OpenCV's fillPoly does; boundary pixels included.

        Coordinates are truncated toward zero and clipped to the canvas. A polygon without points adds nothing.
        """
        from pixret.metrics._polygons import checked_polygons
        from pixret.metrics._raster import fill

        check_size(height, width, limits, "mask.polygons.size")
        return cls.from_counts(fill(checked_polygons(polygons, limits), height, width), height, width)

    @classmethod
    def from_box(cls, box: Sequence[float], height: int, width: int, limits: MaskLimits = DEFAULT_LIMITS) -> Self:
        """Fill the pixels whose centres lie in the half-open box (x, y, width, height), clipped to the canvas."""
        check_size(height, width, limits, "mask.box.size")
        corners = np.clip(np.ceil(_checked_corners(box, limits) - 0.5), 0, (width, height))
        (x0, y0), (x1, y1) = corners.astype(int).tolist()
        dense = np.zeros((height, width), bool)
        dense[y0:y1, x0:x1] = True
        return cls.from_dense(dense)

    def to_coco(self) -> CocoRle:
        """COCO's form, which JSON can hold."""
        return {"size": [self.height, self.width], "counts": self.counts.decode("ascii")}

    def to_runs(self) -> NDArray[np.int64]:
        """Run lengths in pixels, column-major, first background."""
        return decode_runs(self.counts)

    def to_dense(self) -> NDArray[np.bool_]:
        """The mask as a (height, width) array of bool."""
        runs = self.to_runs()
        columns = np.repeat(np.arange(len(runs)) % 2 == 1, runs)
        return columns.reshape(self.width, self.height).T

    @classmethod
    def _of(cls, summary: RunSummary | MaskError, counts: bytes, height: int, width: int) -> Self:
        if isinstance(summary, MaskError):
            raise summary
        return cls(height, width, counts, summary.area, summary.box)


def _array(values: ArrayLike) -> NDArray[Any]:
    """An array; one without dimensions where the rows differ in length, which NumPy makes none of."""
    try:
        return np.asarray(values)
    except ValueError:
        return np.array(None)


def _checked_corners(box: Sequence[float], limits: MaskLimits) -> NDArray[np.float64]:
    """The first and the last corner, shape (2, 2), of a box x, y, width, height."""
    try:
        values = np.asarray(box, np.float64)
        shown = values.tolist()
    except (TypeError, ValueError, OverflowError):
        values, shown = np.empty(0), f"{box!r:.60}"
    if values.shape != (4,) or not np.isfinite(values).all() or (values[2:] < 0).any():
        message = f"a box is x, y, width, height, finite and not negative in size; not {shown}"
        raise MaskError(Reason.INVALID_MASK, "mask.box", message)
    with np.errstate(over="ignore"):  # infinite, then, and beyond every limit
        corners = np.array([values[:2], values[:2] + values[2:]])
    if np.abs(corners).max() > limits.max_coordinate:
        worst = corners.flat[np.abs(corners).argmax()]
        message = f"coordinate {worst} is beyond the limit of {limits.max_coordinate}"
        raise MaskError(Reason.LIMIT_EXCEEDED, "mask.box", message)
    return corners


def _coco_size(size: object) -> tuple[int, int]:
    match size:
        case [int(height), int(width)] if not isinstance(height, bool) and not isinstance(width, bool):
            return height, width
        case _:
            message = f"size must be [height, width], two integers, not {size!r:.60}"
            raise MaskError(Reason.INVALID_MASK, "mask.rle.size", message)

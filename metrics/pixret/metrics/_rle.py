"""COCO compressed RLE, validated before pycocotools sees it.

pycocotools trusts its input: a truncated string, trailing bytes or an unterminated varint make its `iou`, `area`
and `toBbox` loop for ever with the GIL held, and other malformed strings are silently read as empty
(pycocotools 2.0.11). The compiled kernel reads valid strings; what it refuses, and all where it was not built, is read
here, vectorised over a whole batch of masks, since the checks would otherwise cost as much as the IoU itself.

The format (maskApi.c, `rleToString`): every run is a little-endian varint of 5 bits a character, offset by 48;
bit 5 says that more follow, and bit 4 of the last character is the sign. From the fourth run on, a run is stored
as its difference from the run two before it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from pixret.metrics._errors import MaskError, Reason
from pixret.metrics._native import kernel

Box = tuple[int, int, int, int]
"""A tight pixel box: x, y, width, height."""

_COUNTS = "mask.rle.counts"
OFFSET, MORE, VALUE_BITS = 48, 32, 5
_MAX_CHARACTERS = 7  # 35 bits, which is more than any canvas within the limits needs


MAX_COORDINATE = 2**22
"""No limit may let more in: the scripts' canvas would have 2^44 pixels, and what is drawn must not overflow."""
MAX_PIXELS = 2**29
"""No limit may let more in: pycocotools misreads runs that need more than six characters, and then loops for ever."""


@dataclass(frozen=True, slots=True)
class MaskLimits:
    """How large a mask from outside may be; beyond it, it is refused unread.

    `max_outline_rows` is how many rows the lines of all polygons may cross, counted anew for every line. It bounds the
    time that drawing takes, which points alone do not: lines may go up and down the canvas.

    Raises:
        ValueError: when `max_coordinate` is more than can be drawn, or `max_pixels` more than can be measured.
    """

    max_pixels: int = 2**28
    max_runs: int = 2**22
    max_coordinate: float = 16384.0
    max_points: int = 100_000
    max_outline_rows: int = 2**25

    def __post_init__(self) -> None:
        if not self.max_coordinate <= MAX_COORDINATE:
            raise ValueError(f"max_coordinate {self.max_coordinate} is more than {MAX_COORDINATE}")
        if not self.max_pixels <= MAX_PIXELS:
            raise ValueError(f"max_pixels {self.max_pixels} is more than {MAX_PIXELS}")


DEFAULT_LIMITS = MaskLimits()


class RunSummary(NamedTuple):
    """What the runs of a valid mask say: foreground pixels and their tight box (None when there are none)."""

    area: int
    box: Box | None


def _two_character_values() -> NDArray[np.int64]:
    """Value of a varint's last two characters, by (last << 6 | one before); the latter counts if it continues."""
    last, before = np.arange(64)[:, None], np.arange(64)[None, :]
    signed = ((last & 31) ^ 16) - 16
    return np.where(before < MORE, signed, (signed << 5) | (before & 31)).reshape(-1).astype(np.int64)


_TWO_CHARACTERS = _two_character_values()
# The methods of arrays go through Python for these, which is half their cost on arrays as short as a mask's runs.
_least, _greatest, _total = np.minimum.reduce, np.maximum.reduce, np.add.reduce


def check_size(height: int, width: int, limits: MaskLimits, field: str) -> None:
    """Raise MaskError unless (height, width) is a canvas within the limits."""
    if height < 1 or width < 1:
        raise MaskError(
            Reason.INVALID_MASK,
            field,
            f"size {height} x {width} is no canvas; give [height, width] in pixels",
        )
    if height * width > limits.max_pixels:
        raise MaskError(
            Reason.LIMIT_EXCEEDED,
            field,
            f"size {height} x {width} exceeds the limit of {limits.max_pixels} pixels",
        )


def summarize_counts(
    counts: Sequence[bytes], sizes: Sequence[tuple[int, int]], limits: MaskLimits = DEFAULT_LIMITS
) -> list[RunSummary | MaskError]:
    """Validate compressed counts on their (height, width) canvases; one summary or fault for each, in order."""
    found: list[RunSummary | MaskError | None] = [
        _envelope_fault(data, size, limits) for data, size in zip(counts, sizes, strict=True)
    ]
    if kernel is not None:
        # What it does not take for valid is read again below, where the fault gets its words.
        readable = [i for i, fault in enumerate(found) if fault is None and len(counts[i]) <= limits.max_runs]
        summaries = kernel.summarize(tuple(counts[i] for i in readable), tuple(sizes[i] for i in readable))
        for i, summary in zip(readable, summaries, strict=True):
            if summary is not None:
                found[i] = RunSummary(summary[0], summary[1:] if summary[0] else None)
    left = [i for i, outcome in enumerate(found) if outcome is None]
    for i, values in zip(left, _decode([counts[i] for i in left]), strict=True):
        found[i] = _summarize(values, sizes[i], limits)
    return cast(list[RunSummary | MaskError], found)


def decode_runs(counts: bytes) -> NDArray[np.int64]:
    """Run lengths of counts that are known to be valid."""
    (values,) = _decode([counts])
    if isinstance(values, MaskError):
        raise values
    for chain in (values[1::2], values[2::2]):
        chain.cumsum(out=chain)
    return values


def add_to_first_run(counts: bytes, pixels: int) -> bytes:
    """Valid counts with so many more pixels of background in front; later runs do not refer to the first."""
    if pixels == 0:
        return counts
    value = length = 0
    for code in counts:
        value |= (code - OFFSET & 31) << 5 * length
        length += 1
        if code < OFFSET + MORE:
            break
    return _varint(value + pixels) + counts[length:]


def _varint(value: int) -> bytes:
    """Characters of a value that is not negative; the sign bit of the last must stay clear."""
    characters = bytearray()
    while value >= 16:
        characters.append((value & 31 | MORE) + OFFSET)
        value >>= 5
    characters.append(value + OFFSET)
    return bytes(characters)


def _envelope_fault(data: bytes, size: tuple[int, int], limits: MaskLimits) -> MaskError | None:
    """Find what can be told without reading the runs."""
    try:
        check_size(*size, limits, "mask.rle.size")
    except MaskError as fault:
        return fault
    if not data:
        return _malformed("counts are empty; a mask without foreground is one run of height x width")
    if len(data) > _MAX_CHARACTERS * limits.max_runs:
        return _too_many_runs(f"{len(data)} bytes of counts", limits)
    if not OFFSET <= data[-1] < OFFSET + MORE:
        return _malformed(f"the last byte, {data[-1]}, does not end a run; the counts look truncated")
    return None


def _decode(counts: Sequence[bytes]) -> list[NDArray[np.int64] | MaskError]:
    """Read the stored values of many counts strings at once, each of which ends with the end of a varint."""
    if not counts:
        return []
    codes = np.frombuffer(b"".join(counts), np.uint8) - np.uint8(OFFSET)
    ends = np.flatnonzero(codes < MORE)
    values, too_long = _read_varints(codes, ends)
    last_bytes = np.cumsum(np.fromiter(map(len, counts), np.int64, len(counts))) - 1
    stops = np.searchsorted(ends, last_bytes) + 1
    decoded: list[NDArray[np.int64] | MaskError] = []
    start = 0
    for stop in stops.tolist():
        decoded.append(values[start:stop])
        start = stop
    for i in np.searchsorted(stops, too_long, side="right").tolist():
        decoded[i] = _malformed(f"a run takes more than {_MAX_CHARACTERS} characters")
    if int(codes.max()) > 63:
        for i in np.unique(np.searchsorted(last_bytes, np.flatnonzero(codes > 63))).tolist():
            decoded[i] = _malformed(f"{_illegal_character(counts[i])} is not a COCO RLE character (48 to 111)")
    return decoded


def _read_varints(codes: NDArray[np.uint8], ends: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Values of the varints whose last characters are at `ends`, and indices of those too long to be read."""
    pairs = codes.astype(np.uint16) << 6
    pairs[1:] |= codes[:-1]
    values = _TWO_CHARACTERS.take(pairs.take(ends) & 4095)
    lengths = np.diff(ends, prepend=-1)
    for character in range(3, _MAX_CHARACTERS + 1):
        longer = np.flatnonzero(lengths >= character)
        if len(longer) == 0:
            break
        values[longer] = (values[longer] << 5) | (codes[ends[longer] - character + 1] & 31)
    return values, np.flatnonzero(lengths > _MAX_CHARACTERS)


def _summarize(
    values: NDArray[np.int64] | MaskError, size: tuple[int, int], limits: MaskLimits
) -> RunSummary | MaskError:
    if isinstance(values, MaskError):
        return values
    if len(values) > limits.max_runs:
        return _too_many_runs(f"{len(values)} runs", limits)
    return _summarize_runs(int(values[0]), values[1::2].cumsum(), values[2::2].cumsum(), size, _COUNTS)


def summarize_runs(runs: NDArray[np.int64], size: tuple[int, int], field: str) -> RunSummary | MaskError:
    """Check run lengths against their canvas, and find area and box of the foreground."""
    return _summarize_runs(int(runs[0]), runs[1::2].copy(), runs[2::2].copy(), size, field)


def _summarize_runs(
    first: int, foreground: NDArray[np.int64], background: NDArray[np.int64], size: tuple[int, int], field: str
) -> RunSummary | MaskError:
    """Judge runs that are given as the first of the background, and then foreground and background in turn."""
    height, width = size
    misfit = first if not 0 <= first <= height * width else None
    for runs in (foreground, background):
        misfit = _misfit(runs, height * width) if misfit is None else misfit
    if misfit is not None:
        fault = f"is negative ({misfit})" if misfit < 0 else f"has {misfit} pixels, more than the canvas"
        return _malformed(f"a run {fault}", field)
    starts = _starts(first, foreground, background)
    total = int(starts[-1])
    if total != height * width:
        return _malformed(f"the runs sum to {total}, not to height x width = {height * width}", field)
    area = int(_total(foreground))
    return RunSummary(area, _tight_box(starts[: len(foreground)], foreground, height) if area else None)


def _starts(first: int, foreground: NDArray[np.int64], background: NDArray[np.int64]) -> NDArray[np.int64]:
    """Positions where the foreground runs start, and last the sum of all runs."""
    starts = np.empty(len(foreground) + 1, np.int64)
    starts[0] = first
    starts[1:] = foreground
    starts[1 : len(background) + 1] += background
    starts.cumsum(out=starts)
    return starts


def _misfit(runs: NDArray[np.int64], canvas: int) -> int | None:
    """A run that a canvas of so many pixels cannot hold; runs that all fit cannot overflow their sum either."""
    # As unsigned numbers, negative runs are the largest of all, so that one pass finds both.
    if len(runs) == 0 or int(_greatest(runs.view(np.uint64))) <= canvas:
        return None
    return int(runs[(runs < 0) | (runs > canvas)][0])


def _tight_box(starts: NDArray[np.int64], foreground: NDArray[np.int64], height: int) -> Box:
    if np.count_nonzero(foreground) < len(foreground):
        starts, foreground = starts[foreground > 0], foreground[foreground > 0]
    columns = starts // height
    top = starts - columns * height
    bottom = top + foreground
    left, right = int(columns[0]), int(starts[-1] + foreground[-1] - 1) // height
    lowest = int(_greatest(bottom))
    if lowest > height:  # a run goes over into the next column, so it holds a last row and a first one
        return left, 0, right - left + 1, height
    highest = int(_least(top))
    return left, highest, right - left + 1, lowest - highest


def _illegal_character(data: bytes) -> str:
    at = next(i for i, byte in enumerate(data) if not OFFSET <= byte < OFFSET + 64)
    return f"byte {data[at]} at position {at}"


def _malformed(message: str, field: str = _COUNTS) -> MaskError:
    return MaskError(Reason.INVALID_MASK, field, message)


def _too_many_runs(what: str, limits: MaskLimits) -> MaskError:
    return MaskError(Reason.LIMIT_EXCEEDED, _COUNTS, f"{what} exceed the limit of {limits.max_runs} runs")

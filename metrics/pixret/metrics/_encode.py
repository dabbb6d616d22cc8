"""Masks to COCO compressed RLE, byte for byte as pycocotools writes it, whose format _rle.py describes.

pycocotools' own encoder has room for six characters a run and no end: where runs have 2^24 pixels or more, it writes
past its buffer and corrupts the memory of the process (2.0.11). Runs from outside can be as long.
"""

import numpy as np
from numpy.typing import NDArray

from pixret.metrics._rle import MORE, OFFSET, VALUE_BITS, decode_runs


def encode_runs(runs: NDArray[np.int64]) -> bytes:
    """Counts of run lengths, of which there is at least one."""
    values = runs.copy()
    values[3:] -= runs[1:-2]
    rest = np.where(values < 0, ~values, values) >> VALUE_BITS - 1  # what one character cannot hold beside the sign
    lengths = np.ones(len(values), np.int64)
    while rest.any():
        lengths += rest > 0
        rest >>= VALUE_BITS
    ends = lengths.cumsum()
    characters = np.empty(ends[-1], np.uint8)
    for place in range(int(lengths.max())):
        longer = np.flatnonzero(lengths > place)
        bits = values[longer] >> VALUE_BITS * place & MORE - 1
        goes_on = lengths[longer] > place + 1
        characters[ends[longer] - lengths[longer] + place] = bits + MORE * goes_on + OFFSET
    return characters.tobytes()


def encode_dense(dense: NDArray[np.bool_]) -> bytes:
    """Counts of a (height, width) array, neither of them 0."""
    pixels = dense.ravel(order="F")
    turns = np.flatnonzero(pixels[1:] != pixels[:-1]) + 1
    first = [0, 0] if pixels[0] else [0]  # the first run is of background, be it empty
    return encode_runs(np.diff(np.concatenate([first, turns, [len(pixels)]])))


def without_empty_runs(counts: bytes) -> bytes:
    """The same mask in the one form in which only the first run may be empty."""
    runs = decode_runs(counts)
    if runs[1:].all():
        return counts
    filled = np.flatnonzero(runs)
    starts = np.flatnonzero(np.diff(filled & 1, prepend=-1))
    merged = np.add.reduceat(runs[filled], starts)
    return encode_runs(np.concatenate([[0], merged]) if filled[0] & 1 else merged)

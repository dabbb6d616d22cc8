"""NumPy's .npy files: plain arrays mapped into memory, pickled objects read without trust."""

import math
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tokenize import TokenError
from typing import Literal

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from pixret.rawfiles._errors import RawFileError
from pixret.rawfiles._files import check_file, read_bounded
from pixret.rawfiles._stand_ins import StandInError, numpy_globals, resolve
from pixret.rawfiles._unpickle import PickleLimits, load_plain

_HEADER_FAULTS = (ValueError, TypeError, SyntaxError, LookupError, TokenError, RecursionError, MemoryError)
_MAX_HEADER = 2**16
_READ_HEADER = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
_DEFAULT_LIMITS = PickleLimits()


@dataclass(frozen=True, slots=True)
class _Header:
    shape: tuple[int, ...]
    order: Literal["C", "F"]
    dtype: np.dtype[np.generic]
    offset: int


def read_pickled_npy(path: Path, limits: PickleLimits = _DEFAULT_LIMITS) -> object:
    """Read what `numpy.save` pickled: containers of plain data and of arrays of numbers, which come read-only.

    A dict, which NumPy wraps into an array without dimensions, comes as the dict. The pickle may name only what
    NumPy needs to rebuild arrays, and even that is answered by code of ours. Raises RawFileError.
    """
    data = read_bounded(path, limits.max_bytes)
    header = _parse_header(data, path)
    if header.dtype != np.dtype(object):
        raise RawFileError(path, f"holds a plain array of {header.dtype}; a pickled object belongs here")
    loaded = load_plain(data[header.offset :], path, numpy_globals(len(data)), limits)
    try:
        return resolve(loaded)
    except StandInError as error:
        raise RawFileError(path, str(error)) from error


def map_plain_npy(path: Path) -> NDArray[np.generic]:
    """Map an array of plain numbers into memory, without reading it; RawFileError when it holds anything else."""
    check_file(path)
    try:
        with path.open("rb") as file:
            header = _parse_header(file.read(_MAX_HEADER), path)
        _check_extent(header, path)
        return np.memmap(path, header.dtype, "r", header.offset, header.shape, header.order)
    except OSError as error:
        raise RawFileError(path, f"cannot be read: {error.strerror}") from error


def _parse_header(data: bytes, path: Path) -> _Header:
    stream = BytesIO(data)
    try:
        # Version 3.0 differs in the names of structured types alone, which no file of the authors has.
        read_header = _READ_HEADER[npy.read_magic(stream)]
        shape, is_fortran, dtype = read_header(stream)
    except _HEADER_FAULTS as error:
        raise RawFileError(path, f"is not a file in NumPy's .npy format, 1.0 or 2.0: {error}") from error
    return _Header(shape, "F" if is_fortran else "C", dtype, stream.tell())


def _check_extent(header: _Header, path: Path) -> None:
    if header.dtype.kind not in "biuf":
        raise RawFileError(path, f"holds an array of {header.dtype}; plain numbers belong here")
    expected = header.offset + math.prod(header.shape) * header.dtype.itemsize
    if min(header.shape, default=0) < 0 or expected != path.stat().st_size:
        detail = f"has {path.stat().st_size} bytes, and its shape {header.shape} of {header.dtype} means {expected}"
        raise RawFileError(path, f"{detail}; is the file truncated?")

"""Stand-ins for the NumPy globals that a pickled array names.

NumPy's own `_reconstruct`, `ndarray.__setstate__` and `dtype.__setstate__` trust their arguments: they allocate
what they are told to, and read past the end of a list that is too short. So a pickle gets these instead, which note
what they are given, check it, and let `resolve` put plain arrays in their place afterwards.
"""

import math
import re
from collections.abc import Callable
from reprlib import repr as bounded_repr
from typing import Never

import numpy as np
from numpy.typing import NDArray

_MODULES = ("numpy.core.multiarray", "numpy._core.multiarray")
_DTYPE = re.compile(r"b1|[iu][1248]|f[248]|O8?")
_MAX_DIMENSIONS = 8
_MAX_DEPTH = 16


class StandInError(ValueError):
    """A pickle that gives NumPy something which no plain array needs."""


class _Callable:
    """A global of the pickle. Having `__setstate__`, it cannot be changed by the pickle either."""

    __slots__ = ("_call",)

    def __init__(self, call: Callable[..., object]) -> None:
        self._call = call

    def __call__(self, *arguments: object) -> object:
        return self._call(*arguments)

    def __setstate__(self, state: object) -> Never:
        raise StandInError("the pickle tries to change a NumPy type")


class _DType:
    __slots__ = ("_byteorder", "_code")

    def __init__(self, code: object, *_flags: object) -> None:
        if not isinstance(code, str) or not _DTYPE.fullmatch(code):
            raise StandInError(f"array type {bounded_repr(code)} is no plain number")
        self._code = code
        self._byteorder = "="

    def __setstate__(self, state: object) -> None:
        match state:
            case (int(), "<" | ">" | "|" | "=" as byteorder, None, None, None, *_):
                self._byteorder = byteorder
            case _:
                raise StandInError("an array type is structured, or its state is malformed")

    @property
    def dtype(self) -> np.dtype[np.generic]:
        return np.dtype(self._code if self._code.startswith("O") else self._byteorder + self._code)


class _Encoder:
    """Makes bytes of text as protocol 2 writes them: each once, so that all are no more than the pickle."""

    __slots__ = ("_left",)

    def __init__(self, size: int) -> None:
        self._left = size

    def encode(self, text: object, encoding: object) -> bytes:
        if not isinstance(text, str) or encoding != "latin1":
            raise StandInError(f"bytes are encoded as {bounded_repr(encoding)}, not latin1")
        self._left -= len(text)
        if self._left < 0:
            raise StandInError("the same bytes are made again and again")
        return text.encode("latin1")


class _Array:
    __slots__ = ("content", "shape")

    def __init__(self) -> None:
        self.shape: tuple[int, ...] = ()
        self.content: NDArray[np.generic] | list[object] | None = None

    def __setstate__(self, state: object) -> None:
        match state:
            case (int(), tuple(shape), _DType() as kind, bool(is_fortran), data):
                self.shape = _checked_shape(shape)
                self.content = _checked_content(self.shape, kind.dtype, data, "F" if is_fortran else "C")
            case _:
                raise StandInError("the state of an array is malformed")


def numpy_globals(size: int) -> dict[tuple[str, str], object]:
    """What a pickle of so many bytes needs to rebuild plain arrays and numbers, and bytes in protocol 2."""
    reconstruct, scalar = _Callable(_reconstruct), _Callable(_scalar)
    return {
        ("numpy", "ndarray"): _NDARRAY,
        ("numpy", "dtype"): _Callable(_DType),
        ("_codecs", "encode"): _Callable(_Encoder(size).encode),
        **{(module, "_reconstruct"): reconstruct for module in _MODULES},
        **{(module, "scalar"): scalar for module in _MODULES},
    }


def resolve(loaded: object) -> object:
    """Replace the stand-ins in an unpickled object by arrays; StandInError for what is neither data nor container.

    Arrays of numbers are read-only. An array of objects without dimensions, which is how NumPy stores a dict, is
    replaced by its object.
    """
    return _resolve(loaded, {}, 0)


def _refuse_call(*_arguments: object) -> Never:
    raise StandInError("the pickle makes an array in a way that NumPy never writes")


_NDARRAY = _Callable(_refuse_call)


def _reconstruct(subtype: object, *_arguments: object) -> _Array:
    if subtype is not _NDARRAY:
        raise StandInError("an array is of a class of its own")
    return _Array()


def _scalar(kind: object, data: object) -> np.generic:
    if not isinstance(kind, _DType) or kind.dtype.hasobject or not isinstance(data, bytes):
        raise StandInError("a number is malformed")
    if len(data) != kind.dtype.itemsize:
        raise StandInError(f"a number of {kind.dtype} has {len(data)} bytes")
    number: np.generic = np.frombuffer(data, kind.dtype)[0]
    return number


def _checked_shape(shape: tuple[object, ...]) -> tuple[int, ...]:
    sizes = tuple(size for size in shape if isinstance(size, int) and 0 <= size < 2**31)
    if len(sizes) != len(shape) or len(sizes) > _MAX_DIMENSIONS:
        raise StandInError(f"array shape {bounded_repr(shape)} is not possible")
    return sizes


def _checked_content(
    shape: tuple[int, ...], dtype: np.dtype[np.generic], data: object, order: str
) -> NDArray[np.generic] | list[object]:
    count = math.prod(shape)
    if dtype.hasobject:
        if not isinstance(data, list) or len(data) != count:
            raise StandInError(f"an array of shape {shape} does not come with its {count} objects")
        return data
    if not isinstance(data, bytes) or len(data) != count * dtype.itemsize:
        raise StandInError(f"an array of shape {shape}, {dtype} does not come with its {count * dtype.itemsize} bytes")
    return np.frombuffer(data, dtype).reshape(shape, order="F" if order == "F" else "C")


def _resolve(item: object, done: dict[int, object], depth: int) -> object:
    # Objects are shared in a pickle, so `done` (by identity) keeps the work proportional to the file.
    if isinstance(item, (str, bytes, int, float, np.generic)) or item is None:
        return item
    if id(item) not in done:
        if depth >= _MAX_DEPTH:
            raise StandInError(f"objects are nested more than {_MAX_DEPTH} deep, or contain themselves")
        done[id(item)] = _resolve_container(item, done, depth + 1)
    return done[id(item)]


def _resolve_container(item: object, done: dict[int, object], depth: int) -> object:
    match item:
        case dict():
            return {key: _resolve(value, done, depth) for key, value in item.items()}
        case list():
            return [_resolve(value, done, depth) for value in item]
        case tuple():
            return tuple(_resolve(value, done, depth) for value in item)
        case _Array(content=list(objects), shape=shape):
            return _object_array([_resolve(value, done, depth) for value in objects], shape)
        case _Array(content=np.ndarray() as numbers):
            return numbers
        case _:
            raise StandInError(f"holds a {type(item).__name__.lstrip('_')} that is not plain data")


def _object_array(objects: list[object], shape: tuple[int, ...]) -> object:
    if shape == ():
        return objects[0]
    array = np.empty(len(objects), object)
    for i, value in enumerate(objects):  # one by one, since NumPy would spread out lists of equal length
        array[i] = value
    return array.reshape(shape)

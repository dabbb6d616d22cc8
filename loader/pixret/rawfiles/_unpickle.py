"""Unpickling without trust: what a pickle may ask for is given beforehand, and nothing else is there.

Two things stand between a hostile file and this process. The operations are read first, without carrying them out,
and those whose cost is out of proportion to the file are refused: pickle's memo is an array, so one `LONG_BINPUT`
of five bytes can demand 64 GB, and keys of a dict can be chosen to have one hash. Then an unpickler carries them out
that knows only the given globals.
"""

import pickle
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from pickletools import genops
from typing import Never

from pixret.rawfiles._dict_keys import DictKeys
from pixret.rawfiles._errors import RawFileError

Globals = Mapping[tuple[str, str], object]
"""What a pickle may name, by module and name."""

PICKLE_FAULTS = (
    pickle.UnpicklingError,
    ArithmeticError,
    AttributeError,
    EOFError,
    ImportError,
    LookupError,
    MemoryError,
    RecursionError,
    TypeError,
    ValueError,
)
"""Everything that carrying out a damaged pickle can raise."""

_PUT = frozenset({"PUT", "BINPUT", "LONG_BINPUT"})
_INTEGERS = frozenset({"INT", "LONG", "LONG1", "LONG4"})
_SETS = frozenset({"EMPTY_SET", "ADDITEMS", "FROZENSET"})  # whose items are hashed, as keys are
_REFUSED = _SETS | {"EXT1", "EXT2", "EXT4", "BYTEARRAY8", "NEXT_BUFFER"}


@dataclass(frozen=True, slots=True)
class PickleLimits:
    """How large a pickle may be. The real ground truth files hold 0.3 MB and 40,000 operations."""

    max_bytes: int = 2**26
    max_operations: int = 2_000_000


def load_plain(data: bytes, path: Path, allowed: Globals, limits: PickleLimits) -> object:
    """Unpickle data that may name nothing but `allowed`; RawFileError, with the path, for everything else."""
    try:
        _check_operations(data, path, limits)
        return _PlainUnpickler(data, path, allowed).load()
    except RawFileError:
        raise
    except PICKLE_FAULTS as error:
        reason = str(error) or type(error).__name__
        detail = f"cannot be unpickled: {reason:.200} (is the file truncated or damaged?)"
        raise RawFileError(path, detail) from error


class _PlainUnpickler(pickle.Unpickler):
    def __init__(self, data: bytes, path: Path, allowed: Globals) -> None:
        super().__init__(BytesIO(data))
        self._path = path
        self._allowed = allowed

    def find_class(self, module: str, name: str) -> object:
        try:
            return self._allowed[module, name]
        except KeyError:
            wanted = f"{module}.{name}"[:100]
            detail = f"asks for the global {wanted}, which plain data never needs; nothing of it was run"
            raise RawFileError(self._path, detail) from None

    def persistent_load(self, pid: object) -> Never:
        raise RawFileError(self._path, f"asks for a persistent object, {type(pid).__name__}; plain data has none")


def _check_operations(data: bytes, path: Path, limits: PickleLimits) -> None:
    end, keys = 0, DictKeys()
    for count, (operation, argument, position) in enumerate(genops(data), start=1):
        if count > limits.max_operations:
            raise RawFileError(
                path, f"holds more than {limits.max_operations} pickle operations, so it is no such file"
            )
        if operation.name in _REFUSED:
            raise RawFileError(path, f"uses the pickle operation {operation.name}, which plain data never needs")
        if isinstance(argument, int):
            _check_integer(operation.name, argument, count, path)
        if not keys.are_plain(operation, argument):
            raise RawFileError(path, "holds a dict with a key that is neither text nor an integer")
        end = (position or 0) + 1
    if end != len(data):
        raise RawFileError(path, f"goes on for {len(data) - end} bytes after the end of its pickle")


def _check_integer(operation: str, argument: int, count: int, path: Path) -> None:
    if operation in _PUT and argument > count:
        raise RawFileError(path, f"stores object {argument} of its pickle after only {count} operations")
    if operation in _INTEGERS and not -(2**63) <= argument < 2**64:
        raise RawFileError(path, f"holds an integer of {argument.bit_length()} bits")

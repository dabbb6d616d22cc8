"""Files with one entry per pair of a query and an index image."""

import re
from pathlib import Path, PurePosixPath
from reprlib import repr as bounded_repr

import numpy as np

from pixret.rawfiles._errors import RawFileError
from pixret.rawfiles._npy import read_pickled_npy
from pixret.rawfiles._unpickle import PickleLimits

Pair = tuple[int, int]
"""Index of a query, index of an index image."""

_INDEX = r"(0|[1-9][0-9]{0,8})"
_LABEL_KEY = re.compile(f"{_INDEX}_{_INDEX}")
_MASK_KEY = re.compile(f"qimlist_{_INDEX}_imlist_{_INDEX}")
_MASK_LIMITS = PickleLimits(max_bytes=2**31, max_operations=20_000_000)
_MAX_ITEMS = 1_000_000


def read_pair_labels(path: Path) -> dict[Pair, str]:
    """Read a pair map: the label file of every positive pair, relative to the authors' folder.

    Raises RawFileError, also for a path that is absolute or leaves the folder.
    """
    entries = _read_entries(path, _LABEL_KEY, "QUERY_IMAGE", PickleLimits())
    return {pair: _checked_relative(value, pair, path) for pair, value in entries.items()}


def read_matching_result(path: Path) -> dict[Pair, object]:
    """Read the masks of a submission in the authors' layout.

    Values come as found (arrays of points as a rule, read-only; lists; an empty one where nothing was found): what
    is wrong with one of them concerns that prediction alone. Raises RawFileError.
    """
    entries = _read_entries(path, _MASK_KEY, "qimlist_QUERY_imlist_IMAGE", _MASK_LIMITS)
    for pair, value in entries.items():
        _check_amount(value, pair, path)
    return entries


def _read_entries(path: Path, pattern: re.Pattern[str], form: str, limits: PickleLimits) -> dict[Pair, object]:
    content = read_pickled_npy(path, limits)
    if not isinstance(content, dict):
        raise RawFileError(path, f"holds a {type(content).__name__}; a dict from {form} belongs here")
    entries: dict[Pair, object] = {}
    for key, value in content.items():
        match = pattern.fullmatch(key) if isinstance(key, str) else None
        if match is None:
            raise RawFileError(path, f"has the key {bounded_repr(key)}, which is not of the form {form}")
        entries[int(match[1]), int(match[2])] = value
    return entries


def _checked_relative(value: object, pair: Pair, path: Path) -> str:
    query, image = pair
    if not isinstance(value, str) or not value.isprintable() or not value:
        raise RawFileError(path, f"pair {query}_{image} has {bounded_repr(value)}, not the path of a label file")
    pure = PurePosixPath(value)
    if pure.is_absolute() or ".." in pure.parts:
        raise RawFileError(path, f"pair {query}_{image} has the path {value}, which leaves the authors' folder")
    return value


def _check_amount(value: object, pair: Pair, path: Path) -> None:
    # A pickle can hold one list many times over, so that a small file stands for more than memory can hold.
    waiting, total = [value], 0
    while waiting:
        items = _items(waiting.pop())
        total += len(items)
        if total > _MAX_ITEMS:
            query, image = pair
            raise RawFileError(path, f"qimlist_{query}_imlist_{image} holds more than {_MAX_ITEMS} objects")
        waiting.extend(item for item in items if isinstance(item, (list, tuple, dict, np.ndarray)))


def _items(container: object) -> list[object] | tuple[object, ...]:
    if isinstance(container, dict):
        return list(container.values())
    if isinstance(container, np.ndarray):
        return container.ravel().tolist() if container.dtype.hasobject else []
    return container if isinstance(container, (list, tuple)) else ()

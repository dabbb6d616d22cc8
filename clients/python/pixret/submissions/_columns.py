"""The columns of a submission table: their names and types, checked once instead of row by row."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import pyarrow as pa

from pixret.submissions._submission import SubmissionError

Check = Callable[[Any], bool]


def check_columns(schema: pa.Schema, where: str) -> None:
    """Check that a table has the columns of a submission; SubmissionError for what is misspelt or of another type."""
    names = schema.names
    if unknown := [name for name in names if name not in _COLUMNS]:
        raise SubmissionError(where, f"unknown columns {', '.join(unknown)}; a submission has {', '.join(_COLUMNS)}")
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise SubmissionError(where, f"columns {', '.join(twice)} come more than once; drop all but one of each")
    for what in ("query", "image"):
        if not {f"{what}_id", f"{what}_index"} & set(names):
            raise SubmissionError(where, f"has neither column {what}_id nor {what}_index; one of them names the {what}")
    for name in names:
        fits, expected = _COLUMNS[name]
        if not _or_null(fits)(schema.field(name).type):
            kind = schema.field(name).type
            raise SubmissionError(where, f"column {name} has type {kind}; it takes {expected}, so cast it")


def _or_null(fits: Check) -> Check:
    """Accept what fits as it is or dictionary-encoded, and a column that is null throughout."""

    def check(kind: Any) -> bool:
        plain = kind.value_type if pa.types.is_dictionary(kind) else kind
        return pa.types.is_null(plain) or fits(plain)

    return check


def _is_text(kind: Any) -> bool:
    return pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)


def _is_bytes(kind: Any) -> bool:
    return pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_binary_view(kind)


def _is_number(kind: Any) -> bool:
    return pa.types.is_integer(kind) or pa.types.is_floating(kind)


def _list_of(fits: Check) -> Check:
    def check(kind: Any) -> bool:
        is_list = pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)
        return is_list and _or_null(fits)(kind.value_type)

    return check


def _is_mask(kind: Any) -> bool:
    if not pa.types.is_struct(kind) or sorted(field.name for field in kind) != ["counts", "size"]:
        return False
    size, counts = kind.field("size").type, kind.field("counts").type
    return _or_null(_list_of(pa.types.is_integer))(size) and _or_null(_is_counts)(counts)


def _is_counts(kind: Any) -> bool:
    return _is_text(kind) or _is_bytes(kind) or _list_of(pa.types.is_integer)(kind)


_NAME: tuple[Check, str] = (_is_text, "strings")
_INDEX: tuple[Check, str] = (pa.types.is_integer, "integers")
_NUMBER: tuple[Check, str] = (_is_number, "numbers")
_COLUMNS: Mapping[str, tuple[Check, str]] = MappingProxyType(
    {
        "query_id": _NAME,
        "query_index": _INDEX,
        "image_id": _NAME,
        "image_index": _INDEX,
        "score": _NUMBER,
        "rank": _INDEX,
        "segmentation": (_is_mask, "a struct of size [height, width] and counts (string, binary or list of runs)"),
        "polygons": (_list_of(_list_of(_is_number)), "lists of lists of numbers"),
        "bbox": (_list_of(_is_number), "lists of numbers"),
        "level": (lambda kind: _is_text(kind) or pa.types.is_integer(kind), "strings or integers"),
        "area": _NUMBER,
    }
)

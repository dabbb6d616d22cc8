"""The ranking of a submission in the authors' layout."""

from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from pixret.rawfiles._errors import RawFileError
from pixret.rawfiles._npy import map_plain_npy


def read_ranking(path: Path, n_queries: int, n_images: int) -> NDArray[np.int32]:
    """Read a ranking of shape (n, n_queries): column q holds the index images of query q, best first.

    n is `n_images`, or more when distractors are appended to the index. Every column is checked to be a permutation
    of 0 to n - 1. Raises RawFileError. The array is in column order, so that a column is contiguous.
    """
    array = _checked_array(map_plain_npy(path), n_queries, n_images, path)
    ranking = np.empty(array.shape, np.int32, order="F")
    for query in range(n_queries):
        column = np.asarray(array[:, query])
        _check_column(column, query, path)
        ranking[:, query] = column
    return ranking


def _checked_array(array: NDArray[np.generic], n_queries: int, n_images: int, path: Path) -> NDArray[np.integer[Any]]:
    if array.ndim != 2 or array.dtype.kind not in "iu":
        raise RawFileError(
            path, f"is an array of {array.dtype}, shape {array.shape}; a ranking is (images, queries) of integers"
        )
    rows, columns = array.shape
    if columns != n_queries:
        raise RawFileError(path, f"has {columns} columns, and the benchmark has {n_queries} queries")
    if not n_images <= rows < 2**31:
        raise RawFileError(path, f"ranks {rows} images, and the benchmark has {n_images}")
    return cast("NDArray[np.integer[Any]]", array)


def _check_column(column: NDArray[np.integer[Any]], query: int, path: Path) -> None:
    rows = len(column)
    outside = np.flatnonzero((column < 0) | (column >= rows))
    if len(outside):
        at = int(outside[0])
        raise RawFileError(path, f"query {query}, rank {at}: {column[at]} is not an image (0 to {rows - 1})")
    times = np.bincount(column.astype(np.int64), minlength=rows)
    if (times != 1).any():
        twice = int(np.argmax(times > 1))
        raise RawFileError(
            path, f"query {query} ranks image {twice} {times[twice]} times; a ranking holds every image once"
        )

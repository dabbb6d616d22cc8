import numpy as np
from numpy.typing import NDArray

def summarize(
    counts: tuple[bytes, ...], sizes: tuple[tuple[int, int], ...], /
) -> list[tuple[int, int, int, int, int] | None]: ...
def intersections(first: tuple[bytes, ...], second: tuple[bytes, ...], pixels: tuple[int, ...], /) -> list[int]: ...
def average_precisions(
    p: int,
    k: int,
    n: int,
    hits: NDArray[np.bool_],
    ranks: NDArray[np.int64],
    positives: NDArray[np.int64],
    out: NDArray[np.float64],
    /,
) -> None: ...
def threshold_precisions(
    p: int,
    k: int,
    t: int,
    n: int,
    m: int,
    ious: NDArray[np.float64],
    thresholds: NDArray[np.float64],
    counted: NDArray[np.bool_],
    ranks: NDArray[np.int64],
    positives: NDArray[np.int64],
    beside: NDArray[np.int64],
    out: NDArray[np.float64],
    /,
) -> None: ...
def fill(points: NDArray[np.int32], lengths: tuple[int, ...], height: int, width: int, /) -> bytes: ...
def overlap(
    points: NDArray[np.int32],
    lengths: tuple[int, ...],
    size: tuple[int, int],
    other_points: NDArray[np.int32],
    other_lengths: tuple[int, ...],
    other_size: tuple[int, int],
    /,
) -> tuple[int, int, int]: ...

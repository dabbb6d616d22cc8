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

"""Whether a difference is more than noise: paired bootstrap and paired randomization over queries."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from pixret.reports._contributions import Contributions, mean_ratios

_ROUNDING = 1e-12  # a draw that gives the difference itself, but sums in another order, is as extreme


@dataclass(frozen=True, slots=True)
class Draws:
    """How often to draw, from which seed, and how sure the interval shall be. Same draws, same numbers."""

    resamples: int = 10_000
    seed: int = 0
    confidence: float = 0.95


def bootstrap_interval(first: Contributions, second: Contributions, draws: Draws) -> tuple[float, float]:
    """Percentile interval of second - first over queries drawn with replacement, the same ones for both.

    A draw in which a number is undefined is left out; NaN when every one is.
    """
    counts = _draw_queries(len(first.query_ids), draws.resamples, draws.seed)
    differences = second.means(counts) - first.means(counts)
    tail = (1 - draws.confidence) / 2
    defined = differences[~np.isnan(differences)]
    low, high = np.quantile(defined, [tail, 1 - tail]) if len(defined) else (np.nan, np.nan)
    return float(low), float(high)


def randomization_p_value(first: Contributions, second: Contributions, draws: Draws) -> float:
    """Two-sided p-value of second - first, when which of the two a query's results are is left to chance.

    Exact, over all swaps, where there are no more of them than draws; else the observed one counts as a draw.
    """
    count = len(first.query_ids)
    swaps = _draw_swaps(count, draws.resamples, draws.seed)
    swapped = [
        mean_ratios(
            one.numerators.sum(axis=0) + swaps @ (other.numerators - one.numerators),
            one.fixed + one.denominators.sum(axis=0) + swaps @ (other.denominators - one.denominators),
        )
        for one, other in ((first, second), (second, first))
    ]
    everything = np.ones((1, count))
    observed = abs(second.means(everything) - first.means(everything))
    differences = np.abs(swapped[1] - swapped[0])
    defined = differences[~np.isnan(differences)]
    drawn = 0 if _all_fit(count, draws.resamples) else 1
    return float((np.count_nonzero(defined >= observed - _ROUNDING) + drawn) / (len(defined) + drawn))


@cache
def _draw_queries(count: int, resamples: int, seed: int) -> NDArray[np.float64]:
    """How often each query is drawn: shape (resamples, count). Drawn as scipy.stats.bootstrap draws."""
    drawn = np.random.default_rng(seed).integers(0, count, (resamples, count))
    cells = drawn + count * np.arange(resamples)[:, None]
    return np.bincount(cells.ravel(), minlength=resamples * count).reshape(resamples, count).astype(np.float64)


@cache
def _draw_swaps(count: int, resamples: int, seed: int) -> NDArray[np.float64]:
    """Which queries are swapped: shape (resamples, count), or all that there are."""
    if _all_fit(count, resamples):
        return ((np.arange(2**count)[:, None] >> np.arange(count)) & 1).astype(np.float64)
    return np.random.default_rng((seed, 1)).integers(0, 2, (resamples, count)).astype(np.float64)


def _all_fit(count: int, resamples: int) -> bool:
    return 1 << count <= resamples

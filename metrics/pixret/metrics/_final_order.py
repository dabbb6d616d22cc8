"""Official AP over all choices of which positives pass, when the order is final. docs/bounds.md derives it."""

import numpy as np
from numpy.typing import NDArray


def official_extremes(
    fixed: NDArray[np.bool_], free: NDArray[np.bool_], ranks: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Least and greatest official AP when any of the free positives may pass where it stands.

    Args:
        fixed: shape (p, ..., n), which positives pass for sure; the first m of them are ranked.
        free: the same of those that may pass.
        ranks: shape (p, m), ascending from 0, the protocol's junk removed.

    Returns:
        Shape (p, ...) each. NaN where nothing can pass.
    """
    ranked = ranks.shape[-1]
    passing = np.count_nonzero(fixed, axis=-1)[..., None]
    unranked = np.count_nonzero(free[..., ranked:], axis=-1)[..., None]
    areas = _Areas(fixed[..., :ranked], free[..., :ranked], np.expand_dims(ranks, tuple(range(1, fixed.ndim - 1))))
    behind = areas.chosen[..., -1:] - areas.chosen
    with np.errstate(invalid="ignore"):  # 0 / 0 where nothing passes
        greatest = areas.of_first() / (passing + areas.chosen)
        least = areas.of_last() / (passing + unranked + behind)
    least, greatest = np.fmin.reduce(least, axis=-1), np.fmax.reduce(greatest, axis=-1)
    return least, np.where(np.isnan(greatest), 0.0 * least, greatest)  # all that can pass is not ranked


class _Areas:
    """Sums of the areas that hits add, for every cut of the order into a part before and a part behind.

    A hit at rank r with j hits before it adds base + j * slope: at a rank that is final, an area is linear in j. Sums
    have one more entry than there are ranks, and come in two: over the fixed positives, and over these and the free
    ones. `chosen` counts the free positives before a cut.
    """

    def __init__(self, fixed: NDArray[np.bool_], free: NDArray[np.bool_], ranks: NDArray[np.int64]) -> None:
        either = fixed | free
        base = np.where(ranks == 0, 1.0, 0.5 / (ranks + 1.0))
        slope = 0.5 / np.maximum(ranks, 1) + 0.5 / (ranks + 1.0)
        self.chosen = _sums_before(free)
        of_fixed = fixed * (base + _sums_before(fixed)[..., :-1] * slope)
        of_either = either * (base + _sums_before(either)[..., :-1] * slope)
        self._before = _sums_before(of_fixed), _sums_before(of_either)
        self._behind = _sums_behind(of_fixed), _sums_behind(of_either)
        self._slopes_behind = _sums_behind(fixed * slope), _sums_behind(either * slope)

    def of_first(self) -> NDArray[np.float64]:
        """Area when the free positives before the cut pass; each raises j for all hits behind it."""
        return self._before[1] + self._behind[0] + self.chosen * self._slopes_behind[0]

    def of_last(self) -> NDArray[np.float64]:
        """Area when the free positives behind the cut pass; those before it are not among the j of these."""
        return self._before[0] + self._behind[1] - self.chosen * self._slopes_behind[1]


def _sums_before(values: NDArray[np.float64] | NDArray[np.bool_]) -> NDArray[np.float64]:
    """Sum of what lies before each cut."""
    sums = np.zeros((*values.shape[:-1], values.shape[-1] + 1))
    np.cumsum(values, axis=-1, out=sums[..., 1:])
    return sums


def _sums_behind(values: NDArray[np.float64] | NDArray[np.bool_]) -> NDArray[np.float64]:
    """Sum of what lies behind each cut. Added from behind: a difference of sums would not be as exact."""
    return _sums_before(values[..., ::-1])[..., ::-1]

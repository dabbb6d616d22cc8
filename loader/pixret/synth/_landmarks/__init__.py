"""The invented landmarks of the benchmark, by name."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from pixret.synth._landmarks import (
    _castle,
    _cathedral,
    _clocktower,
    _lighthouse,
    _mausoleum,
    _pagoda,
    _rotunda,
    _temple,
)
from pixret.synth._solids import Model

__all__ = ["LANDMARKS"]

LANDMARKS: Mapping[str, Callable[[np.random.Generator], Model]] = MappingProxyType(
    {
        "castle": _castle.build,
        "cathedral": _cathedral.build,
        "clocktower": _clocktower.build,
        "lighthouse": _lighthouse.build,
        "mausoleum": _mausoleum.build,
        "pagoda": _pagoda.build,
        "rotunda": _rotunda.build,
        "temple": _temple.build,
    }
)

"""Where each landmark stands: its backdrop, its ground, and what is around it."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from pixret.synth._backdrop import BACKDROPS
from pixret.synth._ground import Plan


@dataclass(frozen=True, slots=True)
class Setting:
    """A place: the far country, the ground, and how much grows, stands and drives there."""

    backdrop: str
    plan: Plan
    trees: int
    houses: int
    traffic: bool
    lamps: bool
    depth: tuple[float, float] = (1.4, 2.3)  # where houses and trees stand, in units of the landmark's distance


SETTINGS: Mapping[str, Setting] = MappingProxyType(
    {
        "castle": Setting("mountains", Plan("grass", "gravel", (28, 24), "gravel", 3.2), 10, 2, False, False),
        "cathedral": Setting("city", Plan("cobble", "plaza", (40, 70), "plaza", 9), 4, 7, True, True),
        "clocktower": Setting("city", Plan("cobble", "cobble", (40, 40), "asphalt", 5), 5, 8, True, True),
        "lighthouse": Setting("sea", Plan("grass", "sand", (24, 14), "gravel", 2.2, sea_behind=22), 1, 0, False, False),
        "mausoleum": Setting(
            "hills", Plan("grass", "marble", (38, 38), "marble", 16, pool=(7, 44, 130)), 8, 0, False, False
        ),
        "pagoda": Setting("forest", Plan("gravel", "gravel", (20, 20), "plaza", 4), 12, 1, False, True),
        "rotunda": Setting("city", Plan("grass", "plaza", (38, 30), "plaza", 8), 7, 4, True, True),
        "temple": Setting("hills", Plan("meadow", "gravel", (30, 26), "gravel", 5), 8, 0, False, False),
    }
)


def invent_setting(rng: np.random.Generator) -> Setting:
    """Some other place, for a scene without a landmark."""
    grounds = ("grass", "meadow", "cobble", "plaza", "asphalt", "gravel")
    base, court, path = (str(rng.choice(grounds)) for _ in range(3))
    reach = float(rng.uniform(15, 45)), float(rng.uniform(10, 40))
    plan = Plan(base, court, reach, path, float(rng.uniform(2, 7)))
    town = bool(rng.random() < 0.7)
    houses = int(rng.integers(9, 17)) if town else int(rng.integers(0, 3))
    trees = int(rng.integers(2, 8)) if town else int(rng.integers(8, 18))
    return Setting(str(rng.choice(BACKDROPS)), plan, trees, houses, traffic=town, lamps=town, depth=(0.3, 1.2))

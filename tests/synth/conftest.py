"""The benchmark of the default seed, made once for all tests of the synthesizer."""

import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pixret.synth import MiniSummary


@dataclass(frozen=True)
class Mini:
    """A benchmark on disk and its ground truth."""

    summary: MiniSummary
    gnd: dict[str, Any]

    @property
    def out(self) -> Path:
        return self.summary.out

    def positives(self, query: int) -> list[int]:
        judged = self.gnd["gnd"][query]
        return judged["easy"] + judged["hard"]


@pytest.fixture(scope="session")
def mini(mini_summary: MiniSummary) -> Mini:
    path = mini_summary.source / "revisitop" / "data" / "mini" / "gnd_mini.pkl"
    return Mini(mini_summary, pickle.loads(path.read_bytes()))

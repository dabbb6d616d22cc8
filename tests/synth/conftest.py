"""The benchmark of the default seed, made once for all tests of the synthesizer."""

import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pixret.synth import MiniSummary, write_mini


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
def mini(tmp_path_factory: pytest.TempPathFactory) -> Mini:
    out = tmp_path_factory.mktemp("synth") / "mini"
    summary = write_mini(out)
    path = out / "pixel_retrieval_benchmarks" / "revisitop" / "data" / "mini" / "gnd_mini.pkl"
    return Mini(summary, pickle.loads(path.read_bytes()))

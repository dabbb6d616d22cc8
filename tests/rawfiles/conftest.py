import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

NpyWriter = Callable[[bytes], Path]


@pytest.fixture
def npy(tmp_path: Path) -> NpyWriter:
    """Write a .npy file of objects around a pickle that is given as bytes."""

    def write(data: bytes) -> Path:
        path = tmp_path / "objects.npy"
        with path.open("wb") as file:
            header = {"descr": "|O", "fortran_order": False, "shape": ()}
            np.lib.format.write_array_header_1_0(file, header)
            file.write(data)
        return path

    return write


@pytest.fixture
def gnd(tmp_path: Path) -> Callable[[object], Path]:
    """Write an object as a ground truth file."""

    def write(content: object) -> Path:
        path = tmp_path / "gnd_mini.pkl"
        path.write_bytes(pickle.dumps(content, protocol=2))
        return path

    return write

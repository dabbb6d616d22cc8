import colorsys
import hashlib
import io
import json
import pickle
import shutil
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from distractors import Distractors
from PIL import Image
from prepared import split_corpus

TRIANGLE = [[10.5, 12.25], [60.0, 20.0], [30.0, 70.75]]
SQUARE = [[5, 5], [25, 5], [25, 25], [5, 25]]


def shape(points: list[list[float]], kind: str | None = "polygon") -> dict[str, Any]:
    return {"label": "1", "points": points, "group_id": None, "shape_type": kind, "flags": {}}


def picture(name: str, size: tuple[int, int] = (100, 80), kind: str = "JPEG", orientation: int | None = None) -> bytes:
    """An image of one colour, another for every name."""
    red, green, blue = (round(255 * part) for part in colorsys.hsv_to_rgb(share_of(name), 0.8, 0.8))
    image, content = Image.new("RGB", size, (red, green, blue)), io.BytesIO()
    exif = Image.Exif()
    if orientation is not None:
        exif[0x0112] = orientation
    image.save(content, kind, exif=exif)
    return content.getvalue()


def share_of(name: str) -> float:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4]) / 2**32


class RawSource:
    """A small source of `mini` in the authors' layout, with images beside it, to be changed before it is written."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.imlist = [f"mini_{i:03d}" for i in range(8)]
        self.gnd: list[dict[str, Any]] = [
            {"bbx": [1, 2, 30.5, 40], "easy": [3, 0], "hard": [6], "junk": [1]},
            {"bbx": [0, 0, 9, 9], "easy": [], "hard": [0, 2], "junk": [7, 5]},
        ]
        self.pair_map: dict[str, str] = {}
        self.labels: dict[str, dict[str, Any] | bytes] = {}
        self.images = {f"{name}.jpg": picture(name) for name in (*self.imlist, "query_a", "query_b")}
        for query, entry in enumerate(self.gnd):
            for image in (*entry["easy"], *entry["hard"]):
                self.add_label(query, image, [shape(TRIANGLE)])

    def add_label(self, query: int, image: int, shapes: list[dict[str, Any]]) -> None:
        path = f"labels/mini/{query}/{query}_{image}.json"
        self.pair_map[f"{query}_{image}"] = path
        self.labels[path] = {
            "shapes": shapes,
            "imagePath": f"..\\jpg\\{self.imlist[image]}.jpg",
            "imageData": "aGVsbG8=",
            "imageHeight": 80,
            "imageWidth": 100,
        }

    def label(self, pair: str) -> dict[str, Any]:
        content = self.labels[self.pair_map[pair]]
        assert isinstance(content, dict)
        return content

    def write(self) -> Path:
        content = {"imlist": self.imlist, "qimlist": ["query_a", "query_b"], "gnd": self.gnd}
        gnd = self.root / "revisitop" / "data" / "mini" / "gnd_mini.pkl"
        gnd.parent.mkdir(parents=True, exist_ok=True)
        gnd.write_bytes(pickle.dumps(content, 2))
        np.save(self.root / "mini_pair2labelpath.npy", np.array(self.pair_map), allow_pickle=True)
        for path, label in self.labels.items():
            (self.root / path).parent.mkdir(parents=True, exist_ok=True)
            (self.root / path).write_bytes(label if isinstance(label, bytes) else json.dumps(label).encode())
        if self.images:
            write_files(self.root.parent / "images", self.images)
        return self.root


def write_files(folder: Path, files: dict[str, bytes]) -> Path:
    """Make the folder one that holds these files alone."""
    shutil.rmtree(folder, ignore_errors=True)
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder


@pytest.fixture
def draw() -> Any:
    """Make the bytes of an image."""
    return picture


@pytest.fixture
def put() -> Any:
    """Fill a folder with files."""
    return write_files


@pytest.fixture
def raw(tmp_path: Path) -> RawSource:
    return RawSource(tmp_path / "pixel_retrieval_benchmarks")


@pytest.fixture
def r1m(tmp_path: Path) -> Distractors:
    return Distractors(tmp_path / "revisitop1m")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "prepared"


@pytest.fixture(scope="session")
def sharded(image_tables: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`mini` with its index images in several files."""
    data = tmp_path_factory.mktemp("sharded")
    shutil.copytree(image_tables / "mini", data / "mini")
    split_corpus(data / "mini")
    return data


@pytest.fixture(scope="session")
def golden(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The golden sources, unpacked: one folder per case."""
    folder = tmp_path_factory.mktemp("golden")
    for case in ("roxford_small_s1", "roxford_small_s1_err", "rparis_small_s1"):
        with tarfile.open(shared / "golden" / f"{case}.tar.xz") as archive:
            archive.extractall(folder, filter="data")
    return folder

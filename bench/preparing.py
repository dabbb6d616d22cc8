"""Preparing images and reading them back, beside a dataset that is made from a generator of decoded images."""

import pickle
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import datasets
import numpy as np
from PIL import Image

from bench.timing import fastest, table
from pixret.loader import load
from pixret.synth import write_mini
from pixret.tables import read_ground_truth
from pixret.views import decode_mask

_COUNTS = (1_250, 5_000)
_NAIVE_COUNTS = (156, 624)  # of the generated dataset, which would take minutes otherwise
_MASKS = 1_000
_GND = "pixel_retrieval_benchmarks/revisitop/data/mini/gnd_mini.pkl"
_PREPARE = """
import sys
from pathlib import Path
from pixret.loader import prepare

if __name__ == "__main__":
    prepare("mini", Path(sys.argv[1]) / "pixel_retrieval_benchmarks", Path(sys.argv[2]))
"""
_GENERATE = """
import sys
from bench.preparing import decoded_images, generated

generated(decoded_images, sys.argv[1], sys.argv[2])
"""


def measure(rounds: int) -> str:
    """All tables of this module."""
    datasets.disable_progress_bars()
    with tempfile.TemporaryDirectory(prefix="pixret-bench-") as folder:
        place = Path(folder)
        mini = write_mini(place / "mini").out
        ours = [_prepared(_PREPARE, mini, place, count) for count in _COUNTS]
        naive = [_prepared(_GENERATE, mini, place, count) for count in _NAIVE_COUNTS]
        rows = [("pixret prepare, every image checked", *row) for row in ours]
        rows += [("Dataset.from_generator of decoded images", *row) for row in naive]
        head = ("", "images", "images/s", "MB at the peak, all processes", "MB on disk")
        return "\n\n".join([table("Preparing images", head, rows), *_reading(place, rounds)])


def decoded_images(source: str) -> Iterator[dict[str, Any]]:
    """What one yields to `datasets` who does not know of image files: the pixels."""
    for path in sorted(Path(source, "images").iterdir()):
        yield {"image_id": path.stem, "image": Image.open(path).convert("RGB")}


def decoded_pairs(source: str) -> Iterator[dict[str, Any]]:
    """Positive pairs of prepared tables, each with its image and its mask as pixels."""
    truth = read_ground_truth(Path(source))
    images = load("mini-corpus", source)
    for pair in truth.pairs:
        if pair.label is not None:
            image = images[pair.image_index]["image"].convert("RGB")
            yield {"query": pair.query_index, "image": image, "mask": Image.fromarray(pair.label.mask.to_dense())}


def generated(rows: Callable[[str], Iterator[dict[str, Any]]], source: str, out: str) -> Any:
    """A dataset made of what a generator yields, on the disk."""
    datasets.disable_progress_bars()
    datasets.Dataset.from_generator(rows, gen_kwargs={"source": source}, cache_dir=f"{out}-cache").save_to_disk(out)
    return datasets.load_from_disk(out)


def _prepared(script: str, mini: Path, place: Path, count: int) -> tuple[str, ...]:
    """Number of images, images a second, and megabytes in memory and on the disk."""
    raw = place / f"raw-{count}"
    if not raw.exists():
        _multiply(mini, raw, count)
    out = place / f"{'ours' if script is _PREPARE else 'naive'}-{count}"
    command = [sys.executable, "-c", script, str(raw), str(out)]
    started, peak = time.perf_counter(), 0
    with subprocess.Popen(command, start_new_session=True) as process:
        while process.poll() is None:
            peak = max(peak, _resident_bytes(process.pid))
            time.sleep(0.05)
    seconds = time.perf_counter() - started
    if process.returncode:
        raise RuntimeError(f"{command} ended with {process.returncode}")
    size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    return str(count), f"{count / seconds:.0f}", f"{peak / 2**20:.0f}", f"{size / 2**20:.0f}"


def _multiply(mini: Path, out: Path, count: int) -> None:
    """A source of `mini` that is filled up to `count` images with copies, each of other bytes."""
    shutil.copytree(mini / "pixel_retrieval_benchmarks", out / "pixel_retrieval_benchmarks")
    shutil.copytree(mini / "images", out / "images")
    images = [path.read_bytes() for path in sorted((mini / "images").iterdir())]
    gnd = pickle.loads((out / _GND).read_bytes())
    for number in range(count - len(images)):
        content = images[number % len(images)]
        comment = b"\xff\xfe\x00\x0a%08d" % number  # a JPEG comment, right behind the start of the image
        (out / "images" / f"copy_{number:05}.jpg").write_bytes(content[:2] + comment + content[2:])
        gnd["imlist"].append(f"copy_{number:05}")
    (out / _GND).write_bytes(pickle.dumps(gnd, 2))


def _resident_bytes(session: int) -> int:
    """Memory of all processes of a session."""
    pages = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        pages += int(fields[21]) if int(fields[3]) == session else 0
    return pages * 4096


def _reading(place: Path, rounds: int) -> list[str]:
    data, raw = str(place / f"ours-{_COUNTS[-1]}"), str(place / f"raw-{_COUNTS[-1]}")
    generator = datasets.IterableDataset.from_generator(decoded_images, gen_kwargs={"source": raw})
    ways = {
        f"load(streaming=True), tables of {_COUNTS[-1]} images": lambda: next(
            iter(load("mini-corpus", data, streaming=True))
        ),
        "IterableDataset.from_generator of decoded images": lambda: next(iter(generator)),
    }
    first = _ratios("The first row, with its image decoded", fastest(ways, rounds), 1e3, "ms")
    return [first, _masks(data, str(place / "pairs"))]


def _masks(data: str, scratch: str) -> str:
    ours = load("mini-pairs", data).filter(lambda row: row["segmentation"] is not None)
    whole = generated(decoded_pairs, data, scratch)
    masks = whole.select_columns("mask")
    some = np.random.default_rng(0).integers(0, len(whole), _MASKS).tolist()
    ways = {
        "pairs of the tables, decode_mask": lambda: [decode_mask(ours[i]["segmentation"]) for i in some],
        "generated pairs": lambda: [np.asarray(whole[i]["mask"]) for i in some],
        "generated pairs, the column of masks alone": lambda: [np.asarray(masks[i]["mask"]) for i in some],
    }
    return _ratios(f"{_MASKS} masks of random pairs", fastest(ways, 1), 1e6 / _MASKS, "us a mask")


def _ratios(title: str, seconds: dict[str, float], scale: float, unit: str) -> str:
    base = next(iter(seconds.values()))
    rows = [(name, f"{scale * each:.0f}", f"{each / base:.2f}") for name, each in seconds.items()]
    return table(title, ("", unit, "ratio"), rows)

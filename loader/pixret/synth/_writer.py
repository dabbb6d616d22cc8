"""Writes a benchmark as the raw files that the authors of PROxford publish."""

import json
import os
import pickle
import tempfile
from collections.abc import Iterable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from pixret.metrics import Level
from pixret.synth._errors import SynthError
from pixret.synth._labels import labelme
from pixret.synth._landmarks import LANDMARKS
from pixret.synth._plan import Itinerary, Photo, plan_photos
from pixret.synth._scene import Studio, open_studio
from pixret.synth._submissions import QUALITIES, submit
from pixret.synth._truth import Truth, View, view

_JPEG_QUALITY = 88


@dataclass(frozen=True, slots=True)
class MiniSummary:
    """What was written: the folder, the seed, and counts of landmarks, queries, index images and pairs."""

    out: Path
    seed: int
    landmarks: int
    queries: int
    index_images: int
    easy_pairs: int
    hard_pairs: int
    junk_pairs: int
    qualities: tuple[str, ...]

    @property
    def source(self) -> Path:
        """The folder that `pixret prepare mini --source` takes; the images lie beside it."""
        return self.out / "pixel_retrieval_benchmarks"

    @property
    def results(self) -> Path:
        """The submissions in the authors' layout."""
        return self.out / "results"

    @property
    def submissions(self) -> Path:
        """The submissions as tables, one JSON Lines file for each quality."""
        return self.out / "submissions"

    @property
    def positive_pairs(self) -> int:
        """Easy and hard pairs, each of which has a label."""
        return self.easy_pairs + self.hard_pairs


def write_mini(out: Path, *, seed: int = 20230930) -> MiniSummary:
    """Make the `mini` benchmark in the folder `out`, the same files for the same seed.

    The folder appears when everything in it is complete. Raises SynthError, before anything is drawn, when it
    exists and is not empty, or the seed is negative.
    """
    if seed < 0:
        message = f"seed {seed} is negative; give 0 or more"
        raise SynthError(message)
    _require_free(out)
    target = out.resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as scratch,
        ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1)) as pool,
    ):
        # One level deeper, where permissions follow the umask and not those of a private folder.
        folder = Path(scratch) / target.name
        folder.mkdir()
        truth = _take_photos(plan_photos(seed), open_studio(seed, pool), folder, pool)
        _write_source(truth, folder / "pixel_retrieval_benchmarks")
        for written in [pool.submit(_write_submission, quality, truth, seed, folder) for quality in QUALITIES]:
            written.result()
        _require_free(out)
        if target.exists():
            target.rmdir()
        folder.rename(target)
    return _summarize(truth, out, seed)


def _require_free(out: Path) -> None:
    if out.is_dir() and not any(out.iterdir()):
        return
    if out.exists() or out.is_symlink():
        message = f"{out} exists and is not an empty folder; remove it or choose another one"
        raise SynthError(message)


def _take_photos(itinerary: Itinerary, studio: Studio, folder: Path, pool: Executor) -> Truth:
    """Draw every image and write it; several at once, each from its own seed."""
    images = folder / "images"
    images.mkdir()

    def take(photo: Photo) -> View:
        picture = studio.shoot(photo.landmark, photo.shot, photo.seed)
        pixels = cv2.cvtColor(picture.image, cv2.COLOR_RGB2BGR)
        _, encoded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
        (images / f"{photo.name}.jpg").write_bytes(encoded.tobytes())
        return view(photo, picture.visible)

    views = list(pool.map(take, itinerary.queries + itinerary.index))
    count = len(itinerary.queries)
    return Truth(itinerary, tuple(views[:count]), tuple(views[count:]))


def _write_source(truth: Truth, source: Path) -> None:
    """Pair map, labels and ground truth."""
    paths: dict[str, str] = {}
    for query in range(len(truth.queries)):
        folder = source / "labels" / "mini" / str(query)
        folder.mkdir(parents=True)
        for image in truth.positives(query):
            seen = truth.index[image]
            content = labelme(seen.polygons, seen.photo.name, str(seen.photo.landmark), *seen.size)
            paths[f"{query}_{image}"] = f"labels/mini/{query}/{query}_{image}.json"
            (folder / f"{query}_{image}.json").write_text(json.dumps(content), encoding="utf-8")
    np.save(source / "mini_pair2labelpath.npy", np.array(paths, dtype=object))
    ground_truth = source / "revisitop" / "data" / "mini" / "gnd_mini.pkl"
    ground_truth.parent.mkdir(parents=True)
    ground_truth.write_bytes(pickle.dumps(_ground_truth(truth), protocol=2))


def _ground_truth(truth: Truth) -> dict[str, object]:
    """The content of gnd_mini.pkl, of plain containers only, so that a reader need not trust it."""
    return {
        "imlist": [photo.name for photo in truth.itinerary.index],
        "qimlist": [photo.name for photo in truth.itinerary.queries],
        "gnd": [
            {"bbx": seen.box, **{level.name.lower(): truth.judged(query, level) for level in Level}}
            for query, seen in enumerate(truth.queries)
        ],
    }


def _write_submission(quality: str, truth: Truth, seed: int, folder: Path) -> None:
    """One quality, as a table and in the authors' layout."""
    submission = submit(quality, truth, seed)
    ranking = folder / "results" / "image-level" / quality / "mini.npy"
    masks = folder / "results" / "pixel-level" / quality / "matching_result" / "mini.npy"
    table = folder / "submissions" / f"{quality}.jsonl"
    for path in (ranking, masks, table):
        path.parent.mkdir(parents=True, exist_ok=True)
    np.save(ranking, submission.ranking)
    np.save(masks, np.array(submission.matches(truth), dtype=object))
    _write_lines(table, submission.table(truth))


def _write_lines(path: Path, rows: Iterable[dict[str, object]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def _summarize(truth: Truth, out: Path, seed: int) -> MiniSummary:
    pairs = {level: sum(len(truth.judged(q, level)) for q in range(len(truth.queries))) for level in Level}
    return MiniSummary(
        out=out,
        seed=seed,
        landmarks=len(LANDMARKS),
        queries=len(truth.queries),
        index_images=len(truth.index),
        easy_pairs=pairs[Level.EASY],
        hard_pairs=pairs[Level.HARD],
        junk_pairs=pairs[Level.JUNK],
        qualities=QUALITIES,
    )

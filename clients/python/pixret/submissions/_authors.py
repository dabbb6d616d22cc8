"""The authors' own layout of a submission: a ranking, and one point set a pair."""

from collections.abc import Iterator
from pathlib import Path
from reprlib import repr as bounded_repr

import numpy as np
from numpy.typing import NDArray

from pixret.metrics import NO_MASK, Item, Polygons, Prediction, Ranking, Region, Unreadable
from pixret.rawfiles import RAW_BENCHMARKS, RawFileError, read_matching_result, read_ranking
from pixret.submissions._submission import BenchmarkShape, Submission, SubmissionError


def read_results(folder: Path, benchmark: BenchmarkShape, method: str, ranking: str | None) -> Submission:
    """Read ``results/``: masks of METHOD, and the order of the index images from RANKING.

    Without a ranking, only mIoU can be computed. A ranking longer than the index holds distractors; where a folder
    holds one with and one without, ``RANKING/FILE`` chooses.

    Raises:
        SubmissionError: when a file is missing or cannot be read; for a missing name, with those that there are.
    """
    layout = RAW_BENCHMARKS.get(benchmark.name)
    if layout is None:
        raise SubmissionError(folder, f"the authors' layout has no files for {benchmark.name}")
    masks_folder = _chosen(folder / "pixel-level", method, "--method") / "matching_result"
    order = None
    try:
        if ranking is not None:
            path = _ranking_file(folder / "image-level", ranking, layout.rankings)
            order = read_ranking(path, benchmark.query_count, benchmark.image_count)
        masks = read_matching_result(masks_folder / layout.masks)
    except RawFileError as error:
        raise SubmissionError(error.path, error.detail) from None
    count = len(masks) + (0 if order is None else order.shape[1])
    distractors = 0 if order is None else len(order) - benchmark.image_count
    return Submission(lambda: _items(order, masks), count, distractors)


def _items(order: NDArray[np.int32] | None, masks: dict[tuple[int, int], object]) -> Iterator[Item]:
    if order is not None:
        for query in range(order.shape[1]):
            yield Ranking(query, order[:, query])
    for (query, image), points in masks.items():
        yield Prediction(query, image, _region(points))


def _region(points: object) -> Region:
    """One polygon, or nothing when it has no points; Unreadable where the published scripts crash."""
    try:
        array = np.asarray(points, np.float64)
    except (TypeError, ValueError):
        return Unreadable(f"not points: {bounded_repr(points)}")
    if len(array.shape) > 0 and len(array) == 0:
        return NO_MASK
    if array.ndim != 2 or array.shape[1] != 2:
        return Unreadable(f"points must have shape (n, 2), not {array.shape}")
    return Polygons([array])


def _chosen(folder: Path, name: str, flag: str) -> Path:
    there = sorted(child.name for child in folder.iterdir() if child.is_dir()) if folder.is_dir() else []
    if name not in there:
        raise SubmissionError(folder, f"no {name!r}; {flag} takes one of: {', '.join(there) or 'nothing is there'}")
    return folder / name


def _ranking_file(folder: Path, ranking: str, names: tuple[str, ...]) -> Path:
    """The file of a ranking that is named as FOLDER, which takes the first of `names` there, or as FOLDER/FILE."""
    name, _, file = ranking.partition("/")
    folder = _chosen(folder, name, "--ranking")
    if file and file not in names:
        raise SubmissionError(folder, f"{file!r} is no ranking of the benchmark; those are {', '.join(names)}")
    return _first_of(folder, (file,) if file else names)


def _first_of(folder: Path, names: tuple[str, ...]) -> Path:
    for name in names:
        if (folder / name).exists():
            return folder / name
    raise SubmissionError(folder, f"holds none of {', '.join(names)}")

"""What a submission says of the judged images, query by query."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pixret.metrics import Accumulator, JudgedPair, Measurement, PairIou, Protocol
from pixret.reports import CONVENTIONS, TASKS


@dataclass(frozen=True, slots=True, eq=False)
class JudgedQuery:
    """The judged images of one query, side by side.

    `positions` count from 0 and are NaN where an image is not ranked. `found` tells where a mask was predicted.
    `ious`, of shape (convention, task, image) in the order of `CONVENTIONS` and `TASKS`, are 0 where none was, and NaN
    where the published scripts give no number.
    """

    images: NDArray[np.int64]
    levels: NDArray[np.int64]
    positions: NDArray[np.float64]
    found: NDArray[np.bool_]
    ious: NDArray[np.float64]

    def counted(self, protocol: Protocol) -> NDArray[np.bool_]:
        """Which images are positives of a protocol; the others are its junk."""
        return np.isin(self.levels, list(protocol.positive_levels))


def judged_queries(accumulator: Accumulator) -> tuple[JudgedQuery, ...]:
    """Read them off an accumulator, by query index."""
    pairs: list[list[JudgedPair]] = [[] for _ in accumulator.truth.query_ids]
    measured: list[dict[int, Measurement]] = [{} for _ in pairs]
    for pair in accumulator.truth.pairs:
        pairs[pair.query_index].append(pair)
    for query, image, measurement in accumulator.pair_measurements():
        measured[query][image] = measurement
    return tuple(
        _judged(some, accumulator.judged_positions(query), measured[query]) for query, some in enumerate(pairs)
    )


def _judged(pairs: list[JudgedPair], positions: Mapping[int, int], measured: Mapping[int, Measurement]) -> JudgedQuery:
    images = [pair.image_index for pair in pairs]
    found = [measured.get(image, Measurement()) for image in images]
    return JudgedQuery(
        np.array(images, np.int64),
        np.array([pair.level for pair in pairs], np.int64),
        np.array([positions.get(image, np.nan) for image in images], np.float64),
        np.array([each.found for each in found], bool),
        np.array([_ious(each) for each in found]).reshape(-1, len(CONVENTIONS), len(TASKS)).transpose(1, 2, 0),
    )


def _ious(measurement: Measurement) -> list[list[float]]:
    return [_by_task(getattr(measurement, convention)) for convention in CONVENTIONS]


def _by_task(iou: PairIou | str) -> list[float]:
    return [np.nan] * len(TASKS) if isinstance(iou, str) else [getattr(iou, task) for task in TASKS]

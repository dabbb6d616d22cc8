"""A submission, as far as sheets show it."""

from collections.abc import Iterable, Mapping

from pixret.browse._sheet import Finding
from pixret.metrics import (
    Accumulator,
    BoxRegion,
    GroundTruth,
    ImageRef,
    Item,
    Mask,
    MeasurePool,
    Polygons,
    Prediction,
    Region,
    Rle,
    Runs,
)

Pair = tuple[int, int]
"""Query index and image index."""

Size = tuple[int, int]
"""Height and width of an image."""


class Findings:
    """A submission that was scored; `items` can be iterated over again, for the masks of what is shown."""

    def __init__(
        self, truth: GroundTruth, items: Iterable[Item], distractors: int = 0, pool: MeasurePool | None = None
    ) -> None:
        self.accumulator = Accumulator(truth, distractors=distractors)
        self.accumulator.add(items, pool)
        self._items = items
        self._refused = {rejection.offset for rejection in self.accumulator.rejections}
        self._positions = [self.accumulator.judged_positions(query) for query in range(len(truth.query_ids))]
        self._ious = {
            (query, image): measurement.strict.segmentation
            for query, image, measurement in self.accumulator.pair_measurements()
        }

    def rank(self, pair: Pair) -> int | None:
        """Place of an index image in the ranking of its query, from 1."""
        position = self._positions[pair[0]].get(pair[1])
        return None if position is None else position + 1

    def iou(self, pair: Pair) -> float:
        """Strict mask IoU of a positive pair; 0 where nothing was found."""
        return self._ious.get(pair, 0.0)

    def select(self, pairs: Mapping[Pair, Size | None]) -> dict[Pair, Finding]:
        """What is said of some pairs, given the sizes of their images."""
        masks = self._masks(pairs)
        return {pair: Finding(self.rank(pair), self._ious.get(pair), masks.get(pair)) for pair in pairs}

    def _masks(self, pairs: Mapping[Pair, Size | None]) -> dict[Pair, Mask]:
        truth = self.accumulator.truth
        masks = {}
        for offset, item in enumerate(self._items):
            if offset in self._refused or not isinstance(item, Prediction):
                continue
            pair = _index(item.query, truth.query_index), _index(item.image, truth.image_index)
            if pair in pairs:
                mask = _mask(item.region, pairs[pair])
                if mask is not None:
                    masks[pair] = mask
        return masks


def _index(ref: ImageRef, indices: Mapping[str, int]) -> int:
    return indices[ref] if isinstance(ref, str) else ref


def _mask(region: Region | None, size: Size | None) -> Mask | None:
    """The mask of a region that was accepted; None where nothing was found, or on an image of unknown size."""
    match region:
        case Rle(height, width, counts):
            return Mask.from_counts(counts, height, width)
        case Runs(height, width, counts):
            return Mask.from_runs(counts, height, width)
        case Polygons(polygons) if size is not None:
            return Mask.from_polygons(polygons, *size)
        case BoxRegion(x, y, width, height) if size is not None:
            return Mask.from_box((x, y, width, height), *size)
        case _:
            return None

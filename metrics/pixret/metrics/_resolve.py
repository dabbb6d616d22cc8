"""Items to the places that they speak of: names to indices, judged pairs to the jobs of measuring them."""

import enum
import math
import operator
import sys
from collections.abc import Sequence
from reprlib import repr as bounded_repr
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pixret.metrics._errors import ItemError, Reason
from pixret.metrics._groundtruth import GroundTruth, JudgedPair
from pixret.metrics._items import Item, Malformed, Polygons, Prediction, Ranking, shown
from pixret.metrics._measure import MaskJob
from pixret.metrics._plan import QueryPlan, plan_queries


class Ordering(enum.Enum):
    """How the index images of a query are ordered."""

    SCORE = "score"
    RANK = "rank"
    RANKING = "ranking"


MAX_RANK = 2**32 - 1  # what the wire and the files hold; floats as keys tell all of these apart

FIRST_KEYS = {Ordering.SCORE: -sys.float_info.max, Ordering.RANK: 0.0}
"""The key that sorts before all others, where images are ordered one by one."""


class ResolvedPrediction(NamedTuple):
    """A prediction whose names and order are sound; its mask is still to be measured.

    `slot` is that of a positive, None for any other image. `key` sorts ascending.
    """

    query_index: int
    image_index: int
    slot: int | None
    ordering: Ordering | None
    key: float
    job: MaskJob


class ResolvedRanking(NamedTuple):
    """A ranking whose entries are index images, none of them twice."""

    query_index: int
    images: NDArray[np.int64]


Resolved = ResolvedPrediction | ResolvedRanking | ItemError


class Resolver:
    """Binds a ground truth once, to resolve many items."""

    def __init__(self, truth: GroundTruth, distractors: int = 0) -> None:
        self.truth = truth
        self.plans = plan_queries(truth)
        self.image_count = len(truth.image_ids) + distractors

    def resolve(self, items: Sequence[Item]) -> list[Resolved]:
        """Resolve items one by one; the fault of each that cannot be, in its place."""
        resolved: list[Resolved] = []
        for item in items:
            try:
                resolved.append(self._resolve(item))
            except ItemError as fault:
                resolved.append(fault)
        return resolved

    def find_query(self, query: str | int) -> int:
        """Index of a query by name or index; ItemError when there is none."""
        if isinstance(query, str):
            index = self.truth.query_index.get(query)
        else:
            index = query if 0 <= query < len(self.truth.query_ids) else None
        if index is None:
            message = (
                f"no query {shown(query)!r} in {self.truth.benchmark}, which has {len(self.truth.query_ids)} queries"
            )
            raise ItemError(Reason.UNKNOWN_QUERY, "query", message)
        return index

    def find_image(self, image: str | int) -> int:
        """Index of an index image by name or index; ItemError when there is none."""
        if isinstance(image, str):
            index = self.truth.image_index.get(image)
        else:
            index = image if 0 <= image < self.image_count else None
        if index is None:
            message = (
                f"no index image {shown(image)!r} in {self.truth.benchmark}, which has {self.image_count} index images"
            )
            raise ItemError(Reason.UNKNOWN_IMAGE, "image", message)
        return index

    def _resolve(self, item: Item) -> Resolved:
        match item:
            case Prediction():
                return self._prediction(item)
            case Ranking():
                return self._ranking(item)
            case Malformed(fault):
                return fault
            case _:
                raise TypeError(f"{bounded_repr(item)} is neither Prediction nor Ranking")

    def _prediction(self, item: Prediction) -> ResolvedPrediction:
        query, image = self.find_query(item.query), self.find_image(item.image)
        ordering, key = _order(item)
        plan = self.plans[query]
        slot = plan.slots.get(image)
        if slot is not None and slot >= plan.positive_count:
            slot = None
        return ResolvedPrediction(query, image, slot, ordering, key, self._job(item, image, plan, slot))

    def _job(self, item: Prediction, image: int, plan: QueryPlan, slot: int | None) -> MaskJob:
        canvas = self.truth.canvases.get(image)
        if slot is None:
            return MaskJob(item.region, canvas)
        return _positive_job(item, canvas, plan.pairs[slot])

    def _ranking(self, item: Ranking) -> ResolvedRanking:
        query = self.find_query(item.query)
        images = np.asarray(item.images)
        if images.ndim != 1 or images.dtype.kind not in "iu":
            raise ItemError(Reason.INVALID_ORDER, "ranking.image_indices", "a ranking is a list of image indices")
        if len(images) and (images.min() < 0 or images.max() >= self.image_count):
            wrong = int(images[(images < 0) | (images >= self.image_count)][0])
            message = f"no index image {wrong}; {self.truth.benchmark} has {self.image_count} index images"
            raise ItemError(Reason.UNKNOWN_IMAGE, "ranking.image_indices", message)
        indices = images.astype(np.int64)
        ascending = np.sort(indices)  # counting would take memory by the largest index, which a distractor may have
        twice = ascending[1:][ascending[1:] == ascending[:-1]]
        if len(twice):
            message = f"image {twice[0]} stands in the ranking {np.count_nonzero(indices == twice[0])} times"
            raise ItemError(Reason.INVALID_ORDER, "ranking.image_indices", message)
        return ResolvedRanking(query, indices)


def _positive_job(item: Prediction, canvas: tuple[int, int] | None, pair: JudgedPair) -> MaskJob:
    if pair.label is None:
        return MaskJob(item.region, canvas, undefined="the label is missing")
    shapes = pair.label.polygons if isinstance(item.region, Polygons) else ()
    return MaskJob(item.region, canvas, pair.label.mask, shapes, pair.label.fault)


def _order(item: Prediction) -> tuple[Ordering | None, float]:
    """How the item is ordered, and the key that sorts ascending."""
    if item.score is not None and item.rank is not None:
        message = f"score {item.score} and rank {item.rank} are both given; give one"
        raise ItemError(Reason.INVALID_ORDER, "order", message)
    if item.score is not None:
        return Ordering.SCORE, -_score(item.score)
    if item.rank is not None:
        return Ordering.RANK, float(_rank(item.rank))
    return None, 0.0


def _score(score: float) -> float:
    try:
        if math.isfinite(score):
            return float(score)  # as an unsigned integer of NumPy it would wrap when negated
    except (TypeError, OverflowError):  # a text, or an integer beyond every float
        pass
    raise ItemError(Reason.INVALID_ORDER, "score", f"score {score} is not finite")


def _rank(rank: int) -> int:
    try:
        if 0 <= operator.index(rank) <= MAX_RANK:
            return rank
    except TypeError:
        pass
    message = f"rank {rank} is no integer from 0, which is best, to {MAX_RANK}"
    raise ItemError(Reason.INVALID_ORDER, "rank", message)

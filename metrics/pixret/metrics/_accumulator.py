"""A submission in the making: takes items in any order and any batching, and answers at any time."""

import math
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from itertools import islice

from pixret.metrics._aggregate import ScoreTable
from pixret.metrics._bounds import BoundTable
from pixret.metrics._errors import ItemError, MergeConflictError, Reason
from pixret.metrics._groundtruth import GroundTruth, Protocol
from pixret.metrics._items import ImageRef, Item, Ranking, shown
from pixret.metrics._measure import MaskJob, Measurement, Outcome, measure
from pixret.metrics._outlook import foresee
from pixret.metrics._pool import MeasurePool
from pixret.metrics._query import QueryScores, Standing, evaluate
from pixret.metrics._resolve import Resolved, ResolvedPrediction, ResolvedRanking, Resolver
from pixret.metrics._rle import DEFAULT_LIMITS, MaskLimits
from pixret.metrics._snapshot import ProtocolMetrics, Snapshot
from pixret.metrics._state import QueryState

_CHUNK = 512  # with fewer, the trips to the workers show


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why the item at an offset does not count. `query` and `image` are as the submission names them."""

    offset: int
    reason: Reason
    field: str
    message: str
    query: ImageRef
    image: ImageRef | None


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Items on their way: resolved, and with `jobs` for `measure`, which may run elsewhere."""

    items: Sequence[Item]
    resolved: Sequence[Resolved]
    jobs: Sequence[MaskJob]


@dataclass(frozen=True, slots=True)
class UndefinedPair:
    """A positive pair for which the published scripts give no number."""

    query_index: int
    image_index: int
    reason: str


class Accumulator:
    """Scores one submission to one benchmark, item by item.

    Every item gets one outcome: accepted, or rejected with a reason. The numbers depend on the accepted items
    alone, never on their order or batching, and are the same to the last bit. A snapshot evaluates only those
    queries anew that changed since the last.

    Args:
        truth: what to measure against.
        distractors: images that the ranking holds beyond the index, with the indices that follow it.
        limits: how large a mask may be.
    """

    def __init__(self, truth: GroundTruth, *, distractors: int = 0, limits: MaskLimits = DEFAULT_LIMITS) -> None:
        self.truth = truth
        self.distractors = distractors
        self.limits = limits
        self.accepted = 0
        self.rejections: list[Rejection] = []
        self._resolver = Resolver(truth, distractors)
        self._states = [QueryState(plan) for plan in self._resolver.plans]
        self._table = ScoreTable(len(truth.query_ids), truth.ignored_queries)
        self._bounds = BoundTable(len(truth.query_ids), truth.ignored_queries)
        self._scores: dict[int, QueryScores] = {}
        self._touched = set(range(len(truth.query_ids)))

    @property
    def received(self) -> int:
        """Items received; also the offset of the next one."""
        return self.accepted + len(self.rejections)

    def add(self, items: Iterable[Item], pool: MeasurePool | None = None) -> list[Rejection]:
        """Take items and return the rejections among them; offsets go on from `received`.

        With a pool, masks are measured in its workers while further items are read.
        """
        before = len(self.rejections)
        waiting: deque[tuple[Batch, Future[list[Outcome]]]] = deque()
        for chunk in _chunks(items):
            batch = self.resolve(chunk)
            if pool is None:
                self.commit(batch, measure(batch.jobs, self.limits))
                continue
            waiting.append((batch, pool.submit(batch.jobs)))
            if len(waiting) > 2 * pool.workers:
                self._commit_first(waiting)
        while waiting:
            self._commit_first(waiting)
        return self.rejections[before:]

    def resolve(self, items: Sequence[Item]) -> Batch:
        """Find what the items speak of. Changes nothing; `commit` follows with the outcomes of the jobs."""
        resolved = self._resolver.resolve(items)
        return Batch(items, resolved, [each.job for each in resolved if isinstance(each, ResolvedPrediction)])

    def commit(self, batch: Batch, outcomes: Sequence[Outcome]) -> list[Rejection]:
        """Take a batch with the outcomes of its jobs, in order; return the rejections among its items."""
        before = len(self.rejections)
        remaining = iter(outcomes)
        for item, resolved in zip(batch.items, batch.resolved, strict=True):
            try:
                self._take(resolved, remaining)
                self.accepted += 1
            except ItemError as fault:
                self._reject(item, fault)
        return self.rejections[before:]

    def snapshot(self) -> Snapshot:
        """Score what was received as if nothing more came, and bound what can still become of it."""
        self._evaluate_touched()
        is_ranked = self.accepted == 0 or any(state.ordering is not None for state in self._states)
        protocols = {each: self._protocol(index, is_ranked=is_ranked) for index, each in enumerate(Protocol)}
        exact = not self._is_undefined and all(state.is_exact for state in self._states)
        return Snapshot(self.accepted, len(self.rejections), exact, protocols)

    def undefined_pairs(self) -> list[UndefinedPair]:
        """Positive pairs on which the published scripts crash or yield NaN, by query and image index."""
        pairs = []
        for query, state in enumerate(self._states):
            for slot, reason in (state.refused | state.undefined).items():
                pairs.append(UndefinedPair(query, state.plan.pairs[slot].image_index, reason))
        return sorted(pairs, key=lambda pair: (pair.query_index, pair.image_index))

    def query_scores(self, query_index: int) -> QueryScores:
        """What one query contributes, of what was received."""
        self._evaluate_touched()
        return self._scores[query_index]

    def ranked_count(self, query_index: int) -> int:
        """Number of images in the order of a query."""
        return self._states[query_index].ranked_count

    def judged_positions(self, query_index: int) -> dict[int, int]:
        """Position in the order of a query, from 0, of the judged images that it holds, by image index."""
        state = self._states[query_index]
        placed = zip(state.plan.pairs, state.positions().tolist(), strict=True)
        return {pair.image_index: int(position) for pair, position in placed if not math.isnan(position)}

    def pair_measurements(self) -> Iterator[tuple[int, int, Measurement]]:
        """Query index, image index and measurement of every predicted positive."""
        for query, state in enumerate(self._states):
            for slot, measurement in sorted(state.measurements.items()):
                yield query, state.plan.pairs[slot].image_index, measurement

    def merge(self, other: "Accumulator") -> None:
        """Take all that another accumulator received, as though its items had come after these.

        Raises:
            MergeConflictError: before anything changes, when the two score different benchmarks, predict the same
                pair, or order the same query in different ways.
        """
        if (self.truth.digest, self.distractors) != (other.truth.digest, other.distractors):
            raise MergeConflictError(
                f"{self.truth.benchmark} and {other.truth.benchmark} are not the same ground truth"
            )
        for name, mine, theirs in zip(self.truth.query_ids, self._states, other._states, strict=True):
            if conflict := mine.conflict(theirs):
                raise MergeConflictError(f"query {name}: {conflict}")
        offset = self.received
        for query, (mine, theirs) in enumerate(zip(self._states, other._states, strict=True)):
            mine.merge(theirs)
            self._touched.add(query)
        self.accepted += other.accepted
        self.rejections += [replace(rejection, offset=rejection.offset + offset) for rejection in other.rejections]

    @property
    def _is_undefined(self) -> bool:
        """Whether the published scripts give no number for some pair."""
        return any(state.refused or state.undefined for state in self._states)

    def _protocol(self, index: int, *, is_ranked: bool) -> ProtocolMetrics:
        official = self._table.official(index, is_ranked=is_ranked)
        official_bounds = self._bounds.official(index)
        # A refused prediction can be sent again, an accepted one cannot.
        is_lost = any(state.undefined for state in self._states)
        return ProtocolMetrics(
            coverage=self._table.coverage(index),
            official=official.without_masks(_UNDEFINED) if self._is_undefined else official,
            strict=self._table.strict(index, is_ranked=is_ranked),
            official_bounds=official_bounds.without_masks(_UNDEFINED) if is_lost else official_bounds,
            strict_bounds=self._bounds.strict(index),
        )

    def _evaluate_touched(self) -> None:
        for query in self._touched:
            state = self._states[query]
            standing = Standing.of(state.plan, state.positions())
            self._scores[query] = evaluate(state, standing)
            self._table.replace(query, self._scores[query])
            outlook = foresee(state, standing, self._scores[query], self._resolver.image_count)
            self._bounds.replace(query, outlook, self._scores[query])
        self._touched.clear()

    def _commit_first(self, waiting: "deque[tuple[Batch, Future[list[Outcome]]]]") -> None:
        batch, outcomes = waiting.popleft()
        self.commit(batch, outcomes.result())

    def _take(self, resolved: Resolved, outcomes: Iterator[Outcome]) -> None:
        match resolved:
            case ItemError():
                raise resolved
            case ResolvedRanking(query, images):
                self._states[query].set_ranking(images)
                self._touched.add(query)
            case ResolvedPrediction(query):
                self._states[query].add(resolved, next(outcomes))
                self._touched.add(query)

    def _reject(self, item: Item, fault: ItemError) -> None:
        image = None if isinstance(item, Ranking) or item.image is None else shown(item.image)
        rejection = Rejection(self.received, fault.reason, fault.field, fault.message, shown(item.query), image)
        self.rejections.append(rejection)


_UNDEFINED = "the published scripts give no number for the pairs in undefined_pairs, so there is none for the whole"


def _chunks(items: Iterable[Item]) -> Iterator[list[Item]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, _CHUNK)):
        yield chunk

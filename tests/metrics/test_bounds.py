"""Anytime bounds: no continuation ends beyond them, and where docs/bounds.md says so, one ends at them."""

from dataclasses import replace
from functools import cache
from itertools import pairwise, permutations, product

import numpy as np
import pytest
from cases import ground_truth, predictions, random_case
from hypothesis import given, settings
from hypothesis import strategies as st

from pixret.metrics import (
    NO_MASK,
    Accumulator,
    GroundTruth,
    JudgedPair,
    Label,
    Level,
    Mask,
    Polygons,
    Prediction,
    Protocol,
    Ranking,
    Rle,
    Unreadable,
)

HEIGHT, WIDTH = 10, 12
IMAGES = 6
CONVENTIONS, TASKS, NUMBERS = ("official", "strict"), ("detection", "segmentation"), ("miou", "map_50_95")


def drawn(left, top, right, bottom):
    dense = np.zeros((HEIGHT, WIDTH), bool)
    dense[top:bottom, left:right] = True
    return Rle(HEIGHT, WIDTH, Mask.from_dense(dense).counts)


def outline(left, top, right, bottom):
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], float)


SQUARE = outline(2, 2, 7, 7)
LABEL = Label(Mask.from_polygons([SQUARE], HEIGHT, WIDTH), (SQUARE,))
WITHOUT_SHAPES = Label(LABEL.mask, ())
OFF_THE_IMAGE = Label(Mask.from_dense(np.zeros((HEIGHT, WIDTH), bool)), (SQUARE + 40,))

E, H, J, N = Level.EASY, Level.HARD, Level.JUNK, None
WHOLE, PART, APART = drawn(2, 2, 8, 8), drawn(2, 2, 8, 6), drawn(0, 0, 1, 1)
"""Masks with IoU 1, 2/3 and 0."""


def truth_of(*levels, images, labels=None, ignored=()):
    """A query for each list of levels, of images 0, 1, ...; None is an image that was not judged."""
    pairs = [
        JudgedPair(query, image, level, None if level is Level.JUNK else (labels or {}).get((query, image), LABEL))
        for query, judged in enumerate(levels)
        for image, level in enumerate(judged)
        if level is not None
    ]
    names = tuple(f"q{i}" for i in range(len(levels))), tuple(f"i{i}" for i in range(images))
    return GroundTruth("tiny", *names, tuple(pairs), ignored)


def numbers_of(metrics):
    """All numbers of one protocol under one convention, by name; None where undefined."""
    values = {"ranking": metrics.ranking_map}
    for name in TASKS:
        task = getattr(metrics, name)
        values |= {(name, number): getattr(task, number) for number in NUMBERS}
        values |= {(name, t): None if task.map is None else task.map[t] for t in range(10)}
    return values


def bounds_of(accumulator):
    """Every number's (least, greatest), by protocol, convention and name."""
    found = {}
    for protocol, metrics in accumulator.snapshot().protocols.items():
        for convention in CONVENTIONS:
            bounds = getattr(metrics, f"{convention}_bounds")
            least, greatest = numbers_of(bounds.least), numbers_of(bounds.greatest)
            found |= {(protocol, convention, name): (least[name], greatest[name]) for name in least}
    return found


def values_of(accumulator):
    """Every number as it stands, by protocol, convention and name."""
    return {
        (protocol, convention, name): value
        for protocol, metrics in accumulator.snapshot().protocols.items()
        for convention in CONVENTIONS
        for name, value in numbers_of(getattr(metrics, convention)).items()
    }


def check_within(bounds, values):
    for where, value in values.items():
        if value is not None:
            least, greatest = bounds[where]
            assert least is not None, where
            assert least <= value <= greatest, (where, least, value, greatest)


# --- Any benchmark, any moment, any continuation ---------------------------------------------------------------------

LABELS = [LABEL] * 6 + [None, WITHOUT_SHAPES, OFF_THE_IMAGE]
REGIONS = [NO_MASK, WHOLE, PART, APART, Polygons([SQUARE]), Polygons([SQUARE + 3]), Polygons([outline(2, 2, 6, 7)])]


@st.composite
def submissions(draw):
    """A ground truth, distractors, and a submission with faults that may order every query in a way of its own."""
    random = draw(st.randoms(use_true_random=False))
    levels = [[random.choice([*Level, None]) for _ in range(IMAGES)] for _ in range(3)]
    labels = {(q, i): random.choice(LABELS) for q in range(3) for i in range(IMAGES)}
    truth = truth_of(*levels, images=IMAGES, labels=labels, ignored=random.choice([(), (0,), (1, 2)]))
    distractors = random.choice([0, 2])
    items = [item for query in range(3) for item in _items(random, query, IMAGES + distractors)]
    random.shuffle(items)
    return truth, distractors, items


def _items(random, query, images):
    ordering = random.choice(["none", "score", "rank", "ranking"])
    order = random.sample(range(images), random.randint(0, images))
    items = [Ranking(query, np.array(order, np.int64))] if ordering == "ranking" else []
    for image in random.sample(range(images), random.randint(0, images)):
        keys = {}
        if random.random() < 0.8:
            if ordering == "score":
                keys["score"] = random.choice([-1.0, 0.5, 0.5, 2.0, 1.7976931348623157e308])
            elif ordering == "rank":
                keys["rank"] = random.randint(0, 3)
        region = Unreadable("torn") if random.random() < 0.03 else random.choice(REGIONS)
        items.append(Prediction(query, image, region, **keys))
    return items


@settings(max_examples=120, deadline=None)
@given(submissions(), st.integers(0, 30))
def test_no_continuation_ends_beyond_the_bounds(submission, cut):
    truth, distractors, items = submission
    accumulator = Accumulator(truth, distractors=distractors)
    accumulator.add(items[:cut])
    before = bounds_of(accumulator)
    check_within(before, values_of(accumulator))
    accumulator.add(items[cut:])
    check_within(before, values_of(accumulator))


@pytest.mark.parametrize("count", range(1, 120, 7))
def test_a_sum_that_passes_1_stays_within(count):
    accumulator = Accumulator(truth_of([E] * count, images=count))
    before = bounds_of(accumulator)
    accumulator.add([Prediction(0, image, WHOLE, rank=image) for image in range(count)])
    check_within(before, values_of(accumulator))
    assert all(least == value == greatest for (least, greatest), value in zip(*ended(accumulator), strict=True))


def ended(accumulator):
    values = values_of(accumulator)
    bounds = bounds_of(accumulator)
    return [bounds[where] for where in values], values.values()


@settings(max_examples=60, deadline=None)
@given(submissions(), st.integers(0, 30))
def test_bounds_only_close(submission, cut):
    truth, distractors, items = submission
    accumulator = Accumulator(truth, distractors=distractors)
    accumulator.add(items[:cut])
    before = bounds_of(accumulator)
    accumulator.add(items[cut:])
    for where, (least, greatest) in bounds_of(accumulator).items():
        if least is not None:
            assert before[where][0] <= least + 1e-12, where
            assert greatest <= before[where][1] + 1e-12, where


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.booleans(), st.floats(0, 1))
def test_random_submissions_end_within_the_bounds_of_every_moment(seed, points, share):
    queries = random_case(seed)
    items = predictions(queries, points=points)
    np.random.default_rng(seed).shuffle(items)
    accumulator = Accumulator(ground_truth(queries))
    accumulator.add(items[: int(share * len(items))])
    before = bounds_of(accumulator)
    accumulator.add(items[int(share * len(items)) :])
    check_within(before, values_of(accumulator))


# --- All continuations, one by one -----------------------------------------------------------------------------------


def continuations(levels, begun):
    """Every way to go on with the first query that can matter to its numbers, as lists of items.

    Keys are those that are there and one in every gap, before and behind: an image finds every place that there is.
    """
    taken = {item.image for item in begun if isinstance(item, Prediction)}
    free = [image for image in range(len(levels)) if image not in taken]
    if any(isinstance(item, Ranking) for item in begun):
        yield from _predicted(levels, free, [])
    elif scores := sorted({item.score for item in begun if isinstance(item, Prediction)} - {None}):
        gaps = [(a + b) / 2 for a, b in pairwise(scores)]
        yield from _predicted(levels, free, [{"score": key} for key in [*scores, *gaps, scores[0] - 1, scores[-1] + 1]])
    elif ranks := {item.rank for item in begun if isinstance(item, Prediction)} - {None}:
        yield from _predicted(levels, free, [{"rank": key} for key in range(max(ranks) + 2)])
    else:
        orders = [order for count in range(len(levels) + 1) for order in permutations(range(len(levels)), count)]
        for masks in _predicted(levels, free, []):
            yield masks
            yield from ([*masks, Ranking(0, np.array(order, np.int64))] for order in orders)


def _predicted(levels, free, keys):
    """Predictions of any of the free images, with masks of IoU 0 and 1 and as empty, in every place."""
    options = []
    for image in free:
        regions = [NO_MASK, APART, WHOLE] if levels[image] in {E, H} else [NO_MASK]
        options.append([None, *(Prediction(0, image, region, **key) for region in regions for key in [{}, *keys])])
    for chosen in product(*options):
        yield [item for item in chosen if item is not None]


@cache
def outcomes(name):
    """The distinct scores with which a moment can end: mIoU and AP, (n, 3, 2, 2, 11), and ranking AP, (n, 3)."""
    return outcomes_of(*MOMENTS[name])


def outcomes_of(levels, begun):
    truth, rows = truth_of(levels, images=len(levels)), set()
    for items in continuations(levels, begun):
        accumulator = Accumulator(truth)
        assert accumulator.add([*begun, *items]) == []
        scores = accumulator.query_scores(0)
        row = np.concatenate([scores.miou[..., None], scores.ap], axis=-1)
        rows.add((row.tobytes(), scores.ranking_ap.tobytes()))
    return (
        np.array([np.frombuffer(row).reshape(3, 2, 2, 11) for row, _ in rows]),
        np.array([np.frombuffer(ranking) for _, ranking in rows]),
    )


def extremes(first, second, ignored):
    """Least and greatest of every number over all pairs of outcomes of two queries, by the definitions alone."""
    pairs = np.array(list(product(range(len(first[0])), range(len(second[0])))))
    both, ranking = (np.stack([a[pairs[:, 0]], b[pairs[:, 1]]]) for a, b in zip(first, second, strict=True))
    counted = [query for query in range(2) if query not in ignored]
    found = {}
    for p, k in product(range(3), range(2)):
        official, strict = both[:, :, p, 0, k], both[:, :, p, 1, k]  # of shape (query, pair, number)
        aps = official[counted, :, 1:]
        denominators = len(ignored) + np.count_nonzero(~np.isnan(aps), axis=0)
        maps = np.where(denominators > 0, np.nansum(aps, axis=0) / np.maximum(denominators, 1), np.nan)
        maps[:] = np.nan if np.isnan(maps).all(axis=0).any() else maps  # one that is never defined leaves none
        by_convention = {
            "official": (official[..., 0].sum(axis=0) / 2, maps),
            "strict": (_mean(strict[..., 0]), _mean(strict[counted, :, 1:])),
        }
        for convention, (mious, maps) in by_convention.items():
            where = [*Protocol][p], convention
            found[*where, "ranking"] = _ends(_mean(ranking[..., p]))
            found[*where, (TASKS[k], "miou")] = _ends(mious)
            found[*where, (TASKS[k], "map_50_95")] = _ends(maps.mean(axis=1))
            found |= {(*where, (TASKS[k], t)): _ends(maps[:, t]) for t in range(10)}
    return found


def _mean(values):
    """Mean over queries without NaN; NaN where there is nothing else."""
    counts = np.count_nonzero(~np.isnan(values), axis=0)
    return np.where(counts > 0, np.nansum(values, axis=0) / np.maximum(counts, 1), np.nan)


def _ends(values):
    values = values[~np.isnan(values)]
    return (values.min(), values.max()) if len(values) else (None, None)


MOMENTS = {
    "nothing": ([E, H, N], []),
    "nothing, and nothing is easy": ([H, J, N], []),
    "masks without an order": ([E, H, J, N], [Prediction(0, 0, PART), Prediction(0, 3, NO_MASK)]),
    "a score": ([E, H, N], [Prediction(0, 1, PART, score=0.5)]),
    "a wrong image first": ([E, H, N, J], [Prediction(0, 2, NO_MASK, score=0.5)]),
    "two scores": ([E, H, N, N], [Prediction(0, 3, NO_MASK, score=0.5), Prediction(0, 1, WHOLE, score=0.4)]),
    "equal scores": ([H, E, N, N], [Prediction(0, 1, WHOLE, score=0.5), Prediction(0, 2, NO_MASK, score=0.5)]),
    "a mask without a score": ([E, H, N, H], [Prediction(0, 0, WHOLE), Prediction(0, 1, PART, score=0.5)]),
    "a hit at rank 0": ([N, H, E, N], [Prediction(0, 1, PART, rank=0)]),
    "a miss at rank 0": ([H, N, E], [Prediction(0, 1, NO_MASK, rank=0)]),
    "two at rank 0": ([H, N, E, E], [Prediction(0, 1, NO_MASK, rank=0), Prediction(0, 0, WHOLE, rank=0)]),
    "ranks side by side": ([N, H, J, E], [Prediction(0, 1, WHOLE, rank=0), Prediction(0, 2, NO_MASK, rank=1)]),
    "rank 1": ([N, H, E, N], [Prediction(0, 1, PART, rank=1)]),
    "few others": ([H, H, E, N], [Prediction(0, 0, PART, score=0.5), Prediction(0, 3, NO_MASK, score=0.25)]),
    "a ranking": ([E, H, J, N, H], [Ranking(0, np.array([3, 1, 2, 0]))]),
    "a ranking and masks": (
        [E, H, E, N, H, H],
        [Ranking(0, np.array([3, 1, 2, 0, 5, 4])), Prediction(0, 0, PART), Prediction(0, 5, WHOLE)],
    ),
    "a ranking that is short": ([E, H, H], [Ranking(0, np.array([2, 0])), Prediction(0, 1, WHOLE)]),
    "an empty ranking": ([E, H, N], [Ranking(0, np.zeros(0, np.int64))]),
    "all there is": ([E, H], [Prediction(0, 1, WHOLE, score=0.5), Prediction(0, 0, PART, score=0.1)]),
}


def other_query(levels, *, leaves):
    """Levels and items of a query that is complete but for one hard image, or all of it."""
    items = [Prediction(0, image, PART, score=float(image)) for image in range(leaves, len(levels))]
    return [H, *levels[1:]] if leaves else [E, H, *levels[2:]], items


@pytest.mark.parametrize("leaves", [0, 1])
@pytest.mark.parametrize("ignored", [(), (1,)], ids=["", "one ignored"])
@pytest.mark.parametrize("name", MOMENTS)
def test_bounds_are_the_extremes_over_all_continuations(name, ignored, leaves):
    levels, begun = MOMENTS[name]
    other_levels, other_begun = other_query(levels, leaves=leaves)
    expected = extremes(outcomes(name), outcomes_of(other_levels, other_begun), ignored)
    accumulator = Accumulator(truth_of(levels, other_levels, images=len(levels), ignored=ignored))
    assert accumulator.add([*begun, *(replace(item, query=1) for item in other_begun)]) == []
    bounds = bounds_of(accumulator)
    assert bounds.keys() == expected.keys()
    for where, (least, greatest) in expected.items():
        assert (bounds[where][0] is None) == (least is None), where
        if least is None:
            continue
        assert bounds[where][0] <= least + 1e-15, where
        assert greatest - 1e-15 <= bounds[where][1], where
        if where[1] == "strict" or "map_50_95" not in where[2]:
            assert bounds[where] == pytest.approx((least, greatest), abs=1e-12), where

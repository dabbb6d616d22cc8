"""Invented submissions of six qualities, from a perfect one to a random one."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pixret.metrics import Level, Mask
from pixret.synth._guesses import NOWHERE, Guess, Slip, corners, deform, enclose, invent
from pixret.synth._raster import Floats
from pixret.synth._truth import Truth, View

# A table lists so many images of each query, and more where a positive ranks lower.
TOP = 60


_EXACT = Slip(sway=0.0, shift=0.0, swell=0.0)
_GOOD = Slip(sway=0.045, shift=0.035, swell=0.035)
_NOISY = Slip(sway=0.10, shift=0.09, swell=0.07, loss=0.45)


@dataclass(frozen=True, slots=True)
class _Skill:
    """How a method of some quality ranks and segments."""

    scores: tuple[float, float, float, float]  # mean score of an easy, hard and junk image, and of a negative
    noise: float
    slip: Slip = _EXACT
    missed: tuple[float, float] = (0.0, 0.0)  # share of easy and of hard pairs in which nothing is found
    false_finds: float = 0.0  # share of negatives in which something is


_SKILLS = {
    "oracle": _Skill((0.9, 0.7, 0.5, 0.15), 0.02),
    "good": _Skill((0.76, 0.60, 0.44, 0.24), 0.09, _GOOD, (0.0, 0.05), 0.12),
    "noisy": _Skill((0.62, 0.50, 0.40, 0.28), 0.13, _NOISY, (0.05, 0.16), 0.35),
    "boxes": _Skill((0.74, 0.58, 0.44, 0.24), 0.10, _GOOD, (0.0, 0.05), 0.15),
    "empty": _Skill((0.76, 0.60, 0.44, 0.24), 0.10, missed=(1.0, 1.0)),
    "random": _Skill((0.5, 0.5, 0.5, 0.5), 0.15, false_finds=1.0),
}
QUALITIES = tuple(_SKILLS)


@dataclass(frozen=True, slots=True)
class Submission:
    """Scores (queries, images), rankings (images, queries), and the guess for every pair that is listed."""

    scores: Floats
    ranking: NDArray[np.int64]
    guesses: Mapping[tuple[int, int], Guess]

    def table(self, truth: Truth) -> list[dict[str, object]]:
        """The rows of the submission as a table: by query, best first."""
        names = truth.itinerary
        return [
            {
                "query_id": names.queries[query].name,
                "image_id": names.index[image].name,
                "score": float(self.scores[query, image]),
                **_mask_fields(guess, truth.index[image]),
            }
            for (query, image), guess in self.guesses.items()
        ]

    def matches(self, truth: Truth) -> dict[str, Floats]:
        """The authors' layout: one point set (n, 2) for each positive pair, (0, 2) where nothing was found.

        It has room for one polygon a pair: of several, the largest stands for all.
        """
        return {
            f"qimlist_{query}_imlist_{image}": _points(self.guesses[query, image])
            for query in range(len(truth.queries))
            for image in truth.positives(query)
        }


def _mask_fields(guess: Guess, view: View) -> dict[str, object]:
    if guess.box is not None:
        return {"bbox": list(guess.box)}
    if not guess.polygons:
        return {"segmentation": None}
    return {"segmentation": Mask.from_polygons(guess.polygons, *view.size).to_coco()}


def _points(guess: Guess) -> Floats:
    if guess.box is not None:
        return corners(guess.box)
    return guess.polygons[0] if guess.polygons else np.zeros((0, 2))


def submit(quality: str, truth: Truth, seed: int) -> Submission:
    """Make the submission of one of QUALITIES, the same for the same seed."""
    rng = np.random.default_rng([seed, 5, QUALITIES.index(quality)])
    scores = _score(truth, _SKILLS[quality], rng)
    # Ties go to the smaller index, as the evaluation breaks them.
    ranking = np.argsort(-scores, axis=1, kind="stable").T.astype(np.int64)
    guesses: dict[tuple[int, int], Guess] = {}
    for query in range(len(truth.queries)):
        order = ranking[:, query].tolist()
        last = max(order.index(image) for image in truth.positives(query))
        for image in order[: max(TOP, last + 1)]:
            guesses[query, image] = _guess(quality, truth, query, image, rng)
    return Submission(scores, ranking, guesses)


def _score(truth: Truth, skill: _Skill, rng: np.random.Generator) -> Floats:
    means = np.full((len(truth.queries), len(truth.index)), skill.scores[-1])
    for query in range(len(truth.queries)):
        for level in Level:
            means[query, truth.judged(query, level)] = skill.scores[level]
    noise = rng.standard_normal(means.shape) * skill.noise
    # Noise beyond three deviations would let a negative of the oracle pass a positive.
    bounded = np.clip(noise, -3 * skill.noise, 3 * skill.noise)
    return np.asarray(np.round(np.clip(means + bounded, 0, 1), 6), dtype=np.float64)


def _guess(quality: str, truth: Truth, query: int, image: int, rng: np.random.Generator) -> Guess:
    """What a method of this quality returns for one pair."""
    view, level, skill = truth.index[image], truth.level(query, image), _SKILLS[quality]
    height, width = view.size
    if quality == "random":
        return invent(height, width, rng)
    if quality == "oracle":
        return Guess(view.polygons) if level in {Level.EASY, Level.HARD} else NOWHERE
    if rng.random() >= _chance(skill, level):
        return NOWHERE
    seen = deform(view.visible, skill.slip, rng) if view.polygons else invent(height, width, rng)
    return enclose(seen, height, width, 0.04, rng) if quality == "boxes" else seen


def _chance(skill: _Skill, level: Level | None) -> float:
    """How likely something is found in an image of this level; junk lies between hard images and negatives."""
    easy, hard = (1 - share for share in skill.missed)
    chances = {Level.EASY: easy, Level.HARD: hard, Level.JUNK: (hard + skill.false_finds) / 2}
    return skill.false_finds if level is None else chances[level]

"""Gates: what a report must reach, and how far it may fall behind another."""

import enum
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pixret.reports._errors import ReportError
from pixret.reports._metric import HEADLINE, Metric, find_metric
from pixret.reports._report import ScoreReport

FAIL_UNDER, MAX_DROP = "fail-under", "max-drop"
_ROUNDING = 1e-12  # of a difference of two numbers in [0, 1], so that a drop of exactly what is allowed passes


class Verdict(enum.StrEnum):
    """How a gate ended. Skipped: there is nothing that could have dropped."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Floor:
    """A number must be at least `least`, in [0, 1]."""

    metric: Metric
    least: float


@dataclass(frozen=True, slots=True)
class DropLimit:
    """A number may be `points` hundredths below the baseline's, and no more.

    `named`: it was asked for by name, so that it must be defined; as one of all headline numbers, it may be undefined
    where the baseline's is.
    """

    metric: Metric
    points: float
    named: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one gate ended: `value` against `least`, in [0, 1]; `detail` says what was asked, or what is undefined."""

    gate: str
    metric: str
    verdict: Verdict
    value: float | None
    least: float | None
    detail: str
    baseline: float | None = None


def read_floors(texts: Sequence[str]) -> tuple[Floor, ...]:
    """Read ``PATH=VALUE``. Raises ReportError."""
    floors = []
    for text in texts:
        path, _, number = text.partition("=")
        metric = find_metric(path, f"--{FAIL_UNDER} {text}")
        least = _number(number, f"--{FAIL_UNDER} {text}")
        if least > 1:
            detail = f"{number} is not in [0, 1]; numbers are fractions here, so 40 percent is 0.40"
            raise ReportError(f"--{FAIL_UNDER} {text}", detail)
        floors.append(Floor(metric, least))
    _refuse_twice(FAIL_UNDER, (floor.metric.path for floor in floors))
    return tuple(floors)


def read_drop_limits(texts: Sequence[str]) -> tuple[DropLimit, ...]:
    """Read ``POINTS``, for all headline numbers, and ``PATH=POINTS``, which goes before. Raises ReportError."""
    named = [_read_named(text) for text in texts if "=" in text]
    _refuse_twice(MAX_DROP, (limit.metric.path for limit in named))
    general = [text for text in texts if "=" not in text]
    if len(general) > 1:
        given = " and as ".join(general)
        raise ReportError(f"--{MAX_DROP}", f"given as {given} for all numbers; give it once, or as PATH=POINTS")
    points = [_number(text, f"--{MAX_DROP} {text}") for text in general]
    others = [metric for metric in HEADLINE if metric not in {limit.metric for limit in named}]
    return (*named, *(DropLimit(metric, each, named=False) for each in points for metric in others))


def _read_named(text: str) -> DropLimit:
    path, _, points = text.partition("=")
    return DropLimit(find_metric(path, f"--{MAX_DROP} {text}"), _number(points, f"--{MAX_DROP} {text}"), named=True)


def check_floors(report: ScoreReport, floors: Iterable[Floor]) -> list[Outcome]:
    """Hold a report against floors."""
    return [_check_floor(report, floor) for floor in floors]


def check_drops(report: ScoreReport, baseline: ScoreReport, limits: Iterable[DropLimit]) -> list[Outcome]:
    """Hold a report against a baseline, with which it must be comparable (`check_comparable`)."""
    return [_check_drop(report, baseline, limit) for limit in limits]


def _check_floor(report: ScoreReport, floor: Floor) -> Outcome:
    value, reason = floor.metric.read(report)
    if value is None:
        return Outcome(FAIL_UNDER, floor.metric.path, Verdict.FAILED, None, floor.least, f"undefined: {reason}")
    verdict = Verdict.FAILED if value < floor.least else Verdict.PASSED
    return Outcome(FAIL_UNDER, floor.metric.path, verdict, value, floor.least, f"--{FAIL_UNDER} {floor.least:g}")


def _check_drop(report: ScoreReport, baseline: ScoreReport, limit: DropLimit) -> Outcome:
    path = limit.metric.path
    (value, reason), (before, before_reason) = limit.metric.read(report), limit.metric.read(baseline)
    least = None if before is None else before - limit.points / 100
    if value is None and (limit.named or before is not None):
        return Outcome(MAX_DROP, path, Verdict.FAILED, None, least, f"undefined: {reason}", before)
    if before is None or least is None:
        detail = f"undefined in the baseline: {before_reason}"
        return Outcome(MAX_DROP, path, Verdict.SKIPPED, value, None, detail)
    verdict = Verdict.FAILED if value is not None and value < least - _ROUNDING else Verdict.PASSED
    return Outcome(MAX_DROP, path, verdict, value, least, f"--{MAX_DROP} {limit.points:g}", before)


def _number(text: str, source: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number) or number < 0:
        raise ReportError(source, f"{text!r} is not a number from 0 on; write PATH=NUMBER")
    return number


def _refuse_twice(option: str, paths: Iterable[str]) -> None:
    for path, times in Counter(paths).items():
        if times > 1:
            raise ReportError(f"--{option}", f"{path} is given {times} times; give it once")

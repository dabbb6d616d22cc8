"""Whether a report is that of the ground truth and the submission beside it."""

import json
from typing import Any, NamedTuple

from pixret.metrics import Accumulator, GroundTruth, report_bytes
from pixret.pages._errors import PageError
from pixret.reports import ReportError, ScoreReport, check_comparable, parse_report

_SHOWN = 200  # characters of a value in a message


class _Difference(NamedTuple):
    path: str
    told: str
    found: str


def check_truth(report: ScoreReport, truth: GroundTruth, source: str) -> None:
    """Raise PageError unless a report was scored against this ground truth."""
    told = report.settings.get("truth", "none that it tells")
    if (report.benchmark, told) != (truth.benchmark, truth.digest):
        detail = f"was scored against {report.benchmark}, {told}, and the tables hold {truth.benchmark}, {truth.digest}"
        raise PageError(source, f"{detail}; give the folder that it was scored with, or score again")


def check_agreement(content: bytes, accumulator: Accumulator, source: str, submission: str) -> None:
    """Raise PageError, which names the first difference, unless a submission gives every number of a report again.

    Versions of libraries may differ as long as the numbers do not.
    """
    report = parse_report(content, source)
    if not report.per_query:
        detail = "tells nothing of single queries, since its ground truth is hidden, so that no submission can be held "
        raise PageError(source, f"{detail}against it; leave the submission out")
    scored = report_bytes(accumulator)
    names = source, f"{submission}, scored again"
    try:
        notes = check_comparable(report, parse_report(scored, submission), names)
    except ReportError as error:
        raise PageError(submission, f"is not what {source} tells of: {error}") from None
    told, found = json.loads(content), json.loads(scored)
    del found["signature"]
    difference = _first_difference(told, found, "")
    if difference is not None:
        hint = f" ({'; '.join(notes)})" if notes else ""
        raise PageError(
            submission,
            f"does not give the numbers of {source}: {difference.path} is {difference.told} there, and scoring again "
            f"gives {difference.found}{hint}; give the submission that was scored, or score this one",
        )


def _first_difference(told: Any, found: Any, path: str) -> _Difference | None:
    """Compare JSON values; keys that only `told` has are passed over, since the schema may grow."""
    pairs: list[tuple[str, Any, Any]]
    if isinstance(told, dict) and isinstance(found, dict):
        pairs = [(f"{path}.{key}".lstrip("."), told.get(key), value) for key, value in found.items()]
    elif isinstance(told, list) and isinstance(found, list) and len(told) == len(found):
        pairs = [(f"{path}[{index}]", *both) for index, both in enumerate(zip(told, found, strict=True))]
    else:
        return None if told == found else _Difference(path, _shown(told), _shown(found))
    return next((each for each in (_first_difference(*pair[1:], pair[0]) for pair in pairs) if each), None)


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return f"a list of {len(value)}"
    return json.dumps(value, ensure_ascii=False)[:_SHOWN]

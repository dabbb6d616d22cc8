"""Whether the numbers of two reports mean the same."""

from pixret.metrics import Protocol
from pixret.reports._errors import ReportError
from pixret.reports._report import ScoreReport

_MEANING = {
    "benchmark": "benchmark",
    "truth": "digest of the ground truth",
    "conventions": "conventions",
    "protocols": "protocols",
    "thresholds": "thresholds",
    "ties": "tie rule",
    "distractors": "number of distractors",
}
"""Keys of the signature that decide what a number means; the others are versions of libraries."""


def check_comparable(first: ScoreReport, second: ScoreReport, names: tuple[str, str]) -> tuple[str, ...]:
    """Refuse two reports whose numbers mean different things; notes on what else differs in their signatures.

    Raises:
        ReportError: when their signatures differ in more than versions, or their queries differ.
    """
    ours, theirs = first.settings, second.settings
    for key, meaning in _MEANING.items():
        there, here = theirs.get(key, "not told"), ours.get(key, "not told")
        if there != here:
            detail = f"cannot be compared with {names[0]}: its {meaning} is {there}, and {here} there"
            raise ReportError(names[1], f"{detail}; score both on the same tables, with the same index")
    if _queries(first) != _queries(second):
        raise ReportError(names[1], f"cannot be compared with {names[0]}: its per_query has other queries or positives")
    versions = (key for key in dict.fromkeys((*ours, *theirs)) if key not in _MEANING)
    return tuple(
        f"{key} is {ours.get(key, 'not told')} in {names[0]} and {theirs.get(key, 'not told')} in {names[1]}"
        for key in versions
        if ours.get(key) != theirs.get(key)
    )


def _queries(report: ScoreReport) -> list[tuple[str, bool, list[int]]]:
    return [
        (query.query_id, query.ignored_in_map, [query.protocols[protocol].positives for protocol in Protocol])
        for query in report.per_query
    ]

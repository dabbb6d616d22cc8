"""That a report is the one of these tables and this submission, or what differs first."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from paged import Case, make_case

from pixret.metrics import Accumulator
from pixret.pages import PageError, check_agreement, check_truth
from pixret.reports import parse_report


def agree(case: Case) -> None:
    accumulator = Accumulator(case.truth)
    accumulator.add(case.items)
    check_agreement(case.content, accumulator, "report.json", "mine.jsonl")


def holder(data: Any, place: str) -> tuple[Any, str]:
    """What holds the last name of a place such as a/3/b, and that name."""
    *way, last = place.split("/")
    for name in way:
        data = data[int(name) if name.isdecimal() else name]
    return data, last


def test_the_submission_that_was_scored_agrees(case: Case) -> None:
    agree(case)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("conventions/strict/protocols/hard/segmentation/miou", 0.25),
        ("conventions/official/protocols/easy/detection/map/0.75", None),
        ("conventions/official/exact", False),
        ("per_query/3/protocols/medium/strict/detection/miou", 1.0),
        ("predictions/accepted", 7),
        ("rejections_left_out", 2),
    ],
)
def test_the_first_difference_is_named(case: Case, place: str, value: Any) -> None:
    inside, name = holder(json.loads(case.content), place)
    path = place.replace("/3/", "[3]/").replace("/", ".")

    def change(data: Any) -> None:
        holder(data, place)[0][name] = value

    with pytest.raises(PageError) as caught:
        agree(case.changed(change))
    assert str(caught.value) == (
        f"mine.jsonl: does not give the numbers of report.json: {path} is {json.dumps(value)} there, and scoring again "
        f"gives {json.dumps(inside[name])}; give the submission that was scored, or score this one"
    )


def test_a_list_of_another_length_is_named_by_its_length(case: Case) -> None:
    rejection = {"offset": 3, "query": "q0", "image": None, "reason": "duplicate", "field": "image", "message": "twice"}
    with pytest.raises(PageError, match=r"rejections is a list of 1 there, and scoring again gives a list of 0"):
        agree(case.changed(lambda data: data["rejections"].append(rejection)))


def test_other_versions_are_no_difference_and_are_told_beside_one(case: Case) -> None:
    older = replace(case, content=case.content.replace(b"|numpy:", b"|numpy:0."))
    agree(older)
    with pytest.raises(PageError, match=r"predictions\.received is 0 .* \(numpy is 0\.\S+ in report\.json and "):
        agree(older.changed(lambda data: data["predictions"].update(received=0)))


def test_another_number_of_distractors_is_named(case: Case) -> None:
    other = replace(case, content=case.content.replace(b"|distractors:0|", b"|distractors:5|"))
    with pytest.raises(PageError, match=r"mine\.jsonl: is not what report\.json tells of: .*number of distractors is"):
        agree(other)


def test_a_report_of_hidden_ground_truth_cannot_be_held_against_a_submission(case: Case) -> None:
    with pytest.raises(
        PageError, match=r"^report\.json: tells nothing of single queries, .*; leave the submission out$"
    ):
        agree(case.changed(lambda data: data.update(per_query=[])))


def test_keys_that_a_later_version_adds_are_passed_over(case: Case) -> None:
    agree(case.changed(lambda data: data.update(later=1)))


def test_another_ground_truth_is_named_with_both_digests(case: Case, tmp_path: Path) -> None:
    report, other = parse_report(case.content, "report.json"), make_case(8, tmp_path).truth
    check_truth(report, case.truth, "report.json")
    with pytest.raises(PageError) as caught:
        check_truth(report, other, "report.json")
    assert str(caught.value) == (
        f"report.json: was scored against small, {case.truth.digest}, and the tables hold small, {other.digest}; "
        "give the folder that it was scored with, or score again"
    )

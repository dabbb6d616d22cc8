"""Outcomes of gates as JSON, Markdown and JUnit XML."""

from xml.etree import ElementTree as ET

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from junitparser import Failure, JUnitXml, Skipped
from scored import score

from pixret.reports import (
    Outcome,
    Verdict,
    check_drops,
    check_floors,
    gates_json,
    gates_junit,
    gates_markdown,
    read_drop_limits,
    read_floors,
    summary,
)

REPORT = score(7).report


@pytest.fixture
def outcomes(scored, unranked):
    """One that passed, then one that failed, one that is undefined, and those against a baseline."""
    report = unranked.report
    floors = read_floors(["coverage.easy=0.1", "strict.easy.segmentation.miou=1", "strict.easy.ranking.map=0"])
    return check_floors(report, floors) + check_drops(report, report, read_drop_limits(["1"]))


def test_a_line_counts_them(outcomes):
    count = {verdict: sum(each.verdict is verdict for each in outcomes) for verdict in Verdict}
    passed, failed, skipped = count.values()
    assert (failed, passed > 1, skipped > 1) == (2, True, True)
    assert summary(REPORT, outcomes) == f"gates of small: {passed} passed, 2 failed, {skipped} skipped"
    assert summary(REPORT, []) == "gates of small: none"


def test_json_holds_each(outcomes):
    data = gates_json(REPORT, outcomes, ["a note"])
    assert (data["schema"], data["benchmark"], data["passed"]) == ("pixret.gates/1", "small", False)
    assert (data["signature"], data["notes"]) == (REPORT.signature, ["a note"])
    assert [each["verdict"] for each in data["gates"][:3]] == ["passed", "failed", "failed"]
    undefined = data["gates"][2]
    assert undefined == {
        "gate": "fail-under",
        "metric": "strict.easy.ranking.map",
        "verdict": "failed",
        "value": None,
        "least": 0.0,
        "baseline": None,
        "detail": "undefined: nothing is ranked, or no query has a positive in this protocol",
    }
    assert gates_json(REPORT, outcomes[:1], [])["passed"] is True


def test_markdown_tells_failures_first_and_keeps_names_and_notes_as_they_are(outcomes):
    lines = gates_markdown(REPORT, outcomes, ["numpy is <b>2</b>"]).splitlines()
    assert lines[0].startswith("### gates of small: ")
    assert lines[4].startswith("| ❌ | strict.easy.segmentation.miou | ")
    assert lines[5].startswith("| ❌ | strict.easy.ranking.map | – | 0.0000 | – | undefined: nothing is ranked")
    assert any(r"strict.easy.segmentation.map\_50\_95" in line for line in lines)
    assert r"numpy is \<b>2\</b>" in lines
    assert lines[-1] == f"`{REPORT.signature}`"


def parsed(content, tmp_path):
    path = tmp_path / "gates.xml"
    path.write_bytes(content)
    return JUnitXml.fromfile(str(path))


def test_junit_is_read_by_another_library(outcomes, tmp_path):
    (suite,) = parsed(gates_junit(REPORT, outcomes), tmp_path)
    cases = list(suite)
    failed = [case for case in cases if any(isinstance(result, Failure) for result in case.result)]
    skipped = [case for case in cases if any(isinstance(result, Skipped) for result in case.result)]
    assert (suite.name, suite.tests, suite.failures, suite.errors) == ("pixret gates of small", len(outcomes), 2, 0)
    assert suite.skipped == len(skipped) == sum(each.verdict is Verdict.SKIPPED for each in outcomes)
    assert [(case.classname, case.name) for case in failed] == [
        ("pixret.fail-under", "strict.easy.segmentation.miou"),
        ("pixret.fail-under", "strict.easy.ranking.map"),
    ]
    assert "undefined: nothing is ranked, or" in failed[1].result[0].message
    assert {prop.name: prop.value for prop in suite.properties()} == {"signature": REPORT.signature}


@given(st.text())
def test_junit_is_well_formed_and_markdown_one_row_whatever_a_reason_holds(text):
    outcome = Outcome("fail-under", "coverage.easy", Verdict.FAILED, None, 0.5, text)
    root = ET.fromstring(gates_junit(msgspec.structs.replace(REPORT, signature=text), [outcome]))
    assert len(root.findall("testsuite/testcase/failure")) == 1
    markdown = gates_markdown(REPORT, [outcome], [])
    assert len([line for line in markdown.splitlines() if line.startswith("| ❌")]) == 1

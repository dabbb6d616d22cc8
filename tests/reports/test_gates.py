"""Gates: what passes, what fails, and what is no gate."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scored import score

from pixret.reports import (
    HEADLINE,
    METRICS,
    Floor,
    ReportError,
    Verdict,
    check_comparable,
    check_drops,
    check_floors,
    find_metric,
    read_drop_limits,
    read_floors,
)

PATH = "strict.medium.segmentation.map_50_95"
REPORT, OTHER = score(7).report, score(7, points=False, share=0.6).report


def with_value(scored, value, path=PATH):
    """The report with another number at a path of a task."""
    convention, protocol, task, number = path.split(".")

    def change(data):
        data["conventions"][convention]["protocols"][protocol][task][number] = value

    return scored.changed(change).report


@given(st.sampled_from(sorted(METRICS)), st.floats(0, 1))
def test_a_floor_holds_exactly_from_its_value_on(path, least):
    (outcome,) = check_floors(REPORT, read_floors([f"{path}={least!r}"]))
    value = METRICS[path].read(REPORT).value
    assert (outcome.gate, outcome.metric, outcome.value, outcome.least) == ("fail-under", path, value, least)
    assert (outcome.verdict is Verdict.PASSED) == (value is not None and value >= least)


def test_a_floor_of_the_very_value_passes():
    value = METRICS[PATH].read(REPORT).value
    at, above = check_floors(REPORT, [Floor(METRICS[PATH], each) for each in (value, math.nextafter(value, 1))])
    assert (at.verdict, above.verdict) == (Verdict.PASSED, Verdict.FAILED)


@given(st.sampled_from(sorted(METRICS)), st.floats(0, 100))
def test_a_drop_is_counted_in_hundredths(path, points):
    (outcome,) = check_drops(OTHER, REPORT, read_drop_limits([f"{path}={points!r}"]))
    now, before = METRICS[path].read(OTHER).value, METRICS[path].read(REPORT).value
    if now is None:
        assert outcome.verdict is Verdict.FAILED
    elif before is None:
        assert outcome.verdict is Verdict.SKIPPED
    else:
        assert (outcome.verdict is Verdict.FAILED) == (before - now > points / 100 + 1e-12)
        assert outcome.baseline == before


@pytest.mark.parametrize(("now", "verdict"), [(0.405, "passed"), (0.4, "passed"), (0.39999, "failed")])
def test_a_drop_of_exactly_what_is_allowed_passes(scored, now, verdict):
    limits = read_drop_limits([f"{PATH}=0.5"])
    (outcome,) = check_drops(with_value(scored, now), with_value(scored, 0.405), limits)
    assert outcome.verdict == verdict


def test_a_limit_without_a_path_is_for_every_headline_number_that_has_none_of_its_own():
    limits = read_drop_limits(["0.5", f"{PATH}=3", "strict.easy.segmentation.map@0.75=2"])
    points = {limit.metric.path: limit.points for limit in limits}
    assert points.pop("strict.easy.segmentation.map@0.75") == 2
    assert points.pop(PATH) == 3
    assert points == {metric.path: 0.5 for metric in HEADLINE if metric.path != PATH}
    assert read_drop_limits([]) == ()


def test_a_report_passes_beside_itself(scored, unranked):
    for report in (scored.report, unranked.report):
        verdicts = {outcome.verdict for outcome in check_drops(report, report, read_drop_limits(["0"]))}
        assert Verdict.FAILED not in verdicts


def test_an_undefined_number_fails_its_gate_with_the_reason(scored, unranked):
    reason = find_metric(PATH, "test").read(unranked.report).reason
    (floor,) = check_floors(unranked.report, read_floors([f"{PATH}=0"]))
    (drop,) = check_drops(unranked.report, scored.report, read_drop_limits([f"{PATH}=100"]))
    lost = {
        outcome.metric: outcome for outcome in check_drops(unranked.report, scored.report, read_drop_limits(["100"]))
    }
    for outcome in (floor, drop, lost[PATH]):
        assert (outcome.verdict, outcome.value, outcome.detail) == (Verdict.FAILED, None, f"undefined: {reason}")


def test_what_is_undefined_in_the_baseline_too_is_skipped_unless_it_was_named(scored, unranked):
    general = check_drops(unranked.report, unranked.report, read_drop_limits(["1"]))
    skipped = {outcome.metric: outcome.detail for outcome in general if outcome.verdict is Verdict.SKIPPED}
    assert skipped[PATH].startswith("undefined in the baseline: mAP: nothing is ranked")
    (named,) = check_drops(unranked.report, unranked.report, read_drop_limits([f"{PATH}=1"]))
    assert named.verdict is Verdict.FAILED
    (gained,) = check_drops(scored.report, unranked.report, read_drop_limits([f"{PATH}=1"]))
    assert gained.verdict is Verdict.SKIPPED
    assert gained.value is not None


@pytest.mark.parametrize(
    ("read", "texts", "message"),
    [
        (read_floors, ["strict=0.5"], "--fail-under strict=0.5: no number 'strict'"),
        (read_floors, [PATH], f"--fail-under {PATH}: '' is not a number from 0 on; write PATH=NUMBER"),
        (read_floors, [f"{PATH}=high"], "'high' is not a number from 0 on"),
        (read_floors, [f"{PATH}=nan"], "'nan' is not a number from 0 on"),
        (read_floors, [f"{PATH}=-0.1"], "'-0.1' is not a number from 0 on"),
        (read_floors, [f"{PATH}=40"], "40 is not in [0, 1]; numbers are fractions here, so 40 percent is 0.40"),
        (read_floors, [f"{PATH}=0.4", f"{PATH}=0.5"], f"--fail-under: {PATH} is given 2 times; give it once"),
        (read_drop_limits, ["half"], "--max-drop half: 'half' is not a number from 0 on"),
        (read_drop_limits, ["strict.map=1"], "--max-drop strict.map=1: no number 'strict.map'"),
        (read_drop_limits, [f"{PATH}=inf"], "'inf' is not a number from 0 on"),
        (read_drop_limits, [f"{PATH}=1", f"{PATH}=1"], f"--max-drop: {PATH} is given 2 times; give it once"),
        (read_drop_limits, ["1", "2"], "--max-drop: given as 1 and as 2 for all numbers; give it once, or as PATH=POI"),
    ],
)
def test_what_is_no_gate_is_refused(read, texts, message):
    with pytest.raises(ReportError) as caught:
        read(texts)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "meaning"),
    [
        ("benchmark:small", "benchmark:large", "benchmark is large, and small there"),
        ("truth:sha256:", "truth:sha256:0", "digest of the ground truth is sha256:0"),
        ("thresholds:0.50", "thresholds:0.40", "thresholds is 0.40:0.95:0.05, and 0.50:0.95:0.05 there"),
        ("ties:image_index", "ties:random", "tie rule is random, and image_index there"),
        ("distractors:0", "distractors:9", "number of distractors is 9, and 0 there"),
        ("|conventions:official+strict", "", "conventions is not told, and official+strict there"),
    ],
)
def test_numbers_of_another_meaning_are_not_compared(scored, old, new, meaning):
    other = scored.changed(lambda data: data.update(signature=data["signature"].replace(old, new))).report
    with pytest.raises(ReportError) as caught:
        check_comparable(scored.report, other, ("new.json", "old.json"))
    assert str(caught.value).startswith("old.json: cannot be compared with new.json: its ")
    assert meaning in str(caught.value)


def test_reports_of_other_queries_are_not_compared(scored):
    other = scored.changed(lambda data: data["per_query"].pop()).report
    with pytest.raises(ReportError, match="its per_query has other queries or positives"):
        check_comparable(scored.report, other, ("new.json", "old.json"))


def test_other_versions_are_noted(scored):
    other = scored.changed(lambda data: data.update(signature=data["signature"].replace("|pixret:", "|pixret:9.")))
    (note,) = check_comparable(scored.report, other.report, ("new.json", "old.json"))
    assert note.startswith("pixret is ")
    assert " in new.json and 9." in note
    assert check_comparable(scored.report, scored.report, ("a", "a")) == ()

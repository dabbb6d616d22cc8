"""Reading a report back: all of its numbers by their paths, and what is refused."""

import json

import pytest

from pixret.metrics import SCHEMA
from pixret.reports import HEADLINE, METRICS, ReportError, find_metric, parse_report, read_report


def walk(data, path):
    """Look a path up in a report's JSON, name by name."""
    value = data if path.startswith("coverage.") else data["conventions"]
    for name in path.replace("@", "/").split(".", 3 if "@" in path else -1):
        head, _, threshold = name.partition("/")
        value = value["protocols"][head] if "protocols" in value else value[head]
        value = value[threshold] if threshold else value
    return value


@pytest.mark.parametrize("name", ["scored", "poorer", "unranked"])
def test_every_number_is_read_by_the_reports_own_names(name, request):
    scored = request.getfixturevalue(name)
    assert len(METRICS) == 2 * 3 * (2 * 12 + 1) + 3
    for path, metric in METRICS.items():
        reading = metric.read(scored.report)
        assert metric.path == path
        assert reading.value == walk(scored.data, path)
        assert (reading.reason is None) == (reading.value is not None)


def test_the_headline_is_what_the_table_of_a_score_shows():
    paths = [metric.path for metric in HEADLINE]
    assert len(paths) == 3 * (4 * 2 + 1 + 1)
    assert {"official.easy.detection.miou", "strict.hard.ranking.map", "coverage.medium"} <= set(paths)
    assert "official.hard.ranking.map" not in paths


def test_an_undefined_number_has_the_reports_reason(scored, unranked):
    reason = find_metric("strict.medium.segmentation.map@0.75", "test").read(unranked.report).reason
    assert reason == unranked.data["conventions"]["strict"]["protocols"]["medium"]["segmentation"]["undefined"]
    assert find_metric("strict.medium.ranking.map", "test").read(unranked.report).reason.startswith("nothing is ranked")
    without = scored.changed(lambda data: data["coverage"].update(hard=None))
    assert find_metric("coverage.hard", "test").read(without.report).reason.startswith("no query has a positive")


def test_an_unknown_number_is_answered_with_what_there_is():
    with pytest.raises(ReportError) as caught:
        find_metric("strict.medium.segmentation.map50_95", "--fail-under x")
    message = str(caught.value)
    assert message.startswith("--fail-under x: no number 'strict.medium.segmentation.map50_95'; strict.medium.segm")
    for known in (
        "map_50_95 is meant, perhaps",
        "map@0.50,...,map@0.95}",
        "ranking.map",
        "coverage.{easy,medium,hard}",
    ):
        assert known in message
    with pytest.raises(ReportError, match=r"no number 'Ω'\. A report has"):
        find_metric("Ω", "--fail-under x")


def test_keys_that_a_later_version_adds_are_passed_over(scored):
    later = scored.changed(lambda data: data.update(novelty=1))
    assert later.report == scored.report


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda data: data.pop("schema"), "missing required field `schema`"),
        (lambda data: data.update(schema="pixret.report/2"), f"schema pixret.report/2, and this version .* {SCHEMA}"),
        (lambda data: data.pop("coverage"), "missing required field `coverage`"),
        (lambda data: data["coverage"].pop("easy"), r"length >= 3 - at `\$.coverage`"),
        (lambda data: data["coverage"].update(easy=40), r"<= 1.0\d* - at `\$.coverage\[...\]`"),
        (lambda data: data["coverage"].update(hardest=0.1), r"Invalid enum value 'hardest'"),
        (
            lambda data: data["per_query"][3].update(query_id=3),
            r"Expected `str`, got `int` - at `\$.per_query\[3\].query_id`",
        ),
        (
            lambda data: data["conventions"]["strict"]["protocols"]["easy"]["detection"]["map"].pop("0.75"),
            r"length >= 10 - at `\$.conventions.strict.protocols\[...\].detection.map`",
        ),
        (
            lambda data: data["conventions"]["strict"]["protocols"]["easy"]["detection"]["map"].update({"0.47": 0.1}),
            r"matching regex .* at `key` in",
        ),
    ],
)
def test_what_is_no_report_is_refused_with_the_place(scored, change, message):
    with pytest.raises(ReportError, match=rf"report\.json: .*{message}"):
        _ = scored.changed(change).report


@pytest.mark.parametrize("content", [b"", b"[]", b"nonsense", b"\xff", b"[" * 100_000, b'{"schema": NaN}'])
def test_what_is_no_json_object_is_refused(content):
    with pytest.raises(ReportError, match=r"there: is not a report of pixret score --json: "):
        parse_report(content, "there")


def test_a_file_is_read_and_named(scored, tmp_path):
    path = tmp_path / "stored.json"
    path.write_bytes(scored.content)
    assert read_report(path) == scored.report
    path.write_text(json.dumps({"schema": "else"}))
    with pytest.raises(ReportError, match=r"stored\.json: has the schema else"):
        read_report(path)

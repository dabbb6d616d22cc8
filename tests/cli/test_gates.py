"""``pixret gate``, and the gates of ``pixret score``: exit codes, tables and files."""

import json
from xml.etree import ElementTree as ET

import pytest

FLOOR = "strict.medium.segmentation.map_50_95"


@pytest.fixture
def noisy(mini_folder):
    return mini_folder / "submissions" / "noisy.jsonl"


@pytest.fixture(autouse=True)
def _outside_of_github(monkeypatch):
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)


def test_a_stored_report_that_reaches_its_floor(pixret, reports):
    done = pixret("gate", reports / "good.json", "--fail-under", f"{FLOOR}=0.4", "--fail-under", "coverage.easy=1")
    assert (done.code, done.out, done.err) == (0, "gates of mini: 2 passed\n", "")


def test_a_gate_that_failed_is_exit_code_1_with_a_table(pixret, reports):
    done = pixret("gate", reports / "noisy.json", "--fail-under", f"{FLOOR}=0.4", "--fail-under", "coverage.easy=1")
    assert (done.code, done.err) == (1, "")
    assert done.out.startswith("gates of mini: 1 passed, 1 failed\n")
    (line,) = [line for line in done.out.splitlines() if FLOOR in line]
    assert line.split() == [FLOOR, "5.6132", "40.0000", "--fail-under", "0.4"]


def test_a_drop_against_a_baseline(pixret, reports):
    done = pixret("gate", reports / "noisy.json", "--baseline", reports / "good.json", "--max-drop", "0.5")
    assert done.code == 1
    assert done.out.startswith("gates of mini: 3 passed, 27 failed\n")
    assert "--max-drop 0.5" in done.out
    done = pixret("gate", reports / "good.json", "--baseline", reports / "noisy.json", "--max-drop", "0.5")
    assert (done.code, done.out) == (0, "gates of mini: 30 passed\n")


def test_scoring_ends_with_its_gates(pixret, data, noisy, reports, tmp_path):
    gates = ["--fail-under", f"{FLOOR}=0.4", "--baseline", reports / "noisy.json", "--max-drop", "0"]
    files = ["--gates-json", tmp_path / "g.json", "--junit", tmp_path / "g.xml", "--markdown", tmp_path / "g.md"]
    done = pixret("score", noisy, "--data", data, "--workers", 1, *gates, *files, "--json", tmp_path / "report.json")
    assert (done.code, done.err) == (1, "")
    assert "gates of mini: 30 passed, 1 failed" in done.out
    assert done.out.index("signature") < done.out.index("gates of mini")
    assert (tmp_path / "report.json").read_bytes() == (reports / "noisy.json").read_bytes()
    outcome = json.loads((tmp_path / "g.json").read_text())
    assert (outcome["passed"], len(outcome["gates"])) == (False, 31)
    assert ET.parse(tmp_path / "g.xml").getroot().find("testsuite").get("failures") == "1"
    assert f"| ❌ | {FLOOR} |".replace("_", r"\_") in (tmp_path / "g.md").read_text()


def test_the_report_alone_is_on_stdout_when_a_machine_reads_it(pixret, data, noisy, reports):
    done = pixret("score", noisy, "--data", data, "--workers", 1, "--fail-under", f"{FLOOR}=0.4", "--json", "-")
    assert (done.code, done.out) == (1, (reports / "noisy.json").read_text())
    assert done.err.startswith("gates of mini: 1 failed")
    done = pixret("gate", reports / "good.json", "--fail-under", f"{FLOOR}=0.4", "--json", "-")
    assert (done.code, json.loads(done.out)["passed"], done.err) == (0, True, "gates of mini: 1 passed\n")


def test_an_undefined_number_fails_with_its_reason(pixret, reports, tmp_path):
    report = json.loads((reports / "good.json").read_text())
    numbers = report["conventions"]["official"]["protocols"]["easy"]["segmentation"]
    numbers.update(miou=None, undefined="mIoU: query 3 has no IoU to average")
    (tmp_path / "report.json").write_text(json.dumps(report))
    done = pixret("gate", tmp_path / "report.json", "--fail-under", "official.easy.segmentation.miou=0.1")
    assert done.code == 1
    assert "undefined: mIoU: query 3" in " ".join(done.out.split())


def test_a_step_summary_of_github_is_appended_to_and_another_file_replaced(pixret, reports, tmp_path, monkeypatch):
    summary = tmp_path / "summary.md"
    command = ["gate", reports / "good.json", "--fail-under", f"{FLOOR}=0.4", "--markdown", summary]
    for _ in range(2):
        assert pixret(*command).code == 0
    assert summary.read_text().count("### gates of mini") == 1
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    assert pixret(*command).code == 0
    assert summary.read_text().count("### gates of mini") == 2


def test_another_version_in_the_baseline_is_only_noted(pixret, reports, tmp_path):
    content = (reports / "good.json").read_text().replace("|pixret:", "|pixret:9.")
    (tmp_path / "old.json").write_text(content)
    done = pixret("gate", reports / "good.json", "--baseline", tmp_path / "old.json", "--max-drop", "1")
    assert done.code == 0
    assert done.err.startswith("note: pixret is ")


def test_refused_items_go_before_gates(pixret, data, tmp_path):
    (tmp_path / "faulty.jsonl").write_text('{"query_index": 99, "image_index": 0, "score": 1}\n')
    floor = ["--fail-under", f"{FLOOR}=0.4"]
    done = pixret("score", tmp_path / "faulty.jsonl", "--data", data, "--workers", 1, *floor, "--strict-input")
    assert done.code == 2
    assert "gates of mini: 1 failed" in done.out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--fail-under", "strict.medium.map=0.4"], "pixret: --fail-under strict.medium.map=0.4: no number 'strict.m"),
        (["--baseline", "absent.json", "--max-drop", "1"], "absent.json"),
        (["--baseline", "nonsense.json", "--max-drop", "1"], "nonsense.json: is not a report of pixret score --json: "),
        (["--baseline", "other.json", "--max-drop", "1"], "other.json: cannot be compared with "),
        (["--baseline", "later.json", "--max-drop", "1"], "later.json: has the schema pixret.report/2"),
        (["--max-drop", "1"], "--max-drop needs --baseline"),
        (["--baseline", "other.json"], "--baseline needs --max-drop"),
        ([], "give --fail-under, or --baseline with --max-drop"),
    ],
)
def test_what_is_no_gate_is_wrong_usage(pixret, reports, tmp_path, monkeypatch, options, message):
    good = (reports / "good.json").read_text()
    (tmp_path / "nonsense.json").write_text("nonsense")
    (tmp_path / "other.json").write_text(good.replace("truth:sha256:", "truth:sha256:0"))
    (tmp_path / "later.json").write_text(good.replace("pixret.report/1", "pixret.report/2"))
    monkeypatch.chdir(tmp_path)
    done = pixret("gate", reports / "good.json", *options)
    assert (done.code, done.out) == (2, "")
    assert message in done.err


def test_a_wrong_gate_is_told_before_anything_is_scored(pixret, data, noisy):
    done = pixret("score", noisy, "--data", data, "--fail-under", "strict=1")
    assert (done.code, done.out) == (2, "")
    assert "no number 'strict'" in done.err
    done = pixret("score", noisy, "--data", data, "--junit", "gates.xml")
    assert (done.code, done.out) == (2, "")
    assert "they tell of gates; give --fail-under" in done.err

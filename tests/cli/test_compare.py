"""``pixret compare``: the table, the files, and what it does not compare."""

import json

import pytest


def test_a_table_with_what_moved_most(pixret, reports):
    done = pixret("compare", reports / "good.json", reports / "noisy.json", "--resamples", 200)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"mini: A is {reports / 'good.json'}, B is {reports / 'noisy.json'}\n")
    lines = done.out.splitlines()
    place = lines.index(next(line for line in lines if line.strip() == "strict.medium"))
    (line,) = [line for line in lines[place : place + 6] if "segmentation.map_50_95" in line]
    a, b = (percent(reports / f"{quality}.json") for quality in ("good", "noisy"))
    assert line.split()[:4] == ["segmentation.map_50_95", f"{a:.2f}", f"{b:.2f}", f"{b - a:.2f}"]
    assert line.split()[-1] == "0/11/0"
    assert "200 draws, seed 0" in done.out
    assert "moved most in strict.medium.segmentation.map_50_95:" in done.out
    assert all(len(line) <= 80 for line in lines if line.startswith(" "))


def percent(path):
    """The number of a report; what mini looks like, to the last pixel, is a matter of the version of OpenCV."""
    protocols = json.loads(path.read_bytes())["conventions"]["strict"]["protocols"]
    return 100 * protocols["medium"]["segmentation"]["map_50_95"]


def test_chosen_numbers_for_machines(pixret, reports, tmp_path):
    options = ["--metric", "coverage.easy", "--metric", "strict.hard.segmentation.map@0.75", "--seed", 5]
    command = ["compare", reports / "good.json", reports / "noisy.json", *options, "--resamples", 200]
    done = pixret(*command, "--json", "-", "--markdown", tmp_path / "compared.md")
    assert (done.code, done.err) == (0, "")
    data = json.loads(done.out)
    assert (list(data["metrics"]), data["seed"]) == (["coverage.easy", "strict.hard.segmentation.map@0.75"], 5)
    assert "| coverage.easy | 100.0000 | 100.0000 | +0.0000 |" in (tmp_path / "compared.md").read_text()
    assert pixret(*command, "--json", tmp_path / "compared.json").out.startswith("mini: A is")
    assert json.loads((tmp_path / "compared.json").read_text()) == data


def test_an_undefined_number_is_told_and_other_versions_are_noted(pixret, reports, tmp_path):
    report = json.loads((reports / "good.json").read_text().replace("|numpy:", "|numpy:9."))
    numbers = report["conventions"]["official"]["protocols"]["easy"]["segmentation"]
    numbers.update(miou=None, undefined="mIoU: query 3 has no IoU to average")
    (tmp_path / "new.json").write_text(json.dumps(report))
    done = pixret("compare", reports / "good.json", tmp_path / "new.json", "--resamples", 100)
    assert done.code == 0
    assert f"official.easy.segmentation.miou is undefined in {tmp_path / 'new.json'}: mIoU: query 3 has" in done.out
    assert done.err.startswith("note: numpy is ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["GOOD", "absent.json"], "absent.json"),
        (["GOOD", "other.json"], "other.json: cannot be compared with "),
        (["GOOD", "GOOD", "--metric", "strict.miou"], "--metric strict.miou: no number 'strict.miou'"),
        (["GOOD", "GOOD", "--resamples", "7"], "Invalid value for '--resamples'"),
        (["GOOD"], "Missing argument"),
    ],
)
def test_what_cannot_be_compared_is_wrong_usage(pixret, reports, tmp_path, monkeypatch, arguments, message):
    other = (reports / "good.json").read_text().replace("thresholds:0.50", "thresholds:0.40")
    (tmp_path / "other.json").write_text(other)
    monkeypatch.chdir(tmp_path)
    done = pixret("compare", *(reports / "good.json" if each == "GOOD" else each for each in arguments))
    assert (done.code, done.out) == (2, "")
    assert message in done.err

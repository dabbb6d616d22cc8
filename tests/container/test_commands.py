"""The image as a command line, as pipelines use it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml
from huggingface_hub import ModelCard
from image import ENGINE, FLAGS, IMAGE, engine, meaning, mount, run, wait_until

from pixret.tables import read_ground_truth, read_manifest

ROOT = Path(__file__).parents[2]
FLOOR = "strict.medium.segmentation.map_50_95"


def test_points_are_measured_by_worker_processes_without_any_place_to_write(folder, server):
    """Also where the engine gives a read-only container no /tmp of its own."""
    options = [*mount(folder, "/work"), *(["--read-only-tmpfs=false"] if ENGINE == "podman" else [])]
    command = ["score", "raw/results", "--data", "data", "--method", "good", "--json", "-"]
    here = run(*command, "--workers", "2", options=options).stdout
    there = run(*command, "--server", server[1], options=options).stdout
    assert here == there
    assert json.loads(here)["predictions"]["rejected"] == 0


def test_points_are_drawn_as_they_are_here_without_opencv(folder):
    command = ["score", "raw/results", "--data", "data", "--method", "good", "--json", "-"]
    here = subprocess.run(
        [sys.executable, "-m", "pixret.cli", *command], cwd=folder, capture_output=True, check=True, timeout=100
    )
    assert meaning(run(*command, options=mount(folder, "/work")).stdout) == meaning(here.stdout)


@pytest.mark.parametrize("command", [("demo",), ("synth", "--out", "/dev/shm/raw"), ("browse", "--data", "/work/data")])
def test_a_command_that_takes_opencv_says_that_the_image_leaves_it_out(folder, command):
    done = run(*command, options=mount(folder, "/work"), check=False)
    assert done.returncode == 2
    assert "pixret: this takes OpenCV (opencv-python-headless), which is not installed here" in " ".join(
        done.stderr.split()
    )


def test_without_the_kernel_nothing_is_drawn_and_the_error_says_why(folder):
    options = [*mount(folder, "/work"), "--env", "PIXRET_KERNEL=off"]
    done = run("score", "raw/results", "--data", "data", "--method", "good", options=options, check=False)
    assert done.returncode == 2
    assert "without its compiled kernel, and OpenCV is not installed" in " ".join(done.stderr.split())


def test_gates_fail_and_pass_in_a_pipeline(folder, expected):
    options = mount(folder, "/work")
    command = ["score", "raw/submissions/good.jsonl", "--data", "data", "--json", "-", "--fail-under"]
    passed = run(*command, f"{FLOOR}=0.4", options=options)
    assert meaning(passed.stdout) == meaning(expected)
    failed = run(*command, f"{FLOOR}=0.9", options=options, check=False)
    assert failed.returncode == 1
    assert "gates of mini: 1 failed" in failed.stderr


def test_the_action_scores_and_fails_the_job(folder, tmp_path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "docker").write_text(f'#!/bin/sh\nexec {ENGINE} "$@"\n')
    (tmp_path / "bin" / "docker").chmod(0o755)
    (tmp_path / "summary.md").touch()
    (step,) = yaml.safe_load((ROOT / "action.yml").read_text())["runs"]["steps"]
    inputs = {"SUBMISSION": "raw/submissions/good.jsonl", "DATA": "data", "IMAGE": IMAGE, "REPORT": "r.json"}
    summary = str(tmp_path / "summary.md")
    for floor, code in ((0.4, 0), (0.9, 1)):
        gates = {"FAIL_UNDER": f"{FLOOR}={floor}\ncoverage.easy=1\n", "BASELINE": "", "MAX_DROP": "", "JUNIT": "j.xml"}
        path = f"{tmp_path / 'bin'}:{os.environ['PATH']}"
        environment = os.environ | inputs | gates | {"GITHUB_STEP_SUMMARY": summary, "PATH": path}
        done = subprocess.run(["bash", "-e", "-c", step["run"]], check=False, cwd=folder, env=environment, timeout=200)
        assert done.returncode == code
    assert set(step["env"]) == {*inputs, *gates}
    assert (tmp_path / "summary.md").read_text().count("### gates of mini") == 2
    assert 'tests="2"' in (folder / "j.xml").read_text()


def test_tables_made_in_the_image_are_those_made_here_and_lose_their_images(folder, out):
    options = [*mount(folder, "/work"), *mount(out, "/out", "rw")]
    run("prepare", "mini", "--source", "raw/pixel_retrieval_benchmarks", "--out", "/out/data", options=options)
    run("strip", "--data", "/out/data", "--out", "/out/stripped", options=options)
    there = read_ground_truth(folder / "data").digest
    assert [read_ground_truth(out / name).digest for name in ("data", "stripped")] == [there, there]
    assert not read_manifest(out / "data").annotations_only
    assert read_manifest(out / "stripped").annotations_only


def test_a_result_is_signed_verified_compared_and_published(folder, out):
    def pixret(*command):
        return run(*command, options=[*mount(folder, "/work"), *mount(out, "/out", "rw")]).stdout

    pixret("keygen", "/out/key")
    pixret("score", "raw/submissions/good.jsonl", "--data", "data", "--json", "/out/good.json", "--sign", "/out/key")
    assert pixret("verify", "/out/good.json", "--key", "/out/key.pub").startswith(
        "/out/good.json: mini, signed with the key"
    )
    comparison = json.loads(pixret("compare", "/out/good.json", "/out/good.json", "--json", "-"))
    assert comparison["metrics"][FLOOR]["difference"]["value"] == 0
    pixret("publish", "/out/good.json", "--key", "/out/key.pub", "--dataset", "someone/pixels", "--repo-dir", "/out")
    entries = yaml.safe_load((out / ".eval_results" / "mini.yaml").read_text())
    values = {entry["dataset"]["task_id"]: entry["value"] for entry in entries}
    assert values["mini_medium_segmentation"] == round(100 * comparison["metrics"][FLOOR]["first"], 4)
    assert ModelCard.load(out / "README.md").data.eval_results


def test_the_doctor_finds_that_all_is_well(server):
    name, _ = server
    told = engine("exec", name, "pixret", "doctor").stdout
    assert "ok      ground truth: " in told
    assert "failed" not in told


def test_scoring_too_ends_soon_when_it_is_asked_to(folder, out):
    rows = [{"query_index": 0, "image_index": image, "rank": image} for image in range(60)]
    outline = np.random.default_rng(1).integers(0, 16384, 10_000).tolist()  # all of which take minutes
    (out / "endless.jsonl").write_text("".join(json.dumps(row | {"polygons": [outline]}) + "\n" for row in rows))
    name = f"pixret-test-{out.parent.name}-{os.getpid()}"
    options = [*mount(folder / "data", "/data"), *mount(out, "/work", "rw")]
    command = ["score", "endless.jsonl", "--data", "/data", "--json", "report.json", "--workers", "2"]
    engine("run", "--detach", "--name", name, *FLAGS, *options, IMAGE, *command)
    try:
        wait_until(lambda: len(engine("top", name, "pid").stdout.splitlines()) > 3, "its workers run")
        engine("stop", "--time", "20", name)
        (state,) = json.loads(engine("inspect", name).stdout)
        assert (state["State"]["ExitCode"], engine("logs", name).stderr) == (143, "")
        assert not (out / "report.json").exists()
    finally:
        engine("rm", "--force", name)

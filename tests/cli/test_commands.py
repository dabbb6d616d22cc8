"""The other commands: synth, prepare, serve, info, demo, and the help."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
from importlib.metadata import version

import pytest

from pixret.client import Client
from pixret.tables import read_manifest

SOURCE = "pixel_retrieval_benchmarks"


def test_help_names_every_command(pixret):
    done = pixret("--help")
    assert done.code == 0
    assert all(name in done.out for name in ("demo", "synth", "prepare", "browse", "serve", "score", "info"))


def test_the_version_is_told(pixret):
    done = pixret("--version")
    assert (done.code, done.out, done.err) == (0, f"pixret {version('pixret')}\n", "")


def test_a_file_that_is_not_there_is_named_as_files_are(pixret, tmp_path):
    done = pixret("gate", tmp_path / "no.json", "--fail-under", "coverage.hard=1")
    assert (done.code, done.out) == (2, "")
    assert done.err == f"pixret: {tmp_path / 'no.json'}: No such file or directory\n"


def test_a_name_that_the_locale_cannot_express_is_named(data, mini_folder, tmp_path):
    ascii_alone = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    command = [sys.executable, "-m", "pixret.cli", "score", mini_folder / "submissions" / "good.jsonl", "--data"]
    done = subprocess.run(
        [*command, shutil.copytree(data, tmp_path / "döner")],
        env=os.environ | ascii_alone,
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"has letters that this locale cannot express; set LC_ALL=C.UTF-8" in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_token_that_has_expired_already_is_not_made(pixret, tmp_path):
    done = pixret("token", "new", "--name", "ann", "--days", "0", "--file", tmp_path / "tokens.toml")
    assert (done.code, "--days" in done.err, (tmp_path / "tokens.toml").exists()) == (2, True, False)


@pytest.mark.parametrize("arguments", [["scor"], ["score"], ["score", "a", "--data"], ["info", "--fast"]])
def test_wrong_usage_ends_with_2(pixret, arguments):
    done = pixret(*arguments)
    assert (done.code, done.out) == (2, "")
    assert "Error" in done.err


def test_usage_is_that_of_the_command_however_it_was_started(pixret):
    assert "Usage: pixret score " in pixret("score").err


def test_synth_says_what_it_made(pixret, monkeypatch, tmp_path):
    from pixret.synth import MiniSummary

    seeds = []

    def draw(out, *, seed):
        seeds.append((out, seed))
        return MiniSummary(out, seed, 8, 12, 126, 60, 72, 24, ("good",))

    monkeypatch.setattr("pixret.synth.write_mini", draw)
    done = pixret("synth", "--out", tmp_path / "mini", "--seed", 7)
    assert seeds == [(tmp_path / "mini", 7)]
    assert (done.code, done.err) == (0, "")
    assert done.out == f"12 queries, 126 index images, 60 easy, 72 hard and 24 junk pairs in {tmp_path / 'mini'}\n"


def test_synth_overwrites_nothing(pixret, tmp_path):
    (tmp_path / "mine").touch()
    done = pixret("synth", "--out", tmp_path)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"pixret: {tmp_path}")
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_prepare_says_what_it_made(pixret, mini_folder, data, tmp_path):
    done = pixret("prepare", "mini", "--source", mini_folder / SOURCE, "--annotations-only", "--out", tmp_path)
    assert (done.code, done.err) == (0, "")
    first, second = done.out.splitlines()
    assert first == (f"mini: 12 queries, 126 index images, 60 easy, 72 hard and 24 junk pairs in {tmp_path / 'mini'}")
    assert second.startswith("ground truth sha256:")
    files = [path.relative_to(data) for path in data.rglob("*") if path.is_file()]
    assert all((tmp_path / path).read_bytes() == (data / path).read_bytes() for path in files)


def test_prepare_takes_the_images_beside_the_source(pixret, mini_folder, tmp_path):
    done = pixret("prepare", "mini", "--source", mini_folder / SOURCE, "--out", tmp_path)
    assert (done.code, done.err) == (0, "")
    line = done.out.splitlines()[2]
    assert line.startswith("images sha256:")
    assert line.endswith(", variant unknown: 138 in images")
    some = tmp_path / "some"
    some.mkdir()
    names = sorted(path.name for path in (mini_folder / "images").iterdir())
    for name in names[:-2]:
        (some / name).symlink_to(mini_folder / "images" / name)
    options = ("--source", mini_folder / SOURCE, "--images", some, "--variant", "original", "--out", tmp_path / "out")
    done = pixret("prepare", "mini", *options)
    assert (done.code, done.out) == (2, "")
    assert f"index image {names[-1][:-4]} is not in {some}" in done.err
    done = pixret("prepare", "mini", *options, "--allow-missing")
    assert (done.code, "variant original: 136 in some" in done.out) == (0, True)
    assert done.err == f"2 images are missing: {names[-2][:-4]}, {names[-1][:-4]}\n"
    done = pixret("prepare", "mini", *options, "--annotations-only")
    assert (done.code, done.out) == (2, "")
    assert done.err == "pixret: annotations alone take no images and no variant of them; leave out one or the other\n"


def test_prepare_takes_distractors_from_their_archives(pixret, mini_folder, tmp_path):
    source = tmp_path / "revisitop1m"
    source.mkdir()
    images = sorted((mini_folder / "images").iterdir())[:3]
    (source / "revisitop1m.txt").write_text("".join(f"{path.name}\n" for path in images))
    with tarfile.open(source / "revisitop1m.7.tar.gz", "w:gz") as archive:
        for path in images[1:]:
            archive.add(path, path.name)
    done = pixret("prepare", "r1m", "--source", source, "--out", tmp_path / "data", "--allow-missing")
    assert (done.code, done.out) == (0, f"r1m: 2 of 3 distractors from 1 archives in {tmp_path / 'data' / 'r1m'}\n")
    assert done.err == f"1 images are missing: {images[0].stem}\n"
    done = pixret("prepare", "r1m", "--source", source, "--out", tmp_path / "data")
    assert (done.code, done.out) == (2, "")
    assert "holds none of the archives revisitop1m.1.tar.gz, revisitop1m.2.tar.gz" in done.err
    done = pixret("prepare", "r1m", "--source", source, "--out", tmp_path / "data", "--annotations-only")
    assert (done.code, done.out) == (2, "")
    assert "r1m is the images of its archives; leave the other" in done.err


def test_of_many_missing_labels_some_are_named(pixret, mini_folder, tmp_path):
    source = shutil.copytree(mini_folder / SOURCE, tmp_path / SOURCE)
    for label in sorted((source / "labels").rglob("*.json"))[:25]:
        label.unlink()
    out = tmp_path / "out"
    done = pixret("prepare", "mini", "--source", source, "--annotations-only", "--allow-missing", "--out", out)
    assert done.code == 0
    missing = read_manifest(out).missing_labels
    assert len(missing) == 25
    assert done.err == f"25 labels are missing: {', '.join(missing[:20])} and 5 more, which the manifest names\n"


@pytest.mark.parametrize(
    ("name", "source", "message"),
    [
        ("mini", "nowhere", "nowhere"),
        ("cats", "nowhere", "cats"),
        ("proxford", ".", "no such file; give the authors' folder, which holds"),
    ],
)
def test_prepare_without_sources(pixret, tmp_path, name, source, message):
    done = pixret("prepare", name, "--source", tmp_path / source, "--annotations-only", "--out", tmp_path / "out")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("pixret: ")
    assert message in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve_until_it_is_told_to_stop(serve, data, number):
    with serve(data) as (process, address):
        with Client(address) as client:
            assert [each.name for each in client.benchmarks()] == ["mini"]
        process.send_signal(number)
        out, err = process.communicate(timeout=20)
        assert (process.returncode, out) == (0, "")
        assert err.startswith("mini: 12 queries, sha256:")
        assert "Traceback" not in err


def test_serve_with_a_state_finds_the_sessions_again(serve, data, tmp_path):
    options = ["--state", tmp_path / "state", "--keep-masks"]
    with serve(data, options=options) as (_, address), Client(address) as client:
        session = client.create_session("mini")
    with serve(data, options=options) as (_, address), Client(address) as client:
        assert [*client.sessions()] == [session]


def test_serve_says_what_is_wrong_with_a_state(pixret, data):
    done = pixret("serve", "--data", data, "--state", "mysql://there/x")
    assert done.code == 2
    assert "give a folder or a postgresql:// URL" in done.err


def test_serve_where_it_cannot(pixret, data, tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        done = pixret("serve", "--data", data, "--listen", listen, "--workers", 1)
    assert (done.code, done.out) == (2, "")
    assert f"pixret: cannot listen on {listen}: Address already in use; choose another address" in done.err
    done = pixret("serve", "--data", data, "--listen", "50051", "--workers", 1)
    assert (done.code, done.out) == (2, "")
    assert "cannot listen on '50051': an address reads HOST:PORT" in done.err
    done = pixret("serve", "--data", data, "--data", data, "--listen", "127.0.0.1:0")
    assert (done.code, done.out) == (2, "")
    assert "benchmark mini was given twice; serve each once" in done.err
    done = pixret("serve", "--data", tmp_path)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"pixret: {tmp_path}: holds no prepared benchmark")


def test_info(pixret, data, address, tmp_path):
    done = pixret("info")
    assert (done.code, done.err) == (0, "")
    assert f"pixret {version('pixret')}\n" in done.out
    for options in (["--data", data], ["--server", address]):
        done = pixret("info", *options)
        assert (done.code, done.err) == (0, "")
        assert "mini: 12 queries, 126 index images, sha256:" in done.out
    done = pixret("info", "--data", tmp_path / "nowhere")
    assert done.code == 2
    assert done.err.startswith(f"pixret: {tmp_path / 'nowhere'}: holds no prepared benchmark")
    done = pixret("info", "--server", "127.0.0.1:1")
    assert done.code == 2
    assert "pixret: scoring server 127.0.0.1:1: " in done.err


@pytest.mark.slow
def test_demo(tmp_path):
    command = [sys.executable, "-m", "pixret.cli", "demo", "--keep", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=110, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "4. streaming the submission 'good' to 127.0.0.1:" in done.stdout
    assert "signature benchmark:mini" in done.stdout
    assert (tmp_path / "data" / "mini" / "manifest.json").is_file()


@pytest.mark.parametrize("command", [["demo"], ["synth", "--out", "raw"], ["browse", "--data", "{data}"]])
def test_a_command_that_takes_what_an_installation_leaves_out_says_so(data, tmp_path, command):
    done = without_opencv(tmp_path, *(part.format(data=data) for part in command))
    assert (done.returncode, "Traceback" in done.stderr) == (2, False), done.stderr
    assert "OpenCV (opencv-python-headless), which is not installed here" in " ".join(done.stderr.split())


def test_what_is_wrong_is_said_without_opencv_too(data, tmp_path):
    done = without_opencv(tmp_path, "score", "nowhere.jsonl", "--data", data)
    assert done.returncode == 2
    assert "nowhere.jsonl" in done.stderr
    assert "Traceback" not in done.stderr


def without_opencv(folder, *arguments):
    script = "import sys; sys.modules['cv2'] = None; from pixret.cli import main; main()"
    command = [sys.executable, "-c", script, *map(str, arguments)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)

"""``pixret prepare --download``, as a process, against a server that has a benchmark in the authors' layout."""

import hashlib
import json
import subprocess
import sys
import tarfile
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import rars
from mirror import Mirror, Served, running_mirror

from pixret import downloads

# The command line, with a table in which the ground truth has the digest that is served, and only --mirror has files.
COMMAND = """
import sys
from dataclasses import replace
from functools import partial
from pixret import downloads
from pixret.cli import main
raw = downloads.RAW_FILES["proxford"]
nowhere = lambda file, sha256=None: replace(file, urls=(), sha256=sha256)
images = tuple(tuple(map(nowhere, way)) for way in raw.images)
served = replace(raw, labels=nowhere(raw.labels), gnd=nowhere(raw.gnd, sys.argv.pop(1)), images=images)
downloads.fetch = partial(downloads.fetch, files={"proxford": served})
main()
"""
RENAMED = {
    "mini_pair2labelpath.npy": "oxford_pair2labelpath.npy",
    "revisitop/data/mini/gnd_mini.pkl": "revisitop/data/roxford5k/gnd_roxford5k.pkl",
}


@dataclass
class Published:
    """A benchmark as its authors publish it: on a server, and unpacked."""

    mirror: Mirror
    source: Path
    gnd_sha256: str

    def run(self, *arguments: object) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-c", COMMAND, self.gnd_sha256, "prepare", "proxford", *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)


@pytest.fixture(scope="module")
def published(mini_folder, tmp_path_factory):
    """What is drawn of `mini`, under the names of PROxford."""
    folder = tmp_path_factory.mktemp("published")
    source = folder / "pixel_retrieval_benchmarks"
    labels = rars.RarBuilder(store=True)
    for path in sorted((mini_folder / "pixel_retrieval_benchmarks").rglob("*")):
        name = path.relative_to(mini_folder / "pixel_retrieval_benchmarks").as_posix()
        target = source / RENAMED.get(name, name)
        if path.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
            if target.suffix != ".pkl":
                labels.add(str(target), target.relative_to(folder).as_posix())
    with tarfile.open(folder / "oxbuild_images-v1.tgz", "w:gz", compresslevel=1) as archive:
        for path in sorted((mini_folder / "images").iterdir()):
            archive.add(path, path.name)
    gnd = (source / "revisitop" / "data" / "roxford5k" / "gnd_roxford5k.pkl").read_bytes()
    files = {
        "/pixel_retrieval_benchmarks.rar": Served(labels.to_bytes()),
        "/gnd_roxford5k.pkl": Served(gnd),
        "/oxbuild_images-v1.tgz": Served((folder / "oxbuild_images-v1.tgz").read_bytes()),
    }
    with running_mirror(files) as mirror:
        yield Published(mirror, source, hashlib.sha256(gnd).hexdigest())


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    """Servers of the tests are asked themselves, whatever the environment says; commands inherit that."""
    monkeypatch.setenv("NO_PROXY", "*")


def contents(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_downloaded_annotations_give_the_tables_of_given_ones(published, tmp_path):
    published.mirror.requests.clear()
    options = ["--annotations-only", "--out"]
    mirror = ["--cache", tmp_path / "cache", "--mirror", published.mirror.address]
    downloaded = published.run("--download", *mirror, *options, tmp_path / "a")
    assert (downloaded.returncode, downloaded.stderr) == (0, "")
    assert [path for path, _ in published.mirror.requests] == ["/pixel_retrieval_benchmarks.rar", "/gnd_roxford5k.pkl"]
    given = published.run("--source", published.source, *options, tmp_path / "b")
    assert given.stdout.replace(str(tmp_path / "b"), str(tmp_path / "a")) == downloaded.stdout
    assert contents(tmp_path / "a") == contents(tmp_path / "b")


@pytest.mark.slow
def test_downloaded_images_give_the_tables_of_given_ones(published, tmp_path):
    published.mirror.requests.clear()
    published.mirror.files["/oxbuild_images-v1.tgz"].faults[:] = ["cut 200000"]
    cache = ["--cache", tmp_path / "cache"]
    downloaded = published.run("--download", *cache, "--mirror", published.mirror.address, "--out", tmp_path / "a")
    assert (downloaded.returncode, downloaded.stderr) == (0, "")
    assert [(path, headers.get("range")) for path, headers in published.mirror.requests] == [
        ("/pixel_retrieval_benchmarks.rar", None),
        ("/gnd_roxford5k.pkl", None),
        ("/oxbuild_images-v1.tgz", None),
        ("/oxbuild_images-v1.tgz", "bytes=200000-"),
    ]
    lock = json.loads((tmp_path / "cache" / "pixret.lock.json").read_text())
    assert sorted(lock["files"]) == ["gnd_roxford5k.pkl", "oxbuild_images-v1.tgz", "pixel_retrieval_benchmarks.rar"]
    assert published.run("--source", published.source, "--out", tmp_path / "b").returncode == 0
    assert published.run("--download", "--offline", *cache, "--out", tmp_path / "c").returncode == 0
    assert contents(tmp_path / "a") == contents(tmp_path / "b") == contents(tmp_path / "c")


def test_what_cannot_be_had_is_listed(published, tmp_path):
    cache = tmp_path / "cache"
    done = published.run("--download", "--offline", "--cache", cache, "--out", tmp_path / "out")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines() == [
        f"pixret: {cache}: 2 files are missing, and nothing is downloaded",
        "  pixel_retrieval_benchmarks.rar",
        "  oxbuild_images-v1.tgz",
        "  Put them there, name the folder that holds them, or run without --offline.",
    ]


def test_distractors_are_downloaded_into_one_folder(pixret, mini_folder, monkeypatch, tmp_path):
    image = min((mini_folder / "images").iterdir())
    with tarfile.open(tmp_path / "archive", "w:gz") as archive:
        archive.add(image, image.name)
    monkeypatch.setattr(downloads, "DISTRACTORS", [replace(file, urls=()) for file in downloads.DISTRACTORS[:2]])
    files = {"/revisitop1m.txt": Served(f"{image.name}\n".encode())}
    files["/revisitop1m.1.tar.gz"] = Served((tmp_path / "archive").read_bytes())
    options = ["--download", "--cache", tmp_path / "cache", "--allow-missing", "--out", tmp_path / "data"]
    with running_mirror(files) as mirror:
        done = pixret("prepare", "r1m", *options, "--mirror", mirror.address)
    assert (done.code, done.err) == (0, "")
    assert done.out == f"r1m: 1 of 1 distractors from 1 archives in {tmp_path / 'data' / 'r1m'}\n"
    done = pixret("prepare", "r1m", *options, "--have", tmp_path)
    assert (done.code, done.out) == (2, "")
    assert "the distractors are prepared from one folder" in done.err


def test_mini_is_not_downloaded(pixret, tmp_path):
    done = pixret("prepare", "mini", "--download", "--cache", tmp_path, "--out", tmp_path / "out")
    assert (done.code, done.out) == (2, "")
    assert done.err == "pixret: mini cannot be downloaded; proxford and prparis can, and pixret synth draws mini\n"


@pytest.mark.parametrize("options", [[], ["--source", "a", "--download"]])
def test_files_are_given_or_downloaded(pixret, tmp_path, options):
    done = pixret("prepare", "mini", *options, "--out", tmp_path)
    assert (done.code, done.out) == (2, "")
    assert "give --source, the authors' folder, or --download, which gets it" in " ".join(
        done.err.replace("│", " ").split()
    )


@pytest.mark.parametrize("options", [["--offline"], ["--cache", "a"], ["--mirror", "http://a"], ["--have", "a"]])
def test_options_of_downloads_need_a_download(pixret, tmp_path, options):
    done = pixret("prepare", "mini", "--source", tmp_path, *options, "--out", tmp_path)
    assert (done.code, done.out) == (2, "")
    assert f"{options[0]} says how to download; add --download" in " ".join(done.err.replace("│", " ").split())

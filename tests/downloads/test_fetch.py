"""The files of a benchmark: found, downloaded, verified, and laid out as the authors do."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import rars
from filelock import FileLock
from mirror import Mirror, Served

from pixret.archives import ArchiveError
from pixret.downloads import (
    DISTRACTORS,
    LOCK_NAME,
    RAW_FILES,
    DownloadError,
    MissingOfflineError,
    RawFiles,
    RemoteFile,
    UnavailableError,
    Whereabouts,
    fetch,
    fetch_files,
)
from pixret.rawfiles import RAW_BENCHMARKS

GND = b"ground truth"
IMAGES, OTHERS, ALL_IMAGES = b"\x1f\x8bimages", b"\x1f\x8bothers", b"PK\x03\x04all images"
PAIR_MAP = "oxford_pair2labelpath.npy"
GND_PATH = "revisitop/data/roxford5k/gnd_roxford5k.pkl"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def rar(path: Path, files: dict[str, bytes]) -> bytes:
    builder = rars.RarBuilder(store=True)
    for name, content in files.items():
        builder.add_bytes(content, name)
    builder.write(str(path))
    return path.read_bytes()


def labels(tmp_path: Path, root: str = "pixel_retrieval_benchmarks/", **more: bytes) -> bytes:
    files = {PAIR_MAP: b"map", "labels/0/0_1.json": b"{}", **more}
    return rar(tmp_path / "labels.rar", {f"{root}{name}": content for name, content in files.items()})


@pytest.fixture
def files(mirror: Mirror, tmp_path: Path) -> dict[str, RawFiles]:
    """The files of a small benchmark, on a server."""
    contents = {"l.rar": labels(tmp_path), "g.pkl": GND, "v1.tgz": IMAGES, "all.zip": ALL_IMAGES}
    mirror.files.update({f"/{name}": Served(content) for name, content in contents.items()})
    remote = {name: RemoteFile(name, (mirror.url(f"/{name}"),)) for name in contents}
    gnd = replace(remote["g.pkl"], sha256=sha256(GND))
    return {"proxford": RawFiles(remote["l.rar"], gnd, ((remote["v1.tgz"],), (remote["all.zip"],)))}


def requested(mirror: Mirror) -> list[str]:
    return [path for path, _ in mirror.requests]


def test_the_files_are_laid_out_as_the_authors_do(mirror: Mirror, where: Whereabouts, files: Any) -> None:
    fetched = fetch("proxford", where, files=files)
    assert fetched.source == where.cache / "pixel_retrieval_benchmarks"
    assert fetched.images == (where.cache / "v1.tgz",)
    assert (fetched.source / GND_PATH).read_bytes() == GND
    assert (fetched.source / "labels" / "0" / "0_1.json").read_bytes() == b"{}"
    visible = sorted(path.name for path in where.cache.iterdir() if not path.name.startswith("."))
    assert visible == ["g.pkl", "l.rar", "pixel_retrieval_benchmarks", "pixret.lock.json", "v1.tgz"]
    assert requested(mirror) == ["/l.rar", "/g.pkl", "/v1.tgz"]


def test_a_second_run_needs_no_server(mirror: Mirror, where: Whereabouts, files: Any) -> None:
    first = fetch("proxford", where, files=files)
    assert fetch("proxford", replace(where, offline=True), files=files) == first
    assert fetch("proxford", where, files=files) == first
    assert len(mirror.requests) == 3


def test_without_images_no_archive_of_images_is_touched(mirror: Mirror, where: Whereabouts, files: Any) -> None:
    assert fetch("proxford", where, images=False, files=files).images == ()
    assert requested(mirror) == ["/l.rar", "/g.pkl"]


def test_other_archives_with_all_images_take_the_place_of_those_that_are_gone(
    mirror: Mirror, where: Whereabouts, files: Any
) -> None:
    del mirror.files["/v1.tgz"]
    assert fetch("proxford", where, files=files).images == (where.cache / "all.zip",)


def test_archives_that_are_there_come_before_better_ones_that_are_not(
    mirror: Mirror, where: Whereabouts, files: Any
) -> None:
    where.cache.mkdir()
    (where.cache / "all.zip").write_bytes(ALL_IMAGES)
    assert fetch("proxford", where, files=files).images == (where.cache / "all.zip",)
    assert requested(mirror) == ["/l.rar", "/g.pkl"]


def test_when_no_images_can_be_had_all_that_was_tried_is_listed(mirror: Mirror, where: Whereabouts, files: Any) -> None:
    del mirror.files["/v1.tgz"], mirror.files["/all.zip"]
    with pytest.raises(UnavailableError) as caught:
        fetch("proxford", where, files=files)
    assert str(caught.value).splitlines() == [
        "v1.tgz: no mirror gives it",
        f"  {mirror.url('/v1.tgz')}: answers 404 Not Found",
        "all.zip: no mirror gives it",
        f"  {mirror.url('/all.zip')}: answers 404 Not Found",
        f"Try again later, name another mirror, or put v1.tgz into {where.cache} yourself.",
    ]


def test_files_that_the_user_has_are_used_from_where_they_are(
    mirror: Mirror, where: Whereabouts, files: Any, tmp_path: Path
) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    for name in ("l.rar", "v1.tgz"):
        (mine / name).write_bytes(mirror.files[f"/{name}"].content)
    fetched = fetch("proxford", replace(where, have=(mine,)), files=files)
    assert fetched.images == (mine / "v1.tgz",)
    assert (fetched.source / PAIR_MAP).is_file()
    assert requested(mirror) == ["/g.pkl"]


def test_a_folder_of_the_user_that_is_not_there_is_named(where: Whereabouts, files: Any, tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match="mine: no such folder; give one that holds downloaded files"):
        fetch("proxford", replace(where, have=(tmp_path / "mine",)), files=files)


def test_offline_all_that_is_missing_is_named_at_once(mirror: Mirror, where: Whereabouts, files: Any) -> None:
    offline = replace(where, offline=True)
    with pytest.raises(MissingOfflineError) as caught:
        fetch("proxford", offline, files=files)
    assert str(caught.value).splitlines() == [
        f"{where.cache}: 2 files are missing, and nothing is downloaded",
        f"  l.rar, from {mirror.url('/l.rar')}",
        f"  v1.tgz, from {mirror.url('/v1.tgz')}",
        "  Put them there, name the folder that holds them, or run without --offline.",
    ]
    (where.cache / "l.rar").write_bytes(mirror.files["/l.rar"].content)
    with pytest.raises(MissingOfflineError, match=r"1 file is missing, and nothing is downloaded\n  g\.pkl, from"):
        fetch("proxford", offline, images=False, files=files)
    with pytest.raises(MissingOfflineError) as caught:
        fetch("proxford", offline, files=files)
    assert [file.name for file in caught.value.files] == ["g.pkl", "v1.tgz"]
    assert mirror.requests == []


def test_ground_truth_that_comes_with_the_labels_is_not_downloaded(
    mirror: Mirror, where: Whereabouts, files: Any, tmp_path: Path
) -> None:
    mirror.files["/l.rar"].content = labels(tmp_path, **{GND_PATH: GND})
    fetch("proxford", where, images=False, files=files)
    assert requested(mirror) == ["/l.rar"]


def test_other_ground_truth_than_the_published_is_refused(
    mirror: Mirror, where: Whereabouts, files: Any, tmp_path: Path
) -> None:
    mirror.files["/l.rar"].content = labels(tmp_path, **{GND_PATH: b"other"})
    with pytest.raises(DownloadError) as caught:
        fetch("proxford", where, files=files)
    path = where.cache / "pixel_retrieval_benchmarks" / GND_PATH
    assert str(caught.value) == (
        f"{path}: has SHA-256 {sha256(b'other')}, and the published one has {sha256(GND)}; "
        "remove it, and it is downloaded anew"
    )
    path.unlink()
    fetch("proxford", where, files=files)
    assert path.read_bytes() == GND


@pytest.mark.parametrize("root", ["", "a/b/"])
def test_the_folder_with_the_labels_may_lie_anywhere_in_the_archive(
    mirror: Mirror, where: Whereabouts, files: Any, tmp_path: Path, root: str
) -> None:
    mirror.files["/l.rar"].content = labels(tmp_path, root)
    assert (fetch("proxford", where, files=files).source / "labels" / "0" / "0_1.json").is_file()


@pytest.mark.parametrize("count", [0, 2])
def test_another_archive_than_that_of_the_labels_is_refused(
    mirror: Mirror, where: Whereabouts, files: Any, tmp_path: Path, count: int
) -> None:
    content = {"a.json": b"", **{f"{i}/{PAIR_MAP}": b"" for i in range(count)}}
    mirror.files["/l.rar"].content = rar(tmp_path / "x", content)
    with pytest.raises(DownloadError) as caught:
        fetch("proxford", where, files=files)
    assert str(caught.value) == (
        f"{where.cache / 'l.rar'}: holds {count} files named {PAIR_MAP}, where the archive of the labels holds one; "
        "get another, or unpack it yourself and give --source"
    )
    assert not [path for path in where.cache.iterdir() if path.is_dir()]


def test_an_archive_of_labels_that_is_damaged_is_refused(mirror: Mirror, where: Whereabouts, files: Any) -> None:
    mirror.files["/l.rar"].content = mirror.files["/l.rar"].content[:-20]
    with pytest.raises(ArchiveError, match=r"l\.rar: is damaged"):
        fetch("proxford", where, files=files)
    assert not (where.cache / "pixel_retrieval_benchmarks").exists()


def test_a_folder_of_labels_without_this_benchmark_is_named(where: Whereabouts, files: Any) -> None:
    (where.cache / "pixel_retrieval_benchmarks").mkdir(parents=True)
    with pytest.raises(DownloadError, match=f"pixel_retrieval_benchmarks: holds no {PAIR_MAP}; remove the folder"):
        fetch("proxford", where, files=files)


def test_archives_that_are_not_meant_are_not_touched(mirror: Mirror, where: Whereabouts, files: Any) -> None:
    where.cache.mkdir()
    (where.cache / "v1.tgz").write_bytes(IMAGES)
    fetched = fetch("proxford", where, unwanted={"v1.tgz"}, files=files)
    assert fetched.images == (where.cache / "all.zip",)
    with pytest.raises(DownloadError, match=r"proxford: no archive of images is left without all\.zip, v1\.tgz"):
        fetch("proxford", where, unwanted={"v1.tgz", "all.zip"}, files=files)


def test_mini_has_nothing_to_download(where: Whereabouts) -> None:
    with pytest.raises(
        DownloadError, match="mini cannot be downloaded; proxford and prparis can, and pixret synth draws"
    ):
        fetch("mini", where)


def test_the_lock_file_says_what_every_file_was(mirror: Mirror, where: Whereabouts, files: Any) -> None:
    fetch("proxford", where, files=files)
    lock = json.loads((where.cache / LOCK_NAME).read_text())
    assert lock["schema"] == "pixret.lock/1"
    assert list(lock["files"]) == ["g.pkl", "l.rar", "v1.tgz"]
    assert lock["files"]["v1.tgz"] == {"bytes": 8, "origin": mirror.url("/v1.tgz"), "sha256": sha256(IMAGES)}


def test_later_downloads_must_be_what_the_first_one_was(mirror: Mirror, where: Whereabouts, files: Any) -> None:
    fetch("proxford", where, files=files)
    (where.cache / "v1.tgz").unlink()
    mirror.files["/v1.tgz"].content = OTHERS
    del mirror.files["/all.zip"]
    with pytest.raises(UnavailableError) as caught:
        fetch("proxford", where, files=files)
    assert str(caught.value).splitlines()[1] == (
        f"  {mirror.url('/v1.tgz')}: gives a file that has SHA-256 {sha256(OTHERS)}, "
        f"and {where.cache / LOCK_NAME} notes {sha256(IMAGES)} "
        "(if what was used first was not whole, remove its entry there)"
    )


def test_a_file_that_changed_on_this_machine_is_refused_and_kept(
    mirror: Mirror, where: Whereabouts, files: Any
) -> None:
    fetch("proxford", where, files=files)
    (where.cache / "v1.tgz").write_bytes(OTHERS)
    with pytest.raises(DownloadError) as caught:
        fetch("proxford", where, files=files)
    assert str(caught.value) == (
        f"{where.cache / 'v1.tgz'}: has SHA-256 {sha256(OTHERS)}, and {where.cache / LOCK_NAME} notes "
        f"{sha256(IMAGES)} (if what was used first was not whole, remove its entry there); "
        "remove it, and it is downloaded anew"
    )
    assert (where.cache / "v1.tgz").read_bytes() == OTHERS


@pytest.mark.parametrize("content", [b"", b"<html>moved</html>"])
def test_what_is_no_archive_is_not_noted(mirror: Mirror, where: Whereabouts, files: Any, content: bytes) -> None:
    mirror.files["/v1.tgz"].content = content
    assert fetch("proxford", where, files=files).images == (where.cache / "all.zip",)
    (where.cache / "v1.tgz").write_bytes(content)
    with pytest.raises(DownloadError, match=r"v1\.tgz: is no archive; remove it, and it is downloaded anew"):
        fetch("proxford", where, files=files)


def test_the_password_of_a_mirror_is_not_noted(mirror: Mirror, where: Whereabouts, files: Any) -> None:
    secret = mirror.address.replace("http://", "http://me:secret@")
    fetch("proxford", replace(where, mirrors=(secret, f"{secret}/none")), files=files)
    lock = json.loads((where.cache / LOCK_NAME).read_text())
    assert lock["files"]["l.rar"]["origin"] == mirror.url("/l.rar")
    assert mirror.requests[0][1]["authorization"].startswith("Basic ")
    with pytest.raises(UnavailableError) as caught:
        fetch_files([RemoteFile("none", ())], replace(where, mirrors=(secret,)))
    assert f"  {mirror.url('/none')}: answers 404 Not Found" in str(caught.value).splitlines()


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b'{"schema": "pixret.lock/0"}',
        b'{"files": {"a": {"sha256": "00"}}}',
        b'{"files": {"\xff": 1}}',
        pytest.param(b'{"files": ' * 100_000, id="deep"),
    ],
)
def test_a_damaged_lock_file_is_named(where: Whereabouts, files: Any, content: bytes) -> None:
    where.cache.mkdir()
    (where.cache / LOCK_NAME).write_bytes(content)
    with pytest.raises(DownloadError, match=r"pixret\.lock\.json: is not a lock file: .*; mend it, or remove it"):
        fetch("proxford", where, files=files)


def test_two_runs_at_once_do_not_mix(where: Whereabouts, files: Any) -> None:
    where.cache.mkdir()
    with (
        FileLock(where.cache / ".downloads.lock"),
        pytest.raises(DownloadError, match="cache: another run is downloading here; wait for it"),
    ):
        fetch("proxford", where, files=files)


def test_a_cache_that_is_no_folder_is_named(where: Whereabouts, files: Any) -> None:
    where.cache.touch()
    with pytest.raises(DownloadError, match=r"cache: cannot be used for downloads: .*File exists"):
        fetch("proxford", where, files=files)


def test_the_published_files_are_those_of_the_benchmarks() -> None:
    assert set(RAW_FILES) == {"proxford", "prparis"}
    for benchmark, files in RAW_FILES.items():
        assert files.gnd.sha256 == RAW_BENCHMARKS[benchmark].gnd_sha256
        assert RAW_BENCHMARKS[benchmark].gnd.endswith(files.gnd.name)
        for file in (files.labels, files.gnd, *(file for way in files.images for file in way)):
            assert file.urls
            assert all(url.endswith(f"/{file.name}") for url in file.urls)
    assert (len(DISTRACTORS), DISTRACTORS[0].name) == (101, "revisitop1m.txt")
    assert DISTRACTORS[100].urls[0].endswith("/revisitop1m/jpg/revisitop1m.100.tar.gz")


def test_some_files_come_in_their_order(mirror: Mirror, where: Whereabouts) -> None:
    mirror.files.update({f"/{i}": Served(bytes([i])) for i in range(4)})
    files = [RemoteFile(str(i), (mirror.url(f"/{i}"),)) for i in (3, 0, 2)]
    assert [path.read_bytes() for path in fetch_files(files, where)] == [b"\3", b"\0", b"\2"]

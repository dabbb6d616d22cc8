"""One file from servers with faults: what arrives is the file, or an error with the reason of every mirror."""

import errno
import hashlib
import json
import socket
import subprocess
import sys
from dataclasses import replace

import pytest
from mirror import Mirror, Served

from pixret.downloads import DownloadError, RemoteFile, UnavailableError, Whereabouts, fetch_files

CONTENT = b"\x1f\x8b" + bytes(range(256)) * 1024
OTHER = CONTENT[:2] + CONTENT[:1:-1]


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def once(where: Whereabouts) -> Whereabouts:
    """The same, without a second attempt."""
    return replace(where, patience=replace(where.patience, attempts=0))


def get(where: Whereabouts, *urls: str, sha256: str | None = None) -> bytes:
    (path,) = fetch_files([RemoteFile("images.tgz", urls, sha256)], where)
    assert path == where.cache / "images.tgz"
    assert {one.name for one in where.cache.iterdir()} == {"images.tgz", "pixret.lock.json", ".downloads.lock"}
    return path.read_bytes()


def reasons(where: Whereabouts, *urls: str, sha256: str | None = None) -> list[str]:
    with pytest.raises(UnavailableError) as caught:
        fetch_files([RemoteFile("images.tgz", urls, sha256)], where)
    assert not (where.cache / "images.tgz").exists()
    (file,) = caught.value.files
    assert (file.name, [url for url, _ in file.reasons]) == ("images.tgz", list(urls))
    return [reason for _, reason in file.reasons]


def test_a_file_is_downloaded_once(mirror: Mirror, where: Whereabouts) -> None:
    mirror.files["/a/images.tgz"] = Served(CONTENT)
    assert get(where, mirror.url("/a/images.tgz")) == CONTENT
    assert get(where, mirror.url("/a/images.tgz")) == CONTENT
    ((path, headers),) = mirror.requests
    assert (path, headers["accept-encoding"]) == ("/a/images.tgz", "identity")


def test_mirrors_are_tried_in_their_order(mirror: Mirror, where: Whereabouts) -> None:
    mirror.files["/c"] = mirror.files["/d"] = Served(CONTENT)
    assert get(where, mirror.url("/a"), mirror.url("/b"), mirror.url("/c"), mirror.url("/d")) == CONTENT
    assert [path for path, _ in mirror.requests] == ["/a", "/b", "/c"]


def test_mirrors_of_the_user_come_first(mirror: Mirror, where: Whereabouts) -> None:
    mirror.files["/mine/images.tgz"] = Served(CONTENT)
    assert get(replace(where, mirrors=(mirror.url("/mine/"),)), mirror.url("/a")) == CONTENT
    assert [path for path, _ in mirror.requests] == ["/mine/images.tgz"]


def test_the_error_lists_every_mirror_with_its_reason(mirror: Mirror, where: Whereabouts) -> None:
    mirror.files["/page"] = Served(b"<html>moved</html>", content_type="text/html; charset=utf-8")
    mirror.files["/other"] = Served(b"other")
    other = digest(b"other")
    mirror.files["/busy"] = Served(CONTENT, ["status 503"] * 9)
    mirror.files["/gone"] = Served(CONTENT, [f"redirect {mirror.url('/nowhere')}"])
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        closed = f"http://127.0.0.1:{unused.getsockname()[1]}/a"
        urls = (*map(mirror.url, ("/none", "/page", "/other", "/busy", "/gone")), closed)
        with pytest.raises(UnavailableError) as caught:
            fetch_files([RemoteFile("images.tgz", urls, digest(CONTENT))], where)
    assert str(caught.value).splitlines() == [
        "images.tgz: no mirror gives it",
        f"  {urls[0]}: answers 404 Not Found",
        f"  {urls[1]}: answers with a web page",
        f"  {urls[2]}: gives a file that has SHA-256 {other}, and the published one has {digest(CONTENT)}",
        f"  {urls[3]}: answers 503 Service Unavailable",
        f"  {urls[4]}: answers 404 Not Found, redirected to {mirror.url('/nowhere')}",
        f"  {urls[5]}: [Errno {errno.ECONNREFUSED}] Connection refused",
        f"Try again later, name another mirror, or put images.tgz into {where.cache} yourself.",
    ]
    assert [path for path, _ in mirror.requests].count("/busy") == 3


def test_wrong_bytes_are_refused_and_the_next_mirror_is_tried(mirror: Mirror, where: Whereabouts) -> None:
    mirror.files["/a"], mirror.files["/b"] = Served(OTHER), Served(CONTENT)
    assert get(where, mirror.url("/a"), mirror.url("/b"), sha256=digest(CONTENT)) == CONTENT


def test_a_connection_that_is_cut_is_taken_up_where_it_broke(mirror: Mirror, where: Whereabouts) -> None:
    mirror.files["/a"] = Served(CONTENT, ["cut 1000", "cut 99000"])
    assert get(where, mirror.url("/a")) == CONTENT
    assert mirror.ranges() == [None, "bytes=1000-", "bytes=100000-"]
    assert mirror.requests[1][1]["if-range"] == f'"{digest(CONTENT)[:16]}"'


def test_as_long_as_it_goes_on_a_server_may_break_often(mirror: Mirror, where: Whereabouts) -> None:
    mirror.files["/a"] = Served(CONTENT, ["cut 20000"] * 13)
    assert get(where, mirror.url("/a")) == CONTENT
    assert len(mirror.requests) == 14


def test_a_server_that_always_breaks_in_the_same_place_is_given_up(mirror: Mirror, where: Whereabouts) -> None:
    mirror.files["/a"] = Served(CONTENT, ["cut 20000"] * 13, ranges=False)
    (reason,) = reasons(where, mirror.url("/a"))
    assert reason.startswith("the connection broke: ")
    assert len(mirror.requests) == 4


def test_a_server_that_ignores_ranges_begins_anew(mirror: Mirror, where: Whereabouts) -> None:
    mirror.files["/a"] = Served(CONTENT, ["cut 1000"], ranges=False)
    assert get(where, mirror.url("/a")) == CONTENT
    assert mirror.ranges() == [None, "bytes=1000-"]


def test_a_server_without_etag_begins_anew(mirror: Mirror, where: Whereabouts) -> None:
    mirror.files["/a"] = Served(CONTENT, ["cut 1000"], etag=False)
    assert get(where, mirror.url("/a")) == CONTENT
    assert mirror.ranges() == [None, None]


def test_a_file_that_changed_between_two_attempts_is_not_mixed(mirror: Mirror, where: Whereabouts) -> None:
    mirror.files["/a"] = Served(CONTENT, ["cut 1000"])
    reasons(once(where), mirror.url("/a"))
    mirror.files["/a"].content = OTHER
    assert get(where, mirror.url("/a")) == OTHER
    assert mirror.ranges()[-1] is not None


def test_a_later_run_goes_on_where_an_earlier_one_ended(mirror: Mirror, where: Whereabouts) -> None:
    mirror.files["/a"] = Served(CONTENT, ["cut 1000"])
    reasons(once(where), mirror.url("/a"))
    assert get(where, mirror.url("/none"), mirror.url("/a")) == CONTENT
    assert mirror.ranges() == [None, None, "bytes=1000-"]


def test_what_one_mirror_sent_is_not_completed_by_another(mirror: Mirror, where: Whereabouts) -> None:
    mirror.files["/a"], mirror.files["/b"] = Served(CONTENT, ["cut 1000", *["status 500"] * 9]), Served(CONTENT)
    assert get(where, mirror.url("/a"), mirror.url("/b")) == CONTENT
    assert mirror.ranges()[-1] is None


def test_another_part_of_the_file_than_asked_for_is_not_taken(mirror: Mirror, where: Whereabouts) -> None:
    mirror.files["/a"] = Served(CONTENT, ["cut 1000", "shifted"])
    assert get(where, mirror.url("/a")) == CONTENT
    assert mirror.ranges() == [None, "bytes=1000-", None]


@pytest.mark.parametrize("header", ["ETag", "Last-Modified"])
def test_a_version_that_cannot_be_asked_for_begins_anew(mirror: Mirror, where: Whereabouts, header: str) -> None:
    mirror.files["/a"] = Served(CONTENT, ["cut 1000"], etag=False, headers={header: '"\xe9"'})
    assert get(where, mirror.url("/a")) == CONTENT
    assert mirror.ranges() == [None, None]


@pytest.mark.parametrize("end", ["9" * 5000, "\xb2", ""])
def test_a_length_that_is_none_is_not_taken(mirror: Mirror, where: Whereabouts, end: str) -> None:
    mirror.files["/a"] = Served(CONTENT, [f"part bytes 0-9/{end}"])
    assert get(where, mirror.url("/a")) == CONTENT


def test_a_part_that_does_not_reach_to_the_end_is_not_the_file(mirror: Mirror, where: Whereabouts) -> None:
    mirror.files["/a"] = Served(CONTENT, [f"part bytes 0-9/{len(CONTENT)}"] * 9)
    assert reasons(where, mirror.url("/a")) == [f"ended after 0 of {len(CONTENT)} bytes"]


def test_a_whole_part_is_kept_and_one_that_is_too_long_is_not(mirror: Mirror, where: Whereabouts) -> None:
    mirror.files["/a"] = Served(CONTENT, ["cut 1000"])
    reasons(once(where), mirror.url("/a"))
    part = where.cache / "images.tgz.part"
    part.write_bytes(CONTENT + b"more")
    assert get(where, mirror.url("/a")) == CONTENT
    assert mirror.ranges() == [None, f"bytes={len(CONTENT) + 4}-", None]
    (where.cache / "images.tgz").unlink()
    part.write_bytes(CONTENT)
    origin = {"url": mirror.url("/a"), "validator": f'"{digest(CONTENT)[:16]}"'}
    (where.cache / "images.tgz.part.json").write_text(json.dumps(origin))
    assert get(where, mirror.url("/a")) == CONTENT
    assert mirror.ranges()[3:] == [f"bytes={len(CONTENT)}-"]


@pytest.mark.parametrize("note", [b"{", b'{"url": "\xff"}', b"[" * 100_000], ids=["cut", "no text", "deep"])
def test_a_damaged_note_on_a_part_begins_anew(mirror: Mirror, where: Whereabouts, note: bytes) -> None:
    mirror.files["/a"] = Served(CONTENT)
    where.cache.mkdir()
    (where.cache / "images.tgz.part").write_bytes(b"some")
    (where.cache / "images.tgz.part.json").write_bytes(note)
    assert get(where, mirror.url("/a")) == CONTENT
    assert mirror.ranges() == [None]


def test_an_error_of_the_server_may_pass(mirror: Mirror, where: Whereabouts) -> None:
    mirror.files["/a"] = Served(CONTENT, ["status 500", "status 429"])
    assert get(where, mirror.url("/a")) == CONTENT


def test_redirects_are_followed(mirror: Mirror, where: Whereabouts) -> None:
    mirror.files["/a"] = Served(b"", [f"redirect {mirror.url('/b')}"])
    mirror.files["/b"] = Served(CONTENT)
    assert get(where, mirror.url("/a")) == CONTENT


def test_redirects_without_end_are_not(mirror: Mirror, where: Whereabouts) -> None:
    mirror.files["/a"] = Served(b"", [f"redirect {mirror.url('/a')}"] * 50)
    assert reasons(where, mirror.url("/a")) == ["Exceeded maximum allowed redirects."]


def test_a_file_of_unknown_length_is_downloaded(mirror: Mirror, where: Whereabouts) -> None:
    mirror.files["/a"] = Served(CONTENT, length=False)
    seen: list[tuple[str, int, int | None]] = []
    told = replace(where, on_progress=lambda *call: seen.append(call))
    assert get(told, mirror.url("/a")) == CONTENT
    assert (seen[0], seen[-1]) == (("images.tgz", 0, None), ("images.tgz", len(CONTENT), None))


def test_progress_is_told_from_where_it_goes_on(mirror: Mirror, where: Whereabouts) -> None:
    mirror.files["/a"] = Served(CONTENT, ["cut 1000"])
    seen: list[tuple[str, int, int | None]] = []
    assert get(replace(where, on_progress=lambda *call: seen.append(call)), mirror.url("/a")) == CONTENT
    assert seen[0] == ("images.tgz", 0, len(CONTENT))
    assert ("images.tgz", 1000, len(CONTENT)) in seen
    assert seen[-1] == ("images.tgz", len(CONTENT), len(CONTENT))


@pytest.mark.parametrize("address", ["socks9://127.0.0.1:1", "http://127.0.0.1:port"])
def test_a_proxy_that_makes_no_sense_is_named(
    where: Whereabouts, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", address)
    with pytest.raises(
        DownloadError, match=r"the proxy that the environment names cannot be used: .*; mend HTTP_PROXY"
    ):
        fetch_files([RemoteFile("images.tgz", ("http://127.0.0.1:1/a",))], where)


@pytest.mark.parametrize(
    ("fault", "reason"), [("stall 1", "stopped sending"), ("drip 0.01", "sends fewer than 1000 bytes a second")]
)
def test_a_slow_server_is_given_up(mirror: Mirror, where: Whereabouts, fault: str, reason: str) -> None:
    mirror.files["/a"], mirror.files["/b"] = Served(CONTENT, [fault] * 9), Served(CONTENT)
    assert reasons(once(where), mirror.url("/a")) == [reason]
    assert get(once(where), mirror.url("/a"), mirror.url("/b")) == CONTENT


def test_a_disk_that_is_too_small_is_named_before_anything_is_written(mirror: Mirror, where: Whereabouts) -> None:
    mirror.files["/a"] = Served(b"", [f"huge {10**17}"])
    with pytest.raises(DownloadError) as caught:
        fetch_files([RemoteFile("images.tgz", (mirror.url("/a"), mirror.url("/b")))], where)
    first, last = str(caught.value).split("; ")
    assert first.startswith(f"{where.cache}: images.tgz takes {10**17} bytes more, and ")
    assert last == "free some, or choose another folder with --cache"
    assert [path for path, _ in mirror.requests] == ["/a"]
    assert not (where.cache / "images.tgz.part").exists()


def test_a_proxy_of_the_environment_is_used(
    mirror: Mirror, where: Whereabouts, monkeypatch: pytest.MonkeyPatch
) -> None:
    mirror.files["/a"] = Served(CONTENT)
    monkeypatch.setenv("HTTP_PROXY", mirror.address)
    assert get(where, "http://images.example/a") == CONTENT
    assert [path for path, _ in mirror.requests] == ["http://images.example/a"]


@pytest.mark.parametrize("address", ["ftp://x", "images.example/a", "http://", "/folder"])
def test_a_mirror_of_another_kind_is_refused(where: Whereabouts, address: str) -> None:
    with pytest.raises(DownloadError) as caught:
        fetch_files([], replace(where, mirrors=(address,)))
    assert str(caught.value) == f"mirror {address} is no http or https address of a folder with the files"


def test_a_mirror_that_is_no_address_is_refused(where: Whereabouts) -> None:
    with pytest.raises(DownloadError, match=r"mirror http://a:b is no address: Invalid port: 'b'"):
        fetch_files([], replace(where, mirrors=("http://a:b",)))


def test_a_redirect_to_another_kind_of_address_is_not_followed(mirror: Mirror, where: Whereabouts) -> None:
    mirror.files["/a"] = Served(b"", ["redirect ftp://images.example/a"])
    assert reasons(where, mirror.url("/a")) == ["Request URL has an unsupported protocol 'ftp://'."]


def test_a_killed_run_is_taken_up(mirror: Mirror, where: Whereabouts) -> None:
    mirror.files["/a"] = Served(CONTENT, ["stall 30"])
    code = (
        "import os, sys; from pathlib import Path; from pixret.downloads import *\n"
        "die = lambda name, done, total: done and os.kill(os.getpid(), 9)\n"
        "fetch_files([RemoteFile('images.tgz', (sys.argv[2],))], Whereabouts(cache=Path(sys.argv[1]), on_progress=die))"
    )
    done = subprocess.run([sys.executable, "-c", code, where.cache, mirror.url("/a")], check=False, timeout=60)
    assert done.returncode == -9
    assert not (where.cache / "images.tgz").exists()
    assert get(where, mirror.url("/a")) == CONTENT

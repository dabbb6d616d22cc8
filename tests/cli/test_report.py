"""``pixret report``: the page, and what it is not made of."""

import importlib.util
import json
import shutil

import pytest


@pytest.fixture
def here(reports, mini_folder, tmp_path, monkeypatch):
    """A folder with the report and the submission of good quality, and another submission."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(reports / "good.json", "good.json")
    for name in ("good", "noisy"):
        shutil.copy(mini_folder / "submissions" / f"{name}.jsonl", f"{name}.jsonl")
    return tmp_path


def words(done):
    """What was said on stderr, without the box around a usage error."""
    return " ".join(done.err.replace("│", " ").split())


def test_a_page_is_made_beside_the_report(pixret, here, data):
    done = pixret("report", "good.json", "--data", data)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("mini: good.html, 0.")
    page = (here / "good.html").read_text(encoding="utf-8")
    assert "Not signed." in page
    assert "as the report tells them" in page


@pytest.mark.slow
def test_a_submission_is_scored_again_and_shown(pixret, here, data):
    options = ("--data", data, "--submission", "good.jsonl", "--workers", 1, "--pairs", 2)
    done = pixret("report", "good.json", *options, "-o", "new/page.html")
    assert (done.code, done.err) == (0, "")
    page = (here / "new" / "page.html").read_text(encoding="utf-8")
    assert "scored again from the submission, and equal to the last bit" in page
    assert page.count('<li class="pair">') == 4
    assert "The tables hold no images" in page


@pytest.mark.slow
def test_images_come_from_a_folder(pixret, here, data, mini_folder):
    options = ("--data", data, "--submission", "good.jsonl", "--images", mini_folder / "images", "--pairs", 1)
    assert pixret("report", "good.json", *options).code == 0
    page = (here / "good.html").read_text(encoding="utf-8")
    assert 3 <= page.count("data:image/webp;base64,") <= 4
    assert "The tables hold no images" not in page


@pytest.mark.slow
def test_the_authors_layout_is_read_too(pixret, here, data, mini_folder):
    results = (mini_folder / "results", "--method", "oracle", "--ranking", "oracle")
    assert pixret("score", *results, "--data", data, "--workers", 1, "--json", "oracle.json").code == 0
    submission = ("--submission", *results)
    done = pixret("report", "oracle.json", "--data", data, *submission)
    assert (done.code, done.err) == (0, "")


@pytest.fixture
def keys(pixret, here):
    for name in ("me", "you"):
        assert pixret("keygen", name).code == 0
    return here


@pytest.fixture
def signed(keys):
    from pixret.signing import read_signing_key, sign_report

    content = (keys / "good.json").read_bytes()
    (keys / "good.json.sig").write_bytes(sign_report(content, read_signing_key(keys / "me")))
    return keys


def test_a_signature_is_verified_with_its_key_and_else_named(pixret, signed):
    assert pixret("report", "good.json").code == 0
    assert "Signed, not verified." in (signed / "good.html").read_text(encoding="utf-8")
    assert pixret("report", "good.json", "--key", "me.pub").code == 0
    assert "verified, made with the key <code>SHA256:" in (signed / "good.html").read_text(encoding="utf-8")


def test_a_false_signature_gives_no_page(pixret, signed):
    done = pixret("report", "good.json", "--key", "you.pub")
    assert (done.code, done.out) == (2, "")
    assert "good.json: was signed with the key SHA256:" in done.err
    assert not (signed / "good.html").exists()


def test_a_missing_signature_is_named(pixret, keys):
    done = pixret("report", "good.json", "--key", "me.pub")
    assert (done.code, done.out) == (2, "")
    assert "good.json.sig" in done.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["absent.json"], "absent.json: No such file or directory"),
        (["."], ".: Is a directory"),
        (["good.jsonl"], "good.jsonl: is not a report of pixret score --json: "),
        (["old.json"], "old.json: has the schema pixret.report/0, and this version of pixret reads pixret.report/1"),
        (["other.json", "--data", "DATA"], "holds no proxford, only mini; make it with pixret prepare proxford"),
        (["digest.json", "--data", "DATA"], "digest.json: was scored against mini, sha256:0000, and the tables hold "),
        (["good.json", "--data", "nowhere"], "nowhere: holds no prepared benchmark"),
        (["good.json", "-o", "page.pdf"], "page.pdf does not end in .html"),
        (["good.json", "-o", "good.jsonl/page.html"], "good.jsonl"),
        (["good.json", "--submission", "good.jsonl"], "it is scored again, which takes --data"),
        (["good.json", "--data", "DATA", "--images", "."], "it is about the submission; give --submission, too"),
        (["good.json", "--data", "DATA", "--method", "m"], "it is about the submission; give --submission, too"),
        (["good.json", "--data", "DATA", "--submission", "no.jsonl"], "no.jsonl: no such file or folder"),
        (["good.json", "--data", "DATA", "--submission", "noisy.jsonl"], "noisy.jsonl: does not give the numbers of "),
        (["good.json", "--data", "DATA", "--submission", "good.jsonl", "--images", "no"], "no: no such folder"),
        (["good.json", "--data", "DATA", "--submission", "good.jsonl", "--images", "few"], "no file of that name"),
        (["good.json", "--pairs", "-1"], "Invalid value for '--pairs'"),
    ],
)
def test_wrong_input_ends_with_2_and_gives_no_page(pixret, here, data, arguments, message):
    (here / "few").mkdir()
    report = json.loads((here / "good.json").read_text(encoding="utf-8"))
    for name, changes in {
        "old": {"schema": "pixret.report/0"},
        "other": {"benchmark": "proxford"},
        "digest": {"signature": "benchmark:mini|truth:sha256:0000"},
    }.items():
        (here / f"{name}.json").write_text(json.dumps(report | changes), encoding="utf-8")
    done = pixret("report", *(str(data) if each == "DATA" else each for each in arguments))
    assert (done.code, done.out) == (2, "")
    assert message in words(done)
    assert list(here.rglob("*.html")) == []


def test_a_missing_library_is_named_before_anything_is_scored(pixret, here, data, monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr("pixret.pages._svg.find_spec", lambda name: None if name == "matplotlib" else find(name))
    done = pixret("report", "good.json", "--data", data, "--submission", "noisy.jsonl")
    assert (done.code, done.out) == (2, "")
    assert "need Matplotlib, which is not installed; pip install 'pixret[report]' brings it" in done.err

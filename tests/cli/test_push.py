"""``pixret push``: what it sends, what it says, and what it never says."""

import pytest

from pixret.repository import list_files

# huggingface_hub 2.4 uploads in a way that its HTTP client advises against.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


def unboxed(text):
    """What a usage error says, without the box around it."""
    return " ".join(text.replace("│", " ").split())


def test_the_command_sends_and_says_where(hub, pixret, image_tables, tmp_path):
    (tmp_path / "token").write_text("hf_secret\n")
    options = ["--data", image_tables, "--token-file", tmp_path / "token"]
    done = pixret("push", "someone/pixels", *options)
    assert done.code == 0, done.err
    assert f" in {hub.endpoint}/datasets/someone/pixels/commit/" in done.out
    assert hub.tokens == {"Bearer hf_secret", None}  # the address to which a file goes is signed itself
    assert "hf_secret" not in done.out + done.err


def test_a_dry_run_says_what_would_be_sent_and_calls_nobody(hub, pixret, image_tables):
    done = pixret("push", "someone/pixels", "--data", image_tables, "--dry-run")
    assert done.code == 0, done.err
    *lines, last = done.out.splitlines()
    assert [line.split()[-1] for line in lines] == list(list_files(image_tables))
    assert last.startswith("10 files, ")
    assert last.endswith(", to the dataset someone/pixels; nothing was sent")
    assert hub.requests == []


def test_annotations_alone_hold_everything_but_the_images(hub, pixret, image_tables, mini_folder, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_s")
    done = pixret("push", "someone/pixels", "--data", image_tables, "--annotations-only")
    assert done.code == 0, done.err
    files = hub.repositories["someone/pixels"].files
    images = [path.read_bytes()[100:400] for path in (mini_folder / "images").iterdir()]
    assert not any(image in content for content in files.values() for image in images)
    assert set(files) == set(list_files(image_tables))
    assert sum(map(len, files.values())) < 500_000


def test_what_the_hub_refuses_is_said_without_the_token(hub, pixret, image_tables, monkeypatch):
    hub.refusal = "this token may not write"
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    done = pixret("push", "someone/pixels", "--data", image_tables)
    assert done.code == 2
    assert "pixret: someone/pixels: cannot be pushed: " in done.err
    assert "this token may not write" in done.err
    assert "hf_secret" not in done.err


def test_a_token_file_that_holds_no_token_is_named(hub, pixret, image_tables, tmp_path):
    (tmp_path / "token").write_text("two words")
    options = ["--data", image_tables, "--token-file", tmp_path / "token"]
    done = pixret("push", "someone/pixels", *options)
    assert (done.code, "one token and nothing else" in unboxed(done.err)) == (2, True)
    done = pixret("push", "someone/pixels", "--data", image_tables, "--token-file", "nowhere")
    assert (done.code, "nowhere" in done.err) == (2, True)


def test_a_name_that_cannot_be_is_refused_in_a_dry_run_too(hub, pixret, image_tables):
    done = pixret("push", "a/b/c", "--data", image_tables, "--dry-run")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("pixret: a/b/c: cannot be pushed: Repo id must be")


def test_a_hub_that_does_not_answer_is_named_once(pixret, image_tables, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("HF_TOKEN", "hf_s")
    done = pixret("push", "someone/pixels", "--data", image_tables)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("pixret: someone/pixels: cannot be pushed: http://127.0.0.1:9/api/")
    assert done.err.count("Connection refused") == 1

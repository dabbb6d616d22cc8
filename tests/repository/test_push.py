"""A repository on its way to the Hub, against a stand-in that answers as the Hub does."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from pixret.loader import load, prepare, strip_images
from pixret.repository import RepositoryError, describe_repository, list_files, push
from pixret.tables import TablesError, read_ground_truth, read_manifest, read_stored, table_path

# huggingface_hub 2.4 uploads in a way that its HTTP client advises against.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


@pytest.fixture
def copy(image_tables: Path, tmp_path: Path) -> Path:
    shutil.copytree(image_tables, tmp_path / "copy")
    return tmp_path / "copy"


def test_what_arrives_is_the_repository_file_by_file(hub: Any, image_tables: Path) -> None:
    url = push(image_tables, "someone/pixels", token="hf_secret")
    sent = hub.repositories["someone/pixels"]
    assert url.startswith(f"{hub.endpoint}/datasets/someone/pixels/commit/")
    assert sent.files == {path: (image_tables / path).read_bytes() for path in list_files(image_tables)}
    assert table_path("corpus") in {path.removeprefix("mini/") for path in sent.as_lfs}
    assert hub.tokens == {"Bearer hf_secret", None}  # the address to which a file goes is signed itself
    assert (sent.commits, sent.private) == (["Upload tables prepared by pixret"], False)


def test_hidden_and_foreign_files_stay_at_home(copy: Path) -> None:
    (copy / ".mini.lock").touch()
    (copy / "notes.txt").write_text("mine")
    assert set(list_files(copy)) == {
        "README.md",
        "eval.yaml",
        "croissant.json",
        "mini/manifest.json",
        *(f"mini/{path}" for path in read_manifest(copy, "mini").files),
    }


def test_distractors_are_sent_with_the_benchmarks(hub: Any, with_distractors: Path) -> None:
    push(with_distractors, "someone/pixels", token="hf_secret")
    sent = hub.repositories["someone/pixels"].files
    assert {path for path in sent if path.startswith("r1m/")} == {
        "r1m/distractors.json",
        *(f"r1m/corpus/test-0000{i}-of-00003.parquet" for i in range(3)),
    }


def test_tables_are_not_sent_with_the_descriptions_of_others(
    hub: Any, copy: Path, mini_summary: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    described = (copy / "croissant.json").read_bytes()
    with monkeypatch.context() as killed:
        killed.setattr("pixret.loader._prepare.describe_repository", lambda _folder: None)  # killed just before
        prepare("mini", mini_summary.source, copy, annotations_only=True, jobs=1)
    for content in (b"{", b'{"distribution": ["\xff"]}', b"[" * 100_000, described):
        (copy / "croissant.json").write_bytes(content)
        with pytest.raises(RepositoryError, match=r"croissant\.json: describes other tables than those there, .*again"):
            push(copy, "someone/pixels", token="t")
    assert hub.requests == []
    describe_repository(copy)
    push(copy, "someone/pixels", token="t")


def test_a_second_push_removes_what_is_no_more_and_leaves_the_rest(hub: Any, image_tables: Path) -> None:
    push(image_tables, "someone/pixels", token="t")
    files = hub.repositories["someone/pixels"].files
    files |= {"mini/corpus/test-00001-of-00002.parquet": b"old", "mini2/x.parquet": b"kept", "notes.txt": b"kept"}
    push(image_tables, "someone/pixels", token="t")
    assert set(files) == {*list_files(image_tables), "mini2/x.parquet", "notes.txt"}


def test_a_private_push_never_lands_in_a_public_dataset(hub: Any, image_tables: Path) -> None:
    push(image_tables, "someone/hidden", private=True, token="t")
    assert hub.repositories["someone/hidden"].private
    push(image_tables, "someone/hidden", private=True, token="t")
    hub.repositories["someone/hidden"].private = False
    with pytest.raises(RepositoryError, match="someone/hidden: exists and is public; make it private on the Hub"):
        push(image_tables, "someone/hidden", private=True, token="t")
    assert len(hub.repositories["someone/hidden"].commits) == 2


def test_stripped_tables_hold_the_same_truth_and_know_their_images(
    image_tables: Path, mini_folder: Path, tmp_path: Path
) -> None:
    strip_images(image_tables, tmp_path / "stripped")
    stripped = tmp_path / "stripped"
    assert read_ground_truth(stripped).digest == read_ground_truth(image_tables).digest
    assert read_manifest(stripped).annotations_only
    pairs = zip(read_stored(stripped, "corpus"), read_stored(image_tables, "corpus"), strict=True)
    assert all((one.name, one.width, one.height) == (other.name, other.width, other.height) for one, other in pairs)
    joined = load("mini-corpus", stripped, images=mini_folder / "images", cache_dir=tmp_path / "cache")
    assert joined[5]["image"].size == (joined[5]["width"], joined[5]["height"])
    assert joined[5]["sha256"] is not None
    assert "Images are left out of mini." in (stripped / "README.md").read_text()


def test_a_name_that_cannot_be_is_named(hub: Any, image_tables: Path) -> None:
    with pytest.raises(RepositoryError, match="a/b/c: cannot be pushed: Repo id must"):
        push(image_tables, "a/b/c", token="t")


def test_a_folder_that_is_no_whole_repository_is_named(hub: Any, copy: Path, tmp_path: Path) -> None:
    with pytest.raises(RepositoryError, match="holds no prepared benchmark; make one with pixret prepare"):
        push(tmp_path, "someone/pixels", token="t")
    path = copy / "mini" / table_path("pairs")
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(TablesError, match=r"pairs.test-00000-of-00001\.parquet: has changed since it was written"):
        push(copy, "someone/pixels", token="t")
    path.unlink()
    with pytest.raises(TablesError, match=r"test-00000-of-00001\.parquet: cannot be read: No such file"):
        push(copy, "someone/pixels", token="t")
    (copy / "eval.yaml").unlink()
    with pytest.raises(RepositoryError, match=r"eval\.yaml: no such file; run pixret prepare again, which writes it"):
        push(copy, "someone/pixels", token="t")
    assert hub.requests == []

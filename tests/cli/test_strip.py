"""``pixret strip``: a copy of prepared tables without their images, and what it refuses."""

import re
import shutil

import pytest

from pixret.loader import load
from pixret.repository import list_files
from pixret.tables import read_distractors, read_ground_truth, read_manifest, table_path


@pytest.fixture
def out(tmp_path):
    return tmp_path / "stripped"


def test_the_copy_holds_everything_but_the_images(pixret, image_tables, with_distractors, mini_folder, out, tmp_path):
    done = pixret("strip", "--data", with_distractors, "--out", out)
    assert done.code == 0, done.err
    said = " ".join(done.out.split())
    assert re.fullmatch(rf"mini: \S+ kB without images in {out}/mini r1m: \S+ kB without images in {out}/r1m", said)
    assert read_ground_truth(out).digest == read_ground_truth(with_distractors).digest
    assert read_manifest(out).annotations_only
    assert read_distractors(out).annotations_only
    assert {path for path in list_files(out) if "r1m" not in path} == set(list_files(image_tables))
    assert "Images are left out of mini, R1M." in (out / "README.md").read_text()
    files = [path.read_bytes() for path in out.rglob("*") if path.is_file()]
    images = [path.read_bytes()[100:400] for path in (mini_folder / "images").iterdir()]
    assert not any(image in content for content in files for image in images)
    joined = load("mini-queries", out, images=mini_folder / "images", cache_dir=tmp_path / "cache")
    assert all(row["image"].size == (row["width"], row["height"]) for row in joined)


def test_a_second_copy_is_the_same(pixret, image_tables, out):
    copies = []
    for _ in range(2):
        assert pixret("strip", "--data", image_tables, "--out", out).code == 0
        copies.append({path: path.read_bytes() for path in out.rglob("*") if path.is_file()})
    assert copies[0] == copies[1]


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("mini/..", "holds the tables themselves; choose another place"),
        ("mini", "the folder of the tables; choose another place"),
        ("r1m/corpus", "the folder of the tables; choose another place"),
        ("copy", "the folder of the tables; choose another place"),
    ],
)
def test_the_folder_of_the_tables_is_never_written_to(pixret, with_distractors, place, said):
    before = {path: path.read_bytes() for path in with_distractors.rglob("*") if path.is_file()}
    done = pixret("strip", "--data", with_distractors, "--out", with_distractors / place)
    assert done.code == 2
    assert said in " ".join(done.err.split())
    assert {path: path.read_bytes() for path in with_distractors.rglob("*") if path.is_file()} == before


def test_a_folder_without_tables_is_named(pixret, tmp_path, image_tables, out):
    for folder, said in (
        (tmp_path / "nowhere", "holds no prepared benchmark; make one with pixret prepare"),
        (image_tables / "mini", f"is the folder of one benchmark; give {image_tables} instead"),
    ):
        done = pixret("strip", "--data", folder, "--out", out)
        assert done.code == 2
        assert f"{folder}: {said}".replace(" ", "") in "".join(done.err.split())
        assert not out.exists()


@pytest.mark.parametrize("table", ["pairs", "corpus"])
def test_a_table_that_is_not_as_it_was_written_is_named(pixret, image_tables, tmp_path, out, table):
    shutil.copytree(image_tables, tmp_path / "data")
    path = tmp_path / "data" / "mini" / table_path(table)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    done = pixret("strip", "--data", tmp_path / "data", "--out", out)
    assert (done.code, "has changed since it was written: its SHA-256" in " ".join(done.err.split())) == (2, True)
    path.unlink()
    done = pixret("strip", "--data", tmp_path / "data", "--out", out)
    assert (done.code, "cannot be read: No such file" in " ".join(done.err.split())) == (2, True)
    assert not out.exists()


def test_what_somebody_else_wrote_is_never_overwritten(pixret, image_tables, out):
    out.mkdir()
    (out / "README.md").write_text("mine")
    done = pixret("strip", "--data", image_tables, "--out", out)
    assert (done.code, "README.md: is not by pixret prepare" in " ".join(done.err.split())) == (2, True)
    assert [path.name for path in out.iterdir()] == ["README.md"]
    (out / "README.md").unlink()
    (out / "mini").mkdir()
    (out / "mini" / "notes.txt").write_text("mine")
    done = pixret("strip", "--data", image_tables, "--out", out)
    assert (done.code, "holds notes.txt, which prepare did not write" in " ".join(done.err.split())) == (2, True)

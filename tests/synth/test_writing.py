"""Writing a benchmark: the same for a seed, all or nothing, never over what is there."""

from pathlib import Path

import pytest

import pixret.synth._writer as writer
from pixret.synth import SynthError, write_mini
from pixret.synth._plan import Itinerary, plan_photos


@pytest.fixture
def _castle_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut the plan down to one landmark and two other scenes."""

    def plan(seed: int) -> Itinerary:
        whole = plan_photos(seed)
        index = [photo for photo in whole.index if photo.landmark == "castle"]
        index += [photo for photo in whole.index if photo.landmark is None][:2]
        return Itinerary(tuple(p for p in whole.queries if p.landmark == "castle"), tuple(index))

    monkeypatch.setattr(writer, "plan_photos", plan)


def _contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.usefixtures("_castle_only")
def test_a_seed_stands_for_its_bytes(tmp_path: Path) -> None:
    first, again, other = (tmp_path / name for name in ("first", "again", "other"))
    write_mini(first, seed=5)
    write_mini(again, seed=5)
    write_mini(other, seed=6)
    assert _contents(first) == _contents(again)
    shared = _contents(first).keys() & _contents(other).keys()
    pictures = [name for name in shared if name.endswith(".jpg")]
    assert pictures
    assert all(_contents(first)[name] != _contents(other)[name] for name in pictures)


def test_plans_of_different_seeds_differ_in_order_and_names() -> None:
    assert plan_photos(1) == plan_photos(1)
    assert [p.name for p in plan_photos(1).index] != [p.name for p in plan_photos(2).index]


@pytest.mark.parametrize("occupant", ["folder", "file", "dangling link"])
def test_what_is_there_is_never_touched(tmp_path: Path, occupant: str) -> None:
    out = tmp_path / "mini"
    if occupant == "folder":
        out.mkdir()
        (out / "precious").write_text("mine")
    elif occupant == "file":
        out.write_text("mine")
    else:
        out.symlink_to(tmp_path / "nowhere")
    before = _contents(tmp_path)
    with pytest.raises(SynthError, match=r"mini exists and is not an empty folder; remove it or choose another"):
        write_mini(out)
    assert _contents(tmp_path) == before


def test_a_negative_seed_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SynthError, match=r"seed -1 is negative; give 0 or more"):
        write_mini(tmp_path / "mini", seed=-1)
    assert not list(tmp_path.iterdir())


@pytest.mark.usefixtures("_castle_only")
def test_an_empty_folder_is_filled_and_missing_parents_are_made(tmp_path: Path) -> None:
    out = tmp_path / "some" / "where" / "mini"
    out.mkdir(parents=True)
    summary = write_mini(out, seed=3)
    assert summary.queries == 2
    assert (out / "images").is_dir()
    assert [path.name for path in out.parent.iterdir()] == ["mini"]


@pytest.mark.usefixtures("_castle_only")
def test_a_run_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        message = "the disk is full"
        raise OSError(message)

    monkeypatch.setattr(writer, "_write_submission", fail)
    with pytest.raises(OSError, match="the disk is full"):
        write_mini(tmp_path / "mini", seed=3)
    assert not list(tmp_path.iterdir())


@pytest.mark.usefixtures("_castle_only")
def test_the_folder_appears_only_when_complete(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out, seen = tmp_path / "mini", []
    write_submission = writer._write_submission

    def spy(quality: str, truth: writer.Truth, seed: int, folder: Path) -> None:
        seen.append(out.exists())
        write_submission(quality, truth, seed, folder)

    monkeypatch.setattr(writer, "_write_submission", spy)
    write_mini(out, seed=3)
    assert seen == [False] * 6

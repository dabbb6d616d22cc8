"""Where images are looked for: folders and archives, of both variants, and what happens to those that are missing."""

import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from illustrated import images_of, only_problem, pack, rows

from pixret.archives import ArchiveError
from pixret.loader import InconsistentSourceError, PrepareError, prepare


@pytest.mark.parametrize("name", ["mini_000.JPG", "mini_000.jpeg", "a/b/mini_000.jpg", "mini_000.PNG"])
def test_images_are_found_by_their_bare_name(raw: Any, out: Path, draw: Any, name: str) -> None:
    del raw.images["mini_000.jpg"]
    raw.images[name] = draw("x", kind="PNG" if name.endswith("PNG") else "JPEG")
    prepare("mini", raw.write(), out)
    assert rows(out, "corpus")[0]["image"] == {"bytes": raw.images[name], "path": Path(name).name}


@pytest.mark.parametrize("folder", ["", "revisitop/data/mini/", "pixel_retrieval_benchmarks/revisitop/data/mini/"])
def test_images_are_found_where_the_scripts_of_others_keep_them(raw: Any, out: Path, put: Any, folder: str) -> None:
    images, raw.images = raw.images, {}
    source = raw.write()
    put(source.parent / folder / "jpg", images)
    assert images_of(prepare("mini", source, out)).sources == {"jpg": 10}


def test_folders_and_archives_can_be_named(raw: Any, out: Path, tmp_path: Path, put: Any) -> None:
    files, raw.images = dict(sorted(raw.images.items())), {}
    names = list(files)
    folder = put(tmp_path / "mine", {name: files[name] for name in names[:3]})
    tgz = pack(tmp_path / "a.tgz", {f"x/{name}": files[name] for name in names[3:6]})
    archive = pack(tmp_path / "b.zip", {name: files[name] for name in names[6:]})
    manifest = prepare("mini", raw.write(), out, images=[archive, folder, tgz])
    assert images_of(manifest).sources == {"a.tgz": 3, "b.zip": 4, "mine": 3}
    assert {row["image"]["path"]: row["image"]["bytes"] for row in rows(out, "corpus") + rows(out, "queries")} == files
    assert [path.name for path in (out / "mini").iterdir() if path.name.startswith(".")] == []


def test_a_folder_comes_before_an_archive_which_is_then_not_opened(raw: Any, out: Path, tmp_path: Path) -> None:
    (tmp_path / "images.tgz").write_bytes(b"no archive")
    source = raw.write()
    manifest = prepare("mini", source, out, images=[tmp_path / "images.tgz", tmp_path / "images"])
    assert images_of(manifest).sources == {"images": 10}
    (tmp_path / "images" / "mini_003.jpg").unlink()
    with pytest.raises(ArchiveError, match=r"images\.tgz: is no tar, zip or RAR archive"):
        prepare("mini", source, out, images=[tmp_path / "images.tgz", tmp_path / "images"])
    assert images_of(prepare("mini", source, out, allow_missing=True)).missing == ("mini_003",)


def test_archives_and_folders_give_the_same_bytes(raw: Any, tmp_path: Path) -> None:
    tables = []
    for name in ("images", "images.zip", "images.tgz"):
        raw.write()
        place = tmp_path / "images" if name == "images" else pack(tmp_path / name, raw.images)
        manifest = prepare("mini", raw.root, tmp_path / f"out-{name}", images=[place])
        tables.append((manifest.files, images_of(manifest).sha256))
    assert tables[0] == tables[1] == tables[2]


def test_equal_files_of_one_name_are_one_image(raw: Any, out: Path) -> None:
    raw.images["again/mini_000.jpg"] = raw.images["mini_000.jpg"]
    assert images_of(prepare("mini", raw.write(), out)).sources == {"images": 10}


def test_different_files_of_one_name_are_refused_and_both_named(raw: Any, out: Path, draw: Any, tmp_path: Path) -> None:
    raw.images["old/mini_000.png"] = draw("old", kind="PNG")
    first, second = (tmp_path / "images" / name for name in ("mini_000.jpg", "old/mini_000.png"))
    assert only_problem(raw, out) == f"image mini_000 is {first}, and {second} has other bytes; keep one of them"
    files, raw.images = raw.images, {"mini_001.jpg": raw.images["mini_001.jpg"]}
    archive = pack(tmp_path / "a.tgz", files)
    message = f"image mini_000 is mini_000.jpg in {archive}, and old/mini_000.png in {archive} has other bytes"
    assert only_problem(raw, out, images=[archive]) == f"{message}; keep one of them"


def test_files_that_differ_in_their_bytes_alone_are_refused(raw: Any, out: Path, tmp_path: Path) -> None:
    content = raw.images["mini_000.jpg"]
    raw.images["old/mini_000.jpg"] = content[:-3] + bytes([content[-3] ^ 1]) + content[-2:]
    source = raw.write()
    for path in (tmp_path / "images").rglob("mini_000.jpg"):
        os.utime(path, (0, 0))
    with pytest.raises(InconsistentSourceError, match=r"mini_000\.jpg has other bytes; keep one of them"):
        prepare("mini", source, out)


def test_missing_images_are_named(raw: Any, out: Path, tmp_path: Path) -> None:
    del raw.images["mini_003.jpg"], raw.images["query_b.jpg"]
    with pytest.raises(InconsistentSourceError) as caught:
        prepare("mini", raw.write(), out)
    assert str(caught.value).splitlines()[1:] == [
        f"  query image query_b is not in {tmp_path / 'images'}",
        f"  index image mini_003 is not in {tmp_path / 'images'}",
        "  Complete the files, or allow missing ones (--allow-missing): their rows then have no mask or image.",
    ]


def test_missing_images_are_recorded_when_they_are_allowed(raw: Any, out: Path) -> None:
    for name in ("mini_003.jpg", "mini_004.jpg", "query_b.jpg"):
        del raw.images[name]
    del raw.pair_map["0_0"]
    manifest = prepare("mini", raw.write(), out, allow_missing=True)
    assert images_of(manifest).missing == ("query_b", "mini_003", "mini_004")
    assert manifest.missing_labels == ("0_0",)
    corpus = rows(out, "corpus")
    labelled, unknown = corpus[3], corpus[4]
    assert (labelled["image"], labelled["sha256"], labelled["width"], labelled["height"]) == (None, None, 100, 80)
    assert (unknown["image"], unknown["sha256"], unknown["width"], unknown["height"]) == (None, None, None, None)
    assert rows(out, "queries")[1]["image"] is None


def test_a_folder_that_is_named_as_an_image_is_no_image(raw: Any, out: Path, tmp_path: Path) -> None:
    content = raw.images.pop("mini_006.jpg")
    raw.images["mini_006.jpg/mini_006.jpg"] = content
    prepare("mini", raw.write(), out)
    assert rows(out, "corpus")[6]["image"]["bytes"] == content


def test_no_images_at_all_is_an_error_that_says_where_they_were_looked_for(raw: Any, out: Path, tmp_path: Path) -> None:
    raw.images = {}
    source = raw.write()
    with pytest.raises(PrepareError) as caught:
        prepare("mini", source, out)
    assert str(caught.value) == (
        f"{tmp_path}: no images of mini (looked for images, jpg, revisitop/data/mini/jpg); "
        "name their folder or archive (--images), or prepare without (--annotations-only)"
    )
    with pytest.raises(PrepareError, match="nowhere: no such folder or archive of images"):
        prepare("mini", source, out, images=[tmp_path / "nowhere"])
    with pytest.raises(PrepareError, match="annotations alone take no images and no variant of them"):
        prepare("mini", source, out, images=[tmp_path], annotations_only=True)
    assert not out.exists()


class TestVariants:
    """Originals and the release with blurred faces."""

    @pytest.fixture
    def source(self, raw: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
        """A source whose benchmark has archives of both variants, as its large siblings do."""
        import dataclasses

        from pixret.loader import _source as source_module
        from pixret.rawfiles import RAW_BENCHMARKS

        names = {"original_archives": ("city.tgz",), "blurred_archives": ("city-v1.tgz",)}
        known = dataclasses.replace(RAW_BENCHMARKS["mini"], **names)
        monkeypatch.setattr(source_module, "RAW_BENCHMARKS", {"mini": known})
        root: Path = raw.write()
        shutil.rmtree(root.parent / "images")
        return root

    @pytest.mark.parametrize(("name", "variant"), [("city.tgz", "original"), ("city-v1.tgz", "v1")])
    def test_the_name_of_an_archive_tells_the_variant(
        self, raw: Any, source: Path, out: Path, name: str, variant: str
    ) -> None:
        pack(source.parent / name, raw.images)
        record = images_of(prepare("mini", source, out))
        assert (record.variant, record.sources) == (variant, {name: 10})

    def test_a_folder_tells_none_and_the_user_can(self, raw: Any, source: Path, out: Path, put: Any) -> None:
        put(source.parent / "jpg", raw.images)
        assert images_of(prepare("mini", source, out)).variant == "unknown"
        assert images_of(prepare("mini", source, out, variant="v1")).variant == "v1"

    def test_of_archives_of_both_one_must_be_chosen(self, raw: Any, source: Path, out: Path, draw: Any) -> None:
        pack(source.parent / "city.tgz", raw.images)
        pack(source.parent / "city-v1.tgz", {**raw.images, "mini_000.jpg": draw("blurred")})
        with pytest.raises(PrepareError) as caught:
            prepare("mini", source, out)
        assert str(caught.value) == (
            f"{source.parent}/city.tgz holds original images, and {source.parent}/city-v1.tgz the same with blurred "
            "faces (v1); say which variant is meant, or name one of them"
        )
        for variant, content in (("original", raw.images["mini_000.jpg"]), ("v1", draw("blurred"))):
            record = images_of(prepare("mini", source, out, variant=variant))
            assert record.variant == variant
            assert rows(out, "corpus")[0]["image"]["bytes"] == content

    def test_a_variant_that_is_not_there_is_named(self, raw: Any, source: Path, out: Path) -> None:
        archive = pack(source.parent / "city-v1.tgz", raw.images)
        with pytest.raises(PrepareError, match=r"no images of the variant original are there, only city-v1\.tgz \(v1"):
            prepare("mini", source, out, variant="original")
        with pytest.raises(PrepareError, match=r"-v1\.tgz: holds the images of the variant v1, and original is meant"):
            prepare("mini", source, out, variant="original", images=[archive])


def test_a_folder_whose_name_is_no_text_is_recorded_as_well_as_can_be(raw: Any, out: Path, tmp_path: Path) -> None:
    source = raw.write()
    folder = (tmp_path / "images").rename(tmp_path / os.fsdecode(b"bilder_\xe9"))
    manifest = prepare("mini", source, out, images=[folder])
    assert images_of(manifest).sources == {"bilder_\ufffd": 10}


def test_a_folder_that_cannot_be_read_is_named_and_not_passed_over(raw: Any, out: Path, tmp_path: Path) -> None:
    source = raw.write()
    folder = os.open(tmp_path / "images", os.O_RDONLY)
    for _ in range(20):  # until the path is longer than the system takes, even from root
        os.mkdir("d" * 250, dir_fd=folder)
        inner = os.open("d" * 250, os.O_RDONLY, dir_fd=folder)
        os.close(folder)
        folder = inner
    os.close(folder)
    with pytest.raises(PrepareError, match=r"/d{250}: cannot be searched for images: File name too long"):
        prepare("mini", source, out, allow_missing=True)

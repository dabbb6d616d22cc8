"""Tables with images: the files as they are, and everything that can be wrong with them."""

import hashlib
import io
import re
import shutil
import struct
import tarfile
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pixret.archives import ArchiveError
from pixret.loader import InconsistentSourceError, PrepareError, ProblemKind, prepare
from pixret.loader import _prepare as prepare_module
from pixret.loader._decode import read_image
from pixret.tables import Manifest, read_ground_truth, read_images, read_stored, write_table


def pack(path: Path, files: dict[str, bytes]) -> Path:
    """Make a gzipped tar or, by the path's ending, a zip."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in files.items():
                archive.writestr(name, content)
        return path
    with tarfile.open(path, "w:gz") as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return path


def rows(out: Path, table: str) -> list[dict[str, Any]]:
    return pq.read_table(out / "mini" / table).to_pylist()


def only_problem(raw: Any, out: Path, **options: Any) -> str:
    with pytest.raises(InconsistentSourceError) as caught:
        prepare("mini", raw.write(), out, **options)
    assert not list(out.iterdir())
    (problem,) = caught.value.problems
    return str(problem)


def images_of(manifest: Manifest) -> Any:
    assert manifest.images is not None
    return manifest.images


def test_bytes_in_equal_bytes_out_with_name_size_and_digest(raw: Any, out: Path, draw: Any) -> None:
    raw.images["mini_005.jpg"] = draw("other", (31, 17))
    manifest = prepare("mini", raw.write(), out)
    stored = {**raw.images}
    for table, key in (("queries", "query_id"), ("corpus", "image_id")):
        for row in rows(out, table):
            content = stored.pop(f"{row[key]}.jpg")
            assert row["image"] == {"bytes": content, "path": f"{row[key]}.jpg"}
            assert row["sha256"] == hashlib.sha256(content).hexdigest()
            assert row["id"] == row[key]
            assert (row["width"], row["height"]) == ((31, 17) if row[key] == "mini_005" else (100, 80))
    assert stored == {}
    assert not manifest.annotations_only
    assert read_ground_truth(out).digest == manifest.ground_truth


def test_every_image_of_mini_is_stored_as_it_is_by_one_process_and_by_several(mini_summary: Any, out: Path) -> None:
    manifest = prepare("mini", mini_summary.source, out, jobs=1)
    for table in ("queries", "corpus"):
        names = [image.file_name for image in read_stored(out, table)]
        for index, content in read_images(out, table, range(len(names))):
            assert content == (mini_summary.out / "images" / names[index]).read_bytes()
    record = images_of(manifest)
    assert (record.sources, record.variant, record.missing) == ({"images": 138}, "unknown", ())
    alone = prepare("mini", mini_summary.source, out, annotations_only=True)
    assert (alone.ground_truth, alone.labels_sha256) == (manifest.ground_truth, manifest.labels_sha256)
    assert (alone.images, alone.annotations_only) == (None, True)
    assert prepare("mini", mini_summary.source, out, jobs=2) == manifest


def test_the_digest_of_all_images_is_over_names_and_digests(raw: Any, out: Path, draw: Any) -> None:
    names = ["query_a", "query_b", *raw.imlist]
    lines = [f"{name} {hashlib.sha256(raw.images[f'{name}.jpg']).hexdigest()}\n" for name in names]
    before = prepare("mini", raw.write(), out)
    assert images_of(before).sha256 == hashlib.sha256("".join(lines).encode()).hexdigest()
    raw.images["mini_004.jpg"] = draw("another colour")
    after = prepare("mini", raw.write(), out)
    assert images_of(after).sha256 != images_of(before).sha256
    assert after.ground_truth == before.ground_truth


def test_a_table_takes_several_files_and_reads_as_one(raw: Any, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def small(folder: Path, table: str, batches: Any) -> Any:
        halves = (half for batch in batches for half in (batch.slice(0, 1), batch.slice(1)))
        return write_table(folder, table, halves, shard_bytes=1)

    monkeypatch.setattr(prepare_module, "write_table", small)
    manifest = prepare("mini", raw.write(), out)
    assert manifest.shards("corpus") == tuple(f"corpus/test-0000{i}-of-00002.parquet" for i in range(2))
    assert [image.name for image in read_stored(out, "corpus")] == raw.imlist
    assert read_ground_truth(out).digest == manifest.ground_truth
    again = prepare("mini", raw.write(), out)
    assert again.files == manifest.files


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


def test_missing_images_are_named(raw: Any, out: Path, tmp_path: Path) -> None:
    del raw.images["mini_003.jpg"], raw.images["query_b.jpg"]
    with pytest.raises(InconsistentSourceError) as caught:
        prepare("mini", raw.write(), out)
    assert str(caught.value).splitlines()[1:] == [
        f"  query image query_b is not in {tmp_path / 'images'}",
        f"  index image mini_003 is not in {tmp_path / 'images'}",
        "  Complete the files, or allow missing ones: their rows are then kept without mask or image.",
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


def bomb() -> bytes:
    """A PNG of some bytes that says it has 2**32 pixels."""
    header = struct.pack(">IIBBBBB", 2**16, 2**16, 8, 0, 0, 0, 0)
    parts = [b"\x89PNG\r\n\x1a\n"]
    for kind, data in ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b"")):
        parts += [struct.pack(">I", len(data)), kind, data, struct.pack(">I", zlib.crc32(kind + data))]
    return b"".join(parts)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "is empty"),
        (slice(0, -30), r"cannot be decoded: image file is truncated \(\d+ bytes not processed\)"),
        (slice(0, 100), "is neither JPEG nor PNG|cannot be decoded: "),
        (b"<!DOCTYPE HTML><title>302 Found", r"is neither JPEG nor PNG: it begins with b'<!DOCTYPE HTML><'"),
        (b"GIF89a" + bytes(50), "is neither JPEG nor PNG: it begins with b'GIF89a"),
        (bomb(), r"cannot be decoded: Image size \(4294967296 pixels\) exceeds limit of \d+ pixels"),
    ],
)
def test_what_cannot_be_decoded_is_named(raw: Any, out: Path, tmp_path: Path, content: Any, fault: str) -> None:
    raw.images["mini_006.jpg"] = raw.images["mini_006.jpg"][content] if isinstance(content, slice) else content
    message = only_problem(raw, out, allow_missing=True)
    prefix = f"image mini_006: {tmp_path / 'images' / 'mini_006.jpg'} "
    assert message.startswith(prefix)
    assert re.match(fault, message.removeprefix(prefix))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kind=st.sampled_from(["JPEG", "PNG"]), changes=st.dictionaries(st.integers(0, 10_000), st.integers(0, 255)))
def test_no_bytes_of_an_image_make_reading_it_fail(
    tmp_path: Path, draw: Any, kind: str, changes: dict[int, int]
) -> None:
    content = bytearray(draw("x", (9, 7), kind, orientation=6))
    for at, value in changes.items():
        content[at % len(content)] = value
    path = tmp_path / "image"
    path.write_bytes(content)
    reading = read_image(path)
    if reading.fault is None:
        assert reading.sha256 == hashlib.sha256(content).hexdigest()
        assert reading.size in {reading.stored, reading.stored[::-1]}
    else:
        assert (reading.sha256, reading.size) == ("", (0, 0))


def test_a_fault_in_an_archive_is_named_by_the_entry(raw: Any, out: Path, tmp_path: Path) -> None:
    raw.images["mini_006.jpg"] = b""
    archive = pack(tmp_path / "a.zip", {f"deep/{name}": content for name, content in raw.images.items()})
    assert only_problem(raw, out, images=[archive]) == f"image mini_006: deep/mini_006.jpg in {archive} is empty"


def test_a_folder_that_is_named_as_an_image_is_no_image(raw: Any, out: Path, tmp_path: Path) -> None:
    content = raw.images.pop("mini_006.jpg")
    raw.images["mini_006.jpg/mini_006.jpg"] = content
    prepare("mini", raw.write(), out)
    assert rows(out, "corpus")[6]["image"]["bytes"] == content


@pytest.mark.parametrize("orientation", [None, 1, 3, 6, 8])
def test_sizes_are_those_that_datasets_shows(raw: Any, out: Path, draw: Any, orientation: int | None) -> None:
    datasets = pytest.importorskip("datasets")
    turned = orientation in {6, 8}
    raw.images["mini_004.jpg"] = draw("x", (31, 17), orientation=orientation)
    prepare("mini", raw.write(), out)
    row = rows(out, "corpus")[4]
    assert (row["width"], row["height"]) == ((17, 31) if turned else (31, 17))
    assert datasets.Image().decode_example(row["image"]).size == (row["width"], row["height"])
    assert row["image"]["bytes"] == raw.images["mini_004.jpg"]


@pytest.mark.parametrize(
    ("size", "orientation", "message"),
    [
        ((100, 81), None, "100 x 81 pixels"),
        ((80, 100), None, "80 x 100 pixels; a quarter turn would make them equal"),
        (
            (100, 80),
            6,
            "80 x 100 pixels; before its EXIF orientation 6 is applied it has 100 x 80 pixels, as the label",
        ),
        ((90, 70), 8, "70 x 90 pixels; before its EXIF orientation 8 is applied it has 90 x 70 pixels"),
    ],
)
def test_a_mask_must_have_the_size_of_its_image(
    raw: Any, out: Path, draw: Any, size: tuple[int, int], orientation: int | None, message: str
) -> None:
    raw.images["mini_006.jpg"] = draw("x", size, orientation=orientation)
    problem = only_problem(raw, out)
    assert problem == f"pair 0_6: its label is drawn on 100 x 80 pixels, and image mini_006 has {message}"


def test_a_mask_fits_an_image_that_exif_turns_to_its_size(raw: Any, out: Path, draw: Any) -> None:
    raw.images["mini_006.jpg"] = draw("x", (80, 100), orientation=6)
    prepare("mini", raw.write(), out)
    assert (rows(out, "corpus")[6]["width"], rows(out, "corpus")[6]["height"]) == (100, 80)


@pytest.mark.parametrize("box", [[100, 0, 120, 80], [0, 80, 100, 90], [-20, 1, 0, 9], [1, -9, 9, 0]])
def test_a_query_box_outside_its_image_is_refused(raw: Any, out: Path, box: list[int]) -> None:
    raw.gnd[1]["bbx"] = box
    shown = tuple(map(float, box))
    assert only_problem(raw, out) == f"query image query_b has 100 x 80 pixels, and its box {shown} lies outside"


def test_a_query_box_that_reaches_beyond_its_image_is_noted(raw: Any, out: Path) -> None:
    raw.gnd[1]["bbx"] = [0, 0, 100.5, 80]
    assert images_of(prepare("mini", raw.write(), out)).boxes_beyond == ("query_b",)


def test_problems_of_labels_and_images_are_listed_together(raw: Any, out: Path, draw: Any) -> None:
    raw.pair_map.pop("0_3")
    del raw.images["query_a.jpg"]
    raw.images |= {"mini_001.jpg": b"", "mini_006.jpg": draw("x", (5, 5)), "a/mini_002.jpg": draw("y")}
    raw.gnd[1]["bbx"] = [500, 500, 501, 501]
    with pytest.raises(InconsistentSourceError) as caught:
        prepare("mini", raw.write(), out)
    assert [problem.kind for problem in caught.value.problems] == [
        ProblemKind.MISSING_LABEL,
        ProblemKind.CONFLICTING_IMAGES,
        ProblemKind.MISSING_IMAGE,
        ProblemKind.UNREADABLE_IMAGE,
        ProblemKind.BOX_OUTSIDE,
        ProblemKind.IMAGE_SIZE,
    ]


def test_no_images_at_all_is_an_error_that_says_where_they_were_looked_for(raw: Any, out: Path, tmp_path: Path) -> None:
    raw.images = {}
    source = raw.write()
    with pytest.raises(PrepareError) as caught:
        prepare("mini", source, out)
    assert str(caught.value) == (
        f"{tmp_path}: no images of mini (looked for images, jpg, revisitop/data/mini/jpg); "
        "name their folder or archive, or prepare annotations only"
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


def test_an_image_that_changes_while_it_is_read_is_named(raw: Any, out: Path, draw: Any, tmp_path: Path) -> None:
    image = tmp_path / "images" / "mini_007.jpg"

    def touch(doing: str, done: int, total: int) -> None:
        if doing == "checking images" and done == total:
            image.write_bytes(draw("changed"))

    with pytest.raises(PrepareError, match=r"mini_007\.jpg: changed since it was checked; prepare again"):
        prepare("mini", raw.write(), out, on_progress=touch)
    with pytest.raises(PrepareError, match=r"mini_007\.jpg: cannot be read any more: No such file"):
        prepare("mini", raw.write(), out, on_progress=lambda doing, *_: doing == "writing images" and image.unlink())
    assert list(out.iterdir()) == []

"""Tables with images: the files as they are, with their names, sizes and digests."""

import hashlib
from pathlib import Path
from typing import Any

import pytest
from illustrated import images_of, rows

from pixret.loader import _prepare as prepare_module
from pixret.loader import prepare
from pixret.tables import read_ground_truth, read_images, read_stored, write_table


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


def test_a_mask_fits_an_image_that_exif_turns_to_its_size(raw: Any, out: Path, draw: Any) -> None:
    raw.images["mini_006.jpg"] = draw("x", (80, 100), orientation=6)
    prepare("mini", raw.write(), out)
    assert (rows(out, "corpus")[6]["width"], rows(out, "corpus")[6]["height"]) == (100, 80)

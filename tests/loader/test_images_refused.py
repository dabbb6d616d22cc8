"""Everything that can be wrong with images, and with what labels and queries say of them."""

import hashlib
import re
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from illustrated import images_of, only_problem, pack

from pixret.loader import InconsistentSourceError, PrepareError, ProblemKind, prepare
from pixret.loader._decode import read_image


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

"""The page as a file: what it holds, and that nothing in it comes from elsewhere."""

import json
import re
from pathlib import Path
from typing import Any

import markup
import pytest

from pixret.browse import Album, collect_sheets, write_page


class Page(markup.Page):
    """A page of sheets."""

    @property
    def thumbnails(self) -> dict[str, str]:
        found = re.search(r'<script type="application/json" id="thumbnails">(.*?)</script>', self.source, re.DOTALL)
        assert found
        content: dict[str, str] = json.loads(found[1])
        return content


def page(album: Album, folder: Path) -> Page:
    write_page(album, folder / "page.html")
    assert [path.name for path in folder.iterdir()] == ["page.html"]
    return Page(folder / "page.html")


def test_each_picture_is_stored_once_and_every_image_names_one(many_tables: Path, tmp_path: Path) -> None:
    shown = page(collect_sheets(many_tables, side=64), tmp_path)
    images = shown.all("img")
    assert len(images) == 70 * 31
    assert {image["data-thumbnail"] for image in images} == set(shown.thumbnails)
    assert len(shown.thumbnails) < 70 + 126 + 1
    assert all(image["alt"] for image in images)
    assert all(content.startswith("data:image/webp;base64,") for content in shown.thumbnails.values())


def test_nothing_is_fetched_from_elsewhere(album: Album, tmp_path: Path) -> None:
    shown = page(album, tmp_path)
    assert not re.search(r"https?:|//[a-z]|url\(", re.sub(r"data:image/webp;base64,[^\"]*", "", shown.source))
    assert not [attributes for _, attributes, _ in shown.found if "src" in attributes or "href" in attributes]
    policy = [meta["content"] for meta in shown.all("meta") if meta.get("http-equiv") == "Content-Security-Policy"]
    assert policy == ["default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"]


def test_names_from_data_are_text_and_never_markup(hostile_tables: Path, tmp_path: Path) -> None:
    shown = page(collect_sheets(hostile_tables), tmp_path)
    assert len(shown.all("script")) == 2
    assert '<script>alert("x")</script>&{{ 7 * 7 }}' in shown.words
    assert "alert" not in "".join(re.findall(r"<script.*?</script>", shown.source, re.DOTALL))
    assert "49" not in shown.all("h2")


def test_what_was_left_out_is_said(image_tables: Path, album: Album, tmp_path: Path) -> None:
    whole = page(album, tmp_path)
    assert "At most" not in whole.words
    cut = page(collect_sheets(image_tables, limit=1, side=64), tmp_path)
    assert "At most 1 image of each level is shown; pixret browse --limit changes that." in cut.words
    assert "1 of 5" in cut.words
    assert len(cut.source) < len(whole.source)


def test_without_images_the_page_says_how_to_get_them(plain_tables: Path, tmp_path: Path) -> None:
    shown = page(collect_sheets(plain_tables), tmp_path)
    assert "These tables hold no images, since they were prepared with --annotations-only" in shown.words
    assert "run pixret prepare without it" in shown.words
    assert shown.all("img") == []
    assert len([path for path in shown.all("path") if path.get("d")]) == 132


def test_findings_are_named_and_drawn(image_tables: Path, mini_summary: Any, tmp_path: Path) -> None:
    from pixret.submissions import open_submission

    submission = open_submission(mini_summary.submissions / "oracle.jsonl")
    shown = page(collect_sheets(image_tables, queries=["0"], submission=submission), tmp_path)
    assert "mean IoU 100%" in shown.words
    assert "rank 1 · IoU 100%" in shown.words
    layers = [svg["class"] for svg in shown.all("svg")]
    assert layers.count("layer prediction") >= layers.count("layer label") == 11


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_a_page_that_cannot_be_written_leaves_nothing(image_tables: Path, tmp_path: Path, kind: str) -> None:
    album = collect_sheets(image_tables, queries=["0"], limit=1)
    blocked = tmp_path / "page.html"
    if kind == "folder":
        blocked.mkdir()
        target = blocked
    else:
        blocked.touch()
        target = blocked / "page.html"
    with pytest.raises(OSError, match=r"page\.html"):
        write_page(album, target)
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]

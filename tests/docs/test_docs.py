"""What the documentation shows is true: its examples run, its links lead somewhere, the files that it names exist."""

import doctest
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted({*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("bench/*.md")})
GUIDES = [page for page in PAGES if page.name in ("CONTRIBUTING.md", "architecture.md", "bounds.md", "conventions.md")]
PORTIONS = ("proto", "metrics", "loader", "service", "clients", "tests")
SOURCES = [
    *ROOT.glob("*.py"),
    *(
        source
        for portion in PORTIONS
        for ending in ("py", "c", "proto")
        for source in (ROOT / portion).rglob(f"*.{ending}")
    ),
]
SHOWN = [page for page in PAGES if ">>>" in page.read_text(encoding="utf-8")]
OPTIONS = doctest.ELLIPSIS | doctest.REPORT_NDIFF


def each(pages):
    return pytest.mark.parametrize("page", [pytest.param(page, id=str(page.relative_to(ROOT))) for page in pages])


def examples(page):
    """All examples of a page as one doctest; the fences go, since a line behind an output would belong to it."""
    text = re.sub(r"^ *```.*$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return doctest.DocTestParser().get_doctest(text, {}, page.name, str(page), 0)


def headings(page):
    """Anchors of a page, as GitHub makes them."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_the_conventions_are_shown_by_examples():
    assert len(examples(ROOT / "docs" / "conventions.md").examples) > 20


@each(SHOWN)
def test_examples_run(page):
    said = []
    result = doctest.DocTestRunner(optionflags=OPTIONS).run(examples(page), out=said.append)
    assert result.attempted > 0
    assert result.failed == 0, "".join(said)


@each(PAGES)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        linked = page.parent / path if path else page
        assert linked.exists(), target
        if anchor:
            assert anchor in headings(linked), target


@each(GUIDES)
def test_the_files_that_a_guide_names_exist(page):
    named = re.findall(r"`((?:\.?[\w-]+/)+[\w.*-]*)`", page.read_text(encoding="utf-8"))
    assert named
    for path in named:
        assert any(ROOT.glob(path.rstrip("/"))), path
    for module in re.findall(r"`(_\w+\.py)`", page.read_text(encoding="utf-8")):
        assert any(source.name == module for source in SOURCES), module


@each(GUIDES)
def test_the_names_that_a_guide_names_exist(page):
    """Functions, classes and constants: what is in backticks and has an underscore or a capital letter."""
    words = {word for source in SOURCES for word in re.findall(r"\w+", source.read_text(encoding="utf-8"))}
    named = re.findall(r"`([A-Za-z_][\w.]*)`", page.read_text(encoding="utf-8"))
    parts = {part for name in named for part in name.split(".") if re.search(r"[A-Z_]", part)}
    unknown = parts - words - {source.stem for source in SOURCES}
    assert not unknown


def test_the_targets_that_a_page_names_exist():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    for page in PAGES:
        named = re.findall(r"(?:`|^)make ([a-z-]+)", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
        assert targets.issuperset(named), page.name

"""The page as a person has it: in Chromium, with a mouse and keys."""

from collections.abc import Iterator
from pathlib import Path

import chromium
import pytest
from chromium import DESK, running_browser
from playwright.sync_api import Browser, ViewportSize

from pixret.browse import Album, collect_sheets, write_page

_PHONE: ViewportSize = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_browser() as browser:
        yield browser


class Visit(chromium.Visit):
    """A page of sheets that is open."""

    def settle(self) -> None:
        """Wait until it stands still and every image on the screen has come.

        The page's policy forbids Playwright's own way of waiting.
        """
        self.page.evaluate(f"""async () => {{
            const waiting = () => [...document.images].some((e) => {_ON_SCREEN} && !({_SEEN}));
            for (let frame = 0; frame < 600 && (frame < 4 || waiting()); frame++)
                await new Promise(requestAnimationFrame);
        }}""")


_ON_SCREEN = (
    "e.checkVisibility() && e.getBoundingClientRect().top < innerHeight && e.getBoundingClientRect().bottom > 0"
)
_SEEN = "e.complete && e.naturalWidth > 0 && getComputedStyle(e).visibility === 'visible'"


@pytest.fixture(scope="module")
def mini_page(album: Album, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("mini") / "page.html"
    write_page(album, path)
    return path


@pytest.fixture(scope="module")
def many_page(many_tables: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("many") / "page.html"
    write_page(collect_sheets(many_tables, side=64), path)
    return path


@pytest.mark.parametrize("size", [DESK, _PHONE])
def test_images_are_on_the_screen_and_nothing_leaves_the_file(
    browser: Browser, mini_page: Path, size: ViewportSize
) -> None:
    visit = Visit(browser, mini_page, size)
    visit.settle()
    assert visit.count(f"{_ON_SCREEN} && {_SEEN}") >= 3
    outlines = "svg.layer.label path"
    assert visit.count("e.getBoundingClientRect().width > 10 && e.checkVisibility()", outlines) >= 2
    assert all(url.startswith(("file:", "data:")) for url in visit.requests)
    assert [url for url in visit.requests if url.startswith("file:")] == [mini_page.as_uri()]
    assert visit.complaints == []
    assert visit.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_an_outline_lies_on_its_picture(browser: Browser, mini_page: Path) -> None:
    visit = Visit(browser, mini_page)
    visit.settle()
    off = """(() => {
        const [a, b] = [e.querySelector('img'), e.querySelector('svg')].map((one) => one?.getBoundingClientRect());
        return b && ['left', 'top', 'width', 'height'].some((side) => Math.abs(a[side] - b[side]) > 0.5);
    })()"""
    assert visit.count(off, ".sheet:first-of-type .frame") == 0


def test_each_level_is_shown_and_hidden_by_its_button_and_key(browser: Browser, mini_page: Path) -> None:
    visit = Visit(browser, mini_page)
    for number, level in enumerate(("easy", "hard", "junk"), 1):
        groups, others = f".group.{level}", f".group:not(.{level})"
        visit.page.click(f"[data-toggle={level}]")
        assert visit.count("e.checkVisibility()", groups) == 0
        assert visit.count("e.checkVisibility()", others) == 24
        assert visit.page.get_attribute(f"[data-toggle={level}]", "aria-pressed") == "false"
        visit.page.keyboard.press(str(number))
        assert visit.count("e.checkVisibility()", groups) == 12
        assert visit.page.get_attribute(f"[data-toggle={level}]", "aria-pressed") == "true"


def test_outlines_are_shown_and_hidden(browser: Browser, mini_page: Path) -> None:
    visit = Visit(browser, mini_page)
    for _ in range(2):
        visit.page.keyboard.press("o")
    assert visit.count("e.checkVisibility()", ".layer.label") == 132
    visit.page.click("[data-toggle=label]")
    assert visit.count("e.checkVisibility()", ".layer.label") == 0


def test_one_jumps_to_a_query_and_steps_on_from_there(browser: Browser, mini_page: Path) -> None:
    visit = Visit(browser, mini_page)
    top = "Math.round(document.getElementById('{}').getBoundingClientRect().top)"

    def is_at(query: str) -> None:
        visit.settle()
        assert visit.page.input_value("#jump") == query
        assert 0 <= visit.page.evaluate(top.format(query)) < 200
        assert visit.page.evaluate("location.hash") == f"#{query}"
        assert visit.count(f"{_ON_SCREEN} && {_SEEN}", f"#{query} img") > 0

    visit.page.select_option("#jump", "query-6")
    is_at("query-6")
    visit.page.keyboard.press("j")
    is_at("query-7")
    visit.page.click("#previous")
    is_at("query-6")
    visit.page.goto(f"{mini_page.as_uri()}#query-9")
    visit.page.reload()
    is_at("query-9")
    visit.page.mouse.wheel(0, -100_000)
    visit.settle()
    assert visit.page.input_value("#jump") == "query-0"


def test_it_is_dark_where_the_person_has_it_dark(browser: Browser, mini_page: Path) -> None:
    red = "Number(getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0])"
    assert Visit(browser, mini_page, scheme="light").page.evaluate(red) > 200
    assert Visit(browser, mini_page, scheme="dark").page.evaluate(red) < 60


def test_hostile_names_run_nothing(browser: Browser, hostile_tables: Path, tmp_path: Path) -> None:
    write_page(collect_sheets(hostile_tables, side=64), tmp_path / "page.html")
    visit = Visit(browser, tmp_path / "page.html")
    visit.settle()
    assert visit.complaints == []
    assert '<script>alert("x")</script>' in visit.page.inner_text("h2")


def test_of_seventy_queries_only_what_is_near_is_decoded_and_laid_out(browser: Browser, many_page: Path) -> None:
    visit = Visit(browser, many_page)
    visit.settle()
    assert visit.count("true") == 70 * 31
    assert visit.count("e.hasAttribute('src')") < 200
    skipped = "!e.checkVisibility({ contentVisibilityAuto: true })"
    assert visit.count(skipped) > 1800
    visit.page.click("[data-toggle=easy]")
    assert visit.count("e.checkVisibility()", ".group.easy") == 0
    visit.page.select_option("#jump", "query-69")
    visit.settle()
    assert visit.count(f"{_ON_SCREEN} && {_SEEN}", "#query-69 img") > 0
    assert visit.count("e.hasAttribute('src')") < 400
    assert visit.complaints == []

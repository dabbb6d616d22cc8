"""The page as a person has it: in Chromium, with mouse and keys, in the dark, on a phone and on paper."""

import json
import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from chromium import DESK, Visit, running_browser
from paged import Case, make_case
from playwright.sync_api import Browser, ViewportSize

from pixret.browse import Findings
from pixret.metrics import report_bytes
from pixret.pages import Gallery, ReportPage, collect_evidence, write_report_page
from pixret.submissions import open_submission
from pixret.synth import MiniSummary
from pixret.tables import read_ground_truth

pytestmark = pytest.mark.slow
_PHONE: ViewportSize = {"width": 360, "height": 740}
_ROWS = "#table tbody:not([hidden]) tr:not([hidden])"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def mini_page(image_tables: Path, mini_summary: MiniSummary, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a submission to mini, with its images."""
    truth, items = read_ground_truth(image_tables), open_submission(mini_summary.submissions / "noisy.jsonl")
    content = report_bytes(Findings(truth, items).accumulator)
    path = tmp_path_factory.mktemp("mini") / "noisy.html"
    evidence = collect_evidence(content, truth, items, Gallery(image_tables, "mini"))
    write_report_page(ReportPage(content, "noisy.json", evidence=evidence), path)
    return path


def column(visit: Visit, number: int) -> list[str]:
    """What one sees of a column of the table of queries."""
    return visit.texts(f"{_ROWS} > :nth-child({number + 1})")


def choose(visit: Visit, *choices: str) -> None:
    for choice in choices:
        visit.page.click(f'label:has([value="{choice}"])')


def test_numbers_sort_and_filter_in_the_view_that_is_chosen(browser: Browser, page: Path, case: Case) -> None:
    visit, queries = Visit(browser, page), json.loads(case.content)["per_query"]
    choose(visit, "official", "hard", "detection")
    told = [query["protocols"]["hard"]["official"]["detection"]["miou"] for query in queries]
    shown = ["–" if value is None else f"{100 * value:.2f}" for value in told]
    assert column(visit, 6) == shown
    visit.page.click("button[data-column='6']")
    by_size = sorted((each for each in shown if each != "–"), key=float)
    assert column(visit, 6) == [*by_size[::-1], *(each for each in shown if each == "–")]
    visit.page.click("button[data-column='6']")
    assert column(visit, 6) == [*by_size, *(each for each in shown if each == "–")]
    visit.page.fill("#filter", "Q1")
    assert sorted(column(visit, 0), key=int) == ["1", "10", "11", "12", "13"]
    assert visit.texts("#count") == ["5 of 14"]
    assert visit.complaints == []


def test_every_view_shows_its_own_numbers_and_plots_and_no_other(browser: Browser, page: Path, case: Case) -> None:
    visit, queries = Visit(browser, page), json.loads(case.content)["per_query"]
    for convention, protocol, task in product(
        ("strict", "official"), ("easy", "medium", "hard"), ("segmentation", "detection")
    ):
        choose(visit, convention, protocol, task)
        told = [query["protocols"][protocol][convention][task]["ap"]["0.75"] for query in queries]
        assert column(visit, 13) == ["–" if value is None else f"{100 * value:.2f}" for value in told]
        for condition, count in ((f'[data-protocol="{protocol}"]', 2), ("", 3)):
            chosen = f'[data-convention="{convention}"]{condition}[data-task="{task}"]'
            assert visit.count("e.checkVisibility()", chosen) == count
        assert visit.count("e.checkVisibility()", "[data-convention]") == 3
    assert visit.complaints == []


def test_the_table_is_sorted_by_keys_too_and_says_how(browser: Browser, page: Path) -> None:
    visit = Visit(browser, page)
    visit.page.focus("button[data-column='1']")
    for direction in ("ascending", "descending"):
        visit.page.keyboard.press("Enter")
        names = column(visit, 1)
        assert names == sorted(names, reverse=direction == "descending")
        assert visit.texts(f"[aria-sort={direction}]") == ["query"]
        assert visit.count("true", "[aria-sort]") == 1
    visit.page.focus("input[value=strict]")
    visit.page.keyboard.press("ArrowRight")
    assert visit.page.is_checked("input[value=official]")
    assert visit.count("e.checkVisibility()", "tbody[data-convention=official]") == 1


def test_ties_stand_in_the_order_of_the_queries_and_nothing_found_is_said(browser: Browser, page: Path) -> None:
    visit = Visit(browser, page)
    visit.page.click("button[data-column='2']")
    pairs = [*zip(map(int, column(visit, 2)), map(int, column(visit, 0)), strict=True)]
    assert pairs == sorted(pairs, key=lambda pair: (-pair[0], pair[1]))
    visit.page.fill("#filter", "nobody")
    assert column(visit, 0) == []
    assert visit.texts("#count") == ["0 of 14"]


@pytest.mark.parametrize("size", [DESK, _PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_the_screen_and_asks_for_nothing(
    browser: Browser, mini_page: Path, size: ViewportSize, scheme: str
) -> None:
    visit = Visit(browser, mini_page, size, scheme)
    assert visit.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    wide = "e.getBoundingClientRect().right > innerWidth + 0.5 && !e.closest('.scroll')"
    assert visit.count(wide, "body *") == 0
    for summary in visit.page.query_selector_all("summary"):
        summary.click()
    assert visit.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    red = "Number(getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0])"
    assert visit.page.evaluate(red) > 200 if scheme == "light" else visit.page.evaluate(red) < 60
    assert visit.complaints == []
    assert [url for url in visit.requests if not url.startswith("data:")] == [mini_page.as_uri()]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_and_lines_stand_out_from_what_is_behind_them(browser: Browser, mini_page: Path, scheme: str) -> None:
    visit = Visit(browser, mini_page, scheme=scheme)
    paint = """() => {
        const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
        const rgb = (color) => {
            pen.fillStyle = color;
            pen.fillRect(0, 0, 1, 1);
            return [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3);
        };
        const seen = getComputedStyle(document.documentElement);
        const steps = [...Array(10).keys()].map((step) => `step-${step}`);
        return Object.fromEntries(["paper", "card", "ink", "soft", "masks", "boxes", "easy", "hard", ...steps].map(
            (name) => [name, rgb(seen.getPropertyValue(`--${name}`))]));
    }"""
    colors: dict[str, list[int]] = visit.page.evaluate(paint)
    for name, least in {"ink": 7.0, "soft": 4.5}.items():
        for behind in ("paper", "card"):
            assert contrast(colors[name], colors[behind]) >= least, (name, behind)
    for name in colors.keys() - {"paper", "card", "ink", "soft"}:
        assert contrast(colors[name], colors["paper"]) >= 3.0, name


def contrast(one: list[int], other: list[int]) -> float:
    """Contrast ratio as WCAG 2 defines it."""

    def luminance(color: list[int]) -> float:
        shares = [each / 255 for each in color]
        red, green, blue = (x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in shares)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_pairs_are_shown_side_by_side_with_their_outlines(browser: Browser, mini_page: Path) -> None:
    visit = Visit(browser, mini_page)
    assert visit.count("true", ".pair") == 12
    level = """(() => {
        const boxes = [...e.children].map((one) => one.getBoundingClientRect());
        return boxes.length === 3 && boxes.every((one) => one.width > 60 && Math.abs(one.height - boxes[0].height) < 1.5
            && Math.abs(one.top - boxes[0].top) < 0.5);
    })()"""
    assert visit.count(level, ".pictures") == 12
    for kind in ("label", "prediction"):
        assert visit.count("e.getBoundingClientRect().width > 5", f".picture path.{kind}") == 12
    drawn = "document.getElementById(e.getAttribute('href').slice(1)).getBBox().width > 100"
    assert visit.count(drawn, ".picture use") == 36
    ious = [float(each) for each in visit.texts(".caption strong")]
    assert ious[:6] == sorted(ious[:6], reverse=True)
    assert ious[6:] == sorted(ious[6:])
    assert ious[5] >= ious[-1]


def test_it_prints_with_all_queries_and_without_controls(browser: Browser, mini_page: Path, tmp_path: Path) -> None:
    visit = Visit(browser, mini_page)
    content = visit.page.pdf(path=tmp_path / "page.pdf", format="A4")
    assert content.startswith(b"%PDF")
    pages = re.search(rb"/Type /Pages\s*/Count (\d+)|/Count (\d+)", content)
    assert pages
    assert 2 <= int(pages[1] or pages[2]) <= 5
    visit.page.emulate_media(media="print")
    assert visit.texts(".tools, details") == []
    assert len(column(visit, 1)) == 12
    assert visit.texts(".chooser label") == ["strict", "medium", "masks"]
    assert visit.page.evaluate("getComputedStyle(document.querySelector('.scroll')).overflow") == "visible"


def test_hostile_names_run_nothing(browser: Browser, tmp_path: Path) -> None:
    name = '</script><script>alert("x")</script><img src=x onerror=alert(1)>'
    visit = Visit(browser, make_case(7, tmp_path / "data", name).write(tmp_path / "page.html"))
    visit.page.fill("#filter", name)
    assert len(column(visit, 1)) == 14
    assert visit.complaints == []

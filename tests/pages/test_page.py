"""The page as a file: its numbers are the report's, names from outside are text, and nothing comes from elsewhere."""

import json
import re
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from markup import Element, Page
from paged import Case, make_case

from pixret.metrics import Malformed, Prediction
from pixret.pages import MAX_LISTED, ReportPage, write_report_page

HOSTILE = '</script><script>alert("x")</script>&{{ 7 * 7 }}'


def look_up(data: Any, path: str) -> float | None:
    """A number in a report's JSON, by the path that gates use."""
    head, *names = path.replace("map@", "map/").split(".", 3)
    if head == "coverage":
        return data["coverage"][names[0]]
    value = data["conventions"][head]["protocols"][names[0]][names[1]]
    for name in names[2].split("/"):
        value = value[name]
    return value


def shown(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.2f}"


def numbers(page: Page) -> dict[str, str]:
    """By path, without the marks of notes."""
    return {
        str(cell.attributes["data-path"]): cell.pieces[0] for cell in page.of("td") if "data-path" in cell.attributes
    }


def test_the_numbers_of_cards_and_thresholds_are_those_of_the_report(page: Path, case: Case) -> None:
    found, data = numbers(Page(page)), json.loads(case.content)
    assert len(found) == 3 * (4 * (2 + 10) + 2)
    assert found == {path: shown(look_up(data, path)) for path in found}


def test_a_line_has_the_thresholds_at_which_the_report_has_a_number(case: Case, tmp_path: Path) -> None:
    data = json.loads(case.content)
    maps = data["conventions"]["strict"]["protocols"]["hard"]["detection"]["map"]
    maps |= {"0.50": None, "0.55": 0.625, "0.95": None, "0.90": 0.125}
    write_report_page(ReportPage(json.dumps(data).encode(), "report.json"), tmp_path / "page.html")
    page = Page(tmp_path / "page.html")
    assert any("strict boxes from 62.5 to 12.5" in svg_label(svg) for svg in page.of("svg"))
    assert numbers(page)["strict.hard.detection.map@0.50"] == "–"


def bodies(page: Page) -> dict[tuple[str | None, ...], list[list[str]]]:
    """Cells of the table of queries, by convention, protocol and task."""
    tables: dict[tuple[str | None, ...], list[list[str]]] = {}
    rows: list[list[str]] = []
    for element in page.found:
        if element.tag == "tbody":
            names = ("data-convention", "data-protocol", "data-task")
            rows = tables.setdefault(tuple(element.attributes.get(name) for name in names), [])
        elif element.tag == "tr":
            rows.append([])
        elif element.tag in {"td", "th"} and rows:
            rows[-1].append(element.words)
    del tables[None, None, None]
    return tables


def test_the_table_of_queries_holds_every_number_of_every_query(page: Path, case: Case) -> None:
    found = bodies(Page(page))
    queries = json.loads(case.content)["per_query"]
    assert len(found) == 12
    for convention, protocol, task in product(
        ("official", "strict"), ("easy", "medium", "hard"), ("detection", "segmentation")
    ):
        for row, query in zip(found[convention, protocol, task], queries, strict=True):
            told = query["protocols"][protocol]
            scores = told[convention][task]
            defined = [ap for ap in scores["ap"].values() if ap is not None]
            mean = sum(defined) / len(defined) if defined else None
            name = query["query_id"] + (" not in mAP" if query["ignored_in_map"] else "")
            counts = [query["query_index"], name, told["positives"], told["predicted"], query["ranked"]]
            rest = [told["ranking_ap"], scores["miou"], mean, *scores["ap"].values()]
            assert row == [*map(str, counts), *map(shown, rest)]


def test_an_undefined_number_has_a_note_that_says_why(case: Case, tmp_path: Path) -> None:
    def change(data: Any) -> None:
        task = data["conventions"]["official"]["protocols"]["easy"]["segmentation"]
        task.update(miou=None, undefined=f"mIoU: query 3 {HOSTILE}")

    page = Page(case.changed(change).write(tmp_path / "page.html", with_evidence=False))
    (cell,) = [each for each in page.of("td") if each.attributes.get("data-path") == "official.easy.segmentation.miou"]
    number = cell.words.removeprefix("–")
    (note,) = [each for each in page.of("li") if each.attributes.get("id") == f"note-{number}"]
    assert note.words == f"mIoU: query 3 {HOSTILE}"


@pytest.mark.slow
def test_the_same_input_gives_the_same_bytes(page: Path, case: Case, tmp_path: Path) -> None:
    assert case.write(tmp_path / "again.html").read_bytes() == page.read_bytes()


def test_nothing_is_fetched_from_elsewhere_and_every_reference_is_there(page: Path) -> None:
    found = Page(page)
    source = re.sub(r"data:image/webp;base64,[^\"]*|xmlns(:xlink)?=\"[^\"]*\"", "", found.source)
    assert not re.search(r"https?:|//[a-z]|@import", source)
    links = [value for each in found.found for name, value in each.attributes.items() if name.endswith("href")]
    ids = [each.attributes["id"] for each in found.found if "id" in each.attributes]
    named = [*(str(link).removeprefix("#") for link in links), *re.findall(r"url\(#([^)]+)\)", source)]
    assert len(named) > 20
    assert set(named) <= set(ids)
    assert len(set(ids)) == len(ids)
    policy = [meta["content"] for meta in found.all("meta") if meta.get("http-equiv") == "Content-Security-Policy"]
    assert policy == ["default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"]


def test_a_plot_has_the_colours_of_the_page_and_says_what_it_shows(page: Path) -> None:
    found = Page(page)
    plots = [svg for svg in found.of("svg") if svg.attributes.get("role") == "img" and "IoU" in svg_label(svg)]
    assert len(plots) >= 3 + 4
    source = found.source[found.source.index("<main>") :]
    assert set(re.findall(r"#[0-9a-f]{6}", source)) == set()
    styles = found.source[: found.source.index("</style>")]
    used = set(re.findall(r"var\((--[a-z0-9-]+)\)", found.source))
    assert used <= set(re.findall(r"(--[a-z0-9-]+):", styles)) | {"--tint"}
    assert len(found.of("style")) == 1


def svg_label(svg: Element) -> str:
    return str(svg.attributes["aria-label"])


def test_every_picture_and_control_has_a_name(page: Path) -> None:
    found = Page(page)
    assert all(svg.attributes.get("aria-label") or svg.attributes.get("aria-hidden") for svg in found.of("svg"))
    assert all(button.words for button in found.of("button"))
    assert all(legend.words for legend in found.of("legend"))
    assert len(found.of("legend")) == 3
    assert all(heading.attributes.get("scope") for heading in found.of("th"))


def test_names_from_outside_are_text_and_never_markup(tmp_path: Path) -> None:
    case = make_case(7, tmp_path / "data", HOSTILE)
    refused = [*case.items, Prediction(HOSTILE, HOSTILE, None), Malformed(HOSTILE, HOSTILE, HOSTILE)]
    hostile = case.with_items(refused)
    page = Page(hostile.write(tmp_path / "page.html", key=HOSTILE))
    assert len(page.all("script")) == 1
    assert page.source.count("alert(") == page.source.count("alert(&#34;x&#34;)")
    assert "49" not in [cell.words for cell in page.of("td")]
    assert sum(HOSTILE in cell.words for cell in page.of("td")) >= 3
    assert sum(HOSTILE in svg_label(svg) for svg in page.of("svg") if "aria-label" in svg.attributes) >= 6
    assert HOSTILE in page.of("dl")[0].words


def test_refused_items_are_listed_up_to_a_limit_and_counted_in_full(case: Case, tmp_path: Path) -> None:
    items = [Prediction("nobody", "i0", None, rank=rank) for rank in range(MAX_LISTED + 30)]
    page = Page(case.with_items(items).write(tmp_path / "page.html", with_evidence=False))
    assert f"{MAX_LISTED + 30} unknown_query. The first {MAX_LISTED}; the report names more." in page.words
    assert page.words.count("no query 'nobody' in small") == MAX_LISTED
    assert "Pairs without an official number" not in page.words


@pytest.mark.slow
def test_pairs_without_an_official_number_are_listed_and_have_no_official_plot(case: Case, tmp_path: Path) -> None:
    predicted = {(item.query, item.image) for item in case.items}
    pairs = list(case.truth.pairs)
    place = next(i for i, pair in enumerate(pairs) if pair.label and (pair.query_index, pair.image_index) in predicted)
    pairs[place] = replace(pairs[place], label=replace(pairs[place].label, polygons=()))
    unlabelled = replace(case, truth=replace(case.truth, pairs=tuple(pairs)))
    page = Page(unlabelled.with_items(case.items).write(tmp_path / "page.html"))
    assert "1 pair, for which the published scripts crash or give NaN." in page.words
    assert page.words.count("The published scripts give no number for some pairs, which are listed below.") == 2
    assert page.words.count("The report has no mAP for this: the published scripts give no number") == 6


@pytest.mark.slow
def test_an_empty_submission_has_a_page_too(case: Case, tmp_path: Path) -> None:
    page = Page(case.with_items([]).write(tmp_path / "page.html"))
    assert numbers(page)["strict.medium.segmentation.miou"] == numbers(page)["coverage.hard"] == "0.00"
    assert "among the 0 positives in which something was found" in page.words
    assert page.words.count("There is none.") == 2


def test_without_a_submission_the_page_says_how_to_see_more(case: Case, tmp_path: Path) -> None:
    page = Page(case.write(tmp_path / "page.html", with_evidence=False))
    assert "pixret report report.json --data DIR --submission FILE shows them." in page.words
    assert "as the report tells them" in page.words
    assert "Best and worst pairs" not in page.words


def test_a_report_of_hidden_ground_truth_has_no_table_of_queries(case: Case, tmp_path: Path) -> None:
    hidden = case.changed(lambda data: data.update(per_query=[]))
    page = Page(hidden.write(tmp_path / "page.html", with_evidence=False))
    assert "This report tells nothing of single queries, since its ground truth is hidden." in page.words
    assert numbers(page) == numbers(Page(case.write(tmp_path / "whole.html", with_evidence=False)))


@pytest.mark.parametrize(
    ("known", "words"),
    [
        ({}, "Not signed."),
        ({"is_signed": True}, "Signed, not verified."),
        ({"is_signed": True, "key": "SHA256:abc"}, "verified, made with the key SHA256:abc"),
    ],
)
def test_it_says_what_is_known_of_the_signature(case: Case, tmp_path: Path, known: dict[str, Any], words: str) -> None:
    assert words in Page(case.write(tmp_path / "page.html", with_evidence=False, **known)).words

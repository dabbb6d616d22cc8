"""The model card: what is told in it, and what of it stays as it is."""

import dataclasses

import msgspec
import pytest
import yaml
from huggingface_hub import ModelCard
from huggingface_hub.repocard_data import model_index_to_eval_results

from pixret.publishing import PublishError, merge_card
from pixret.reports import METRICS

CARD = """\
---
# a comment
license: mit
tags:
- vision
---

# Finder

It finds.
"""
INDEX = """\
model-index:
- name: Finder 2
  results:
  - task:
      type: image-classification
    dataset:
      name: Beans
      type: beans
    metrics:
    - type: accuracy
      value: 0.9
"""
SECTION = """\
<!-- pixret publish: mini begins -->
## Pixel retrieval: mini

|  | mAP, boxes | mIoU, boxes | mAP, masks | mIoU, masks | mAP, ranking |
| --- | ---: | ---: | ---: | ---: | ---: |
| medium, strict | 22.0000 | 21.0000 | 24.0000 | 23.0000 | 25.0000 |
| medium, official | 7.0000 | 6.0000 | 9.0000 | 8.0000 | 10.0000 |
| hard, strict | 27.0000 | 26.0000 | 29.0000 | 28.0000 | 30.0000 |
| hard, official | 12.0000 | 11.0000 | 14.0000 | 13.0000 | 15.0000 |

In percent, on [someone/pixels](https://huggingface.co/datasets/someone/pixels). mAP is mAP@50:5:95, and that of the \
ranking alone. *strict* is what leaderboards show, *official* what the published scripts compute.

Scored by [pixret](https://github.com/pixret/pixret) from 12 predictions, of which 2 were refused: \
[report](pixret/mini.json), not signed.

`benchmark:mini|truth:sha256:{zeros}ff|distractors:0|pixret:0.1.0`
<!-- pixret publish: mini ends -->
""".replace("{zeros}", "0" * 62)


def head(card):
    return yaml.safe_load(card.split("---\n")[1])


def merged(card, publication):
    return merge_card(card.encode(), publication).decode()


def test_a_new_card_has_a_title_the_numbers_and_the_section(publication):
    card = merge_card(None, publication).decode()
    assert card.endswith(f"\n---\n\n# finder\n\n{SECTION}")
    assert list(head(card)) == ["model-index"]


def test_the_hub_reads_every_published_number_from_the_metadata(full_publication):
    card = ModelCard(merged(CARD, full_publication))
    assert card.data.model_name == "finder"
    found = {f"{each.metric_config}.{each.metric_type}": each for each in card.data.eval_results}
    assert len(found) == 10
    assert all(
        each.metric_value == pytest.approx(METRICS[path].read(full_publication.result.report).value * 100)
        for path, each in found.items()
    )
    each = found["strict.hard.segmentation.map_50_95"]
    assert each.metric_name == "mAP@50:5:95 (hard, segmentation, strict)"
    assert (each.dataset_type, each.dataset_config, each.dataset_split) == ("someone/pixels", "mini-pairs", "test")
    assert each.dataset_revision == "5503434ddd753f426f4b38109466949a1217c2bb"
    assert (each.source_url, each.source_name) == ("https://example.org/report", "pixret report")


def test_the_text_of_a_card_stays_and_the_section_follows(publication):
    card = merged(CARD, publication)
    assert card.split("---\n", 2)[2] == f"\n# Finder\n\nIt finds.\n\n{SECTION}"
    assert {key: value for key, value in head(card).items() if key != "model-index"} == head(CARD)
    assert list(head(card)) == ["license", "tags", "model-index"]


def test_a_section_says_who_signed_and_whether_official_is_exact(full_publication):
    report = full_publication.result.report
    conventions = report.conventions
    inexact = msgspec.structs.replace(conventions.official, exact=False)
    report = msgspec.structs.replace(report, conventions=msgspec.structs.replace(conventions, official=inexact))
    result = dataclasses.replace(full_publication.result, report=report)
    card = merged(CARD, dataclasses.replace(full_publication, result=result))
    assert "Those are not exact here: not every positive was predicted as one polygon.\n" in card
    assert f"signed with the key `{result.key}`, as `pixret verify` shows.\n" in card


def test_official_numbers_that_are_undefined_are_dashes(publication, told):
    def withhold(data):
        for scores in data["conventions"]["official"]["protocols"].values():
            scores["segmentation"] |= {"miou": None, "map_50_95": None, "undefined": "withheld"}

    report = told.changed(withhold).report
    result = dataclasses.replace(publication.result, report=report)
    card = merged(CARD, dataclasses.replace(publication, result=result))
    assert "| hard, official | 12.0000 | 11.0000 | – | – | 15.0000 |" in card


def test_a_second_time_changes_no_byte(publication):
    once = merged(CARD, publication)
    assert merged(once, publication) == once
    commented = once.replace("license: mit", "license: mit  # and this stays")
    assert merged(commented, publication) == commented
    moved = once.replace("It finds.", "It finds.\n\n" + SECTION).removesuffix(f"\n{SECTION}") + "\nThe end."
    assert merged(moved, publication) == moved


def test_a_later_result_takes_the_place_of_the_earlier_one(publication):
    once = merged(CARD.replace("license: mit\n", f"license: mit\n{INDEX}"), publication) + "\nThe end.\n"
    later = dataclasses.replace(publication, source_url="https://example.org/2")
    again = merged(once.replace("22.0", "1.0").replace("not signed", "??"), later)
    assert again.split("---\n", 2)[2] == once.split("---\n", 2)[2]
    _, results = model_index_to_eval_results(head(again)["model-index"])
    assert [each.source_url for each in results] == [None, *["https://example.org/2"] * 10]


def test_results_of_others_stay(publication):
    card = merged(CARD.replace("license: mit\n", f"license: mit\n{INDEX}"), publication)
    name, results = model_index_to_eval_results(head(card)["model-index"])
    assert (name, len(results)) == ("Finder 2", 11)
    assert head(card)["model-index"][0]["results"][0] == yaml.safe_load(INDEX)["model-index"][0]["results"][0]


def test_two_benchmarks_have_a_section_each(publication, told):
    other = told.changed(lambda data: data.update(benchmark="prparis")).report
    paris = dataclasses.replace(publication, result=dataclasses.replace(publication.result, report=other))
    both = merged(merged(CARD, publication), paris)
    assert SECTION in both
    assert "## Pixel retrieval: PRParis\n" in both
    assert len(ModelCard(both).data.eval_results) == 20
    assert merged(both, publication) == both


def test_a_card_without_metadata_gets_some(publication):
    assert merged("# Finder\n", publication).startswith("---\nmodel-index:\n- name: finder\n")


def test_ends_of_lines_are_the_cards(publication):
    windows = merged(CARD.replace("\n", "\r\n"), publication)
    assert windows.count("\n") == windows.count("\r\n")
    assert windows.replace("\r\n", "\n") == merged(CARD, publication)
    assert merged(windows, publication) == windows
    assert merged(CARD.rstrip(), publication) == merged(CARD, publication)


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ("license: mit", "[", "README.md: has metadata that huggingface_hub cannot read: while parsing"),
        ("license: mit\ntags:\n", "", "README.md: has metadata that huggingface_hub cannot read: repo card metadata"),
        ("license: mit", "1: 2", "README.md: has metadata that huggingface_hub cannot read: keywords must be strings"),
        ("license: mit", "model-index: [{name: x}]", "README.md: has metadata that huggingface_hub cannot read: Inv"),
        ("- vision", "- vision\n- vision", "would not come back whole from huggingface_hub: tags; put it into"),
        (
            "license: mit",
            "model-index:\n" + "".join(f"- {{name: {name}, results: []}}\n" for name in "ab"),
            r"would not come back whole from huggingface_hub: model-index; .* or leave the card out \(--no-card\)",
        ),
    ],
)
def test_metadata_that_would_suffer_is_named(publication, before, after, fault):
    with pytest.raises(PublishError, match=fault):
        merged(CARD.replace(before, after), publication)


@pytest.mark.parametrize(
    "marks", ["<!-- pixret publish: mini begins -->", "<!-- pixret publish: mini ends -->", SECTION * 2]
)
def test_marks_that_are_no_pair_are_named(publication, marks):
    fault = "README.md: needs <!-- pixret publish: mini begins --> and <!-- pixret publish: mini ends --> once each"
    with pytest.raises(PublishError, match=fault):
        merged(CARD + marks, publication)


def test_a_card_in_another_encoding_is_named(publication):
    with pytest.raises(PublishError, match=r"README\.md: is not in UTF-8: "):
        merge_card(b"\xff", publication)

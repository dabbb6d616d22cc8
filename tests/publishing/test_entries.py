"""``.eval_results/mini.yaml``: what the Hub reads of it, and what stays of others'."""

import dataclasses
import re

import msgspec
import pytest
import yaml
from huggingface_hub import parse_eval_result_entries

from pixret.publishing import PublishError, entries_path, merge_entries

WRITTEN = """\
# pixret publish renews its own entries here and keeps all others, but no comments.
- dataset:
    id: someone/pixels
    task_id: mini_medium_detection
  value: 22.0
  notes: strict convention of pixret 0.1.0; report sha256:{digest}
- dataset:
    id: someone/pixels
    task_id: mini_medium_segmentation
  value: 24.0
  notes: strict convention of pixret 0.1.0; report sha256:{digest}
- dataset:
    id: someone/pixels
    task_id: mini_hard_detection
  value: 27.0
  notes: strict convention of pixret 0.1.0; report sha256:{digest}
- dataset:
    id: someone/pixels
    task_id: mini_hard_segmentation
  value: 29.0
  notes: strict convention of pixret 0.1.0; report sha256:{digest}
"""

OTHERS = """\
- dataset: {id: cais/hle, task_id: hle}
  value: 20.90
  date: 2025-01-15
  evaluation_framework: hle  # which huggingface_hub does not know
- dataset: {id: else/pixels, task_id: mini_hard_detection}
  value: 1
"""


def entries(content):
    return {entry.task_id: entry for entry in parse_eval_result_entries(yaml.safe_load(content))}


def test_a_new_file_is_this_text(publication):
    assert entries_path(publication) == ".eval_results/mini.yaml"
    assert merge_entries(None, publication).decode() == WRITTEN.format(digest=publication.result.digest)


def test_the_hub_reads_value_source_commit_and_notes(full_publication):
    found = entries(merge_entries(None, full_publication))
    entry = found["mini_hard_segmentation"]
    assert (entry.dataset_id, entry.value) == ("someone/pixels", 29.0)
    assert (entry.source_url, entry.source_name) == ("https://example.org/report", "pixret report")
    assert entry.dataset_revision == "5503434ddd753f426f4b38109466949a1217c2bb"
    digest, key = full_publication.result.digest, full_publication.result.key
    facts = f"strict convention of pixret 0.1.0; report sha256:{digest}, signed with {key}"
    assert entry.notes == f"3 scales; {facts}"


def test_our_signature_is_no_token_of_the_hub(full_publication):
    assert all(entry.verify_token is None for entry in entries(merge_entries(None, full_publication)).values())


def test_a_report_of_another_benchmark_is_for_its_tasks(publication):
    report = msgspec.structs.replace(publication.result.report, benchmark="proxford")
    of_proxford = dataclasses.replace(publication, result=dataclasses.replace(publication.result, report=report))
    assert entries_path(of_proxford) == ".eval_results/proxford.yaml"
    assert list(entries(merge_entries(None, of_proxford))) == [
        f"proxford_{protocol}_{answer}" for protocol in ("medium", "hard") for answer in ("detection", "segmentation")
    ]


def test_a_second_time_changes_no_byte(full_publication):
    once = merge_entries(None, full_publication)
    assert merge_entries(once, full_publication) == once
    assert merge_entries(b"# mine\n" + once, full_publication) == b"# mine\n" + once


def test_entries_of_others_keep_their_place_and_all_their_keys(publication):
    merged = yaml.safe_load(merge_entries(OTHERS.encode(), publication))
    assert merged[:2] == yaml.safe_load(OTHERS)
    assert len(merged) == 6
    better = dataclasses.replace(publication, notes="better")
    again = yaml.safe_load(merge_entries(yaml.safe_dump(merged[::-1]).encode(), better))
    assert again[4:] == merged[1::-1]
    assert all(entry["notes"].startswith("better; ") for entry in again[:4])


@pytest.mark.parametrize("content", [b"", b"# nothing yet\n"])
def test_an_empty_file_is_an_empty_list(publication, content):
    assert merge_entries(content, publication) == merge_entries(None, publication)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"a: 1", "reads it, but dict; mend or remove it"),
        (b"[", r"reads it: while parsing a flow node .*; mend or remove it"),
        (b"\xff", r"reads it: .*; mend or remove it"),
        (b"- 1", "reads it: entry 1: TypeError: .*; mend or remove it"),
        (OTHERS.encode() + b"- {dataset: {id: a/b}, value: 3}", "entry 3: KeyError: 'task_id'"),
        (b"- {dataset: {id: a/b, task_id: c}}", "entry 1: KeyError: 'value'"),
        (b"- {dataset: {id: [], task_id: c}, value: 1}", "entry 1: TypeError: "),
        (b"- {dataset: {id: a/b, task_id: c}, value: 1, source: {name: me}}", "entry 1: ValueError: .*source_url"),
    ],
)
def test_a_file_that_the_hub_would_not_read_is_named(publication, content, fault):
    with pytest.raises(PublishError, match=r"^\.eval_results/mini\.yaml: is no list of evaluation results") as caught:
        merge_entries(content, publication)
    assert re.search(fault, str(caught.value))

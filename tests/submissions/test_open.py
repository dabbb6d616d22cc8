"""Which reader a path gets, and what is said when there is none."""

import os
import sys

import pytest

from pixret.submissions import BenchmarkShape, SubmissionError, open_submission

MINI = BenchmarkShape("mini", 12, 126)


def test_nothing_there(tmp_path):
    with pytest.raises(SubmissionError, match=r"missing\.jsonl: no such file or folder"):
        open_submission(tmp_path / "missing.jsonl")


@pytest.mark.parametrize("name", ["table.csv", "table", "table.arrow", "table.jsonl.gz"])
def test_an_unknown_ending_is_answered_with_those_that_are_known(tmp_path, name):
    (tmp_path / name).touch()
    with pytest.raises(SubmissionError) as caught:
        open_submission(tmp_path / name)
    assert "is not known; a submission is a folder or one of .parquet, .jsonl, .ndjson, .json" in str(caught.value)


def test_a_folder_needs_a_method_and_a_benchmark(tmp_path):
    for arguments in ({}, {"benchmark": MINI}, {"method": "good"}):
        with pytest.raises(SubmissionError, match="authors' results layout, which takes --method NAME"):
            open_submission(tmp_path, **arguments)


@pytest.mark.parametrize("arguments", [{"method": "good"}, {"ranking": "good"}])
def test_a_file_takes_no_method_and_no_ranking(tmp_path, arguments):
    path = tmp_path / "a.jsonl"
    path.touch()
    with pytest.raises(SubmissionError, match=r"a\.jsonl: --method and --ranking choose from a results folder"):
        open_submission(path, MINI, **arguments)


@pytest.mark.skipif(sys.platform == "win32", reason="no named pipes in the file system")
def test_a_pipe_is_refused_rather_than_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.jsonl")
    with pytest.raises(SubmissionError, match=r"pipe\.jsonl: is not a regular file"):
        open_submission(tmp_path / "pipe.jsonl")

"""Which reports may be published, and what is refused before anything is written."""

import dataclasses

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519

from pixret.publishing import PUBLISHED, Dataset, Publication, PublishError, Result, merge_entries, read_result
from pixret.reports import ReportError
from pixret.signing import FalseSignatureError, read_verifying_key, signature_path


def test_what_is_published_are_the_strict_means_of_medium_and_hard():
    assert [metric.path for metric in PUBLISHED] == [
        f"strict.{protocol}.{number}"
        for protocol in ("medium", "hard")
        for number in (
            *(f"{task}.{mean}" for task in ("detection", "segmentation") for mean in ("miou", "map_50_95")),
            "ranking.map",
        )
    ]


def test_a_signature_is_checked_with_the_key(told, write, signed_result):
    assert signed_result.content == told.content
    assert signed_result.signature == signature_path(write(told, signed=True)).read_bytes()
    assert signed_result.key.startswith("SHA256:")


def test_a_signed_report_is_not_published_unchecked(told, write, tmp_path):
    path = write(told, signed=True)
    with pytest.raises(PublishError, match=r"report\.json\.sig: is its signature; name the public key that checks it"):
        read_result(path)
    elsewhere = signature_path(path).rename(tmp_path / "elsewhere")
    with pytest.raises(PublishError, match=r"elsewhere: is its signature; name the public key that checks it"):
        read_result(path, signature=elsewhere)


def test_a_false_signature_is_refused(told, write):
    path = write(told, signed=True)
    with pytest.raises(FalseSignatureError, match="was signed with the key"):
        read_result(path, key=ed25519.Ed25519PrivateKey.generate().public_key())


def test_a_key_without_a_signature_is_refused(told, write, key_file):
    with pytest.raises(FileNotFoundError, match=r"report\.json\.sig"):
        read_result(write(told), key=read_verifying_key(key_file))


def test_every_undefined_number_is_named_with_its_reason(told, write):
    def undefine(data):
        protocols = data["conventions"]["strict"]["protocols"]
        protocols["medium"]["detection"] |= {"map_50_95": None, "undefined": "nothing is ranked"}
        protocols["hard"]["ranking"]["map"] = None
        protocols["easy"]["segmentation"]["miou"] = None

    with pytest.raises(PublishError) as caught:
        read_result(write(told.changed(undefine)))
    assert caught.value.detail == (
        "cannot be published, since it leaves undefined: "
        "strict.medium.detection.map_50_95 (nothing is ranked), "
        "strict.hard.ranking.map (nothing is ranked, or no query has a positive in this protocol)"
    )


def test_no_undefined_number_is_ever_written(told, publication):
    def undefine(data):
        data["conventions"]["strict"]["protocols"]["hard"]["detection"]["map_50_95"] = None

    report = told.changed(undefine)
    unchecked = dataclasses.replace(publication, result=Result(report.report, report.content))
    with pytest.raises(PublishError, match=r"strict\.hard\.detection\.map_50_95: is undefined, and a published number"):
        merge_entries(None, unchecked)


def test_a_report_of_nothing_is_refused(told, write):
    def empty(data):
        data["predictions"] = {"received": 3, "accepted": 0, "rejected": 3}

    with pytest.raises(PublishError, match=r"report\.json: has no accepted prediction; score a submission"):
        read_result(write(told.changed(empty)))


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"benchmark": "../etc"}, "is of the benchmark ../etc, and there are leaderboards of proxford, prparis, mini"),
        ({"signature": "distractors:1001001"}, "its number of distractors is 1001001, and the leaderboards' is 0"),
        ({"signature": "x"}, "its number of distractors is not told, and the leaderboards' is 0"),
    ],
)
def test_a_report_that_no_leaderboard_is_for_is_refused(told, write, change, fault):
    with pytest.raises(PublishError, match=fault):
        read_result(write(told.changed(lambda data: data.update(change))))


def test_what_is_no_report_is_refused(told, write):
    with pytest.raises(ReportError, match=r"report\.json: has the schema pixret\.snapshot/1"):
        read_result(write(told.changed(lambda data: data.update(schema="pixret.snapshot/1"))))


def test_a_name_a_commit_and_an_address_that_cannot_be_are_named(result):
    with pytest.raises(PublishError, match=r"a/b/c: is no name of a dataset on the Hub, OWNER/NAME: Repo id must"):
        Dataset("a/b/c")
    with pytest.raises(PublishError, match="main: is no commit of a dataset; write its 40 hexadecimal digits"):
        Dataset("a/b", "main")
    with pytest.raises(PublishError, match=r"example\.org: is no address of a page; write it with https://"):
        Publication(result, Dataset("a/b"), "m", "example.org")

"""What docs/contract.md promises: what may change on the wire, and what old and new programs make of each other."""

import shutil
import subprocess
import sys
from pathlib import Path

import grpc
import pytest
from serving import running_server, small_truth

from pixret.client import Client
from pixret.client._wire import decode_rejection
from pixret.metrics import Reason
from pixret.scoring import CHAIN_START, extend_chain, item_digest
from pixret.scoring.v1 import scoring_pb2 as pb
from pixret.scoring.v1.scoring_pb2_grpc import ScoringServiceStub

PROTO = Path(__file__).parents[2] / "proto"
CONTRACT = "pixret/scoring/v1/scoring.proto"
BUF = Path(sys.executable).with_name("buf")


@pytest.fixture
def buf(tmp_path):
    """Run buf on the contract, in which something is replaced."""

    def run(old, new, *command):
        shutil.copytree(PROTO, tmp_path / "proto")
        contract = tmp_path / "proto" / CONTRACT
        text = contract.read_text(encoding="utf-8")
        assert old in text
        contract.write_text(text.replace(old, new), encoding="utf-8")
        folder = tmp_path / "proto"
        return subprocess.run([BUF, *command], cwd=folder, capture_output=True, text=True, check=False)

    return run


BREAKING = ("breaking", "--against", "released/scoring.v1.yaml")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "  string request_id = 2;\n",
            "",
            'field "2" with name "request_id" on message "CreateSessionRequest" was del',
        ),
        ("string request_id = 2;", "string request_id = 12;", 'field "2" with name "request_id"'),
        ("string request_id = 2;", "bytes request_id = 2;", "type"),
        ("string request_id = 2;", "string request_key = 2;", 'changed name from "request_id" to "request_key"'),
        ("REJECTION_REASON_UNREADABLE = 9", "REJECTION_REASON_ILLEGIBLE = 9", "REJECTION_REASON_UNREADABLE"),
        ("rpc GetSnapshot(", "rpc ReadSnapshot(", "GetSnapshot"),
        ("NoMask no_mask = 9;\n", "", "no_mask"),
    ],
    ids=["removed", "renumbered", "retyped", "renamed", "value renamed", "call renamed", "arm removed"],
)
def test_a_change_that_breaks_clients_fails(buf, old, new, said):
    done = buf(old, new, *BREAKING)
    assert (done.returncode, said in done.stdout) == (100, True), done.stdout + done.stderr


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("string request_id = 2;", "string request_id = 2;\n  // More.\n  string more = 99;"),
        ("string request_id = 2;", "string request_id = 2 [deprecated = true];"),
        (
            "REJECTION_REASON_UNREADABLE = 9;",
            "REJECTION_REASON_UNREADABLE = 9;\n  // More.\n  REJECTION_REASON_MORE = 10;",
        ),
    ],
    ids=["field added", "field deprecated", "value added"],
)
def test_an_addition_passes(buf, old, new):
    done = buf(old, new, *BREAKING)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", ["string request_id = 2;", "BENCHMARK_VIEW_BASIC = 1;", "message NoMask {}"])
def test_what_has_no_comment_fails(buf, name):
    done = buf(name, f"\n\n  {name}", "lint")
    assert (done.returncode, "should have a non-empty comment" in done.stdout) == (100, True)


def with_unknown_field(message, number):
    """The message as a newer client would write it: with a field of one byte that this contract does not have."""
    return type(message).FromString(message.SerializeToString() + bytes([number << 3 | 2, 1, 0]))


def test_a_mask_of_a_newer_contract_is_refused_by_name_and_a_field_of_one_is_passed_over():
    item = pb.Item(prediction=with_unknown_field(pb.Prediction(score=1.0), number=15))
    item.prediction.query.index = item.prediction.image.index = 0
    item_bytes = item.SerializeToString()
    batch = with_unknown_field(pb.ItemBatch(items=[item]), number=15)
    with running_server(small_truth()) as address, Client(address) as client, grpc.insecure_channel(address) as channel:
        session = client.create_session("small").name
        request = pb.AppendPredictionsRequest(session=session, batch=batch)
        (rejection,) = ScoringServiceStub(channel).AppendPredictions(request).rejections
        digest = client.session(session).chain_digest
    assert digest == extend_chain(CHAIN_START, item_digest(item_bytes))
    assert (rejection.reason, rejection.field) == (pb.REJECTION_REASON_INCOMPLETE, "mask")


def test_a_reason_of_a_newer_server_is_unknown_and_keeps_its_words():
    newer = pb.Rejection.FromString(pb.Rejection(offset=3, message="too blue").SerializeToString() + b"\x10\x63")
    rejection = decode_rejection(newer)
    assert (rejection.offset, rejection.reason, rejection.message) == (3, Reason.UNKNOWN, "too blue")

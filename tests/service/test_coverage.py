"""That this folder leaves out nothing that the wire offers."""

import re
from pathlib import Path

import pytest

from pixret.scoring.v1 import scoring_pb2 as pb

TESTS = "\n".join(path.read_text() for path in Path(__file__).parent.glob("*.py"))
RPCS = [method.name for method in pb.DESCRIPTOR.services_by_name["ScoringService"].methods]
ARMS = [
    (message, field.name)
    for message in ("Item", "Prediction", "ImageRef", "StreamPredictionsRequest")
    for oneof in pb.DESCRIPTOR.message_types_by_name[message].oneofs
    for field in oneof.fields
]
ANSWERS = [field.name for field in pb.StreamPredictionsResponse.DESCRIPTOR.oneofs[0].fields]


@pytest.mark.parametrize("rpc", RPCS)
def test_every_rpc_is_called(rpc):
    assert re.search(rf"stub\.{rpc}\(", TESTS)


@pytest.mark.parametrize(("message", "arm"), ARMS)
def test_every_arm_of_a_request_is_sent(message, arm):
    assert re.search(rf"\b{arm}=", TESTS)


@pytest.mark.parametrize("kind", ANSWERS)
def test_every_kind_of_answer_is_received(kind):
    assert re.search(rf'receive\("{kind}"\)|HasField\("{kind}"\)', TESTS)

"""A report whose every byte is known, and what it is published as."""

from itertools import count

import msgspec
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519
from hub import Repository
from prepared import write_tables
from scored import score

from pixret.metrics import GroundTruth, JudgedPair, Level
from pixret.publishing import Dataset, Publication, read_result
from pixret.repository import describe_repository
from pixret.signing import sign_report, signature_path
from pixret.tables import load_manifest, write_manifest

KEY = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
TRUTH = f"sha256:{'0' * 62}ff"
SIGNATURE = f"benchmark:mini|truth:{TRUTH}|distractors:0|pixret:0.1.0"


def fix_numbers(data):
    """Give a report numbers that no library has a part in: 1, 2, 3, ... percent, as the report orders them."""
    numbers = count(1)
    for convention in data["conventions"].values():
        for protocol in convention["protocols"].values():
            for task in ("detection", "segmentation"):
                protocol[task] |= {"miou": next(numbers) / 100, "map_50_95": next(numbers) / 100}
            protocol["ranking"]["map"] = next(numbers) / 100
    data["predictions"] = {"received": 12, "accepted": 10, "rejected": 2}
    data |= {"benchmark": "mini", "signature": SIGNATURE, "per_query": []}


@pytest.fixture(scope="session")
def told():
    """The report, which can be changed."""
    return score(7).changed(fix_numbers)


@pytest.fixture
def write(tmp_path):
    """Write a report, signed or not."""

    def write_report(report, *, signed=False):
        path = tmp_path / ("signed" if signed else "plain") / "report.json"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(report.content)
        if signed:
            signature_path(path).write_bytes(sign_report(report.content, KEY))
        return path

    return write_report


@pytest.fixture
def key_file(tmp_path):
    path = tmp_path / "lab.key.pub"
    form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    path.write_bytes(KEY.public_key().public_bytes(*form))
    return path


@pytest.fixture
def result(told, write):
    return read_result(write(told))


@pytest.fixture
def signed_result(told, write):
    return read_result(write(told, signed=True), key=KEY.public_key())


@pytest.fixture
def publication(result):
    return Publication(result, Dataset("someone/pixels"), "finder")


@pytest.fixture
def full_publication(signed_result):
    """With all that may be told beside a result."""
    dataset = Dataset("someone/pixels", "5503434ddd753f426f4b38109466949a1217c2bb")
    return Publication(signed_result, dataset, "finder", "https://example.org/report", "3 scales")


@pytest.fixture
def dataset(hub, tmp_path):
    """The dataset of the publications on the Hub, which holds the ground truth that the report names."""
    data = tmp_path / "data"
    write_tables(data, GroundTruth("mini", ("q",), ("i",), (JudgedPair(0, 0, Level.JUNK, None),)), [(0, 0, 1, 1)])
    write_manifest(data / "mini", msgspec.structs.replace(load_manifest(data / "mini"), ground_truth=TRUTH))
    describe_repository(data)
    hub.repositories["someone/pixels"] = repository = Repository()
    repository.files |= {name: (data / name).read_bytes() for name in ("eval.yaml", "mini/manifest.json")}
    return repository

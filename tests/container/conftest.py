"""Tests of the image run where there is one: container/test builds it and says so."""

import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest
import trustme

from pixret.loader import prepare
from pixret.metrics import Accumulator, report_bytes
from pixret.submissions import open_submission
from pixret.synth import write_mini
from pixret.tables import read_ground_truth

_NEEDS = {path.name: "PIXRET_IMAGE" for path in Path(__file__).parent.glob("test_*.py")}
_NEEDS["test_rebuild.py"] = "PIXRET_IMAGE_AGAIN"
del _NEEDS["test_prune.py"]
collect_ignore = [name for name, variable in _NEEDS.items() if variable not in os.environ]
USER = 10001


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """Raw files and prepared tables of mini, readable by the user of the image."""
    folder = tmp_path_factory.mktemp("image")
    write_mini(folder / "raw")
    prepare("mini", folder / "raw" / "pixel_retrieval_benchmarks", folder / "data")
    for path in (folder, *folder.parents[:2], *folder.rglob("*")):
        path.chmod(0o755)
    return folder


@pytest.fixture(scope="session")
def good(folder):
    return folder / "raw" / "submissions" / "good.jsonl"


@pytest.fixture(scope="session")
def expected(folder, good):
    accumulator = Accumulator(read_ground_truth(folder / "data"))
    accumulator.add(open_submission(good))
    return report_bytes(accumulator)


@pytest.fixture(scope="module")
def server(folder):
    from image import serving  # which asks for the image as soon as it is imported

    with serving(folder) as (name, address):
        yield name, address


@pytest.fixture
def out(tmp_path):
    """A folder that the user of the image may write to."""
    folder = tmp_path / "out"
    folder.mkdir()
    os.chown(folder, USER, USER)
    for path in tmp_path.parents[:2]:
        path.chmod(0o755)
    return folder


@pytest.fixture
def kept(tmp_path):
    """The folder of secrets that a deployment asks for, and the token that it lets in."""
    authority, password = trustme.CA(), secrets.token_hex()
    certificate = authority.issue_cert("localhost")
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    certificate.private_key_pem.write_to_path(str(tmp_path / "key.pem"))
    certificate.cert_chain_pems[0].write_to_path(str(tmp_path / "certificate.pem"))
    (tmp_path / "pgpass").write_text(f"postgres:5432:pixret:pixret:{password}\n")
    command = [sys.executable, "-m", "pixret.cli", "token", "new", "--name", "ci", "--file", tmp_path / "tokens.toml"]
    token = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    for path in (tmp_path, *tmp_path.iterdir()):
        os.chown(path, USER, USER)
        path.chmod(0o700 if path.is_dir() else 0o600)
    (tmp_path / "postgres-password").write_text(password)
    for path in (tmp_path, *tmp_path.parents[:2]):
        path.chmod(0o755)
    return tmp_path, token.strip()

"""``pixret keygen``, ``score --sign`` and ``verify``: keys in files, signatures beside reports, and exit codes."""

import shutil

import pytest
from serving import running_server

from pixret.tables import read_ground_truth


@pytest.fixture
def keys(pixret, tmp_path):
    """A folder with the pair me, me.pub and the pair you, you.pub."""
    for name in ("me", "you"):
        assert pixret("keygen", tmp_path / name).code == 0
    return tmp_path


@pytest.fixture
def signed(pixret, keys, data, mini_folder):
    """A report that me signed, with its signature beside it."""
    path = keys / "report.json"
    submission = mini_folder / "submissions" / "good.jsonl"
    done = pixret("score", submission, "--data", data, "--workers", 1, "--json", path, "--sign", keys / "me")
    assert done.code == 0
    return path


def test_a_key_pair_is_made_once(pixret, tmp_path):
    done = pixret("keygen", tmp_path / "me")
    assert (done.code, done.err) == (0, "")
    assert done.out == f"{tmp_path}/me signs, keep it to yourself; {tmp_path}/me.pub verifies, give it away\n"
    again = pixret("keygen", tmp_path / "me")
    assert again.code == 2
    assert "is there already, and a key is never overwritten" in again.err


def test_a_signed_report_is_verified_without_masks(pixret, keys, signed):
    done = pixret("verify", signed, "--key", keys / "me.pub")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"{signed}: mini, signed with the key SHA256:")
    assert "benchmark:mini|truth:sha256:" in done.out


def test_a_changed_report_fails(pixret, keys, signed):
    signed.write_bytes(signed.read_bytes().replace(b'"accepted": 720', b'"accepted": 721'))
    done = pixret("verify", signed, "--key", keys / "me.pub")
    assert (done.code, done.out) == (1, "")
    assert "was changed: its SHA-256 is" in done.err


def test_another_key_fails(pixret, keys, signed):
    done = pixret("verify", signed, "--key", keys / "you.pub")
    assert done.code == 1
    assert "was signed with the key SHA256:" in done.err


def test_a_signature_may_lie_elsewhere(pixret, keys, signed):
    shutil.move(f"{signed}.sig", keys / "elsewhere")
    missing = pixret("verify", signed, "--key", keys / "me.pub")
    assert missing.code == 2
    assert "report.json.sig" in missing.err
    assert pixret("verify", signed, "--key", keys / "me.pub", "--signature", keys / "elsewhere").code == 0


def test_what_is_no_key_ends_before_anything_is_scored(pixret, keys, data, mini_folder):
    submission = mini_folder / "submissions" / "good.jsonl"
    options = "--data", data, "--json", keys / "report.json", "--sign", keys / "me.pub"
    done = pixret("score", submission, *options)
    assert done.code == 2
    assert "me.pub: is no private key" in done.err
    assert not (keys / "report.json").exists()


@pytest.mark.parametrize("outlet", [(), ("--json", "-")])
def test_a_signature_needs_a_report_beside_it(pixret, keys, data, mini_folder, outlet):
    submission = mini_folder / "submissions" / "good.jsonl"
    done = pixret("score", submission, "--data", data, "--sign", keys / "me", *outlet)
    assert done.code == 2
    said = " ".join(done.err.replace("│", " ").split())  # a usage error comes in a box
    assert "the signature goes beside the report; give --json FILE, too" in said


def test_a_server_signs_with_its_own_key(pixret, keys, data, mini_folder):
    submission, path = mini_folder / "submissions" / "good.jsonl", keys / "there.json"
    with running_server(read_ground_truth(data), signing_key=keys / "you") as address:
        done = pixret("score", submission, "--data", data, "--server", address, "--json", path)
    assert done.code == 0
    assert pixret("verify", path, "--key", keys / "you.pub").code == 0


def test_a_server_without_its_key_does_not_start(pixret, keys, data):
    done = pixret("serve", "--data", data, "--listen", "127.0.0.1:0", "--signing-key", keys / "me.pub")
    assert done.code == 2
    assert "me.pub: is no private key" in done.err

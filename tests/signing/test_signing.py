"""Signed reports: what was signed is told from everything else, byte by byte, and by other programs alike."""

import base64
import json
import os
import shutil
import subprocess

import pytest
from cases import ground_truth, random_case
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from hypothesis import given
from hypothesis import strategies as st

from pixret.metrics import Accumulator, report_bytes
from pixret.signing import (
    FalseSignatureError,
    SigningError,
    new_key,
    read_signing_key,
    read_verifying_key,
    sign_report,
    signature_path,
    verify_report,
)

KEY = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key()
REPORT = report_bytes(Accumulator(ground_truth(random_case(1, queries=1, images=3), images=3)))
SIGNATURE = sign_report(REPORT, KEY)


def test_a_true_signature_tells_what_it_vouches_for():
    found = verify_report(REPORT, SIGNATURE, PUBLIC, "report.json")
    assert (found.benchmark, found.depends_on) == ("small", json.loads(REPORT)["signature"])
    assert found.key.startswith("SHA256:")


def test_the_same_report_and_key_give_the_same_signature():
    assert sign_report(REPORT, KEY) == SIGNATURE


@given(st.data())
def test_any_changed_byte_of_the_report_is_caught(data):
    changed = _with_a_changed_byte(data, REPORT)
    with pytest.raises(
        FalseSignatureError, match=r"^r\.json: was changed: its SHA-256 is [0-9a-f]{64}, and that signed"
    ):
        verify_report(changed, SIGNATURE, PUBLIC, "r.json")


@given(st.data())
def test_any_changed_byte_of_the_signature_is_caught(data):
    with pytest.raises(SigningError, match=r"^r\.json: "):
        verify_report(REPORT, _with_a_changed_byte(data, SIGNATURE), PUBLIC, "r.json")


def test_every_flipped_bit_of_the_signature_is_caught():
    for at in range(len(SIGNATURE)):
        for bit in range(8):
            flipped = SIGNATURE[:at] + bytes([SIGNATURE[at] ^ 1 << bit]) + SIGNATURE[at + 1 :]
            with pytest.raises(SigningError):
                verify_report(REPORT, flipped, PUBLIC, "r.json")


@given(st.integers(0, len(REPORT) - 1))
def test_a_report_that_was_cut_is_caught(length):
    with pytest.raises(FalseSignatureError, match="was changed"):
        verify_report(REPORT[:length], SIGNATURE, PUBLIC, "r.json")


def _with_a_changed_byte(data, content):
    at = data.draw(st.integers(0, len(content) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda each: each != content[at]))
    return content[:at] + bytes([byte]) + content[at + 1 :]


def test_another_key_is_named():
    other = ed25519.Ed25519PrivateKey.generate().public_key()
    with pytest.raises(FalseSignatureError, match=r"was signed with the key SHA256:\S+, and the key given is SHA256:"):
        verify_report(REPORT, SIGNATURE, other, "r.json")


def test_a_signature_that_claims_the_key_and_the_bytes_is_still_false():
    forged = json.loads(SIGNATURE)
    forged["signature"] = base64.b64encode(ed25519.Ed25519PrivateKey.generate().sign(REPORT)).decode()
    with pytest.raises(FalseSignatureError, match="has a signature that is not of the key SHA256:"):
        verify_report(REPORT, json.dumps(forged, indent=1).encode() + b"\n", PUBLIC, "r.json")


@pytest.mark.parametrize("content", [b"", b"\xff", b"[]", b"{}", SIGNATURE.replace(b"signature/1", b"signature/2")])
def test_what_is_no_signature_is_said(content):
    with pytest.raises(SigningError, match=r"its signature is none that is known here \(pixret\.signature/1\)"):
        verify_report(REPORT, content, PUBLIC, "r.json")


def test_a_signature_in_another_form_is_refused():
    with pytest.raises(SigningError, match="its signature was changed: it is not in the form in which it is written"):
        verify_report(REPORT, SIGNATURE + b"\n", PUBLIC, "r.json")


@pytest.mark.parametrize("content", [b"", b"\xff", b"no json", b"[1]", b'{"schema": "x"}'])
def test_what_was_signed_and_is_no_report_is_said(content):
    with pytest.raises(SigningError, match="what was signed is no report") as caught:
        verify_report(content, sign_report(content, KEY), PUBLIC, "r.json")
    assert not isinstance(caught.value, FalseSignatureError)


def test_a_schema_that_is_not_known_is_named():
    newer = REPORT.replace(b"pixret.report/1", b"pixret.report/2")
    with pytest.raises(SigningError, match=r"its schema is 'pixret\.report/2', and this version of pixret knows"):
        verify_report(newer, sign_report(newer, KEY), PUBLIC, "r.json")


# --- Keys ------------------------------------------------------------------------------------------------------------


def test_a_new_key_pair_signs_and_verifies(tmp_path):
    made = new_key(tmp_path / "key")
    key, public = read_signing_key(tmp_path / "key"), read_verifying_key(tmp_path / "key.pub")
    assert made == public == key.public_key()
    assert verify_report(REPORT, sign_report(REPORT, key), public, "r.json").benchmark == "small"


def test_a_private_key_is_for_its_owner_alone(tmp_path):
    before = os.umask(0)
    try:
        new_key(tmp_path / "key")
    finally:
        os.umask(before)
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    (tmp_path / "key").chmod(0o640)
    with pytest.raises(SigningError, match=r"has mode 0640, so that others may read the key; say chmod 600 \S+key"):
        read_signing_key(tmp_path / "key")


@pytest.mark.parametrize("there", ["key", "key.pub"])
def test_a_key_is_never_overwritten(tmp_path, there):
    (tmp_path / there).write_text("mine")
    with pytest.raises(SigningError, match=f"{there}: is there already, and a key is never overwritten"):
        new_key(tmp_path / "key")
    assert [path.name for path in tmp_path.iterdir()] == [there]


def test_keys_of_openssh_are_read(tmp_path):
    private, public = tmp_path / "id", tmp_path / "id.pub"
    openssh = serialization.PrivateFormat.OpenSSH
    private.write_bytes(KEY.private_bytes(serialization.Encoding.PEM, openssh, serialization.NoEncryption()))
    private.chmod(0o600)
    public.write_bytes(PUBLIC.public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH))
    assert sign_report(REPORT, read_signing_key(private)) == SIGNATURE
    assert read_verifying_key(public) == PUBLIC


def _pem(key, encryption):
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is no private key that can be read, PEM or OpenSSH's"),
        (b"-----BEGIN OPENSSH PRIVATE KEY-----\n", "is no private key that can be read"),
        (_pem(KEY, serialization.BestAvailableEncryption(b"secret")), "is no private key that can be read"),
        (_pem(ec.generate_private_key(ec.SECP256R1()), serialization.NoEncryption()), "is no Ed25519 key"),
    ],
    ids=["empty", "torn", "with a passphrase", "of another kind"],
)
def test_what_is_no_private_key_is_said(tmp_path, content, message):
    path = tmp_path / "key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(SigningError, match=message):
        read_signing_key(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is no public key"),
        (b"ssh-ed25519 AAAA", "is no public key"),
        (_pem(KEY, serialization.NoEncryption()), "is a private key; give the public one"),
        (
            ec.generate_private_key(ec.SECP256R1())
            .public_key()
            .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo),
            "is no Ed25519 key",
        ),
    ],
    ids=["empty", "torn", "private", "of another kind"],
)
def test_what_is_no_public_key_is_said(tmp_path, content, message):
    path = tmp_path / "key.pub"
    path.write_bytes(content)
    with pytest.raises(SigningError, match=message):
        read_verifying_key(path)


# --- Other programs --------------------------------------------------------------------------------------------------


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl, which is to check the signature")
@pytest.mark.parametrize("ending", [b"", b" "], ids=["true", "false"])
def test_openssl_agrees(tmp_path, ending):
    new_key(tmp_path / "key")
    signature = json.loads(sign_report(REPORT, read_signing_key(tmp_path / "key")))
    (tmp_path / "report.json").write_bytes(REPORT + ending)
    (tmp_path / "raw").write_bytes(base64.b64decode(signature["signature"]))
    command = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "key.pub", "-rawin", "-in", "report.json"]
    done = subprocess.run([*command, "-sigfile", "raw"], cwd=tmp_path, capture_output=True, check=False)
    assert (done.returncode == 0) == (ending == b"")


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="no ssh-keygen, whose keys and fingerprints these are")
def test_ssh_keygen_makes_keys_and_shows_the_same_fingerprint(tmp_path):
    make = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "id"]
    subprocess.run(make, cwd=tmp_path, check=True, capture_output=True)
    signature = sign_report(REPORT, read_signing_key(tmp_path / "id"))
    found = verify_report(REPORT, signature, read_verifying_key(tmp_path / "id.pub"), "r.json")
    shown = subprocess.run(
        ["ssh-keygen", "-l", "-f", "id.pub"], cwd=tmp_path, check=True, capture_output=True, text=True
    )
    assert found.key in shown.stdout.split()


def test_the_signature_lies_beside_the_report(tmp_path):
    assert signature_path(tmp_path / "report.json") == tmp_path / "report.json.sig"

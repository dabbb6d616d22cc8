"""Clients that speak TLS: whom they trust, and how they show who they are."""

import pytest
import trustme
from conftest import running_serve
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from jobs import check, rows_of

pytestmark = [pytest.mark.conformance, pytest.mark.timeout(900)]  # the first test of a client builds it

ROWS = rows_of(queries=1)


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture(scope="module")
def certified(authority, prepared, tmp_path_factory):
    """Where a server listens that shows a certificate of the authority."""
    with serve_certified(authority, prepared, tmp_path_factory.mktemp("server")) as server:
        yield at_localhost(server)


@pytest.fixture(scope="module")
def closed(authority, prepared, tmp_path_factory):
    """Where a server listens that wants one of its clients, too."""
    folder = tmp_path_factory.mktemp("closed")
    authority.cert_pem.write_to_path(folder / "clients.pem")
    with serve_certified(authority, prepared, folder, "--tls-client-ca", folder / "clients.pem") as server:
        yield at_localhost(server)


def serve_certified(authority, prepared, folder, *options):
    own = identity(authority, folder, "localhost")
    shown = ["--tls-certificate", own["certificate"], "--tls-key", own["key"]]
    return running_serve("--data", prepared, *options, *shown)


def at_localhost(server):
    return f"localhost:{server.address.rpartition(':')[2]}"


def identity(authority, folder, name):
    """Paths of a certificate that an authority gives to a name, and of its key, in the form that Java reads, too."""
    issued = authority.issue_cert(name)
    certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
    issued.cert_chain_pems[0].write_to_path(certificate)
    private = load_pem_private_key(issued.private_key_pem.bytes(), None)
    key.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return {"certificate": str(certificate), "key": str(key)}


def trusting(authority, folder, **own):
    """What a client needs that trusts an authority, for a job."""
    authority.cert_pem.write_to_path(folder / "ca.pem")
    return {"ca": str(folder / "ca.pem"), "certificate": None, "key": None} | own


def test_a_server_of_the_trusted_authority_is_spoken_to(driver, certified, authority, tmp_path):
    check(driver.run(certified, ROWS, tls=trusting(authority, tmp_path)), ROWS)


def test_a_server_of_another_authority_is_an_error_by_name(driver, certified, tmp_path):
    result = driver.run(certified, ROWS, tls=trusting(trustme.CA(), tmp_path))
    assert result["report"] is None
    assert result["error"]["code"] == "UNAVAILABLE"
    assert "certific" in result["error"]["message"].lower()


def test_a_server_that_speaks_tls_is_an_error_in_plaintext(driver, certified):
    result = driver.run(certified, ROWS)
    assert result["error"]["code"] == "UNAVAILABLE"
    assert result["error"]["message"]


def test_a_client_shows_its_certificate(driver, closed, authority, tmp_path):
    own = identity(authority, tmp_path, "ann")
    check(driver.run(closed, ROWS, tls=trusting(authority, tmp_path, **own)), ROWS)


@pytest.mark.parametrize("other", [False, True], ids=["none", "of another authority"])
def test_a_client_without_a_good_certificate_is_let_in_nowhere(driver, closed, authority, tmp_path, other):
    own = identity(trustme.CA(), tmp_path, "eve") if other else {}
    result = driver.run(closed, ROWS, tls=trusting(authority, tmp_path, **own))
    assert result["report"] is None
    assert result["error"]["code"] == "UNAVAILABLE"
    assert result["error"]["message"]

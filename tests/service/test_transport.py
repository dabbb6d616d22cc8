"""TLS, client certificates, and certificates that are replaced while the server runs."""

import pytest
import trustme
from service_kit import make_truth
from serving import running_server, small_truth

from pixret.client import Client, ServerUnavailableError, Tls
from pixret.service import Server, ServiceConfig, ServiceError


class Authority:
    """A certificate authority, and its files."""

    def __init__(self, folder, name):
        self.ca = trustme.CA()
        self.folder, self.name = folder, name
        self.file = folder / f"{name}-ca.pem"
        self.ca.cert_pem.write_to_path(self.file)

    def issue(self, name, *identities):
        """A certificate and its key, as files that replace those of the name at once."""
        issued = self.ca.issue_cert(*identities)
        certificate, key = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        for path, blobs in ((certificate, issued.cert_chain_pems), (key, [issued.private_key_pem])):
            fresh = path.with_suffix(".new")
            fresh.write_bytes(b"".join(blob.bytes() for blob in blobs))
            fresh.replace(path)
        return certificate, key


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path, "first")


def served(authority, **config):
    certificate, key = authority.issue("server", "127.0.0.1")
    return running_server(small_truth(), tls_certificate=certificate, tls_key=key, **config)


def names(address, tls=None):
    with Client(address, tls=tls, timeout=10) as client:
        return [each.name for each in client.benchmarks()]


def test_tls(authority, tmp_path):
    with served(authority) as address:
        assert names(address, Tls(authority.file)) == ["small"]
        with pytest.raises(ServerUnavailableError):
            names(address, Tls(Authority(tmp_path, "other").file))
        with pytest.raises(ServerUnavailableError):
            names(address)


def test_clients_show_certificates(authority, tmp_path):
    with served(authority, tls_client_ca=authority.file) as address:
        certificate, key = authority.issue("client", "someone@example.org")
        assert names(address, Tls(authority.file, certificate, key)) == ["small"]
        with pytest.raises(ServerUnavailableError):
            names(address, Tls(authority.file))
        stranger = Authority(tmp_path, "stranger").issue("stranger", "someone@example.org")
        with pytest.raises(ServerUnavailableError):
            names(address, Tls(authority.file, *stranger))


def test_files_that_hold_something_else_are_named_before_anything_is_sent(authority, tmp_path):
    certificate, key = authority.issue("client", "someone@example.org")
    nonsense = tmp_path / "nonsense"
    nonsense.write_text("nonsense")
    for tls, fault in (
        (Tls(nonsense), "nonsense holds no certificate of an authority in PEM"),
        (Tls(key), "holds no certificate of an authority in PEM"),
        (Tls(authority.file, certificate, nonsense), "nonsense are no certificate and its key in PEM, unencrypted"),
        (Tls(authority.file, authority.file, key), "are no certificate and its key in PEM"),
    ):
        with pytest.raises(ValueError, match=fault):
            Client("127.0.0.1:1", tls=tls)


def test_replaced_certificates_serve_the_next_connection(authority, tmp_path):
    with served(authority) as address:
        with Client(address, tls=Tls(authority.file)) as before:
            assert len(before.benchmarks()) == 1
            second = Authority(tmp_path, "second")
            second.issue("server", "127.0.0.1")
            assert names(address, Tls(second.file)) == ["small"]
            assert len(before.benchmarks()) == 1  # its connection lasts
        with pytest.raises(ServerUnavailableError):
            names(address, Tls(authority.file))


def test_files_that_do_not_fit_leave_the_former_certificate_in_use(authority, tmp_path, caplog):
    with served(authority) as address:
        (tmp_path / "server.key").write_bytes(authority.issue("other", "127.0.0.1")[1].read_bytes())
        assert names(address, Tls(authority.file)) == ["small"]
        assert "the former certificate stays in use: KEY_VALUES_MISMATCH in one of" in caplog.text
        (tmp_path / "server.key").unlink()
        assert names(address, Tls(authority.file)) == ["small"]
        assert f"the former certificate stays in use: {tmp_path / 'server.key'}: No such file" in caplog.text
        authority.issue("server", "127.0.0.1")
        assert names(address, Tls(authority.file)) == ["small"]


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "cannot use the certificate: .*server.key: No such file"), (b"none", "cannot use the certificate: .*PEM")],
)
async def test_a_server_does_not_start_with_a_wrong_certificate(authority, content, message):
    certificate, key = authority.issue("server", "127.0.0.1")
    key.unlink()
    if content is not None:
        key.write_bytes(content)
    with pytest.raises(ServiceError, match=message):
        await Server([make_truth()], config=ServiceConfig(workers=1, tls_certificate=certificate, tls_key=key)).start()


@pytest.mark.parametrize("host", ["0.0.0.0", "[::]", "192.0.2.1", "scores.example.org"])
async def test_other_machines_are_served_with_tls_and_tokens_or_not_by_accident(host):
    with pytest.raises(ServiceError, match="without TLS they send in plaintext: give tls_certificate"):
        await Server([make_truth()], f"{host}:0").start()
    with pytest.raises(ServiceError, match="without tokens everyone there may do everything: give token_file"):
        await Server([make_truth()], f"{host}:0", config=ServiceConfig(insecure_plaintext=True)).start()


def test_half_of_a_pair_is_no_certificate(tmp_path):
    with pytest.raises(ValueError, match="certificate and key belong together"):
        Client("127.0.0.1:1", tls=Tls(certificate=tmp_path / "c.pem"))
    with pytest.raises(FileNotFoundError):
        Client("127.0.0.1:1", tls=Tls(tmp_path / "ca.pem"))


@pytest.mark.parametrize("address", ["scores.example.org:443", "192.0.2.1:50051"])
def test_a_token_is_not_sent_in_plaintext_to_another_machine(address):
    with pytest.raises(ValueError, match=f"a token is not sent to {address} in plaintext; pass tls"):
        Client(address, token="pixret_secret")


@pytest.mark.parametrize("token", ["", "two words", "line\n", "größe"])
def test_a_token_holds_no_spaces(token):
    with pytest.raises(ValueError, match="the token holds other characters than a token does"):
        Client("127.0.0.1:1", token=token)

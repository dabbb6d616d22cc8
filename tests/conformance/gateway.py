"""A real Envoy with the configuration of deploy/, before a server."""

import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import trustme

ROOT = Path(__file__).parents[2]
CONFIGURATION = ROOT / "deploy" / "envoy.yaml"
DESCRIPTORS = ROOT / "proto" / "pixret" / "scoring" / "v1" / "scoring.binpb"
ENVOY = Path(sys.executable).with_name("envoy")


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def lay_out(folder):
    """Lay what the configuration expects in a folder: certificate and key for localhost, and the contract."""
    authority = trustme.CA()
    certificate = authority.issue_cert("localhost")
    authority.cert_pem.write_to_path(folder / "ca.pem")
    certificate.private_key_pem.write_to_path(folder / "key.pem")
    (folder / "certificate.pem").write_bytes(b"".join(pem.bytes() for pem in certificate.cert_chain_pems))
    shutil.copy(DESCRIPTORS, folder)


def configuration(folder, upstream, port):
    """The configuration of deploy/, with nothing changed but places."""
    text = CONFIGURATION.read_text(encoding="utf-8")
    for there, here in {
        "/etc/envoy": str(folder),
        "address: 0.0.0.0, port_value: 443": f"address: 127.0.0.1, port_value: {port}",
        "address: pixret, port_value: 50051": f"address: 127.0.0.1, port_value: {upstream}",
    }.items():
        assert there in text
        text = text.replace(there, here)
    return text


@contextmanager
def envoy_before(server, folder, port=None):
    """Envoy in a process of its own, before a server of this machine; yields the address at which it takes TLS.

    It ends with the thread that begins it.
    """
    upstream, port = server.rpartition(":")[2], port or free_port()
    path = folder / f"envoy-{port}.yaml"
    path.write_text(configuration(folder, upstream, port), encoding="utf-8")
    command = [ENVOY, "--config-path", path, "--use-dynamic-base-id", "--concurrency", "1"]
    with path.with_suffix(".log").open("ab") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            wait_for(port, process)
            yield f"localhost:{port}"
        finally:
            process.terminate()
            process.wait(30)


def wait_for(port, process):
    """Wait until something listens there."""
    until = time.monotonic() + 60
    while process.poll() is None:
        assert time.monotonic() < until, f"nothing listens at port {port}"
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError(f"envoy ended with {process.returncode}")

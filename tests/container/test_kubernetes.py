"""The pod of deploy/kubernetes.yaml, started by podman.

What podman 4 cannot do with a secret is laid in its place: the folder of secrets, whose modes it does not set, and the
place of the state, which it does not find in a secret of several keys.
"""

import time
from pathlib import Path

import pytest
import yaml
from image import ENGINE, IMAGE, engine

from pixret.client import Client, ClientError, Tls, check_health
from pixret.submissions import open_submission

MANIFEST = Path(__file__).parents[2] / "deploy" / "kubernetes.yaml"
pytestmark = pytest.mark.skipif(ENGINE != "podman", reason="podman plays manifests, docker does not")


def manifest(data, secrets):
    deployment, *others = yaml.safe_load_all(MANIFEST.read_text())
    pod = deployment["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    (state,) = (each for each in container["env"] if "valueFrom" in each)
    del state["valueFrom"]
    state["value"] = "/dev/shm/state"
    (port,) = container["ports"]
    folders = {"data": data, "secrets": secrets}
    pod["volumes"] = [{"name": name, "hostPath": {"path": str(folder)}} for name, folder in folders.items()]
    return yaml.safe_dump_all([deployment, *others]), container["image"], port["containerPort"]


@pytest.fixture
def address(folder, kept, tmp_path_factory):
    played, image, port = manifest(folder / "data", kept[0])
    file = tmp_path_factory.mktemp("manifest") / "played.yaml"
    file.write_text(played)
    engine("tag", IMAGE, image)
    try:
        engine("kube", "play", file)
        yield f"localhost:{port}"
    finally:
        print(engine("logs", "pixret-pod-0-pixret", check=False).stdout)
        engine("kube", "down", file, check=False)


def test_the_pod_serves_and_its_probes_pass(address, folder, kept):
    secrets, token = kept
    tls = Tls(secrets / "ca.pem")
    started = time.monotonic()
    while not is_serving(address, tls):
        assert time.monotonic() - started < 60
        time.sleep(0.3)
    (container,) = yaml.safe_load(MANIFEST.read_text().split("\n---")[0])["spec"]["template"]["spec"]["containers"]
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert engine("exec", "pixret-pod-0-pixret", *container[probe]["exec"]["command"]).stdout == "SERVING\n"
    with Client(address, tls=tls, token=token) as client:
        client.score("mini", open_submission(folder / "raw" / "submissions" / "good.jsonl"))
    assert engine("exec", "pixret-pod-0-pixret", "sh", "-c", "touch /here 2>/dev/null || id -u").stdout == "10001\n"


def is_serving(address, tls):
    try:
        return check_health(address, tls=tls, timeout=2) == "SERVING"
    except ClientError:
        return False

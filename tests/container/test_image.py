"""What the image holds, and what it leaves out. Run by container/test, which builds it."""

import json
import re
from pathlib import Path

import pytest
from image import FIGURES, FLAGS, IMAGE, USER, engine, run, shell

ROOT = Path(__file__).parents[2]
BILL = ROOT / "build" / "image.cdx.json"
LIMIT = 450e6  # bytes


def locked():
    """Names and versions that the image is built from."""
    lock = (ROOT / "container" / "requirements.lock").read_text()
    return set(re.findall(r"^(\S+==\S+)", lock, flags=re.MULTILINE))


def test_the_image_says_what_it_is():
    (image,) = json.loads(engine("image", "inspect", IMAGE).stdout)
    labels = image["Config"]["Labels"]
    assert labels["org.opencontainers.image.title"] == "pixret"
    assert labels["org.opencontainers.image.licenses"] == "Apache-2.0"
    assert re.fullmatch(r"[0-9a-f]{40}|unknown", labels["org.opencontainers.image.revision"])
    config = image["Config"]
    assert (config["User"], config["Entrypoint"], config["Cmd"]) == ("10001:10001", ["pixret"], ["serve"])
    (version,) = re.findall(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(), flags=re.MULTILINE)
    assert labels["org.opencontainers.image.version"] == version


def test_the_image_is_small():
    (image,) = json.loads(engine("image", "inspect", IMAGE).stdout)
    FIGURES.info("%.0f MB in all, of which, in MiB:", image["Size"] / 1e6)
    parts = "/opt/pixret/lib/python3*/site-packages"
    FIGURES.info(shell(f"du -sm /opt/pixret; du -sm {parts}/pyarrow {parts}/numpy*").stdout)
    assert image["Size"] < LIMIT


def test_the_image_has_no_compiler_no_caches_and_no_way_to_install():
    script = (
        "command -v gcc cc make pip pip3; find /opt/pixret -name pip -o -name '*.a' -o -name tests; ls /tmp /var/cache"
    )
    assert shell(script, check=False).stdout.split() == ["/tmp:", "/var/cache:"]
    for module in ("pip", "ensurepip", "setuptools"):
        done = engine("run", "--rm", *FLAGS, "--entrypoint", "python3", IMAGE, "-c", f"import {module}", check=False)
        assert f"No module named '{module}'" in done.stderr


def test_no_program_has_the_rights_of_another_user():
    assert shell("find /bin/ /sbin/ /usr /opt -type f -perm /6000").stdout == ""


def test_a_start_finds_the_bytecode_of_all_that_it_loads():
    script = (
        "import os, sys, pixret.cli._main;"
        "cached = [vars(module).get('__cached__') for module in list(sys.modules.values())];"
        "print(len(cached) > 100, [path for path in cached if path and not os.path.exists(path)])"
    )
    assert engine("run", "--rm", *FLAGS, "--entrypoint", "python3", IMAGE, "-c", script).stdout == "True []\n"


def test_what_is_installed_is_what_is_locked():
    script = (
        "from importlib.metadata import distributions;"
        "print(*sorted(f'{d.name.lower()}=={d.version}' for d in distributions(path=['SITE'])))"
    )
    site = shell("echo /opt/pixret/lib/python3*/site-packages").stdout.strip()
    found = engine("run", "--rm", *FLAGS, "--entrypoint", "python3", IMAGE, "-c", script.replace("SITE", site)).stdout
    installed = {each.replace("_", "-").replace(".", "-") for each in found.split() if not each.startswith("pixret==")}
    assert installed == {each.replace(".", "-") for each in locked()}


@pytest.mark.skipif(not BILL.exists(), reason="no syft, which is there for Linux on x86-64")
def test_the_bill_of_materials_names_what_the_image_holds():
    components = json.loads(BILL.read_text())["components"]
    found = {f"{each['name']}=={each['version']}" for each in components if each.get("purl", "").startswith("pkg:pypi")}
    assert {name.lower().replace("_", "-") for name in found} >= locked()
    debian = shell("dpkg-query --show --showformat '${Package} ${Version}\\n'").stdout.splitlines()
    named = {f"{each['name']} {each['version']}" for each in components if each.get("purl", "").startswith("pkg:deb")}
    assert named == set(debian)


def test_it_scores_compiled_and_is_nobody():
    assert "kernel compiled" in run("info").stdout
    status = shell("id -u; grep CapEff /proc/self/status; touch /here || echo read-only").stdout.split()
    assert status == [str(USER), "CapEff:", "0" * 16, "read-only"]


def test_a_memory_limit_holds(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # where podman leaves a file that says so
    options = ["--memory=64m", "--memory-swap=64m", "--entrypoint", "python3"]
    done = engine("run", "--rm", *FLAGS, *options, IMAGE, "-c", "print(len(b'x' * 200_000_000))", check=False)
    assert (done.returncode, done.stdout) == (137, "")

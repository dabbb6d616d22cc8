"""The image, from outside: its engine, and containers of it. container/test builds it and says where it is."""

import json
import logging
import os
import shlex
import socket
import subprocess
import time
from contextlib import contextmanager, suppress

import pytest

from pixret.client import ClientError, check_health

ENGINE = os.environ["PIXRET_ENGINE"]
IMAGE = os.environ["PIXRET_IMAGE"]
FLAGS = shlex.split(os.environ["PIXRET_RUN_FLAGS"])
USER = 10001
AS_ROOT = ["--user", "0"]  # to read all
FIGURES = logging.getLogger("figures")  # which container/test shows


def engine(*arguments, check=True):
    done = subprocess.run([ENGINE, *map(str, arguments)], check=False, capture_output=True, text=True, timeout=200)
    assert not check or done.returncode == 0, done.stderr
    return done


def run(*command, options=(), check=True):
    """A command of pixret in a container of its own."""
    return engine("run", "--rm", *FLAGS, *options, IMAGE, *command, check=check)


def shell(script, *, options=(), check=True):
    return engine("run", "--rm", *FLAGS, *options, "--entrypoint", "sh", IMAGE, "-c", script, check=check)


def mount(folder, place, mode="ro"):
    return ["--volume", f"{folder}:{place}:{mode}"]


def meaning(content):
    """A report without the versions in its signature: the image has libraries of its own."""
    report = json.loads(content)
    return report | {"signature": report["signature"].partition("|pixret:")[0]}


@contextmanager
def serving(folder, *command, options=(), tls=None, memory="1g"):
    """The service in a container; yields its name and address once it is healthy."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    name, address = f"pixret-test-{port}", f"localhost:{port}"
    listen = ["--env", f"PIXRET_SERVE_LISTEN=127.0.0.1:{port}", "--env", f"PIXRET_HEALTH_ADDRESS={address}"]
    data = mount(folder / "data", "/data")
    started = time.monotonic()
    engine("run", "--detach", "--name", name, *FLAGS, f"--memory={memory}", *listen, *data, *options, IMAGE, *command)
    try:
        wait_until_healthy(name, address, started, tls)
        yield name, address
    finally:
        print(engine("logs", name, check=False).stderr)
        engine("rm", "--force", name)


def wait_until_healthy(name, address, started, tls=None):
    while time.monotonic() - started < 30:
        with suppress(ClientError):
            assert check_health(address, tls=tls, timeout=1) == "SERVING"
            FIGURES.info("healthy %.1f s after it was started", time.monotonic() - started)
            return
        time.sleep(0.05)
    pytest.fail(engine("logs", name).stderr)


def wait_until(holds, what):
    started = time.monotonic()
    while not holds():
        assert time.monotonic() - started < 60, f"not within a minute: {what}"
        time.sleep(0.1)

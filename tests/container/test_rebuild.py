"""Two builds of the image; run by container/test with PIXRET_BUILD_TWICE=1."""

import os
import shlex
import subprocess

SCRIPT = "cd /opt/pixret && find . -type f -exec sha256sum {} + | sort -k 2; find . -type l | sort"


def installed(image):
    """Names and digests of all that a build installed."""
    flags = shlex.split(os.environ["PIXRET_RUN_FLAGS"])
    command = [os.environ["PIXRET_ENGINE"], "run", "--rm", *flags, "--entrypoint", "sh", image, "-c", SCRIPT]
    return subprocess.run(command, capture_output=True, text=True, timeout=200, check=True).stdout.splitlines()


def test_a_second_build_installs_the_same_bytes():
    first, second = (installed(os.environ[name]) for name in ("PIXRET_IMAGE", "PIXRET_IMAGE_AGAIN"))
    assert first == second
    assert len(first) > 1000

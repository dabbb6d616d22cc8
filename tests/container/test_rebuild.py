"""Two builds of the image; run by container/test with PIXRET_BUILD_TWICE=1."""

import os

from image import AS_ROOT, FLAGS, engine

# All but what an engine lays over the image.
SCRIPT = """find / -xdev -type f ! -path '/etc/host*' ! -path /etc/resolv.conf -exec sha256sum {} + | sort -k 2
find / -xdev ! -type f -printf '%p %y %m %U:%G %l\\n' | sort"""


def content(image):
    """Names and digests of all files of an image, and all else that it holds."""
    return engine("run", "--rm", *FLAGS, *AS_ROOT, "--entrypoint", "sh", image, "-c", SCRIPT).stdout.splitlines()


def test_a_second_build_gives_the_same_bytes():
    first, second = (content(os.environ[name]) for name in ("PIXRET_IMAGE", "PIXRET_IMAGE_AGAIN"))
    assert first == second
    assert len(first) > 1000

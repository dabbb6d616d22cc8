"""What is taken out of the image, where it is not there."""

import subprocess
from pathlib import Path

PRUNE = Path(__file__).parents[2] / "container" / "prune"


def test_a_library_that_changed_fails_the_build(tmp_path):
    packages = tmp_path / "lib" / "python3.11" / "site-packages"
    (packages / "pyarrow" / "include").mkdir(parents=True)
    done = subprocess.run([PRUNE, tmp_path], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (1, "prune: nothing matches pyarrow/src\n")
    assert list(packages.rglob("include")) == []

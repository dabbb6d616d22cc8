"""A folder that is gone in the end."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def cleared(folder: Path) -> Iterator[None]:
    """Remove a folder before the block, where a killed run left it, and after the block, however that ends.

    A block that succeeds may rename it. What cannot be removed stays, and the block meets it.
    """
    shutil.rmtree(folder, ignore_errors=True)
    try:
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)

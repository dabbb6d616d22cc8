"""Archives of images, and what is stored of images."""

import io
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from pixret.loader import InconsistentSourceError, prepare
from pixret.tables import Manifest


def pack(path: Path, files: dict[str, bytes]) -> Path:
    """Make a gzipped tar or, by the path's ending, a zip."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in files.items():
                archive.writestr(name, content)
        return path
    with tarfile.open(path, "w:gz") as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return path


def rows(out: Path, table: str) -> list[dict[str, Any]]:
    return pq.read_table(out / "mini" / table).to_pylist()


def only_problem(raw: Any, out: Path, **options: Any) -> str:
    with pytest.raises(InconsistentSourceError) as caught:
        prepare("mini", raw.write(), out, **options)
    assert not list(out.iterdir())
    (problem,) = caught.value.problems
    return str(problem)


def images_of(manifest: Manifest) -> Any:
    assert manifest.images is not None
    return manifest.images

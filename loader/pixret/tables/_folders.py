"""The manifests of whatever is prepared in a directory: benchmarks, and distractors beside them."""

from pathlib import Path

from pixret.tables._distractors import DISTRACTORS, DistractorsManifest, has_distractors, read_distractors
from pixret.tables._manifest import Manifest, list_prepared, read_manifest


def read_tables_manifest(directory: Path, name: str) -> Manifest | DistractorsManifest:
    """Read the manifest of a benchmark or of the distractors. Raises TablesError."""
    return read_distractors(directory) if name == DISTRACTORS else read_manifest(directory, name)


def read_manifests(directory: Path) -> tuple[Manifest | DistractorsManifest, ...]:
    """Read the manifests of all that is prepared in a directory, distractors last. Raises TablesError."""
    names = [*list_prepared(directory), *([DISTRACTORS] if has_distractors(directory) else [])]
    return tuple(read_tables_manifest(directory, name) for name in names)

"""What a repository of prepared tables holds, as its descriptions tell it."""

from dataclasses import dataclass
from pathlib import Path

from pixret.rawfiles import RAW_BENCHMARKS
from pixret.tables import FileRecord, Manifest, TableConfig, list_configs, list_prepared, read_manifest

TITLES = {"proxford": "PROxford", "prparis": "PRParis", "mini": "mini"}
"""Names of the benchmarks as they are written in prose."""


@dataclass(frozen=True, slots=True)
class Contents:
    """The benchmarks of a repository, in the order in which they are described."""

    manifests: tuple[Manifest, ...]

    @property
    def title(self) -> str:
        """Name of the dataset."""
        return f"Pixel retrieval: {', '.join(TITLES[manifest.benchmark] for manifest in self.manifests)}"

    @property
    def is_drawn(self) -> bool:
        """Tell whether nothing in it is the authors'."""
        return all(manifest.benchmark == "mini" for manifest in self.manifests)

    def configs(self) -> list[tuple[Manifest, TableConfig]]:
        """All configurations of `datasets`, the default one first."""
        return [(manifest, config) for manifest in self.manifests for config in list_configs(manifest.benchmark)]

    def paths(self, manifest: Manifest, table: str) -> dict[str, FileRecord]:
        """Files of a table by their path in the repository."""
        return {f"{manifest.benchmark}/{path}": manifest.files[path] for path in manifest.shards(table)}


def read_contents(folder: Path) -> Contents:
    """Read the manifests of all benchmarks in a folder. Raises TablesError."""
    order = list(RAW_BENCHMARKS)
    names = sorted(list_prepared(folder), key=order.index)
    return Contents(tuple(read_manifest(folder, name) for name in names))

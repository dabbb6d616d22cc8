"""What a repository of prepared tables holds, as its descriptions tell it."""

from dataclasses import dataclass
from pathlib import Path

from pixret.rawfiles import RAW_BENCHMARKS
from pixret.repository._errors import RepositoryError
from pixret.tables import (
    DISTRACTORS,
    DistractorsManifest,
    FileRecord,
    Manifest,
    TableConfig,
    TablesManifest,
    list_configs,
    list_prepared,
    read_manifests,
)

TITLES = {"proxford": "PROxford", "prparis": "PRParis", "mini": "mini", DISTRACTORS: "R1M"}
"""Names of the benchmarks, and of the distractors, as they are written in prose."""


@dataclass(frozen=True, slots=True)
class Contents:
    """The manifests of a repository's folders, in the order in which they are described: distractors last."""

    folders: tuple[TablesManifest, ...]

    @property
    def manifests(self) -> tuple[Manifest, ...]:
        """Those of the benchmarks."""
        return tuple(each for each in self.folders if isinstance(each, Manifest))

    @property
    def distractors(self) -> DistractorsManifest | None:
        """That of the distractors, None where there are none."""
        return next((each for each in self.folders if isinstance(each, DistractorsManifest)), None)

    @property
    def title(self) -> str:
        """Name of the dataset."""
        return f"Pixel retrieval: {', '.join(TITLES[manifest.benchmark] for manifest in self.folders)}"

    @property
    def is_drawn(self) -> bool:
        """Tell whether nothing in it is the authors'."""
        return all(manifest.benchmark == "mini" for manifest in self.folders)

    def configs(self) -> list[tuple[TablesManifest, TableConfig]]:
        """All configurations of `datasets`, the default one first."""
        return [(manifest, config) for manifest in self.folders for config in list_configs(manifest.benchmark)]

    def paths(self, manifest: TablesManifest, table: str) -> dict[str, FileRecord]:
        """Files of a table by their path in the repository."""
        return {f"{manifest.benchmark}/{path}": manifest.files[path] for path in manifest.shards(table)}


def read_contents(folder: Path) -> Contents:
    """Read the manifests of all that is prepared in a folder. Raises TablesError, and what `check_known` raises."""
    check_known(folder)
    order = [*RAW_BENCHMARKS, DISTRACTORS]
    return Contents(tuple(sorted(read_manifests(folder), key=lambda manifest: order.index(manifest.benchmark))))


def check_known(folder: Path) -> None:
    """Raise RepositoryError when a folder holds a benchmark of which nothing can be told."""
    for name in list_prepared(folder):
        if name not in RAW_BENCHMARKS:
            detail = f"there is no benchmark {name:.40} in this version of pixret"
            raise RepositoryError(f"{folder / name}: {detail}; move it away, or use the version that wrote it")

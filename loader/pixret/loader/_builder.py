"""The `datasets` builder of prepared tables; importing this imports `datasets`."""

import dataclasses
from pathlib import Path
from typing import Any

import datasets
from datasets.packaged_modules.parquet.parquet import Parquet, ParquetConfig

from pixret.loader._configs import CONFIGS
from pixret.loader._errors import LoadError
from pixret.tables import SCHEMAS, SPLIT, TableConfig, TablesError, TablesManifest, read_tables_manifest


@dataclasses.dataclass
class PixelRetrievalConfig(ParquetConfig):  # type: ignore[misc]  # datasets has no types
    """A table of a benchmark, read from `data_dir`, the folder that ``pixret prepare`` wrote.

    `columns`, `filters`, `batch_size` and `features` are those of the Parquet builder.
    """

    benchmark: str = ""
    table: str = ""

    def create_config_id(self, config_kwargs: dict[str, Any], custom_features: datasets.Features | None = None) -> str:
        """Name the cache by what the table holds, and not by where it lies: a table made anew is read anew."""
        manifest = self.manifest()
        digests = ",".join(manifest.files[path].sha256 for path in manifest.shards(self.table))
        kwargs = {key: value for key, value in config_kwargs.items() if key != "data_dir"}
        config_id: str = super().create_config_id({**kwargs, "content": digests}, custom_features)
        return config_id

    def manifest(self) -> TablesManifest:
        """Read the manifest of the benchmark, or of the distractors. Raises LoadError or TablesError."""
        if self.data_dir is None:
            message = f"{self.name}: say with data_dir where its tables are: the folder that pixret prepare wrote"
            raise LoadError(message)
        return read_tables_manifest(Path(self.data_dir), self.benchmark)

    def files(self) -> list[Path]:
        """List the files of the table in the order of their rows. Raises TablesError for one that is not as written.

        Of files with images, which can be large, the size alone is checked.
        """
        manifest, folder = self.manifest(), Path(str(self.data_dir)) / self.benchmark
        has_images = "image" in SCHEMAS[self.table].names and not manifest.annotations_only
        for path in manifest.shards(self.table):
            _check_size(folder / path, manifest.files[path].bytes)
            if not has_images:
                manifest.files[path].check(folder / path)
        return [folder / path for path in manifest.shards(self.table)]


def _check_size(path: Path, expected: int) -> None:
    try:
        size = path.stat().st_size
    except OSError as error:
        raise TablesError(path, f"cannot be read: {error.strerror}") from error
    if size != expected:
        raise TablesError(path, f"has {size} bytes, and the manifest says {expected}")


def _builder_config(config: TableConfig) -> PixelRetrievalConfig:
    columns = None if config.columns is None else list(config.columns)
    return PixelRetrievalConfig(name=config.name, benchmark=config.benchmark, table=config.table, columns=columns)


class PixelRetrieval(Parquet):  # type: ignore[misc]  # datasets has no types
    """Builder of the prepared tables: ``PixelRetrieval(config_name="mini-pairs", data_dir="data")``.

    It is `datasets`' own Parquet builder, so columns, filters, streaming and processes work as they do there. In a
    script for `datasets` 3, make a subclass: a class that is only imported is not taken for the script's own.
    """

    BUILDER_CONFIG_CLASS = PixelRetrievalConfig
    BUILDER_CONFIGS = [_builder_config(config) for config in CONFIGS.values()]  # noqa: RUF012, as datasets declares it

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["dataset_name"] = kwargs.get("dataset_name") or "pixel_retrieval"  # the folder in the cache
        super().__init__(*args, **kwargs)

    def _info(self) -> datasets.DatasetInfo:
        info = super()._info()
        if info.features is None:
            features = datasets.Features.from_arrow_schema(SCHEMAS[self.config.table])
            info.features = datasets.Features({name: features[name] for name in self.config.columns or features})
        return info

    def _split_generators(self, dl_manager: datasets.DownloadManager) -> list[datasets.SplitGenerator]:
        self.config.data_files = {SPLIT: [str(path) for path in self.config.files()]}
        generators: list[datasets.SplitGenerator] = super()._split_generators(dl_manager)
        return generators

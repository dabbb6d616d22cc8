"""One function that loads a table from wherever it is."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, overload

from pixret.loader._configs import CONFIGS, DEFAULTS
from pixret.loader._errors import LoadError
from pixret.loader._local_images import JOINED, LocalImages, join_images
from pixret.rawfiles import RAW_BENCHMARKS
from pixret.tables import DISTRACTORS, SCHEMAS, SPLIT, TableConfig, list_configs

if TYPE_CHECKING:
    import datasets

_REPO_ID = re.compile(r"[\w-][\w.-]*/[\w.-]+")


@overload
def load(
    name: str,
    data: Path | str,
    *,
    streaming: Literal[False] = False,
    columns: Sequence[str] | None = None,
    filters: Any = None,
    images: Path | str | None = None,
    num_proc: int | None = None,
    cache_dir: Path | str | None = None,
    revision: str | None = None,
    token: str | None = None,
) -> "datasets.Dataset": ...


@overload
def load(
    name: str,
    data: Path | str,
    *,
    streaming: Literal[True],
    columns: Sequence[str] | None = None,
    filters: Any = None,
    images: Path | str | None = None,
    cache_dir: Path | str | None = None,
    revision: str | None = None,
    token: str | None = None,
) -> "datasets.IterableDataset": ...


def load(
    name: str,
    data: Path | str,
    *,
    streaming: bool = False,
    columns: Sequence[str] | None = None,
    filters: Any = None,
    images: Path | str | None = None,
    num_proc: int | None = None,
    cache_dir: Path | str | None = None,
    revision: str | None = None,
    token: str | None = None,
) -> Any:
    """Load a table as a `datasets.Dataset`, or with `streaming` as an `IterableDataset`.

    `name` is a configuration, such as ``proxford-corpus``, or a benchmark, which means its pairs; ``r1m-corpus``, or
    ``r1m``, are the distractors. `data` is a folder that ``pixret prepare`` wrote, or the id of a repository on the
    Hub, to which alone `revision` and `token` apply. `columns` are the only ones to read. `filters` choose rows while
    reading: ``[("level", "==", 0)]``, or a `pyarrow.dataset.Expression`. `images` is a folder whose image files are put
    into a table that was made without: by their SHA-256 where the table knows it, and else by their name; files in
    subfolders are found too.

    Raises LoadError, and TablesError for a folder whose tables are not as they were written; of files with images, the
    size alone is checked.
    """
    config = _find_config(name)
    wanted = _find_columns(config, columns)
    _check_filters(config, filters)
    read = wanted if images is None else [*wanted, *(column for column in JOINED if column not in wanted)]
    if images is not None and "image" not in wanted:
        raise LoadError(f"{name}: images has nowhere to go, since the columns are {', '.join(wanted)}; leave it out")
    if num_proc is not None and num_proc < 1:
        raise LoadError(f"{num_proc} processes read nothing; give 1 or more, or None for this one")
    options = _given(columns=read, filters=filters, cache_dir=cache_dir and str(cache_dir))
    hub = _given(revision=revision, token=token)
    if Path(data).is_dir() or not _REPO_ID.fullmatch(str(data)):
        if hub:
            raise LoadError(f"{data}: is a folder, to which {' and '.join(hub)} cannot apply; leave it out")
        table = _load_folder(config, Path(data), streaming, num_proc, options)
    else:
        table = _load_repository(config, str(data), streaming, num_proc, {**options, **hub})
    return table if images is None else join_images(table, LocalImages(Path(images))).select_columns(wanted)


def _find_config(name: str) -> TableConfig:
    config = CONFIGS.get(name) or DEFAULTS.get(name)
    if config is None:
        known = ", ".join(config.name for config in list_configs("NAME"))
        names = f"NAME is one of {', '.join(RAW_BENCHMARKS)}; and {DEFAULTS[DISTRACTORS].name}"
        raise LoadError(f"there is no table {name:.60}; there are {known}, and {names}")
    return config


def _find_columns(config: TableConfig, columns: Sequence[str] | None) -> list[str]:
    known = SCHEMAS[config.table].names
    unknown = [column for column in columns or () if column not in known]
    if unknown:
        message = f"{config.name} has no column {', '.join(unknown):.200}; it has {', '.join(known)}"
        raise LoadError(message)
    return list(columns or config.columns or known)


def _check_filters(config: TableConfig, filters: Any) -> None:
    """Try filters on the table without its rows, for `datasets` tells of a fault in them late and in Arrow's words."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    if filters is None:
        return
    try:
        SCHEMAS[config.table].empty_table().filter(pq.filters_to_expression(filters))
    except (pa.ArrowException, TypeError, ValueError, NotImplementedError) as error:
        reason = str(error).partition(" in ")[0]  # behind it, Arrow adds the whole schema
        known = ", ".join(SCHEMAS[config.table].names)
        raise LoadError(
            f"{config.name} cannot be filtered by {filters!s:.200}: {reason:.200}; "
            f"write [(COLUMN, OPERATOR, VALUE), ...] with columns {known}"
        ) from None


def _given(**options: Any) -> dict[str, Any]:
    """Options that are not None: others would change the name of the cache."""
    return {name: value for name, value in options.items() if value is not None}


def _load_folder(config: TableConfig, data: Path, streaming: bool, num_proc: int | None, options: Any) -> Any:
    from datasets.exceptions import DatasetGenerationError

    from pixret.loader._builder import PixelRetrieval

    builder = PixelRetrieval(config_name=config.name, data_dir=str(data), **options)
    try:
        return _read(builder, streaming, num_proc)
    except DatasetGenerationError as error:
        raise LoadError(f"{data}: {config.name} cannot be read: {_reason(error)}") from error


def _load_repository(config: TableConfig, repo_id: str, streaming: bool, num_proc: int | None, options: Any) -> Any:
    import datasets
    from datasets.exceptions import DatasetGenerationError

    try:
        return _read(datasets.load_dataset_builder(repo_id, config.name, **options), streaming, num_proc)
    except DatasetGenerationError as error:
        raise LoadError(f"{repo_id}: {config.name} cannot be read: {_reason(error)}") from error
    except (OSError, ValueError) as error:  # what `datasets` raises for what is not there, or is not such a repository
        raise LoadError(f"{repo_id}: {config.name} cannot be loaded from the Hub: {error}") from error


def _read(builder: Any, streaming: bool, num_proc: int | None) -> Any:
    from datasets import Dataset

    if streaming:
        return builder.as_streaming_dataset(split=SPLIT)
    builder.download_and_prepare(num_proc=num_proc)
    if not builder.info.splits[SPLIT].num_examples:  # which datasets takes for a split that is not there
        return Dataset.from_dict({name: [] for name in builder.info.features}, builder.info.features, split=SPLIT)
    return builder.as_dataset(split=SPLIT)


def _reason(error: Exception) -> str:
    return str(error.__cause__ or error).partition("\n")[0]  # Arrow adds the whole schema

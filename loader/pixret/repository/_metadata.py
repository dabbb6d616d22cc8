"""The head of the dataset card: what the Hub and `datasets` read of it."""

import json
from collections.abc import Sequence
from typing import Any

from pixret.repository._contents import Contents
from pixret.tables import SCHEMAS, SPLIT, TableConfig, TablesManifest

_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))


def card_metadata(contents: Contents) -> dict[str, Any]:
    """Fields of the card's YAML, for `DatasetCardData`."""
    configs = contents.configs()
    images = sum(record.rows for each in contents.folders for record in contents.paths(each, "corpus").values())
    return {
        "pretty_name": contents.title,
        "license": "apache-2.0" if contents.is_drawn else "other",
        **({} if contents.is_drawn else {"license_name": "see-the-card", "license_link": "README.md"}),
        "task_categories": ["image-segmentation", "image-feature-extraction"],
        "tags": ["pixel-retrieval", "image-retrieval", "instance-retrieval", "landmarks", "benchmark"],
        "size_categories": next((name for limit, name in _SIZES if images < limit), "n>1M"),
        "configs": [_config(contents, *each, is_default=each is configs[0]) for each in configs],
        "dataset_info": [_dataset_info(contents, *each) for each in configs],
    }


def _config(contents: Contents, manifest: TablesManifest, config: TableConfig, *, is_default: bool) -> dict[str, Any]:
    paths = list(contents.paths(manifest, config.table))
    fields: dict[str, Any] = {"config_name": config.name, "data_files": [{"split": SPLIT, "path": paths}]}
    if config.columns is not None:
        fields["columns"] = list(config.columns)
    return {**fields, "default": True} if is_default else fields


def _dataset_info(contents: Contents, manifest: TablesManifest, config: TableConfig) -> dict[str, Any]:
    """Features and size of a configuration.

    Its number of rows is not given: `datasets` takes it for the number that is left after `filters`, and refuses.
    """
    size = sum(record.bytes for record in contents.paths(manifest, config.table).values())
    features = yaml_features(config.table, config.columns)
    return {"config_name": config.name, "features": features, "download_size": size}


def yaml_features(table: str, columns: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """Features of a table's columns in the YAML form of cards, which all versions of `datasets` read."""
    metadata = SCHEMAS[table].metadata or {}
    features = json.loads(metadata[b"huggingface"])["info"]["features"]
    return [{"name": name, **_yaml_feature(features[name])} for name in columns or features]


def _yaml_feature(feature: dict[str, Any]) -> dict[str, Any]:
    match feature.get("_type"):
        case "Value":
            return {"dtype": feature["dtype"]}
        case "Image":
            return {"dtype": "image"}
        case "ClassLabel":
            names = {str(number): name for number, name in enumerate(feature["names"])}
            return {"dtype": {"class_label": {"names": names}}}
        case "Sequence":
            inner = _yaml_feature(feature["feature"])
            return {"sequence": inner.get("dtype", inner)}
        case _:
            return {"struct": [{"name": name, **_yaml_feature(inner)} for name, inner in feature.items()]}

"""Croissant metadata (MLCommons, version 1.0), croissant.json."""

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

import msgspec

from pixret.repository._card import CITATION
from pixret.repository._contents import TITLES, Contents
from pixret.repository._metadata import yaml_features
from pixret.tables import FileRecord, TablesManifest

_TYPES = {
    "string": "sc:Text",
    "int32": "sc:Integer",
    "int64": "sc:Integer",
    "float64": "sc:Float",
    "image": "sc:ImageObject",
}
_HOME = "https://github.com/pixret/pixret"
_LICENCE = "https://www.apache.org/licenses/LICENSE-2.0"
_PARQUET = "application/x-parquet"


def render_croissant(contents: Contents) -> str:
    """Render a file object for every file, with its digest, and a record set for every table."""
    tables = [(manifest, table) for manifest in contents.folders for table in manifest.tables]
    context = files("pixret.repository").joinpath("_context.json").read_text(encoding="utf-8")
    metadata = {
        "@context": json.loads(context),
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.1",
        "name": "pixel-retrieval",
        "description": f"{contents.title}. Tables written by pixret prepare; README.md describes them.",
        "license": _LICENCE if contents.is_drawn else "README.md#licences",
        "url": _HOME,
        "creator": {"@type": "sc:Organization", "name": "The pixret authors", "url": _HOME},
        "datePublished": "2023",
        "version": "1.0.0",
        "citeAs": CITATION,
        "distribution": [each for table in tables for each in _resources(contents, *table)],
        "recordSet": [_record_set(contents, *table) for table in tables],
    }
    return json.dumps(metadata, indent=2, ensure_ascii=False) + "\n"


class _Described(msgspec.Struct):
    class Resource(msgspec.Struct):
        id: str = msgspec.field(name="@id")
        sha256: str | None = None

    distribution: list[Resource]


def read_described(croissant: bytes) -> Mapping[str, str]:
    """The SHA-256 of every file that a repository's metadata describe, by path; none where they cannot be read."""
    try:
        described = msgspec.json.decode(croissant, type=_Described)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return {}
    return {each.id: each.sha256 for each in described.distribution if each.sha256 is not None}


def _resources(contents: Contents, manifest: TablesManifest, table: str) -> list[dict[str, Any]]:
    paths = contents.paths(manifest, table)
    objects = [_file_object(path, record) for path, record in paths.items()]
    if len(paths) == 1:
        return objects
    file_set = {  # of this repository, since it is contained in nothing else
        "@type": "cr:FileSet",
        "@id": f"{manifest.benchmark}/{table}",
        "name": f"{manifest.benchmark}/{table}",
        "encodingFormat": _PARQUET,
        "includes": f"{manifest.benchmark}/{table}/*.parquet",
    }
    return [*objects, file_set]


def _file_object(path: str, record: FileRecord) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": path,
        "name": path,
        "contentUrl": path,
        "contentSize": f"{record.bytes} B",
        "encodingFormat": _PARQUET,
        "sha256": record.sha256,
    }


def _record_set(contents: Contents, manifest: TablesManifest, table: str) -> dict[str, Any]:
    name = f"{manifest.benchmark}-{table}"
    paths = list(contents.paths(manifest, table))
    source = (
        {"fileObject": {"@id": paths[0]}} if len(paths) == 1 else {"fileSet": {"@id": f"{manifest.benchmark}/{table}"}}
    )
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "description": f"The table {table} of {TITLES[manifest.benchmark]}.",
        "field": [
            _field(f"{name}/{feature['name']}", feature, {**source, "extract": {"column": feature["name"]}})
            for feature in yaml_features(table)
        ],
    }


def _field(name: str, feature: dict[str, Any], source: dict[str, Any]) -> dict[str, Any]:
    field: dict[str, Any] = {"@type": "cr:Field", "@id": name, "name": name}
    if "struct" in feature:
        inner = feature["struct"]
        fields = [_field(f"{name}/{each['name']}", each, _inside(source, each["name"])) for each in inner]
        return {**field, "subField": fields}
    depth = 0
    kind = feature
    while "sequence" in kind:
        inner = kind["sequence"]
        kind, depth = inner if isinstance(inner, dict) else {"dtype": inner}, depth + 1
    dtype = kind["dtype"]
    if dtype == "image":
        source = _inside(source, "bytes")
    field["dataType"] = _TYPES[dtype] if isinstance(dtype, str) else "sc:Integer"
    if depth:
        field |= {"isArray": True, "arrayShape": ",".join(["-1"] * depth)}
    return {**field, "source": source}


def _inside(source: dict[str, Any], key: str) -> dict[str, Any]:
    """Point a source at a member of a column that is a struct."""
    return {**source, "transform": [*source.get("transform", []), {"jsonPath": key}]}

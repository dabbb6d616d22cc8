"""Arrow schemas of the tables, with the types that Hugging Face's `datasets` reads from Parquet."""

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pyarrow as pa

from pixret.metrics import Level, Protocol

IMAGE = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
"""An image file as it is, and its bare name."""

SEGMENTATION = pa.struct([("size", pa.list_(pa.int32())), ("counts", pa.string())])
"""COCO's compressed RLE. The size has no fixed length in its type, since `datasets` 3.6 then fails on a null."""

_QRELS: dict[str, pa.DataType] = {"query-id": pa.string(), "corpus-id": pa.string(), "score": pa.int64()}

# `id` repeats the name for the MTEB and BEIR views, which are a choice of columns of the same files.
_COLUMNS: dict[str, dict[str, pa.DataType]] = {
    "queries": {
        "query_id": pa.string(),
        "query_index": pa.int32(),
        "image": IMAGE,
        "width": pa.int32(),
        "height": pa.int32(),
        "bbox": pa.list_(pa.float64()),
        "sha256": pa.string(),
        "id": pa.string(),
    },
    "corpus": {
        "image_id": pa.string(),
        "image_index": pa.int32(),
        "image": IMAGE,
        "width": pa.int32(),
        "height": pa.int32(),
        "sha256": pa.string(),
        "id": pa.string(),
    },
    "pairs": {
        "query_id": pa.string(),
        "query_index": pa.int32(),
        "image_id": pa.string(),
        "image_index": pa.int32(),
        "level": pa.int64(),
        "segmentation": SEGMENTATION,
        "polygons": pa.list_(pa.list_(pa.float64())),
        "bbox": pa.list_(pa.int32()),
        "area": pa.int64(),
    },
    **{f"{protocol}-qrels": _QRELS for protocol in Protocol},
}
_FEATURES = {
    "image": {"_type": "Image"},
    "level": {"names": [level.name.lower() for level in Level], "_type": "ClassLabel"},
}


def _feature(kind: pa.DataType) -> dict[str, Any]:
    if isinstance(kind, pa.StructType):
        return {field.name: _feature(field.type) for field in kind.fields}
    if isinstance(kind, pa.ListType):
        # `List` is the newer name; 3.6 knows only this one, and every later version reads it.
        return {"feature": _feature(kind.value_type), "_type": "Sequence"}
    return {"dtype": "float64" if kind == pa.float64() else str(kind), "_type": "Value"}


def _schema(columns: Mapping[str, pa.DataType]) -> pa.Schema:
    features = {name: _FEATURES.get(name) or _feature(kind) for name, kind in columns.items()}
    metadata: dict[bytes | str, bytes | str] = {"huggingface": json.dumps({"info": {"features": features}})}
    return pa.schema(list(columns.items()), metadata=metadata)


SCHEMAS: Mapping[str, pa.Schema] = MappingProxyType({name: _schema(columns) for name, columns in _COLUMNS.items()})
"""The schema of every table, by its name: queries, corpus (the index images), pairs, and the qrels of each protocol."""

"""Images put into tables that were prepared without them."""

import hashlib
import io
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

from pixret.tables import SCHEMAS, load_manifest, table_path, write_manifest, write_table


def add_images(folder, images):
    """Fill the tables in a benchmark's folder with the JPEG files of another folder, and renew its manifest."""
    manifest = load_manifest(folder)
    files = dict(manifest.files)
    for table, key in (("queries", "query_id"), ("corpus", "image_id")):
        path = table_path(table)
        rows = pq.read_table(folder / path).to_pylist()
        filled = [{**row, **_stored(images / f"{row[key]}.jpg")} for row in rows]
        batches = [pa.RecordBatch.from_pylist(filled[i : i + 100], SCHEMAS[table]) for i in range(0, len(filled), 100)]
        files |= write_table(folder, table, batches)
    write_manifest(folder, msgspec.structs.replace(manifest, files=files, annotations_only=False))


def _stored(path: Path):
    content = path.read_bytes()
    with Image.open(io.BytesIO(content)) as image:
        width, height = image.size
    digest = hashlib.sha256(content).hexdigest()
    return {"image": {"bytes": content, "path": path.name}, "width": width, "height": height, "sha256": digest}

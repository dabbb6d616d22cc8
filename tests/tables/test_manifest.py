import hashlib
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pixret.metrics import GroundTruth
from pixret.tables import TablesError, list_prepared, read_ground_truth, read_manifest, table_path, write_table

Writer = Callable[[GroundTruth], Path]
Change = Callable[[dict[str, Any]], object]


@pytest.fixture
def data(truth: GroundTruth, write: Writer) -> Path:
    return write(truth)


def edit(data: Path, change: Change) -> None:
    path = data / "mini" / "manifest.json"
    content = json.loads(path.read_bytes())
    change(content)
    path.write_text(json.dumps(content))


def test_a_manifest_reads_as_it_was_written(data: Path, truth: GroundTruth) -> None:
    manifest = read_manifest(data)
    assert manifest.schema == "pixret.manifest/2"
    assert (manifest.benchmark, manifest.ground_truth) == ("mini", truth.digest)
    assert (manifest.counts.queries, manifest.counts.images) == (2, 6)
    assert (manifest.counts.easy, manifest.counts.hard, manifest.counts.junk) == (2, 4, 2)
    assert manifest.files[table_path("pairs")].rows == 8


def test_prepared_benchmarks_are_listed(data: Path) -> None:
    assert list_prepared(data) == ("mini",)
    (data / "zoo").mkdir()
    (data / ".proxford.partial").mkdir()
    (data / ".proxford.partial" / "manifest.json").write_text("{}")
    assert list_prepared(data) == ("mini",)
    assert list_prepared(data / "nowhere") == ()


def test_the_only_benchmark_needs_no_name(data: Path) -> None:
    assert read_ground_truth(data).digest == read_ground_truth(data, "mini").digest


def test_of_several_benchmarks_one_must_be_named(data: Path) -> None:
    (data / "mini").rename(data / "other")
    (data / "mini").mkdir()
    (data / "mini" / "manifest.json").write_text("{}")
    with pytest.raises(TablesError, match="holds several benchmarks: mini, other; say which one"):
        read_ground_truth(data)


def test_a_benchmark_that_is_not_there_is_named(data: Path) -> None:
    with pytest.raises(TablesError, match="holds no proxford, only mini; make it with pixret prepare proxford"):
        read_manifest(data, "proxford")
    with pytest.raises(TablesError, match=r"holds no .*passwd, only mini"):
        read_manifest(data, "../../etc/passwd")


def test_a_folder_without_tables_is_named(tmp_path: Path) -> None:
    with pytest.raises(TablesError, match="holds no prepared benchmark; make one with pixret prepare"):
        read_manifest(tmp_path)


def test_the_folder_of_one_benchmark_is_not_the_folder_of_all(data: Path) -> None:
    with pytest.raises(TablesError, match=f"is the folder of one benchmark; give {data} instead"):
        read_manifest(data / "mini")


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        (lambda m: m.update(schema="pixret.manifest/1"), "has the schema pixret.manifest/1, and this version"),
        (lambda m: m.update(schema=1), r"is not a manifest: Expected `str`, got `int` - at `\$.schema`"),
        (lambda m: m.pop("counts"), "is not a manifest: .*missing required field `counts`"),
        (lambda m: m.update(benchmark="proxford"), "is the manifest of proxford, and the folder is named mini"),
        (lambda m: m["files"].update({"../x": m["files"][table_path("pairs")]}), r"it names the files \.\./x"),
        (lambda m: m["files"].pop(table_path("pairs")), "it names the files corpus"),
        (lambda m: m["files"].update({table_path("pairs", 1, 2): {}}), "is not a manifest: Object missing"),
        (lambda m: m["files"].update({table_path("pairs", 1, 2): m["files"][table_path("pairs")]}), "it names the f"),
    ],
)
def test_a_manifest_at_fault_is_refused(data: Path, change: Change, detail: str) -> None:
    edit(data, change)
    with pytest.raises(TablesError, match=f"{detail}.*; run pixret prepare again"):
        read_ground_truth(data)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b"[" * 100_000])
def test_a_damaged_manifest_is_refused(data: Path, content: bytes) -> None:
    (data / "mini" / "manifest.json").write_bytes(content)
    with pytest.raises(TablesError, match=r"manifest.json: is not a manifest: .*; run pixret prepare again"):
        read_ground_truth(data)


@pytest.mark.parametrize("table", ["queries", "corpus", "pairs"])
def test_a_changed_file_is_refused(data: Path, table: str) -> None:
    path = data / "mini" / table_path(table)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(TablesError, match=f"{table}.*has changed since it was written.*; run pixret prepare again"):
        read_ground_truth(data)


def test_changed_pairs_are_refused_beside_images_too(image_tables: Path, tmp_path: Path) -> None:
    shutil.copytree(image_tables, tmp_path / "tables")
    path = tmp_path / "tables" / "mini" / table_path("pairs")
    content = bytearray(path.read_bytes())
    content[-20] ^= 1  # in the footer, of which the ground truth is not made
    path.write_bytes(content)
    with pytest.raises(TablesError, match=r"pairs.*has changed since it was written.*; run pixret prepare again"):
        read_ground_truth(tmp_path / "tables")


@pytest.mark.parametrize("table", ["queries", "corpus", "pairs"])
def test_a_file_of_another_size_is_refused(data: Path, table: str) -> None:
    path = data / "mini" / table_path(table)
    size = path.stat().st_size
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(TablesError, match=f"has {size - 1} bytes, and the manifest says {size}; run"):
        read_ground_truth(data)
    path.write_bytes(b"")
    with pytest.raises(TablesError, match=f"has 0 bytes, and the manifest says {size}|cannot be read"):
        read_ground_truth(data)


@pytest.mark.parametrize("table", ["queries", "corpus", "pairs"])
def test_a_missing_file_is_refused(data: Path, table: str) -> None:
    (data / "mini" / table_path(table)).unlink()
    with pytest.raises(TablesError, match=f"{table_path(table)}: cannot be read: .*; run pixret prepare again"):
        read_ground_truth(data)


@pytest.mark.parametrize("table", ["queries", "corpus", "pairs"])
def test_a_table_of_several_shards_is_read_in_their_order(data: Path, table: str, truth: GroundTruth) -> None:
    folder = data / "mini"
    rows = pq.read_table(folder / table_path(table))
    parts = [rows.slice(0, 1), rows.slice(1)]
    (folder / table_path(table)).unlink()
    shards = {}
    for i, part in enumerate(parts):
        (shard,) = write_table(folder, table, part.to_batches()).items()
        (folder / shard[0]).rename(folder / table_path(table, i, 2))
        shards[table_path(table, i, 2)] = msgspec.to_builtins(shard[1])
    edit(data, lambda manifest: (manifest["files"].pop(table_path(table)), manifest["files"].update(shards)))
    assert read_ground_truth(data).digest == truth.digest
    assert read_manifest(data).shards(table) == tuple(shards)
    (folder / table_path(table, 1, 2)).unlink()
    with pytest.raises(TablesError, match=r"test-00001-of-00002\.parquet: cannot be read"):
        read_ground_truth(data)


def replace_file(data: Path, table: str, content: bytes, rows: int) -> None:
    """Replace a table, and let the manifest agree with it."""
    (data / "mini" / table_path(table)).write_bytes(content)
    record = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content), "rows": rows}
    edit(data, lambda manifest: manifest["files"].update({table_path(table): record}))


def test_a_file_that_is_no_parquet_is_refused(data: Path) -> None:
    replace_file(data, "pairs", b"no Parquet", 1)
    with pytest.raises(TablesError, match=r"pairs.*is not a Parquet file"):
        read_ground_truth(data)


def test_a_table_in_the_place_of_another_is_refused(data: Path) -> None:
    replace_file(data, "pairs", (data / "mini" / table_path("corpus")).read_bytes(), 6)
    with pytest.raises(TablesError, match="is not the table of pairs that this version of pixret writes"):
        read_ground_truth(data)


def test_another_ground_truth_than_the_manifests_is_refused(data: Path) -> None:
    edit(data, lambda manifest: manifest.update(ignored_queries=[]))
    with pytest.raises(TablesError, match=r"holds the ground truth sha256:.*, and its manifest names sha256:"):
        read_ground_truth(data)


def test_rows_that_are_never_written_are_refused(data: Path) -> None:
    path = data / "mini" / table_path("pairs")
    table = pq.read_table(path)
    levels = pa.array([7] * table.num_rows, pa.int64())
    stream = io.BytesIO()
    pq.write_table(table.set_column(4, table.schema.field(4), levels), stream)
    replace_file(data, "pairs", stream.getvalue(), table.num_rows)
    with pytest.raises(TablesError, match="holds rows that pixret never writes: 7 is not a valid Level"):
        read_ground_truth(data)

"""The MTEB view, through MTEB's own loader of retrieval tasks."""

import io
import json
import shutil

import pytest
from mteb.abstasks.retrieval_dataset_loaders import RetrievalDatasetLoader
from PIL import Image

from pixret.metrics import Protocol
from pixret.tables import list_configs, read_ground_truth


@pytest.fixture(scope="module")
def repository(image_tables, tmp_path_factory):
    """A folder that `datasets` takes for a repository."""
    folder = tmp_path_factory.mktemp("repository") / "data"
    shutil.copytree(image_tables, folder)
    configs = [
        {"config_name": config.name, "data_files": [{"split": "test", "path": f"mini/{config.table}/*.parquet"}]}
        | ({"columns": list(config.columns)} if config.columns else {})
        for config in list_configs("mini")
    ]
    # JSON is YAML
    (folder / "README.md").write_text(f"---\n{json.dumps({'configs': configs})}\n---\n", encoding="utf-8")
    return folder


@pytest.mark.parametrize("protocol", list(Protocol))
def test_mteb_reads_each_protocol(repository, image_tables, mini_summary, protocol):
    truth = read_ground_truth(image_tables)
    loaded = RetrievalDatasetLoader(str(repository), None, split="test", config=f"mini-{protocol}").load()
    relevant: dict[str, dict[str, int]] = {}
    for pair in truth.pairs:
        if pair.level in protocol.positive_levels:
            relevant.setdefault(truth.query_ids[pair.query_index], {})[truth.image_ids[pair.image_index]] = 1
    assert loaded["relevant_docs"] == relevant
    assert loaded["queries"]["id"] == list(truth.query_ids)
    assert loaded["corpus"]["id"] == list(truth.image_ids)
    for table in ("queries", "corpus"):
        row = loaded[table][-1]
        original = (mini_summary.out / "images" / f"{row['id']}.jpg").read_bytes()
        assert row["image"].tobytes() == Image.open(io.BytesIO(original)).tobytes()
    assert loaded["top_ranked"] is None

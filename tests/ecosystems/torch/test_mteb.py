"""The MTEB view, through MTEB's own loader of retrieval tasks."""

import io

import pytest
from mteb.abstasks.retrieval_dataset_loaders import RetrievalDatasetLoader
from PIL import Image

from pixret.metrics import Protocol
from pixret.tables import read_ground_truth


@pytest.mark.parametrize("protocol", list(Protocol))
def test_mteb_reads_each_protocol(image_tables, mini_summary, protocol):
    truth = read_ground_truth(image_tables)
    loaded = RetrievalDatasetLoader(str(image_tables), None, split="test", config=f"mini-{protocol}").load()
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

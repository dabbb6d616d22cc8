"""A benchmark that was pushed is loaded from the Hub, of which a stand-in runs on this machine."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hub import running_hub

from pixret.tables import table_path

# In a process of its own, since datasets and huggingface_hub read the Hub's address when they are imported.
LOAD = """
import json
from pixret.loader import LoadError, load

corpus = load("mini-corpus", "someone/pixels")
streamed = list(load("mini", "someone/pixels", streaming=True, columns=["image_id", "area"]))
distractors = [row["image_index"] for row in load("r1m-corpus", "someone/pixels", streaming=True)]
faults = []
wrong = ("mini", "someone/none"), ("proxford", "someone/pixels"), ("mini-easy-qrels", "someone/pixels")
for table, repository in wrong:
    try:
        load(table, repository)
    except LoadError as error:
        faults.append(str(error))
none = load("mini", "someone/pixels", columns=["area"], filters=[("area", "<", 0)])
sizes = [[*row["image"].size, row["width"], row["height"]] for row in corpus]
print(json.dumps({"sizes": sizes, "streamed": len(streamed), "distractors": distractors, "faults": faults,
    "none": [none.num_rows, none.column_names]}))
"""


@pytest.mark.slow
def test_a_pushed_benchmark_is_loaded_by_its_name(with_distractors: Path, tmp_path: Path) -> None:
    with running_hub() as hub:
        variables = {
            **os.environ,
            "HF_ENDPOINT": hub.endpoint,
            "HF_HOME": str(tmp_path),
            "HF_HUB_OFFLINE": "0",
            "HF_HUB_DISABLE_XET": "1",
            "HF_TOKEN": "hf_secret",
        }
        push = [sys.executable, "-m", "pixret.cli", "push", "someone/pixels", "--data", str(with_distractors)]
        subprocess.run(push, check=True, capture_output=True, timeout=100, env=variables)
        hub.repositories["someone/pixels"].files[f"mini/{table_path('easy-qrels')}"] = b"no Parquet"
        command = [sys.executable, "-c", LOAD]
        done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=100, env=variables)
    said = json.loads(done.stdout)
    assert all((width, height) == (w, h) for width, height, w, h in said["sizes"])
    assert (len(said["sizes"]), said["streamed"]) == (126, 156)
    assert said["distractors"] == list(range(12))
    assert said["none"] == [0, ["area"]]
    missing, unknown, broken = said["faults"]
    assert missing.startswith("someone/none: mini-pairs cannot be loaded from the Hub: Dataset 'someone/none' doesn't")
    assert unknown.startswith("someone/pixels: proxford-pairs cannot be loaded from the Hub: BuilderConfig")
    assert broken.startswith("someone/pixels: mini-easy-qrels cannot be read: ")

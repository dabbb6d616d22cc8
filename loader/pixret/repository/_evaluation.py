"""The tasks for the Hub's leaderboards, eval.yaml."""

from typing import Any

from pixret.metrics import Protocol
from pixret.repository._contents import TITLES, Contents
from pixret.tables import SPLIT, list_configs

_HEAD = "# Written by pixret prepare, which writes it anew: changes are lost.\n"
_DESCRIPTION = """\
Pixel retrieval: rank the index images for a query, and segment its object in each. A score is the mAP@50:5:95 in the \
strict convention of pixret, in percent; `pixret score SUBMISSION --data FOLDER --json -` gives it."""


def render_evaluation(contents: Contents) -> str:
    """Render one task for every benchmark, protocol of the paper, and kind of answer (detection, segmentation)."""
    from huggingface_hub import CardData

    tasks = [
        {
            "id": f"{manifest.benchmark}_{protocol}_{answer}",
            "config": list_configs(manifest.benchmark)[0].name,
            "split": SPLIT,
        }
        for manifest in contents.manifests
        for protocol in (Protocol.MEDIUM, Protocol.HARD)
        for answer in ("detection", "segmentation")
    ]
    names = ", ".join(TITLES[manifest.benchmark] for manifest in contents.manifests)
    evaluation: dict[str, Any] = {
        "name": f"Pixel retrieval ({names})",
        "description": _DESCRIPTION,
        "evaluation_framework": "pixret",
        "tasks": tasks,
    }
    return f"{_HEAD}{CardData(**evaluation).to_yaml()}\n"

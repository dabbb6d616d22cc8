"""Entries of leaderboards, ``.eval_results/<benchmark>.yaml``."""

from typing import TYPE_CHECKING, Any

from pixret.publishing._errors import PublishError
from pixret.publishing._publication import Publication
from pixret.reports import METRICS

if TYPE_CHECKING:
    from huggingface_hub import EvalResultEntry

_HEAD = "# pixret publish renews its own entries here and keeps all others, but no comments.\n"


def entries_path(publication: Publication) -> str:
    """Where the entries lie in a model repository."""
    return f".eval_results/{publication.result.report.benchmark}.yaml"


def merge_entries(content: bytes | None, publication: Publication) -> bytes:
    """Put a result's entries into a file, in the place of earlier ones for the same tasks; None is no file yet.

    Entries of other datasets and tasks stay with all their keys. Raises PublishError for a file that the Hub would
    not read.
    """
    from huggingface_hub import eval_result_entries_to_yaml
    from huggingface_hub.utils import yaml_dump

    before = [] if content is None else _read(content, entries_path(publication))
    ours = {_place(entry): entry for entry in eval_result_entries_to_yaml(_entries(publication))}
    found = {_place(entry) for entry in before}
    merged: list[dict[str, Any]] = [ours.get(_place(entry), entry) for entry in before]
    merged += [entry for place, entry in ours.items() if place not in found]
    if content is not None and merged == before:
        return content
    return f"{_HEAD}{yaml_dump(merged, sort_keys=False)}".encode()


def _entries(publication: Publication) -> "list[EvalResultEntry]":
    """An entry for every task. No `verify_token`: the Hub keeps it for evaluations that ran in its own jobs."""
    from huggingface_hub import EvalResultEntry

    return [
        EvalResultEntry(
            dataset_id=publication.dataset.id,
            task_id=task.id,
            value=publication.result.percent(METRICS[task.number]),
            dataset_revision=publication.dataset.revision,
            source_url=publication.source_url,
            source_name=publication.source_name,
            notes=publication.provenance,
        )
        for task in publication.result.tasks
    ]


def _place(entry: dict[str, Any]) -> tuple[str, str]:
    return entry["dataset"]["id"], entry["dataset"]["task_id"]


def _read(content: bytes, path: str) -> list[dict[str, Any]]:
    import yaml
    from huggingface_hub import parse_eval_result_entries

    fault = "is no list of evaluation results as the Hub reads it"
    try:
        entries = yaml.safe_load(content)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise PublishError(path, f"{fault}: {' '.join(str(error).split())}; mend or remove it") from None
    if entries is None:
        return []
    if not isinstance(entries, list):
        raise PublishError(path, f"{fault}, but {type(entries).__name__}; mend or remove it")
    for number, entry in enumerate(entries, 1):
        try:
            parse_eval_result_entries([entry])
            hash(_place(entry))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            detail = f"{fault}: entry {number}: {type(error).__name__}: {error}; mend or remove it"
            raise PublishError(path, detail) from None
    return entries

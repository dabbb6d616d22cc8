"""A result in the model card, README.md: in its metadata, and as a table between two marks."""

from typing import TYPE_CHECKING, Any, cast

from pixret.publishing._errors import PublishError
from pixret.publishing._publication import Publication
from pixret.publishing._result import PUBLISHED
from pixret.publishing._section import place_section, render_section
from pixret.tables import SPLIT

if TYPE_CHECKING:
    from huggingface_hub import EvalResult, ModelCard, ModelCardData

CARD_PATH = "README.md"
"""Where the card lies in a model repository."""

_NUMBERS = {"map_50_95": "mAP@50:5:95", "miou": "mIoU", "map": "mAP"}


def merge_card(content: bytes | None, publication: Publication) -> bytes:
    """Put a result into a card: its numbers into the metadata, a table between marks of its own; None is no card yet.

    Nothing else changes. Raises PublishError for a card that cannot be read, or whose metadata would lose something.
    """
    from huggingface_hub import ModelCardData

    if content is None:
        data = ModelCardData()
        _set_results(data, publication)
        card = f"---\n{data.to_yaml()}\n---\n\n# {publication.model}\n"
    else:
        card = _with_results(_decode(content), publication)
    return place_section(card, render_section(publication), CARD_PATH).encode()


def _decode(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PublishError(CARD_PATH, f"is not in UTF-8: {error}") from None


def _with_results(text: str, publication: Publication) -> str:
    card = _read(text)
    data = cast("ModelCardData", card.data)
    before = data.to_dict()
    _set_results(data, publication)
    return text if data.to_dict() == before else str(card)


def _read(text: str) -> "ModelCard":
    """Read a card, and make sure that huggingface_hub writes all that it read."""
    import yaml
    from huggingface_hub import ModelCard
    from huggingface_hub.repocard import REGEX_YAML_BLOCK

    try:
        card = ModelCard(text)
    except (TypeError, ValueError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())
        raise PublishError(CARD_PATH, f"has metadata that huggingface_hub cannot read: {reason}") from None
    head = REGEX_YAML_BLOCK.search(text)
    written, there = card.data.to_dict(), (yaml.safe_load(head.group(2)) or {}) if head else {}
    if lost := [key for key, value in there.items() if written.get(key) != value]:
        detail = f"its metadata would not come back whole from huggingface_hub: {', '.join(lost)}"
        raise PublishError(CARD_PATH, f"{detail}; put it into the usual form, or leave the card out (--no-card)")
    return card


def _set_results(data: "ModelCardData", publication: Publication) -> None:
    """Put a result's numbers in the place of earlier ones, and after those of others."""
    before = data.eval_results or []
    ours = {_place(each): each for each in _results(publication)}
    found = {_place(each) for each in before}
    data.eval_results = [ours.get(_place(each), each) for each in before]
    data.eval_results += [each for place, each in ours.items() if place not in found]
    data.model_name = data.model_name or publication.model


def _results(publication: Publication) -> "list[EvalResult]":
    from huggingface_hub import EvalResult

    return [
        EvalResult(
            task_type="pixel-retrieval",
            task_name="Pixel retrieval",
            dataset_type=publication.dataset.id,
            dataset_name=publication.result.title,
            dataset_config=publication.result.tasks[0].config,
            dataset_split=SPLIT,
            dataset_revision=publication.dataset.revision,
            metric_type=metric.number,
            metric_config=f"{metric.convention}.{metric.protocol}.{metric.task}",
            metric_name=f"{_NUMBERS[metric.number]} ({metric.protocol}, {metric.task}, {metric.convention})",
            metric_value=publication.result.percent(metric),
            source_url=publication.source_url,
            source_name=publication.source_name,
        )
        for metric in PUBLISHED
    ]


def _place(result: "EvalResult") -> tuple[Any, ...]:
    """What a result is of, whatever commit of the dataset it was measured on."""
    return result.task_type, result.dataset_type, result.dataset_config, result.metric_config, result.metric_type

"""The section of a model card that a result is told in."""

from pixret.publishing._errors import PublishError
from pixret.publishing._publication import Publication
from pixret.reports import METRICS, markdown_table, percent
from pixret.repository import LEADERBOARD_PROTOCOLS

_COLUMNS = ("detection.map_50_95", "detection.miou", "segmentation.map_50_95", "segmentation.miou", "ranking.map")
_HEADER = ("", "mAP, boxes", "mIoU, boxes", "mAP, masks", "mIoU, masks", "mAP, ranking")
_LEGEND = """\
In percent, on [{dataset}](https://huggingface.co/datasets/{dataset}). mAP is mAP@50:5:95, and that of the ranking \
alone. *strict* is what leaderboards show, *official* what the published scripts compute.{inexact}

Scored by [pixret](https://github.com/pixret/pixret) from {received} predictions, of which {rejected} were refused: \
[report]({report}), {proof}

`{signature}`"""
_INEXACT = " Those are not exact here: not every positive was predicted as one polygon."


def render_section(publication: Publication) -> str:
    """The section, marks included: a table of both conventions, and what its numbers depend on."""
    result, name = publication.result, publication.result.report.benchmark
    legend = _LEGEND.format(
        dataset=publication.dataset.id,
        inexact="" if result.report.conventions.official.exact else _INEXACT,
        received=result.report.predictions.received,
        rejected=result.report.predictions.rejected,
        report=result.report_path,
        proof=f"signed with the key `{result.key}`, as `pixret verify` shows." if result.key else "not signed.",
        signature=result.report.signature.replace("`", ""),
    )
    heading = f"## Pixel retrieval: {result.title}\n"
    return "\n".join((_mark("begins", name), heading, _table(publication), legend, _mark("ends", name)))


def place_section(card: str, section: str, source: str) -> str:
    """Put a section in the place of the one with the same marks, or at the end, with the card's ends of lines.

    Raises PublishError, which names `source`, when the marks are not one pair.
    """
    newline = "\r\n" if "\r\n" in card else "\n"
    section = section.replace("\n", newline)
    first, last = section.split(newline)[0], section.split(newline)[-1]
    counts = card.count(first), card.count(last)
    if counts == (0, 0):
        gap = newline if card.endswith(newline) else newline * 2
        return f"{card}{gap}{section}{newline}"
    begin, end = card.find(first), card.find(last)
    if counts != (1, 1) or end < begin:
        raise PublishError(source, f"needs {first} and {last} once each, in this order, or neither; mend it")
    return f"{card[:begin]}{section}{card[end + len(last) :]}"


def _mark(what: str, name: str) -> str:
    return f"<!-- pixret publish: {name} {what} -->"


def _table(publication: Publication) -> str:
    rows = [
        (f"{protocol}, {convention}", *(_cell(publication, f"{convention}.{protocol}.{column}") for column in _COLUMNS))
        for protocol in LEADERBOARD_PROTOCOLS
        for convention in ("strict", "official")
    ]
    return markdown_table(_HEADER, rows, right=range(1, len(_HEADER)))


def _cell(publication: Publication, path: str) -> str:
    return percent(METRICS[path].read(publication.result.report).value)

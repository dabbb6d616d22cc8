"""The dataset card, README.md."""

from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

from pixret.repository._contents import TITLES, Contents
from pixret.repository._metadata import card_metadata
from pixret.tables import SCHEMAS, DistractorsManifest, Manifest

CITATION = """\
@inproceedings{an2023pixel,
  title     = {Towards Content-based Pixel Retrieval in Revisited Oxford and Paris},
  author    = {An, Guoyuan and Kim, Woo Jae and Yang, Saelyne and Li, Rong and Huo, Yuchi and Yoon, Sung-Eui},
  booktitle = {Proceedings of the IEEE/CVF International Conference on Computer Vision (ICCV)},
  year      = {2023}
}
@inproceedings{radenovic2018revisiting,
  title     = {Revisiting Oxford and Paris: Large-Scale Image Retrieval Benchmarking},
  author    = {Radenovi{\\'c}, Filip and Iscen, Ahmet and Tolias, Giorgos and Avrithis, Yannis and Chum, Ond{\\v{r}}ej},
  booktitle = {Proceedings of the IEEE Conference on Computer Vision and Pattern Recognition (CVPR)},
  year      = {2018}
}"""
"""The works to cite, as BibTeX."""

_MAX_LISTED = 10
_VARIANTS = {
    "original": "Its images are those of the first release: faces are not blurred.",
    "v1": "Its images are those of the re-release `-v1`: faces are blurred, so their bytes are not those of the first.",
    "unknown": "Which release its images are of, the first or the one with blurred faces, is not known.",
}


def render_card(contents: Contents) -> str:
    """Render the card. Equal contents give equal text."""
    from huggingface_hub import DatasetCard, DatasetCardData

    template = files("pixret.repository").joinpath("_card.md").read_text(encoding="utf-8")
    without_images = [manifest.benchmark for manifest in contents.folders if manifest.annotations_only]
    card = DatasetCard.from_template(
        DatasetCardData(**card_metadata(contents)),
        template_str=template,
        contents=contents,
        titles=TITLES,
        has_mini=any(manifest.benchmark == "mini" for manifest in contents.manifests),
        default=contents.configs()[0][1].name,
        tables=_table_rows(contents),
        annotations_only=[TITLES[name] for name in without_images],
        annotations_only_benchmark=next(iter(without_images), None),
        provenance={manifest.benchmark: _provenance(manifest) for manifest in contents.manifests},
        quirks={manifest.benchmark: _quirks(manifest) for manifest in contents.manifests},
        distractor_quirks=_distractor_quirks(contents.distractors) if contents.distractors else (),
        citation=CITATION,
    )
    return str(card)


def _table_rows(contents: Contents) -> list[dict[str, Any]]:
    rows = []
    for manifest, config in contents.configs():
        count = sum(record.rows for record in contents.paths(manifest, config.table).values())
        columns = config.columns or SCHEMAS[config.table].names
        rows.append({"name": config.name, "rows": count, "columns": ", ".join(f"`{column}`" for column in columns)})
    return rows


def _provenance(manifest: Manifest) -> str:
    if manifest.benchmark == "mini":
        return "drawn by `pixret synth`; no photograph and nothing of the authors is in it."
    sources = " and ".join(f"`{path}`" for path in sorted(manifest.sources))
    text = f"made by `pixret prepare` from the authors' {sources} and the labels that these name."
    return text if manifest.images is None else f"{text} {_VARIANTS[manifest.images.variant]}"


def _quirks(manifest: Manifest) -> list[str]:
    """List what a user of a benchmark should know, in sentences."""
    noted = {
        "queries (by index) that its mAP leaves out, as the published scripts do": manifest.ignored_queries,
        "positive pairs without a label": manifest.missing_labels,
        "labels that are empty, or have a shape without points": manifest.empty_labels,
        "labels that name another image than their pair": manifest.other_image_labels,
        "images that are missing": manifest.images.missing if manifest.images else (),
        "queries whose box reaches beyond their image": manifest.images.boxes_beyond if manifest.images else (),
    }
    return _sentences(noted, manifest.file_name)


def _distractor_quirks(manifest: DistractorsManifest) -> list[str]:
    noted = {
        "images that are missing, and have no row": manifest.missing,
        "images that cannot be decoded, whose row is empty": tuple(manifest.unreadable),
    }
    return _sentences(noted, manifest.file_name)


def _sentences(noted: Mapping[str, Sequence[object]], source: str) -> list[str]:
    sentences = [f"{what} ({len(names)}): {_listing(names, source)}." for what, names in noted.items() if names]
    return sentences or ["none."]


def _listing(names: Sequence[object], source: str) -> str:
    more = [f"and so on; `{source}` has all"] if len(names) > _MAX_LISTED else []
    return ", ".join([*map(str, names[:_MAX_LISTED]), *more])

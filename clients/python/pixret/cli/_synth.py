"""``pixret synth``: the raw files of the `mini` benchmark."""

from pathlib import Path
from typing import Annotated

import typer

from pixret.cli._console import results


def synth(
    out: Annotated[Path, typer.Option(help="Folder to make; must not exist, or be empty.")],
    seed: Annotated[int, typer.Option(help="Same seed, same bytes.")] = 20230930,
) -> None:
    """Draw the mini benchmark, in the authors' raw layout, with submissions of six qualities."""
    from pixret.synth import write_mini

    summary = write_mini(out, seed=seed)
    results.print(
        f"{summary.queries} queries, {summary.index_images} index images, {summary.easy_pairs} easy, "
        f"{summary.hard_pairs} hard and {summary.junk_pairs} junk pairs in {out}",
        markup=False,
    )

"""Which of the authors' own results a command reads, where a submission is the folder of these."""

from typing import Annotated

import typer

Method = Annotated[str | None, typer.Option(help="Of the authors' results: the folder of pixel-level to read.")]
Ranking = Annotated[
    str | None,
    typer.Option(help="Of these: the folder of image-level to read, or FOLDER/FILE where it holds several."),
]

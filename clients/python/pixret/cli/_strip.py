"""``pixret strip``: prepared tables without the bytes of their images."""

from pathlib import Path
from typing import Annotated

import typer
from rich.filesize import decimal

from pixret.cli._console import results


def strip(
    data: Annotated[Path, typer.Option(help="Folder that pixret prepare wrote.")],
    out: Annotated[Path, typer.Option(help="Folder for the copy; another than that of the tables.")],
) -> None:
    """Copy prepared tables without their images, for those who may not pass images on.

    Names, sizes and digests stay, so that whoever has the image files can put them in again.
    """
    from pixret.loader import strip_images

    for manifest in strip_images(data, out):
        size = decimal(sum(record.bytes for record in manifest.files.values()))
        results.print(f"{manifest.benchmark}: {size} without images in {out / manifest.benchmark}", markup=False)

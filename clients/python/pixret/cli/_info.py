"""``pixret info``: versions, and what a folder or a server holds."""

from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from pixret.cli._console import results
from pixret.client import Client
from pixret.tables import list_prepared, read_manifest

_LIBRARIES = ("pixret", "numpy", "pycocotools", "opencv-python-headless", "pyarrow", "datasets", "grpcio", "protobuf")


def info(
    data: Annotated[Path | None, typer.Option(help="Folder of prepared tables.")] = None,
    server: Annotated[str | None, typer.Option(help="HOST:PORT of a scoring service.")] = None,
) -> None:
    """Print versions, and the benchmarks of a folder or a server."""
    for name in _LIBRARIES:
        results.print(f"{name} {version(name)}", markup=False)
    if data is not None:
        for name in list_prepared(data):
            counts, digest = read_manifest(data, name).counts, read_manifest(data, name).ground_truth
            results.print(f"{name}: {counts.queries} queries, {counts.images} index images, {digest}", markup=False)
    if server is not None:
        with Client(server) as client:
            for each in client.benchmarks():
                line = f"{each.name}: {each.query_count} queries, {each.index_size} index images, {each.digest}"
                results.print(line, markup=False)

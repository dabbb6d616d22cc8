"""``pixret info``: versions, whether the kernel is compiled, and what a folder or a server holds."""

from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated

import typer

from pixret.cli._connection import TlsCa, TlsCertificate, TlsKey, TokenFile, UseTls, check_server_named, connect
from pixret.cli._console import results

_LIBRARIES = ("pixret", "numpy", "pycocotools", "opencv-python-headless", "pyarrow", "datasets", "grpcio", "protobuf")


def info(
    data: Annotated[Path | None, typer.Option(help="Folder of prepared tables.")] = None,
    server: Annotated[str | None, typer.Option(help="HOST:PORT of a scoring service.")] = None,
    tls: UseTls = False,
    tls_ca: TlsCa = None,
    tls_certificate: TlsCertificate = None,
    tls_key: TlsKey = None,
    token_file: TokenFile = None,
) -> None:
    """Print versions, whether the metric core runs compiled, and the benchmarks of a folder or a server."""
    from pixret.metrics import COMPILED
    from pixret.tables import list_prepared, read_manifest

    check_server_named(server, tls, tls_ca, tls_certificate, tls_key, token_file)
    for name in _LIBRARIES:
        results.print(f"{name} {_version(name)}", markup=False)
    results.print(f"kernel {'compiled' if COMPILED else 'none: NumPy and pycocotools, which are slower'}", markup=False)
    if data is not None:
        # Without a name, reading says what is wrong with a folder that holds nothing.
        for manifest in [read_manifest(data, name) for name in list_prepared(data) or [None]]:
            line = f"{manifest.counts.queries} queries, {manifest.counts.images} index images, {manifest.ground_truth}"
            results.print(f"{manifest.benchmark}: {line}", markup=False)
    if server is not None:
        with connect(
            server, tls=tls, ca=tls_ca, certificate=tls_certificate, key=tls_key, token_file=token_file
        ) as client:
            for each in client.benchmarks():
                line = f"{each.name}: {each.query_count} queries, {each.index_size} index images, {each.digest}"
                results.print(line, markup=False)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"  # as datasets is in the container

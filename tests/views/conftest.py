"""Prepared tables of mini, without images and with them."""

import shutil
from pathlib import Path

import pytest
from images import add_images

from pixret.loader import prepare
from pixret.synth import MiniSummary


@pytest.fixture(scope="session")
def annotations(mini_summary: MiniSummary, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("annotations")
    prepare("mini", mini_summary.source, folder, jobs=1)
    return folder


@pytest.fixture(scope="session")
def data(annotations: Path, mini_summary: MiniSummary, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    shutil.copytree(annotations / "mini", folder / "mini")
    add_images(folder / "mini", mini_summary.out / "images")
    return folder

"""FiftyOne with a database of this run's own."""

import os
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="session")
def fiftyone(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    """The library; it starts its database when it is asked for something, and ends it with this process."""
    os.environ["FIFTYONE_DATABASE_DIR"] = str(tmp_path_factory.mktemp("database"))
    os.environ["FIFTYONE_DO_NOT_TRACK"] = "true"
    import fiftyone

    return fiftyone


@pytest.fixture(scope="session")
def dataset(fiftyone: ModuleType, image_tables: Path, tmp_path_factory: pytest.TempPathFactory) -> object:
    from pixret.views import to_fiftyone

    return to_fiftyone(image_tables, media=tmp_path_factory.mktemp("media"))

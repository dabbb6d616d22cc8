"""A report with everything that a page of it shows."""

from pathlib import Path

import pytest
from paged import Case, make_case


@pytest.fixture(scope="session")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return make_case(7, tmp_path_factory.mktemp("case"))


@pytest.fixture(scope="session")
def page(case: Case, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of the case, which tests leave as it is."""
    return case.write(tmp_path_factory.mktemp("page") / "report.html")

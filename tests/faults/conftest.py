"""A mother of servers for all tests of this folder."""

import pytest
from lives import mother as new_mother


@pytest.fixture(scope="session")
def mother():
    with new_mother() as bearing:
        yield bearing


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def state(request, tmp_path):
    """As everywhere, but PostgreSQL has its turn among the long tests."""
    if request.param == "sqlite":
        return str(tmp_path / "state")
    return request.getfixturevalue("postgres").new_database()

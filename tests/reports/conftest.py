"""Reports that the tests of this folder share."""

import pytest
from scored import score


@pytest.fixture(scope="session")
def scored():
    """A report whose official numbers are exact."""
    return score(7)


@pytest.fixture(scope="session")
def poorer():
    """A report of the same benchmark, with a part of the predictions, sent as masks."""
    return score(7, points=False, share=0.6)


@pytest.fixture(scope="session")
def unranked():
    """A report of the same benchmark without any order, so that no mAP is defined."""
    return score(7, ranked=False)

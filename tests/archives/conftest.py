import pytest
from packing import COMPRESSED, WRITERS, Writer, needs_tool

KINDS = [pytest.param(kind, marks=needs_tool if kind in COMPRESSED else ()) for kind in WRITERS]


@pytest.fixture(params=KINDS)
def write(request: pytest.FixtureRequest) -> Writer:
    """Each kind of archive in turn."""
    return WRITERS[request.param]

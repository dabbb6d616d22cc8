"""One server for all tests of a module: sessions keep them apart."""

import pytest
from serving import running_server, small_truth

from pixret.client import AsyncClient, Client


@pytest.fixture(scope="session")
def truth():
    return small_truth()


@pytest.fixture(scope="module")
def address(truth):
    with running_server(truth, small_truth("another")) as address:
        yield address


@pytest.fixture
def client(address):
    with Client(address, timeout=20) as opened:
        yield opened


@pytest.fixture
async def async_client(address):
    async with AsyncClient(address, timeout=20) as opened:
        yield opened

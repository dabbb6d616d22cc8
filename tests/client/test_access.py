"""What the clients make of a server that lets in only holders of tokens."""

import pytest
from serving import running_server, small_truth

from pixret.client import AccessError, AsyncClient, Client
from pixret.metrics import NO_MASK, Prediction
from pixret.service import new_token


@pytest.fixture
def tokens(tmp_path):
    return tmp_path / "tokens.toml"


@pytest.fixture
def address(tokens):
    new_token(tokens, "root", "admin")
    with running_server(small_truth(), token_file=tokens) as address:
        yield address


def revoking(tokens, items):
    """Items, with every token revoked before the last."""
    *first, last = items
    yield from first
    tokens.write_text("")
    yield last


ITEMS = [Prediction(query, image, NO_MASK, score=-image) for query in range(3) for image in range(8)]


def test_a_token_serves_every_call(address, tokens):
    with Client(address, token=new_token(tokens, "ann", "submit")) as client:
        assert client.score("small", ITEMS).data["predictions"]["accepted"] == len(ITEMS)


async def test_a_token_serves_every_call_of_asyncio(address, tokens):
    async with AsyncClient(address, token=new_token(tokens, "ann", "submit")) as client:
        assert (await client.score("small", ITEMS)).data["predictions"]["accepted"] == len(ITEMS)


def test_a_stream_whose_token_is_revoked_ends_at_once(address, tokens):
    with Client(address, token=new_token(tokens, "ann", "submit")) as client:
        session = client.create_session("small")
        with pytest.raises(AccessError, match="the server does not know this token; get another"):
            client.stream(session.name, revoking(tokens, ITEMS), batch_items=4).run()


async def test_a_stream_of_asyncio_whose_token_is_revoked_ends_at_once(address, tokens):
    async with AsyncClient(address, token=new_token(tokens, "ann", "submit")) as client:
        session = await client.create_session("small")
        with pytest.raises(AccessError, match="the server does not know this token; get another"):
            await client.stream(session.name, revoking(tokens, ITEMS), batch_items=4).run()


def test_a_role_that_does_not_suffice_is_named(address, tokens):
    with Client(address, token=new_token(tokens, "ann", "read")) as client:
        assert [each.name for each in client.benchmarks()] == ["small"]
        with pytest.raises(AccessError, match="CreateSession takes the role submit, and the token of ann has the role"):
            client.create_session("small")

"""A database that is full, away, crashed or closed to writing: a clear status, nothing torn, and service for others."""

import signal

import grpc
import pytest
from oracle import Oracle, mixed_items, undisturbed
from postgres import Postgres, find_binaries
from refusing import closed_folder
from scenarios import RLE
from serving import IMAGES, running_server, small_truth
from sqlalchemy import event

from pixret.client import Client, LimitExceededError, ServerUnavailableError
from pixret.metrics import Prediction
from pixret.service import ServiceError, open_journal
from pixret.service._state._engine import open_engine
from pixret.service._state._sql import SqlJournal

JUDGED = [Prediction(query, image, RLE, score=0.5) for query in range(3) for image in range(len(IMAGES))]
FAULTY = [Prediction("nobody" * 40, 0, RLE)] * 40_000


def journal_with_room(state, pages):
    """A journal whose database file can not grow beyond some pages of 4 KiB, as on a full disk."""
    engine = open_engine(state)
    event.listen(engine, "connect", lambda connection, _: connection.execute(f"PRAGMA max_page_count = {pages}"))
    engine.dispose()
    return SqlJournal(engine)


def fill(client, session):
    """Append until there is no room; the error."""
    with pytest.raises(LimitExceededError) as caught:
        client.append(session, FAULTY)
    return caught.value


def test_a_full_disk_is_told_and_room_that_is_made_helps(tmp_path):
    state = str(tmp_path)
    with running_server(small_truth(), journal=journal_with_room(state, 60)) as address, Client(address) as client:
        other = client.create_session("small").name
        client.append(other, JUDGED[:9])
        greedy = client.create_session("small").name
        error = fill(client, greedy)
        assert error.code is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert "the state of the sessions has no room for more (database or disk is full)" in error.detail
        assert client.snapshot(other).received == 9
        held = client.session(greedy).committed_offset
        assert client.snapshot(greedy).received == held
        client.delete_session(greedy)
        client.append(other, JUDGED)
    with running_server(small_truth(), journal=open_journal(state)) as address, Client(address) as client:
        stream = client.stream(other, JUDGED)
        stream.run()
        client.finalize(other, received=len(JUDGED), chain_digest=stream.chain_digest)


def test_a_folder_that_cannot_be_written_to_is_told_at_the_start():
    with closed_folder() as folder:
        with pytest.raises(ServiceError, match=f"cannot keep state in {folder}.*: unable to open database file"):
            open_journal(str(folder))
        with pytest.raises(ServiceError, match=f"{folder}/new: Permission denied; choose another folder"):
            open_journal(str(folder / "new"))


def test_a_state_that_turned_read_only_is_told_and_still_read(tmp_path):
    engine = open_engine(str(tmp_path))
    with (
        running_server(small_truth(), journal=SqlJournal(engine)) as address,
        Client(address, retry_timeout=0) as client,
    ):
        session = client.create_session("small").name
        client.append(session, JUDGED[:9])
        event.listen(engine, "begin", make_read_only, insert=True)
        with pytest.raises(ServerUnavailableError, match="attempt to write a readonly database"):
            client.append(session, JUDGED)
        assert client.snapshot(session).received == 9
        event.remove(engine, "begin", make_read_only)
        event.listen(engine, "begin", make_writable, insert=True)
        client.append(session, JUDGED)
        assert client.session(session).committed_offset == len(JUDGED)


def make_read_only(connection):
    connection.exec_driver_sql("PRAGMA query_only = ON")


def make_writable(connection):
    connection.exec_driver_sql("PRAGMA query_only = OFF")


@pytest.fixture
def own_postgres():
    """A server that a test may stop and crash."""
    if (binaries := find_binaries()) is None:
        pytest.skip("no PostgreSQL on this machine; Debian's package postgresql has it")
    server = Postgres(binaries)
    server.start()
    yield server
    server.remove()


@pytest.mark.slow
def test_postgresql_that_crashes_and_restarts_in_mid_stream_loses_nothing(mother, own_postgres, tmp_path):
    items = mixed_items(11, 4000)
    life = mother.bear(own_postgres.new_database())
    oracle = Oracle(items, tmp_path / "acks")
    oracle.create(life.address)
    for number in (signal.SIGQUIT, signal.SIGINT, signal.SIGQUIT):
        oracle.stream(life.address, batches=30)
        own_postgres.stop(number)
        away = pytest.raises(ServerUnavailableError, match="the state of the sessions cannot be used now")
        with Client(life.address, retry_timeout=0) as client, away:
            client.session(oracle.session)
        own_postgres.start()
    oracle.stream(life.address)
    assert oracle.finalize(life.address) == undisturbed(items)
    life.end()

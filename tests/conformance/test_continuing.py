"""Clients that go on with what a session holds, and sources that take their time."""

import time
from itertools import cycle

import pytest
from jobs import check, item, line, rows_of, wait_for_commits

from pixret.client import Client

pytestmark = [pytest.mark.conformance, pytest.mark.timeout(900)]  # the first test of a client builds it

TRANSPORTS = pytest.mark.parametrize("transport", ["stream", "unary"])
NOBODY = {"query_id": "nobody", "image_index": 0, "bbox": [0, 0, 1, 1]}


def session_of(address, rows=()):
    """A session that another client began with these items."""
    with Client(address) as other:
        session = other.create_session("small").name
        other.append(session, [item(line(row).encode()) for row in rows])
        return session


@TRANSPORTS
@pytest.mark.parametrize("held", [0, 7, 29], ids=["nothing", "a_part", "everything"])
def test_a_session_of_another_client_is_completed(driver, address, transport, held):
    rows = [NOBODY, *rows_of(), NOBODY]
    result = driver.run(address, rows, session=session_of(address, rows[:held]), transport=transport)
    check(result, rows, held=held)


@TRANSPORTS
def test_a_session_that_holds_other_items_is_refused(driver, address, transport):
    session = session_of(address, rows_of()[1:8])
    result = driver.run(address, rows_of(), session=session, transport=transport)
    check_refused(result, address, session, held=7)


@TRANSPORTS
def test_a_session_that_holds_more_items_is_refused(driver, address, transport):
    session = session_of(address, rows_of())
    result = driver.run(address, rows_of()[:4], session=session, transport=transport)
    check_refused(result, address, session, held=len(rows_of()))


def check_refused(result, address, session, held):
    assert result["report"] is None
    assert result["error"]["code"] == "ALREADY_EXISTS"
    assert f"the session holds other items below offset {held}" in result["error"]["message"]
    with Client(address) as client:
        assert client.session(session).committed_offset == held


@TRANSPORTS
def test_a_batch_does_not_wait_long_for_a_slow_source(driver, address, transport):
    rows, session = [], session_of(address)
    job = {"session": session, "transport": transport, "batch_items": 256, "snapshot_interval": 0.01, "linger": 0.05}
    with driver.start(address, **job) as process, Client(address) as client:
        for row in cycle(rows_of()):  # what comes twice is refused, and counts like the others
            driver.send(process, [row])
            rows.append(row)
            time.sleep(0.1)
            if client.session(session).committed_offset > 0:
                break
        time.sleep(1)  # in which a snapshot comes
        driver.send(process, rows_of())
        result = driver.finish(process)
    rows += rows_of()
    check(result, rows)
    if transport == "stream":
        assert result["snapshots"][0] < len(rows)


def test_every_item_goes_at_once_without_linger(driver, address):
    rows, session = rows_of(queries=1), session_of(address)
    with driver.start(address, session=session, batch_items=256, linger=0) as process:
        for count, row in enumerate(rows, start=1):
            driver.send(process, [row])
            wait_for_commits(address, count, session)
        result = driver.finish(process)
    check(result, rows)

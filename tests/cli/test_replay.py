"""``pixret replay``: a session of a server that is gone, scored again from its state."""

import json

import pytest
from serving import running_server

from pixret.client import Client
from pixret.service import open_journal
from pixret.submissions import open_submission
from pixret.tables import read_ground_truth


@pytest.fixture(scope="module")
def session(data, mini_folder, tmp_path_factory):
    """The state of a server that ended, the name of the session in it, its last snapshot and its report."""
    state = tmp_path_factory.mktemp("state")
    journal = open_journal(str(state))
    with running_server(read_ground_truth(data), journal=journal) as address, Client(address) as client:
        name = client.create_session("mini").name
        stream = client.stream(name, open_submission(mini_folder / "submissions" / "good.jsonl"))
        last = stream.run()
        report = client.finalize(name, received=stream.committed_offset).content
    return state, name, last, report


def test_the_report_comes_out_byte_for_byte(pixret, data, session):
    state, name, _, report = session
    done = pixret("replay", name, "--state", state, "--data", data, "--json", "-")
    assert (done.code, done.out.encode()) == (0, report)
    assert "equal to the report that the session was finalized with, byte for byte" in done.err


def test_an_earlier_offset_has_its_own_numbers(pixret, data, session, tmp_path):
    state, name, last, _ = session
    path = tmp_path / "snapshot.json"
    done = pixret("replay", name, "--state", state, "--data", data, "--offset", 100, "--snapshot", path)
    assert (done.code, done.err) == (0, "")
    assert "mini: 100 items, 100 accepted, 0 rejected" in done.out
    assert "offset 100, chain digest " in done.out
    assert json.loads(path.read_bytes())["offset"] == "100"
    pixret("replay", name, "--state", state, "--data", data, "--snapshot", path)
    medium = json.loads(path.read_bytes())["protocols"][1]
    bounds = last.protocols["medium"].strict_bounds
    assert medium["strict_bounds"]["greatest"]["segmentation"]["miou"] == bounds.greatest.segmentation.miou


def test_another_report_in_the_state_fails(pixret, data, session):
    state, name, _, _ = session
    done = pixret("replay", name, "--state", state, "--data", data, "--hidden-step", 5)
    assert done.code == 1
    assert "was finalized with another report than its items give here" in done.err


@pytest.mark.parametrize(
    ("name", "folder", "message"),
    [
        ("sessions/none", ".", "no session 'sessions/none'"),
        ("sessions/none", "nowhere", "there is no state in"),
    ],
)
def test_what_is_not_there_is_named(pixret, data, session, name, folder, message):
    done = pixret("replay", name, "--state", session[0] / folder, "--data", data)
    assert done.code == 2
    assert message in done.err

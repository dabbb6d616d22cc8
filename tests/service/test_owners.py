"""Sessions belong to whom they were created by, and to others they are not there."""

import asyncio

import grpc
import pytest
from service_kit import Stream, append, details, failing, make_truth, new_session, submission

from pixret.scoring.v1 import scoring_pb2 as pb
from pixret.scoring.v1.scoring_pb2_grpc import ScoringServiceStub
from pixret.service import Server, ServiceConfig, SessionSpec, VolatileJournal, new_token, open_journal
from pixret.service._errors import QuotaError
from pixret.service._journal import Allowance


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def journals(request, tmp_path):
    """Make the journal of a server; those that are durable share what they know."""
    if request.param == "memory":
        journal = VolatileJournal()
        return lambda: journal
    in_folder = request.param == "sqlite"
    state = str(tmp_path / "state") if in_folder else request.getfixturevalue("postgres").new_database()
    return lambda: open_journal(state)


@pytest.fixture
def journal(journals):
    return journals()


@pytest.fixture
def tokens(tmp_path):
    return tmp_path / "tokens.toml"


@pytest.fixture
async def callers(tokens, journal):
    """Two who submit, another token of the first, a reader of the same name, and an admin."""
    roles = {"ann": "submit", "bob": "submit", "root": "admin"}
    shown = {name: new_token(tokens, name, role) for name, role in roles.items()}
    shown |= {"ann again": new_token(tokens, "ann", "submit"), "ann reads": new_token(tokens, "ann", "read")}
    config = ServiceConfig(workers=1, grace=1.0, token_file=tokens, quota_sessions=2)
    async with (
        Server([make_truth()], config=config, journal=journal) as server,
        grpc.aio.insecure_channel(server.address) as channel,
    ):
        yield {name: Caller(channel, token) for name, token in shown.items()}


class Caller:
    """The stub as one who shows a token with every call."""

    def __init__(self, channel, token):
        self._stub, self._metadata = ScoringServiceStub(channel), (("authorization", f"Bearer {token}"),)

    def __getattr__(self, rpc):
        return lambda *request: getattr(self._stub, rpc)(*request, metadata=self._metadata)


def calls(session):
    """Every unary RPC that names a session."""
    batch = pb.ItemBatch(items=submission()[:1])
    return {
        "GetSession": pb.GetSessionRequest(name=session),
        "DeleteSession": pb.DeleteSessionRequest(name=session),
        "AppendPredictions": pb.AppendPredictionsRequest(session=session, batch=batch),
        "GetSnapshot": pb.GetSnapshotRequest(session=session),
        "ListRejections": pb.ListRejectionsRequest(session=session),
        "FinalizeSession": pb.FinalizeSessionRequest(session=session),
    }


async def refusal(caller, rpc, request):
    error = await failing(getattr(caller, rpc)(request))
    return (
        error.code(),
        error.details().replace(request.name if hasattr(request, "name") else request.session, "X"),
        {
            name: str(detail).replace(request.name if hasattr(request, "name") else request.session, "X")
            for name, detail in details(error).items()
        },
    )


async def test_the_session_of_another_is_answered_like_one_that_never_was(callers):
    session = await new_session(callers["ann"])
    for rpc, request in calls(session).items():
        theirs = await refusal(callers["bob"], rpc, request)
        none = await refusal(callers["bob"], rpc, calls("sessions/never-was-here-at-all")[rpc])
        assert theirs == none, rpc
        assert theirs[0] is grpc.StatusCode.NOT_FOUND, rpc
    assert (await callers["ann"].GetSession(pb.GetSessionRequest(name=session))).session.committed_offset == 0


async def test_a_stream_does_not_attach_to_the_session_of_another(callers):
    session = await new_session(callers["ann"])
    mine = Stream(callers["ann"], session)
    await mine.attach()
    theirs = Stream(callers["bob"], session)
    await theirs.call.write(pb.StreamPredictionsRequest(attach=pb.Attach(session=session)))
    assert (await theirs.failure()).code() is grpc.StatusCode.NOT_FOUND
    await mine.send(0, submission()[:3])
    assert (await mine.ack(3)).committed_offset == 3


async def test_lists_show_what_the_caller_owns_and_admins_everything(callers):
    own = {name: await new_session(callers[name], request_id="same") for name in ("ann", "bob")}
    assert own["ann"] != own["bob"]
    listed = {
        name: [each.name for each in (await caller.ListSessions(pb.ListSessionsRequest())).sessions]
        for name, caller in callers.items()
    }
    assert listed == {
        "ann": [own["ann"]],
        "ann again": [own["ann"]],
        "ann reads": [own["ann"]],
        "bob": [own["bob"]],
        "root": [own["ann"], own["bob"]],
    }


async def test_tokens_of_one_name_share_sessions_and_admins_reach_all(callers):
    session = await new_session(callers["ann"], request_id="r")
    assert await new_session(callers["ann again"], request_id="r") == session
    await append(callers["ann again"], session, 0, submission()[:2])
    assert (await callers["ann reads"].GetSnapshot(pb.GetSnapshotRequest(session=session))).snapshot.offset == 2
    await callers["root"].DeleteSession(pb.DeleteSessionRequest(name=session))
    error = await failing(callers["ann"].GetSession(pb.GetSessionRequest(name=session)))
    assert error.code() is grpc.StatusCode.NOT_FOUND


async def test_a_principal_has_so_many_sessions_and_others_have_theirs(callers):
    first, _ = [await new_session(callers["ann"]) for _ in range(2)]
    error = await failing(callers["ann again"].CreateSession(pb.CreateSessionRequest(benchmark="benchmarks/tiny")))
    assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert error.details() == "ann has 2 sessions, and that is the most; delete some"
    assert details(error)["QuotaFailure"].violations[0].subject == "ann"
    await new_session(callers["bob"])
    await callers["ann"].DeleteSession(pb.DeleteSessionRequest(name=first))
    await new_session(callers["ann"])


@pytest.fixture
async def two_journals(journals):
    opened = [journals(), journals()]
    yield opened
    for each in opened:
        await each.close()


async def succeed(calls):
    """How many calls at once end well, and what the others are refused with."""
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    refused = {type(outcome) for outcome in outcomes if isinstance(outcome, BaseException)}
    return sum(not isinstance(outcome, BaseException) for outcome in outcomes), refused


async def test_servers_on_one_state_count_an_owner_together(two_journals):
    def spec(owner):
        return SessionSpec(owner, "tiny", "sha256:0", "", 0, "")

    both = [*two_journals] * 4
    created = (each.create(f"sessions/{at}", spec("ann"), 100, 3) for at, each in enumerate(both))
    assert await succeed(created) == (3, {QuotaError})
    session = (await two_journals[0].create("sessions/b", spec("bob"), 100, 3)).name
    told = (each.tell(session, at, Allowance(5, None)) for at, each in enumerate(both))
    assert await succeed(told) == (5, {QuotaError})
    other = (await two_journals[0].create("sessions/c", spec("cid"), 100, 3)).name
    told = (each.tell(other, at, Allowance(None, 4)) for at, each in enumerate(both))
    assert await succeed(told) == (4, {QuotaError})
    await two_journals[1].delete(other)
    again = (await two_journals[0].create("sessions/d", spec("cid"), 100, 3)).name
    with pytest.raises(QuotaError, match="metrics were told 4 times to cid in a day"):
        await two_journals[1].tell(again, 0, Allowance(None, 4))

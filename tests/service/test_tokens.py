"""Tokens, and what their roles allow."""

import os
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from refusing import files_ending_at
from service_kit import Stream, details, failing, new_session, submission

from pixret.scoring.v1 import scoring_pb2 as pb
from pixret.scoring.v1.scoring_pb2_grpc import ScoringServiceStub
from pixret.service import ServiceConfig, ServiceError, new_token
from pixret.service._access import SCORING_ROLES, Role
from pixret.service._tokens import TokenFile, read_tokens

SERVICE = pb.DESCRIPTOR.services_by_name["ScoringService"]


@pytest.fixture
def tokens(tmp_path):
    return tmp_path / "tokens.toml"


@pytest.fixture
def config(tokens):
    new_token(tokens, "root", "admin")
    return ServiceConfig(workers=1, grace=1.0, token_file=tokens)


def bearer(token):
    return (("authorization", f"Bearer {token}"),)


class Caller:
    """The stub as one who shows a token with every call."""

    def __init__(self, channel, token):
        self._stub, self._metadata = ScoringServiceStub(channel), bearer(token)

    def __getattr__(self, rpc):
        return lambda *request: getattr(self._stub, rpc)(*request, metadata=self._metadata)


@pytest.fixture
def caller(channel, tokens):
    """Make a caller of a name and a role."""
    return lambda name, role="submit": Caller(channel, new_token(tokens, name, role))


def test_every_rpc_has_a_role():
    assert list(SCORING_ROLES) == [method.name for method in SERVICE.methods]


def test_the_file_holds_no_token_but_its_hash(tokens):
    secret = new_token(tokens, "ann", "read")
    other = new_token(tokens, "bob", "submit", days=1)
    first, second = read_tokens(tokens)
    assert (first.name, first.role, first.sha256, first.expires) == (
        "ann",
        "read",
        sha256(secret.encode()).hexdigest(),
        None,
    )
    assert timedelta(hours=23) < second.expires - datetime.now(UTC) < timedelta(hours=25)
    assert secret not in tokens.read_text()
    assert other not in tokens.read_text()
    assert re.fullmatch(r"pixret_[\w-]{43}", secret)
    assert tokens.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tokens.parent.iterdir()] == ["tokens.toml"]


def test_who_may_read_the_file_stays_as_it_is_and_so_does_a_link_to_it(tokens, tmp_path):
    link = tmp_path / "link.toml"
    link.symlink_to(tokens)
    new_token(tokens, "ann", "read")
    tokens.chmod(0o640)
    if os.geteuid() == 0:
        os.chown(tokens, 65534, 65534)
    before = tokens.stat()
    new_token(link, "bob", "read")
    after = tokens.stat()
    assert link.is_symlink()
    assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)
    assert [token.name for token in read_tokens(tokens)] == ["ann", "bob"]


def test_tokens_that_are_made_at_once_are_all_kept(tokens):
    names = [f"n{number}" for number in range(40)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda name: new_token(tokens, name, "read"), names))
    assert sorted(token.name for token in read_tokens(tokens)) == sorted(names)


@pytest.mark.parametrize("days", [1e7, 1e300, float("inf"), float("nan")])
def test_days_that_no_calendar_has_are_refused(tokens, days):
    with pytest.raises(ServiceError, match=re.escape(f"{days:g} days is no time until a token expires; give fewer")):
        new_token(tokens, "ann", "read", days)
    assert not tokens.exists()


@pytest.mark.parametrize("name", ["", "-a", "a b", "a/b", 'a"', "x" * 65, "größe"])
def test_a_name_is_short_and_plain(tokens, name):
    with pytest.raises(ServiceError, match="is no name for a principal; use up to 64 letters"):
        new_token(tokens, name, "read")
    assert not tokens.exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[token]]\nname = 'a'\nrole = 'read'\n", "missing required field `sha256`"),
        ("[[token]]\nname = 'a'\nrole = 'god'\nsha256 = ''\n", r"Invalid enum value 'god' - at `\$.token\[0\].role`"),
        ("[[token]]\nname = 'a'\nrole = 'read'\nsha256 = 'abc'\n", r"matching regex .* - at `\$.token\[0\].sha256`"),
        (f"[[token]]\nname = 'a'\nrole = 'read'\nsha256 = '{'0' * 64}'\nexpires = 2030-01-01T00:00:00\n", "timezone"),
        ("token = ", "these are no tokens"),
        ("tokens = []", "unknown field `tokens`"),
    ],
)
def test_a_file_of_other_things_is_refused_with_the_place(tokens, text, message):
    tokens.touch(mode=0o600)
    tokens.write_text(text)
    with pytest.raises(ServiceError, match=message):
        TokenFile(tokens)


@pytest.mark.parametrize("mode", [0o644, 0o660, 0o602, 0o601])
def test_a_file_that_lets_others_in_is_refused(tokens, mode):
    new_token(tokens, "ann", "read")
    tokens.chmod(mode)
    with pytest.raises(ServiceError, match="which lets others in; run chmod 600"):
        TokenFile(tokens)
    tokens.chmod(0o640)
    TokenFile(tokens)


def test_a_file_that_is_not_there_is_refused(tokens):
    with pytest.raises(ServiceError, match=r"tokens\.toml: the tokens cannot be read: No such file"):
        TokenFile(tokens)
    with pytest.raises(ServiceError, match="the tokens cannot be written: No such file"):
        new_token(tokens / "nowhere" / "tokens.toml", "ann", "read")


def test_a_file_that_cannot_be_written_stays_as_it_was_and_nothing_is_left_beside_it(tokens):
    new_token(tokens, "ann", "read")
    before = tokens.read_bytes()
    with files_ending_at(len(before)), pytest.raises(ServiceError, match="tokens cannot be written: File too large"):
        new_token(tokens, "bob", "read")
    assert tokens.read_bytes() == before
    assert list(tokens.parent.iterdir()) == [tokens]


@pytest.mark.parametrize("rpc", SCORING_ROLES)
async def test_no_rpc_without_a_token(stub, rpc):
    method = SERVICE.methods_by_name[rpc]
    request = getattr(pb, method.input_type.name)()
    error = await (Stream(stub).failure() if method.client_streaming else failing(getattr(stub, rpc)(request)))
    assert error.code() is grpc.StatusCode.UNAUTHENTICATED
    assert error.details() == "no token; send the metadata authorization: Bearer TOKEN"
    assert details(error)["ErrorInfo"].reason == "UNAUTHENTICATED"


@pytest.mark.parametrize("metadata", [bearer("pixret_guess"), bearer(""), (("authorization", "Basic eDp5"),)])
async def test_a_token_that_nobody_knows(stub, metadata):
    error = await failing(stub.ListBenchmarks(pb.ListBenchmarksRequest(), metadata=metadata))
    assert error.code() is grpc.StatusCode.UNAUTHENTICATED


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("rpc", SCORING_ROLES)
async def test_a_role_allows_its_rpcs_and_no_others(caller, role, rpc):
    method = SERVICE.methods_by_name[rpc]
    who = caller("ann", role.name.lower())
    if method.client_streaming:
        stream = Stream(who)
        await stream.call.done_writing()
        error = await stream.failure()
    else:
        error = await outcome(getattr(who, rpc)(getattr(pb, method.input_type.name)()))
    allowed = role >= SCORING_ROLES[rpc]
    assert (error is None or error.code() is not grpc.StatusCode.PERMISSION_DENIED) is allowed
    if not allowed:
        needed = SCORING_ROLES[rpc].name.lower()
        assert (
            error.details() == f"{rpc} takes the role {needed}, and the token of ann has the role {role.name.lower()}"
        )
        assert details(error)["ErrorInfo"].metadata == {"role": needed}


async def outcome(call):
    try:
        await call
    except grpc.aio.AioRpcError as error:
        return error
    return None


async def test_health_needs_no_token_and_reflection_does(channel, tokens):
    health = health_pb2_grpc.HealthStub(channel)
    assert (await health.Check(health_pb2.HealthCheckRequest())).status == health_pb2.HealthCheckResponse.SERVING
    reflection = reflection_pb2_grpc.ServerReflectionStub(channel)
    request = reflection_pb2.ServerReflectionRequest(list_services="")
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        [each async for each in reflection.ServerReflectionInfo(iter([request]))]
    assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED
    metadata = bearer(new_token(tokens, "ann", "read"))
    assert [each async for each in reflection.ServerReflectionInfo(iter([request]), metadata=metadata)]


async def test_an_expired_token_lets_nobody_in(caller, channel, tokens):
    late = Caller(channel, new_token(tokens, "ann", "read", days=0))
    error = await failing(late.ListBenchmarks(pb.ListBenchmarksRequest()))
    assert error.code() is grpc.StatusCode.UNAUTHENTICATED
    assert error.details().startswith("the token of ann expired at ")


async def test_a_stream_ends_at_the_next_message_once_its_token_is_revoked(caller, tokens):
    ann = caller("ann")
    stream = Stream(ann, await new_session(ann))
    await stream.attach()
    await stream.send(0, submission()[:2])
    await stream.ack(2)
    tokens.write_text(
        tokens.read_text().replace('name = "ann"\nrole', 'name = "ann"\nexpires = 2020-01-01T00:00:00Z\nrole')
    )
    await stream.send(2, submission()[2:4])
    error = await stream.failure()
    assert error.code() is grpc.StatusCode.UNAUTHENTICATED
    assert error.details() == "the token of ann expired at 2020-01-01T00:00:00+00:00; get another"
    root = caller("root", "admin")
    assert (await root.GetSession(pb.GetSessionRequest(name=stream.session))).session.committed_offset == 2


async def test_a_file_that_breaks_lets_nobody_in_until_it_is_whole(caller, tokens, caplog):
    ann, whole = caller("ann"), tokens.read_text()
    tokens.write_text("[[token")
    error = await failing(ann.ListBenchmarks(pb.ListBenchmarksRequest()))
    assert (error.code(), error.details()) == (
        grpc.StatusCode.UNAVAILABLE,
        "the server cannot check tokens now; its log says why",
    )
    assert details(error)["RetryInfo"].retry_delay.seconds == 1
    assert "nobody is let in: " in caplog.text
    tokens.write_text(whole)
    await ann.ListBenchmarks(pb.ListBenchmarksRequest())

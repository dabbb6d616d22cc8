"""The service behind Envoy, as deploy/envoy.yaml puts it there: gRPC, gRPC-Web and JSON, with TLS and tokens."""

import base64
import ssl
import struct
import threading
from concurrent.futures import ThreadPoolExecutor

import grpc
import httpx2
import pytest
from conftest import running_serve
from gateway import ENVOY, envoy_before, free_port, lay_out
from google.protobuf import json_format
from jobs import item, line, rows_of
from kits import is_required
from serving import small_truth

from pixret.client import AccessError, Client, Tls
from pixret.client._wire import encode_item
from pixret.metrics import Accumulator, report_bytes
from pixret.scoring.v1 import scoring_pb2 as pb
from pixret.service import new_token

pytestmark = [
    pytest.mark.conformance,
    pytest.mark.skipif(not (ENVOY.exists() or is_required()), reason="Envoy is not to be had for this platform"),
]

ITEMS = [item(line(row).encode()) for row in rows_of()]
SERVICE = "/pixret.scoring.v1.ScoringService/"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("envoy")
    lay_out(folder)
    return folder


@pytest.fixture(scope="module")
def token(folder):
    return new_token(folder / "tokens.toml", "tester", "submit")


@pytest.fixture(scope="module")
def gateway(folder, prepared, token):
    with (
        running_serve("--data", prepared, "--token-file", folder / "tokens.toml") as server,
        envoy_before(server.address, folder) as address,
    ):
        yield address


@pytest.fixture
def client(gateway, folder, token):
    with Client(gateway, tls=Tls(folder / "ca.pem"), token=token) as client:
        yield client


@pytest.fixture
def http(gateway, folder):
    trusted = ssl.create_default_context(cafile=folder / "ca.pem")
    with httpx2.Client(base_url=f"https://{gateway}", verify=trusted, http2=False) as http:
        yield http


def here():
    accumulator = Accumulator(small_truth())
    accumulator.add(ITEMS)
    return report_bytes(accumulator)


def test_a_stream_and_its_snapshots_pass(client):
    session = client.create_session("small").name
    stream = client.stream(session, ITEMS, snapshot_interval=0.01, batch_items=2)
    assert [snapshot.received for snapshot in stream][-1] == len(ITEMS)
    report = client.finalize(session, received=len(ITEMS), chain_digest=stream.chain_digest)
    assert report.content == here()


def test_a_stream_goes_on_when_envoy_comes_back(folder, prepared, token):
    port, tls = free_port(), Tls(folder / "ca.pem")
    half_way, back = threading.Event(), threading.Event()

    def items():
        yield from ITEMS[:10]
        half_way.set()
        assert back.wait(60)
        yield from ITEMS[10:]

    with (
        running_serve("--data", prepared, "--token-file", folder / "tokens.toml") as server,
        Client(f"localhost:{port}", tls=tls, token=token) as client,
        ThreadPoolExecutor() as pool,
    ):
        with envoy_before(server.address, folder, port):
            session = client.create_session("small").name
            streaming = pool.submit(client.stream(session, items(), batch_items=2).run)
            assert half_way.wait(60)
        with envoy_before(server.address, folder, port):
            back.set()
            assert streaming.result(60).received == len(ITEMS)
            assert client.finalize(session, received=len(ITEMS)).content == here()


def test_without_a_token_nobody_gets_in(gateway, folder):
    with Client(gateway, tls=Tls(folder / "ca.pem")) as stranger, pytest.raises(AccessError):
        stranger.benchmarks()


def test_health_is_told_and_reflection_is_not(gateway, folder):
    credentials = grpc.ssl_channel_credentials((folder / "ca.pem").read_bytes())
    with grpc.secure_channel(gateway, credentials) as channel:
        health = channel.unary_unary("/grpc.health.v1.Health/Check")
        assert health(b"") == b"\x08\x01"  # SERVING
        reflection = channel.stream_stream("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo")
        with pytest.raises(grpc.RpcError) as caught:
            [*reflection(iter([b""]))]
    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED


def test_json_does_what_a_client_does(http, token):
    def post(method, message):
        answer = http.post(SERVICE + method, json=message, headers={"authorization": f"Bearer {token}"})
        return answer.status_code, answer.json()

    status, opened = post("CreateSession", {"benchmark": "benchmarks/small"})
    session = opened["session"]["name"]
    items = [json_format.MessageToDict(encode_item(each, offset)) for offset, each in enumerate(ITEMS)]
    assert status == 200
    assert post("AppendPredictions", {"session": session, "batch": {"items": items}}) == (
        200,
        {"ack": {"committedOffset": str(len(ITEMS)), "acceptedCount": str(len(ITEMS))}},
    )
    status, wrong = post("FinalizeSession", {"session": session, "itemCount": 1})
    assert (status, wrong["message"].split(";")[0]) == (400, f"item_count is 1, and the server has {len(ITEMS)}")
    assert wrong["details"][0]["reason"] == "TOTALS_DIFFER"
    _, final = post("FinalizeSession", {"session": session, "itemCount": len(ITEMS)})
    assert base64.b64decode(final["reportJson"]) == here()


def test_a_browser_may_call_from_the_page_that_is_named(http, token):
    origin, foreign = "https://leaderboard.example.org", "https://elsewhere.example.org"
    asked = {"access-control-request-method": "POST", "access-control-request-headers": "x-grpc-web,authorization"}
    allowed = http.options(SERVICE + "ListBenchmarks", headers={"origin": origin} | asked)
    assert allowed.headers["access-control-allow-origin"] == origin
    assert (
        "access-control-allow-origin"
        not in http.options(SERVICE + "ListBenchmarks", headers={"origin": foreign} | asked).headers
    )
    headers = {"origin": origin, "content-type": "application/grpc-web+proto", "authorization": f"Bearer {token}"}
    answer = http.post(SERVICE + "ListBenchmarks", content=bytes(5), headers=headers).content
    size = struct.unpack(">xI", answer[:5])[0]
    assert [each.name for each in pb.ListBenchmarksResponse.FromString(answer[5 : 5 + size]).benchmarks] == [
        "benchmarks/small"
    ]
    assert b"grpc-status:0" in answer[5 + size :]

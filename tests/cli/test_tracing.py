"""``pixret serve`` sends traces to a collector, each in its own process or thread, over a real connection."""

import json
import sys
from itertools import islice

import grpc
import pytest
from collector import Deaf, attributes, running_collector

from pixret.client import AccessError, Client, NotFoundError
from pixret.scoring.v1 import scoring_pb2 as pb
from pixret.scoring.v1.scoring_pb2_grpc import ScoringServiceStub
from pixret.service import new_token
from pixret.submissions import open_submission

SERVICE = "pixret.scoring.v1.ScoringService"
TRACE, CALLER = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
JSON_LOGS = ["--set", "log_format=json", "--set", "log_level=info"]


def call_with_traceparent(address, secret, **metadata):
    """One call below the span of a caller that traces, too."""
    told = {"traceparent": f"00-{TRACE}-{CALLER}-01", "authorization": f"Bearer {secret}"} | metadata
    with grpc.insecure_channel(address) as channel:
        ScoringServiceStub(channel).ListBenchmarks(pb.ListBenchmarksRequest(), metadata=tuple(told.items()))


def end(process):
    process.terminate()
    out, err = process.communicate(timeout=30)
    assert process.returncode == 0
    return out + err


def test_traces_tell_where_the_time_of_calls_goes_and_no_secret(serve, data, mini_folder, tmp_path, monkeypatch):
    secret = new_token(tmp_path / "tokens.toml", "ann", "submit")
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=lab")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-key=collectors-secret")
    with running_collector() as collector:
        options = ["--token-file", tmp_path / "tokens.toml", "--set", f"traces={collector.endpoint}", *JSON_LOGS]
        with serve(data, options=options) as (process, address):
            with Client(address, token=secret) as client:
                session = client.create_session("mini")
                items = islice(open_submission(mini_folder / "submissions" / "good.jsonl"), 300)
                for _ in client.stream(session.name, items):
                    pass
                with pytest.raises(NotFoundError):
                    client.session(f"sessions/{'0' * 32}")
            call_with_traceparent(address, secret)
            call_with_traceparent(address, secret, **{"x-request-id": "mine-1"})
            with Client(address, token="pixret_not_this_one") as client, pytest.raises(AccessError):
                client.benchmarks()
            told = end(process)

    [resource, *_] = collector.resources
    assert (resource["service.name"], resource["deployment.environment.name"]) == ("pixret", "lab")
    assert {metadata["x-key"] for metadata in collector.metadata} == {"collectors-secret"}

    [stream] = collector.named(f"{SERVICE}/StreamPredictions")
    known = attributes(stream)
    assert (known["pixret.session"], known["pixret.principal"]) == (session.name, "ann")
    assert (known["rpc.system.name"], known["rpc.response.status_code"], stream.kind) == (
        "grpc",
        "OK",
        stream.SPAN_KIND_SERVER,
    )
    batches = [span for span in collector.below(stream) if span.name == "batch"]
    assert sum(attributes(batch)["pixret.items"] for batch in batches) == 300
    assert attributes(batches[0])["pixret.offset"] == 0
    for batch in batches:
        measure, commit = collector.below(batch)
        assert (measure.name, commit.name) == ("measure", "commit")
        assert batch.start_time_unix_nano <= measure.start_time_unix_nano <= measure.end_time_unix_nano
        assert measure.end_time_unix_nano <= commit.start_time_unix_nano <= commit.end_time_unix_nano
        assert commit.end_time_unix_nano <= batch.end_time_unix_nano <= stream.end_time_unix_nano
    assert {span.name for span in collector.below(stream)} == {"batch", "snapshot"}

    [missed] = collector.named(f"{SERVICE}/GetSession")
    assert attributes(missed)["rpc.response.status_code"] == "NOT_FOUND"
    assert missed.status.code == missed.status.STATUS_CODE_UNSET  # a fault of the caller and none of the server

    listed = collector.named(f"{SERVICE}/ListBenchmarks")
    below = [span for span in listed if span.trace_id.hex() == TRACE]
    assert [span.parent_span_id.hex() for span in below] == [CALLER] * 2
    assert [attributes(span)["pixret.request_id"] for span in below] == [TRACE, "mine-1"]
    [refused] = [span for span in listed if span.trace_id.hex() != TRACE]
    assert attributes(refused)["rpc.response.status_code"] == "UNAUTHENTICATED"
    assert "pixret.principal" not in attributes(refused)

    lines = [json.loads(line) for line in told.splitlines() if line.startswith("{")]
    logged = {
        line["rpc"]: line["request_id"] for line in lines if line.get("rpc") != "ListBenchmarks" and "rpc" in line
    }
    assert logged["StreamPredictions"] == stream.trace_id.hex()
    everything = told + str(collector.requests)
    assert not [word for word in (secret, "not_this_one", "collectors-secret") if word in everything]


@pytest.mark.slow
@pytest.mark.parametrize("there", ["away", "deaf"])
def test_a_collector_that_does_not_answer_holds_nobody_up(serve, data, there):
    with running_collector(Deaf) as collector:
        endpoint = "http://127.0.0.1:1" if there == "away" else collector.endpoint
        with serve(data, options=["--set", f"traces={endpoint}"]) as (process, address):
            with Client(address) as client:
                assert client.create_session("mini").name
            told = end(process)
        collector.released.set()
    assert "traces to" in told
    assert "Traceback" not in told


@pytest.mark.slow
def test_opentelemetry_can_be_switched_off_by_its_own_variable(serve, data, monkeypatch):
    monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
    with running_collector() as collector:
        with serve(data, options=["--set", f"traces={collector.endpoint}", *JSON_LOGS]) as (process, address):
            call_with_traceparent(address, "none")
            told = end(process)
        assert collector.requests == []
    [line] = [json.loads(line) for line in told.splitlines() if "ListBenchmarks" in line]
    assert line["request_id"]


@pytest.fixture
def refusal(pixret, data):
    """What a server says that does not start, for want of something that traces need."""

    def refuse(*options):
        done = pixret("serve", "--data", data, "--listen", "127.0.0.1:0", "--workers", 1, *options)
        assert (done.code, done.out) == (2, "")
        return done.err

    return refuse


def test_traces_without_the_extra_are_refused_with_what_to_install(refusal, monkeypatch):
    monkeypatch.delitem(sys.modules, "pixret.service._traces", raising=False)
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    told = refusal("--set", "traces=http://127.0.0.1:4317")
    assert "traces need OpenTelemetry; install it with pip install 'pixret[tracing]'" in told


def test_a_variable_of_opentelemetry_that_is_wrong_is_told(refusal, monkeypatch):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "soon")
    told = refusal("--set", "traces=http://127.0.0.1:4317")
    assert "cannot send traces to http://127.0.0.1:4317: could not convert string to float: 'soon'; correct" in told


@pytest.mark.parametrize(
    ("traces", "message"),
    [
        (
            "http://10.0.0.1:4317",
            "traces http://10.0.0.1:4317 go to another machine in plaintext: give an https:// URL",
        ),
        ("127.0.0.1:4317", "it reads http://HOST:PORT or https://HOST:PORT"),
        ("http://127.0.0.1", "it reads http://HOST:PORT or https://HOST:PORT"),
        (
            "https://ann:hush@there:4317",
            "setting traces = 'https://there:4317' (flag): it has nothing beside host and port",
        ),
        ("http://127.0.0.1:4318/v1/traces", "it has nothing beside host and port"),
    ],
)
def test_traces_are_not_sent_anywhere(refusal, traces, message):
    told = refusal("--set", f"traces={traces}")
    assert message in " ".join(told.split())
    assert "hush" not in told

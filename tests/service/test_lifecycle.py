"""Starting, draining and stopping, in this process and as a process of its own."""

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path
from typing import Self

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from service_kit import Stream, details, failing, make_truth, new_session, submission

from pixret.scoring.v1 import scoring_pb2 as pb
from pixret.scoring.v1.scoring_pb2_grpc import ScoringServiceStub
from pixret.service import Server, ServiceConfig, ServiceError, VolatileJournal, _upkeep, read_truths

ENVIRONMENT = os.environ | {
    "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *filter(None, [os.environ.get("PYTHONPATH")])])
}
SERVE = """
from pixret.service import ServiceConfig, run_server
from service_kit import make_truth
if __name__ == "__main__":
    config = ServiceConfig(workers=1, grace={grace})
    run_server([make_truth()], "127.0.0.1:0", config=config, on_ready=lambda address: print(address, flush=True))
"""


class Process:
    """A server as a process of its own."""

    def __init__(self, grace: float) -> None:
        self.grace = grace

    async def __aenter__(self) -> Self:
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            SERVE.format(grace=self.grace),
            env=ENVIRONMENT,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        self.address = (await asyncio.wait_for(self.process.stdout.readline(), 30)).decode().strip()
        return self

    async def ended(self) -> tuple[int, str]:
        _, errors = await asyncio.wait_for(self.process.communicate(), 20)
        return self.process.returncode, errors.decode()

    async def __aexit__(self, *_: object) -> None:
        if self.process.returncode is None:
            self.process.terminate()
            await self.process.communicate()


async def test_sigterm_drains_acks_what_is_in_hand_and_exits_with_0():
    async with Process(grace=10.0) as process, grpc.aio.insecure_channel(process.address) as channel:
        stub = ScoringServiceStub(channel)
        stream = Stream(stub, await new_session(stub))
        await stream.attach()
        items = submission()
        await stream.send(0, items[:20])
        process.process.send_signal(signal.SIGTERM)
        drain = (await stream.receive("drain")).drain
        assert drain.grace.seconds == 10
        error = await failing(stub.CreateSession(pb.CreateSessionRequest(benchmark="benchmarks/tiny")))
        assert error.code() is grpc.StatusCode.UNAVAILABLE
        assert details(error)["RetryInfo"].retry_delay.seconds == 1
        late = Stream(stub, stream.session)
        assert (await late.failure()).code() is grpc.StatusCode.UNAVAILABLE
        health = health_pb2_grpc.HealthStub(channel)
        assert (
            await health.Check(health_pb2.HealthCheckRequest())
        ).status == health_pb2.HealthCheckResponse.NOT_SERVING
        await stream.send(20, items[20:])
        messages = await stream.rest()
        assert max(message.ack.committed_offset for message in messages if message.HasField("ack")) == 48
        assert await stream.call.code() is grpc.StatusCode.OK
        assert await process.ended() == (0, "")


async def test_a_stream_that_attaches_while_the_server_drains_is_told_where_to_resume_first(server, stub):
    stream = Stream(stub, await new_session(stub))
    while server._servicer._idle.is_set():
        await stream.call.wait_for_connection()
        await asyncio.sleep(0.01)
    stopping = asyncio.create_task(server.stop())
    await asyncio.sleep(0.1)
    await stream.call.write(pb.StreamPredictionsRequest(attach=pb.Attach(session=stream.session)))
    assert [(await stream.receive()).WhichOneof("message") for _ in range(2)] == ["attached", "drain"]
    await stream.rest()
    await stopping


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_stream_that_stays_is_ended_after_the_grace(number):
    async with Process(grace=0.3) as process, grpc.aio.insecure_channel(process.address) as channel:
        stub = ScoringServiceStub(channel)
        stream = Stream(stub, await new_session(stub))
        await stream.attach()
        await stream.send(0, submission())
        process.process.send_signal(number)
        await stream.ack(48)
        error = await stream.failure()
        assert error.code() is grpc.StatusCode.UNAVAILABLE
        assert details(error)["ErrorInfo"].reason == "DRAINING"
        assert await process.ended() == (0, "")


class Silent(VolatileJournal):
    """A state that does not answer while it is not to."""

    def __init__(self):
        super().__init__()
        self.answers = asyncio.Event()
        self.answers.set()

    async def page(self, *args):
        await self.answers.wait()
        return await super().page(*args)


async def test_a_server_whose_state_does_not_answer_is_not_ready_until_it_does(truth, monkeypatch):
    monkeypatch.setattr(_upkeep, "_INTERVAL", 0.05)
    monkeypatch.setattr(_upkeep, "_PATIENCE", 0.1)
    journal = Silent()
    async with (
        Server([truth], config=ServiceConfig(workers=1), journal=journal) as server,
        grpc.aio.insecure_channel(server.address) as channel,
    ):
        watching = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest())
        assert (await watching.read()).status == health_pb2.HealthCheckResponse.SERVING
        journal.answers.clear()
        assert (await watching.read()).status == health_pb2.HealthCheckResponse.NOT_SERVING
        journal.answers.set()
        assert (await watching.read()).status == health_pb2.HealthCheckResponse.SERVING
        watching.cancel()


async def test_health_and_reflection_know_the_service(server, channel):
    health = health_pb2_grpc.HealthStub(channel)
    for name in ("", "pixret.scoring.v1.ScoringService"):
        response = await health.Check(health_pb2.HealthCheckRequest(service=name))
        assert response.status == health_pb2.HealthCheckResponse.SERVING
    call = reflection_pb2_grpc.ServerReflectionStub(channel).ServerReflectionInfo()
    await call.write(reflection_pb2.ServerReflectionRequest(list_services=""))
    services = {each.name for each in (await call.read()).list_services_response.service}
    await call.done_writing()
    assert services == {
        "grpc.health.v1.Health",
        "grpc.reflection.v1alpha.ServerReflection",
        "pixret.scoring.v1.ScoringService",
    }


async def test_reflection_can_be_switched_off(truth):
    config = ServiceConfig(workers=1, reflection=False)
    async with Server([truth], config=config) as server, grpc.aio.insecure_channel(server.address) as channel:
        call = reflection_pb2_grpc.ServerReflectionStub(channel).ServerReflectionInfo()
        await call.done_writing()
        assert await call.code() is grpc.StatusCode.UNIMPLEMENTED


async def test_a_port_in_use_is_named():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(ServiceError, match=f"cannot listen on {address}: Address already in use"):
            await Server([make_truth()], address).start()


async def test_two_servers_never_share_a_port(server):
    with pytest.raises(ServiceError, match=f"cannot listen on {server.address}"):
        await Server([make_truth()], server.address).start()


@pytest.mark.parametrize(
    "address", ["", "localhost", "localhost:", ":50051", "127.0.0.1:x", "127.0.0.1:65536", "127.0.0.1:-1"]
)
async def test_an_address_that_is_none_is_refused(address):
    with pytest.raises(ServiceError, match="an address reads HOST:PORT"):
        await Server([make_truth()], address).start()


@pytest.mark.parametrize("address", ["host.invalid:0", "192.0.2.1:0"])
async def test_an_address_of_another_machine_is_refused(address):
    config = ServiceConfig(workers=1, insecure_plaintext=True, insecure_anonymous=True)
    with pytest.raises(ServiceError, match=f"cannot listen on {address}"):
        await Server([make_truth()], address, config=config).start()


async def test_a_server_without_streams_stops_at_once(truth):
    async with Server([truth], config=ServiceConfig(workers=1, grace=60.0)) as server:
        assert server.address.startswith("127.0.0.1:")
        async with asyncio.timeout(5):
            await asyncio.gather(server.stop(), server.stop())


@pytest.mark.slow
async def test_a_script_without_a_guard_is_told_what_is_missing(tmp_path):
    script = tmp_path / "unguarded.py"
    script.write_text(
        "from pixret.service import ServiceError, run_server\n"
        "from service_kit import make_truth\n"
        "try:\n    run_server([make_truth()], '127.0.0.1:0')\nexcept ServiceError as error:\n    print(error)\n"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(script),
        env=ENVIRONMENT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, _ = await asyncio.wait_for(process.communicate(), 30)
    assert "guards its entry" in output.decode()


def test_no_folders_hold_no_benchmarks():
    assert read_truths([]) == []

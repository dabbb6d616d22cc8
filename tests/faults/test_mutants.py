"""What a durable server promises, each as a check, and for each a mutant server that the check catches."""

import shutil
import subprocess
import threading

import grpc
import pytest
from mutants import make_journal
from oracle import Oracle, mixed_items, undisturbed
from ports import steady_port

from pixret.scoring.v1 import scoring_pb2 as pb
from pixret.scoring.v1.scoring_pb2_grpc import ScoringServiceStub

ITEMS = mixed_items(7, 300)


def check_a_crash_loses_nothing(mother, state, folder, mutant):
    """No ack runs ahead of what is durable, and what is durable is whole."""
    oracle = Oracle(ITEMS, folder / "acks")
    life = mother.bear(state, failpoints="before_commit=2", mutant=mutant)
    oracle.create(life.address)
    oracle.stream(life.address)
    assert life.is_over()
    life = mother.bear(state)
    try:
        oracle.stream(life.address)
        assert oracle.finalize(life.address) == undisturbed(ITEMS)
    finally:
        life.end()


def check_nothing_is_taken_twice(mother, state, folder, mutant):
    """Items that are sent again change nothing."""
    oracle = Oracle(ITEMS, folder / "acks")
    life = mother.bear(state, mutant=mutant)
    try:
        oracle.create(life.address)
        oracle.stream(life.address, batches=2)
        oracle.resend(life.address, 0, 1)
    finally:
        life.end()


def check_a_zombie_is_fenced(mother, state, folder, mutant):
    """A writer that was replaced through another server is told ABORTED, and nothing of it is taken."""
    lives = [mother.bear(state, mutant=mutant, port=steady_port()) for _ in range(2)]
    oracle = Oracle(ITEMS, folder / "acks")
    try:
        oracle.create(lives[0].address)
        with grpc.insecure_channel(lives[0].address) as one, grpc.insecure_channel(lives[1].address) as two:
            _send_as_a_zombie(ScoringServiceStub(one), ScoringServiceStub(two), oracle.session)
    finally:
        for life in lives:
            life.end()


def _send_as_a_zombie(first, second, session):
    replaced = threading.Event()
    attach = pb.StreamPredictionsRequest(attach=pb.Attach(session=session))

    def requests():
        yield attach
        replaced.wait(20)
        yield pb.StreamPredictionsRequest(batch=pb.ItemBatch(offset=0, items=ITEMS[:5]))

    responses = first.StreamPredictions(requests(), timeout=20)
    assert next(responses).attached.writer_epoch == 1
    assert next(second.StreamPredictions(iter([attach]), timeout=20)).attached.writer_epoch == 2
    replaced.set()
    with pytest.raises(grpc.RpcError) as caught:
        print(*responses)
    assert caught.value.code() is grpc.StatusCode.ABORTED
    found = second.GetSession(pb.GetSessionRequest(name=session), timeout=20).session
    assert found.committed_offset == 0, "the zombie's items were taken"


def check_every_commit_waits_for_the_disk(mother, state, folder, mutant):
    """The database is told to wait."""
    engine = make_journal(state, mutant)._engine
    try:
        with engine.connect() as connection:
            found = [connection.exec_driver_sql(setting).scalar() for setting in SETTINGS[engine.dialect.name]]
    finally:
        engine.dispose()
    assert found == [*SETTINGS[engine.dialect.name].values()]


SETTINGS = {
    "sqlite": {"PRAGMA journal_mode": "wal", "PRAGMA synchronous": 2},
    "postgresql": {"SHOW synchronous_commit": "on", "SHOW fsync": "on"},
}
CHECKS = {
    "ack first": check_a_crash_loses_nothing,
    "two transactions": check_a_crash_loses_nothing,
    "no dedupe": check_nothing_is_taken_twice,
    "no fencing": check_a_zombie_is_fenced,
    "no fsync": check_every_commit_waits_for_the_disk,
}


@pytest.mark.parametrize("check", dict.fromkeys(CHECKS.values()), ids=lambda check: check.__name__)
def test_the_real_server_keeps_every_promise(mother, state, tmp_path, check):
    check(mother, state, tmp_path, "")


@pytest.mark.parametrize("mutant", CHECKS)
def test_every_mutant_is_caught(mother, state, tmp_path, mutant):
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        CHECKS[mutant](mother, state, tmp_path, mutant)


@pytest.mark.parametrize(("mutant", "waits"), [("", True), ("no fsync", False)])
def test_strace_sees_the_disk_asked_before_every_ack(mother, tmp_path, mutant, waits):
    if shutil.which("strace") is None:
        pytest.skip("no strace on this machine; Debian's package strace has it")
    oracle, trace = Oracle(ITEMS, tmp_path / "acks"), tmp_path / "trace"
    life = mother.bear(str(tmp_path / "state"), mutant=mutant)
    oracle.create(life.address)
    command = ["strace", "--follow-forks", "--trace=fsync,fdatasync", f"--output={trace}", f"--attach={life.pid}"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as strace:
        assert "attached" in strace.stderr.readline()
        synced = []
        for _ in range(5):  # one batch is under way at a time, and an attach, which is a transaction of its own
            before = trace.read_text().count("sync(")
            oracle.stream(life.address, batches=1)
            synced.append(trace.read_text().count("sync(") - before)
        life.end()
    assert [count >= 2 for count in synced] == [waits] * 5

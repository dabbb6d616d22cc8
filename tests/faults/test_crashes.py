"""A server that dies, at any point and as often as one likes: nothing acknowledged is lost, nothing counts twice."""

import random
import threading

import pytest
from oracle import Oracle, mixed_items, undisturbed

FAILPOINTS = ("before_commit", "after_commit", "before_ack")


@pytest.mark.parametrize(
    "point", ["before_commit", *(pytest.param(point, marks=pytest.mark.slow) for point in FAILPOINTS[1:])]
)
def test_a_server_that_dies_at_a_failpoint_has_what_it_acknowledged(mother, state, tmp_path, point):
    items = mixed_items(1, 1200)
    oracle = Oracle(items, tmp_path / "acks")
    life = mother.bear(state)
    oracle.create(life.address)
    life.end()
    for number in (1, 2):
        life = mother.bear(state, failpoints=f"{point}={number}")
        oracle.stream(life.address)
        assert life.is_over()
    life = mother.bear(state)
    oracle.create(life.address)
    oracle.stream(life.address)
    assert oracle.finalize(life.address) == undisturbed(items) == oracle.finalize(life.address)
    life.end()


def live_and_die(mother, oracle, state, rng):
    """One life of a few batches: it ends at a failpoint, the n-th time it is there, or whenever its time has come."""
    if rng.random() < 0.4:
        life = mother.bear(state, failpoints=f"{rng.choice(FAILPOINTS)}={rng.randint(1, 5)}")
        oracle.stream(life.address, batches=15)
    else:
        life = mother.bear(state)
        killer = threading.Timer(rng.expovariate(40), life.end)
        killer.start()
        oracle.stream(life.address, batches=15)
        killer.join()
    life.end()


@pytest.mark.parametrize("kills", [5, pytest.param(200, marks=pytest.mark.slow)])
@pytest.mark.timeout(600)
def test_kills_at_random_points_change_no_byte_of_the_report(mother, state, tmp_path, kills):
    rng = random.Random(kills)
    items = mixed_items(kills, 400 * kills)
    oracle = Oracle(items, tmp_path / "acks", seed=kills)
    life = mother.bear(state)
    oracle.create(life.address)
    life.end()
    for _ in range(kills):
        live_and_die(mother, oracle, state, rng)
    assert oracle.acks.largest() < len(items)
    life = mother.bear(state)
    oracle.create(life.address)
    oracle.stream(life.address)
    assert oracle.finalize(life.address) == undisturbed(items)
    life.end()

"""A real server with a real channel, new for every test."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import pytest

from pixret.metrics import GroundTruth
from pixret.scoring.v1.scoring_pb2_grpc import ScoringServiceStub
from pixret.service import Server, ServiceConfig

sys.path.insert(0, str(Path(__file__).parent))  # importlib mode leaves it out, and the tests share service_kit

from service_kit import make_truth


@pytest.fixture(scope="session")
def truth() -> GroundTruth:
    return make_truth()


@pytest.fixture
def config() -> ServiceConfig:
    return ServiceConfig(workers=1, grace=1.0)


@pytest.fixture
async def server(truth: GroundTruth, config: ServiceConfig) -> AsyncIterator[Server]:
    async with Server([truth, make_truth("another", 2)], config=config) as running:
        yield running


@pytest.fixture
async def channel(server: Server) -> AsyncIterator[grpc.aio.Channel]:
    async with grpc.aio.insecure_channel(server.address) as opened:
        yield opened


@pytest.fixture
def stub(channel: grpc.aio.Channel) -> ScoringServiceStub:
    return ScoringServiceStub(channel)

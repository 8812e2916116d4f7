"""Every contract is checked twice: on the fakes, and on the real adapters over a quiet clinic, where no worker interferes."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import boto3
import pytest

from chalicelib import rendering
from chalicelib.adapters.clock import SystemRandom
from chalicelib.usecases.ports import Ports
from chalicelib.wiring import build
from tests.fake_aws import FakeClock
from tests.fakes import fake_ports
from tests.quiet import chosen, now, quiet_clinic
from tests.stack import Stack


@pytest.fixture(scope="package")
def quiet() -> Iterator[Stack]:
    """Open a clinic whose queues and schedules wake nobody."""
    with quiet_clinic() as clinic:
        yield clinic


@pytest.fixture(scope="package")
def session(quiet: Stack) -> Any:
    """Give the session of everything real, so that its calls can be counted."""
    return boto3.Session()


@pytest.fixture(scope="package")
def real(quiet: Stack, session: Any) -> Ports:
    """Build the real adapters, on a clock that the tests hold."""
    return build(session, chosen(quiet), clock=FakeClock(), random=SystemRandom(), letters=rendering.message)


@pytest.fixture(params=["fake", "aws"])
def ports(request: pytest.FixtureRequest) -> Ports:
    """Give one world, then the other."""
    world: Ports = fake_ports() if request.param == "fake" else request.getfixturevalue("real")
    clock: Any = world.clock
    clock.set(now())
    return replace(world)

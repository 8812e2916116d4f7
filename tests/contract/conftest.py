"""Every contract is checked twice: on the fakes, and on the real adapters over a quiet clinic, where no worker interferes."""

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest

from chalicelib import rendering
from chalicelib.adapters.clock import SystemRandom
from chalicelib.settings import Settings
from chalicelib.usecases.ports import Ports
from chalicelib.wiring import build
from tests.fake_aws import FakeClock
from tests.fakes import fake_ports
from tests.stack import Stack, stack


@pytest.fixture(scope="package")
def quiet() -> Iterator[Stack]:
    """Open a clinic whose queues and schedules wake nobody."""
    with stack() as clinic, clinic.clinic.emulator.environment():
        functions, events = clinic.client("lambda"), clinic.client("events")
        for mapping in functions.list_event_source_mappings()["EventSourceMappings"]:
            functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
        for rule in events.list_rules()["Rules"]:
            events.disable_rule(Name=rule["Name"])
        yield clinic


@pytest.fixture(scope="package")
def session(quiet: Stack) -> Any:
    """Give the session of everything real, so that its calls can be counted."""
    return boto3.Session()


@pytest.fixture(scope="package")
def real(quiet: Stack, session: Any) -> Ports:
    """Build the real adapters, on a clock that the tests hold."""
    chosen = Settings.from_env({**os.environ, "AWS_REGION": session.region_name, **quiet.variables()})
    random = SystemRandom()
    return build(session, chosen, clock=FakeClock(), random=random, letters=rendering.message)


def now() -> datetime:
    """Give the real time in whole seconds: the emulator's signatures and expiries live in it."""
    return datetime.now(UTC).replace(microsecond=0)


@pytest.fixture(params=["fake", "aws"])
def ports(request: pytest.FixtureRequest) -> Ports:
    """Give one world, then the other."""
    world: Ports = fake_ports() if request.param == "fake" else request.getfixturevalue("real")
    clock: Any = world.clock
    clock.set(now())
    return replace(world)

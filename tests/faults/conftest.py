"""Faults are made on the real adapters over a quiet clinic: no worker but the test's own hand moves anything there."""

from collections.abc import Iterator

import pytest

from chalicelib.usecases.ports import Ports
from tests.faults.world import World, world_of
from tests.quiet import chosen, quiet_clinic, real_ports
from tests.stack import Stack


@pytest.fixture(scope="package")
def clinic() -> Iterator[Stack]:
    """Open a clinic whose queues and schedules wake nobody."""
    with quiet_clinic() as opened:
        yield opened


@pytest.fixture(scope="package")
def real(clinic: Stack) -> Ports:
    """Build the real adapters on the clock and the generator that the tests hold."""
    return real_ports(clinic)


@pytest.fixture
def world(clinic: Stack, real: Ports) -> Iterator[World]:
    """Stand in front of the workers' own doors, the time being now."""
    with world_of(real, chosen(clinic)) as opened:
        yield opened

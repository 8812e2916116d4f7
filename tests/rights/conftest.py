"""What functions may do is tried on the real adapters over a quiet clinic, with the credentials of each function's own role."""

from collections.abc import Iterator

import pytest

from tests.faults.world import World, world_of
from tests.quiet import chosen, quiet_clinic, real_ports
from tests.rights.hands import Hands
from tests.stack import Stack


@pytest.fixture(scope="package")
def clinic() -> Iterator[Stack]:
    """Open a clinic whose queues and schedules wake nobody."""
    with quiet_clinic() as opened:
        yield opened


@pytest.fixture(scope="package")
def hands(clinic: Stack) -> Hands:
    """Give the hands that whatever is done goes through; the owner's, until they are said to be a function's."""
    return Hands(clinic)


@pytest.fixture(scope="package")
def worlds(clinic: Stack, hands: Hands) -> Iterator[World]:
    """Stand in the doors with these hands."""
    with world_of(real_ports(clinic, hands.session), chosen(clinic)) as opened:
        yield opened


@pytest.fixture
def world(worlds: World) -> World:
    """Begin again, with people nobody else has."""
    worlds.fresh()
    return worlds

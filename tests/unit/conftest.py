"""A world of fakes behind the workers' own doors."""

from collections.abc import Iterator

import pytest

from chalicelib import wiring
from chalicelib.usecases.ports import Ports
from tests.fakes import SETTINGS, fake_ports


@pytest.fixture
def ports() -> Iterator[Ports]:
    """Have the workers serve a new world; take it away afterwards."""
    world = fake_ports()
    wiring.use(world, SETTINGS)
    yield world
    wiring._given.clear()

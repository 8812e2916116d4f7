"""A world of fakes behind the real front door."""

from collections.abc import Iterator

import pytest

from chalicelib import wiring
from chalicelib.usecases.ports import Ports
from tests.fakes import fake_ports
from tests.http.visitor import enter


@pytest.fixture
def ports() -> Iterator[Ports]:
    """Open the doors on a new world; close them afterwards."""
    world = fake_ports()
    enter(world)
    yield world
    wiring._given.clear()

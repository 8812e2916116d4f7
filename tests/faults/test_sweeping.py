"""A sweep reads what is due, and not what lives."""

from chalicelib.domain.transfer import State
from tests.faults.sweeping import cost_of_a_sweep, fill
from tests.faults.world import World

READS_PER_DUE = 10  # items: the transfer twice, its recipients, files and trail, and the key in the index
FIXED = 20


def test_the_cost_of_a_sweep_follows_what_is_due(world: World) -> None:
    over = fill(world, live=1500, due=15)

    cost = cost_of_a_sweep(world)

    assert cost.items <= READS_PER_DUE * 15 + FIXED
    assert all(found is not None and found.state is State.SHREDDED for found in map(world.ports.transfers.read, over))


def test_a_sweep_with_nothing_due_reads_next_to_nothing(world: World) -> None:
    fill(world, live=500, due=0)
    cost_of_a_sweep(world)

    cost = cost_of_a_sweep(world)

    assert cost.items <= FIXED
    assert sum(cost.calls.values()) <= FIXED

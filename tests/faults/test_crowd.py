"""A small crowd under much fire; the large one is run by hand (docs/reference/faults.md)."""

from tests.faults.crowd import run
from tests.faults.world import World


def test_nobody_is_left_out_whatever_fails(world: World) -> None:
    outcome = run(world, transfers=4, recipients=25, share=0.03)

    assert (outcome.recipients, outcome.lost, outcome.stuck) == (100, 0, 0)
    assert outcome.doubled <= outcome.window

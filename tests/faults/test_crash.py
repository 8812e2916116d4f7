"""F-17, F-18, F-31: every handler is killed before and after each of its calls, then done again once, and twice more hours later."""

import pytest

from tests.faults.invariants import check
from tests.faults.killing import Side, counted, killed
from tests.faults.walks import HANDLERS
from tests.faults.world import World


@pytest.mark.parametrize("side", ["before", "after"])
@pytest.mark.parametrize("name", list(HANDLERS))
def test_a_handler_killed_at_any_call_is_done_again_to_the_same_end(
    world: World, name: str, side: Side, caplog: pytest.LogCaptureFixture
) -> None:
    calls = counted(world.ports, HANDLERS[name](world).act)
    assert calls

    for at in range(1, len(calls) + 1):
        world.fresh()
        walk = HANDLERS[name](world)
        assert killed(world.ports, walk.act, at, side), f"call {at} of {calls}"
        for again in (1, 2):
            for _ in range(again):
                walk.act()
            world.settle(walk.sending)
            check(world, walk.sending, caplog.text)

"""No function has a right it does not need: taken away, something it does is denied. What cannot be shown here says why."""

import json
from collections.abc import Iterator

import pytest

from infra.local.adapt import ALIASES
from tests.faults.world import World
from tests.rights.acts import ACTS
from tests.rights.hands import Hands
from tests.rights.needed import NEEDED, UNSEEN
from tests.stack import ROOT, Stack

POLICIES = {function: "api_handler" if function == "APIHandler" else function.lower() for function in NEEDED}
SHOWN = [(function, sid, action) for function, statements in NEEDED.items() for sid, actions in statements.items() for action in actions]


def rights(effect: str) -> Iterator[tuple[str, str, str]]:
    """List every action of every statement in infra/policies: function, statement, action."""
    for function, name in POLICIES.items():
        policy = json.loads((ROOT / "infra" / "policies" / f"{name}.json").read_text("utf-8"))
        for one in policy["Statement"]:
            if one["Effect"] == effect:
                yield from ((function, one["Sid"], action) for action in one["Action"])


def cold(world: World) -> None:
    """Let nothing be remembered, as in a container that has just begun: the clinic's secret is unwrapped again."""
    world.ports.secrets._secret.cache_clear()
    world.ports.secrets._key.cache_clear()


def test_every_right_is_shown_to_be_needed_or_says_why_it_cannot_be() -> None:
    unseen = {(function, sid, action) for function, sid, action in rights("Allow") if (sid, action) in UNSEEN}

    assert sorted([*SHOWN, *unseen]) == sorted(rights("Allow"))
    assert {(sid, action) for _, sid, action in unseen} == set(UNSEEN)


def test_every_policy_is_that_of_a_function() -> None:
    assert {path.stem for path in (ROOT / "infra" / "policies").iterdir()} == set(POLICIES.values())


@pytest.mark.parametrize(("function", "act"), [(function, act) for function, acts in ACTS.items() for act in acts])
def test_a_function_may_do_all_it_does(world: World, hands: Hands, function: str, act: str) -> None:
    ready = ACTS[function][act](world)
    cold(world)

    assert hands.tries(function, ready) == set()


@pytest.mark.parametrize(("function", "sid", "action"), SHOWN)
def test_a_right_that_is_taken_away_is_missed(world: World, hands: Hands, function: str, sid: str, action: str) -> None:
    ready = ACTS[function][NEEDED[function][sid][action]](world)
    cold(world)

    with hands.without(function, sid, action):
        denied = hands.tries(function, ready)

    assert denied
    assert denied <= {action, ALIASES.get(action, action)}


@pytest.mark.parametrize(("function", "sid", "action"), list(rights("Deny")))
def test_what_is_denied_would_be_allowed_without_it(clinic: Stack, hands: Hands, function: str, sid: str, action: str) -> None:
    topic = clinic.client("sns").create_topic(Name="anything")["TopicArn"]

    def publish() -> None:
        hands.client("sns").publish(TopicArn=topic, Message="x")

    kept = hands.tries(function, publish)
    with hands.without(function, sid, action):
        gone = hands.tries(function, publish)

    assert (kept, gone) == ({"sns:Publish"}, set())

"""The state of the service over HTTP: what it says, and what of it wants somebody."""

from datetime import date, timedelta
from typing import Any

import pytest

from chalicelib.domain.health import OVERDUE, Queue
from chalicelib.domain.member import Role
from tests.http.visitor import Visitor, signed_in

SECOND = timedelta(seconds=1)


@pytest.fixture
def administrator(ports: Any) -> Visitor:
    ports.dues.swept(ports.clock.now())
    return signed_in(ports, role=Role.ADMINISTRATOR)


def seen(visitor: Visitor) -> dict[str, Any]:
    answer = visitor.call("GET", "/api/health")
    assert answer.status == 200
    return dict(answer.json["health"])


def test_a_service_that_is_well_says_so(ports: Any, administrator: Visitor) -> None:
    health = seen(administrator)

    assert health["queues"] == [
        {"queue": "landed", "waiting": 0, "working": 0, "dead": 0},
        {"queue": "notices", "waiting": 0, "working": 0, "dead": 0},
        {"queue": "codes", "waiting": 0, "working": 0, "dead": None},
    ]
    assert health["sweep"] == {"at": int(ports.clock.now().timestamp()), "overdue": False}
    assert health["code"]["digest"] == "ab" * 32
    assert (health["certificate"], health["hosting"]) == ({"until": None, "soon": False}, {"until": None, "soon": True})


def test_a_sweeper_that_did_not_come_is_overdue(ports: Any, administrator: Visitor) -> None:
    ports.clock.tick(seconds=OVERDUE.total_seconds())
    assert seen(administrator)["sweep"]["overdue"] is False

    ports.clock.tick(seconds=1)

    assert seen(administrator)["sweep"]["overdue"] is True
    assert seen(administrator)["well"] is False


def test_a_certificate_that_was_not_renewed_is_told(ports: Any, administrator: Visitor) -> None:
    ports.watch.until = ports.clock.now() + timedelta(days=30) + SECOND
    assert seen(administrator)["certificate"] == {"until": int(ports.watch.until.timestamp()), "soon": False}

    ports.watch.until -= SECOND

    assert seen(administrator)["certificate"]["soon"] is True


def test_dead_letters_are_told(ports: Any, administrator: Visitor) -> None:
    ports.watch.held[1] = Queue("notices", 5, 2, 1)

    health = seen(administrator)

    assert health["queues"][1] == {"queue": "notices", "waiting": 5, "working": 2, "dead": 1}
    assert health["well"] is False


@pytest.mark.parametrize("role", [Role.SENDER, Role.DPO])
def test_it_is_for_administrators(ports: Any, role: Role) -> None:
    assert signed_in(ports, role=role).call("GET", "/api/health").json == {"error": "forbidden"}


def test_a_certificate_of_hosting_is_looked_at_in_good_time() -> None:
    from dataclasses import replace

    from chalicelib.domain.health import Code, Health
    from tests.fake_aws import MORNING

    far = Health(MORNING, Code("", MORNING), (), MORNING, None, MORNING.date() + timedelta(days=91))

    assert far.well
    assert replace(far, hosted_until=MORNING.date() + timedelta(days=90)).hosting_ends
    assert replace(far, hosted_until=date(2020, 1, 1)).hosting_ends

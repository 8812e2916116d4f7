"""F-20, F-30, F-34, F-36, F-39: clocks, ends, races, and a past that comes back."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.adapters.dynamodb.table import Table, written
from chalicelib.domain.audit import Tag
from chalicelib.domain.errors import Refusal
from chalicelib.domain.transfer import State
from chalicelib.usecases import certify, collect, draft, reschedule
from chalicelib.usecases.certify import Agreement
from chalicelib.usecases.reschedule import Reschedule
from chalicelib.workers import sweep
from tests.builders import IP, a_draft, a_session
from tests.faults.invariants import check
from tests.faults.sweeping import EVENT
from tests.faults.world import World, refused

CREW = 16  # threads


@pytest.mark.parametrize(("before", "code"), [(1, None), (0, "transfer_expired"), (-1, "transfer_expired")])
def test_f30_addresses_are_given_to_the_last_second_and_no_longer(world: World, before: int, code: str | None) -> None:
    told = world.told(b"one")
    world.ports.clock.set(told.transfer.expires_at)
    world.ports.clock.tick(minutes=-10)
    _, session = a_session(world.ports, told.door())
    world.ports.clock.set(told.transfer.expires_at)
    world.ports.clock.tick(seconds=-before)

    assert refused(lambda: collect.open_transfer(session, IP, world.ports)) == code
    assert refused(lambda: collect.sign_file(session, 0, IP, world.ports)) == code


def test_f30_an_address_lives_two_minutes_at_most(world: World) -> None:
    told = world.told(b"one")
    _, session = a_session(world.ports, told.door())

    assert "X-Amz-Expires=120" in collect.sign_file(session, 0, IP, world.ports)


@pytest.mark.parametrize("hours", [-3, 3])
def test_f21_a_worker_whose_clock_is_hours_off_neither_opens_nor_destroys_early_what_is_not_due(world: World, hours: int) -> None:
    told = world.told(b"one")

    world.ports.clock.tick(hours=hours)
    world.tend(told)

    assert told.transfer.state is State.SEALED


def test_f34_fifty_writers_on_one_trail_leave_fifty_events_and_one_order(world: World, caplog: pytest.LogCaptureFixture) -> None:
    told = world.told(b"one")
    ports = world.ports

    def write(number: int) -> None:
        ports.audit.record(ports.event(Tag.DOWNLOAD_AUTHORISED, transfer=told.id, recipient=told.recipients[0], file=number, ip=IP))

    with ThreadPoolExecutor(CREW) as crew:
        list(crew.map(write, range(50)))
    ports.clock.tick(days=7)
    world.settle(told)

    trail = list(ports.audit.trail(told.id))
    assert sorted(event.file for event in trail if event.tag is Tag.DOWNLOAD_AUTHORISED) == list(range(50))
    stated = certify.certify(told.sender, told.id, ports)
    assert stated["trail"]["events"] >= 50
    check(world, told, caplog.text)


@pytest.mark.parametrize("harm", ["removed", "altered", "moved", "added"])
def test_f34_a_trail_that_was_touched_is_found_out(world: World, harm: str) -> None:
    told = world.told(b"one")
    world.ports.clock.tick(days=7)
    world.settle(told)
    stated = certify.certify(told.sender, told.id, world.ports)
    records = Table(world.ports.audit.records.client, world.settings.records_table)
    event = next(item for item in records.query(f"T#{told.id}", "AUDIT#", "AUDIT#~") if item["tag"] == Tag.TRANSFER_SEALED)

    for item in _harmed(event, harm):
        records.client.put_item(TableName=records.name, Item=written(item))
    if harm in ("removed", "moved"):
        records.client.delete_item(TableName=records.name, Key=records.key(event["pk"], event["sk"]))

    assert certify.check(stated, world.ports).records is Agreement.DIFFER


def _harmed(event: dict[str, Any], harm: str) -> list[dict[str, Any]]:
    earlier = event["sk"].replace("AUDIT#20", "AUDIT#19")
    changes = {"removed": [], "altered": [{"ip": "192.0.2.99"}], "moved": [{"sk": earlier}], "added": [{"sk": earlier}]}
    return [event | change for change in changes[harm]]


def test_f36_a_table_restored_from_before_the_end_brings_nothing_back(world: World, caplog: pytest.LogCaptureFixture) -> None:
    told = world.told(b"one")
    records = Table(world.ports.audit.records.client, world.settings.records_table)
    before = list(records.query(f"T#{told.id}", "A", "Z~"))
    world.ports.clock.tick(days=7)
    world.settle(told)
    assert told.transfer.state is State.SHREDDED

    for item in before:
        records.client.put_item(TableName=records.name, Item=written(item))

    _, session = a_session(world.ports, told.door())
    assert refused(lambda: collect.open_transfer(session, IP, world.ports)) == "transfer_expired"
    world.ports.clock.tick(minutes=2)
    world.tend(told)
    assert told.transfer.state is State.SHREDDED


def test_f36_a_table_restored_within_the_time_of_what_was_revoked_opens_nothing(world: World) -> None:
    from chalicelib.usecases import shred
    from chalicelib.usecases.shred import Revoke

    told = world.told(b"one")
    records = Table(world.ports.audit.records.client, world.settings.records_table)
    before = list(records.query(f"T#{told.id}", "A", "Z~"))
    shred.revoke(Revoke(told.sender, told.id), world.ports)

    for item in before:
        records.client.put_item(TableName=records.name, Item=written(item))

    _, session = a_session(world.ports, told.door())
    assert refused(lambda: collect.open_transfer(session, IP, world.ports)) == "transfer_revoked"


def test_f39_one_wish_in_twenty_threads_is_one_transfer(world: World) -> None:
    wish = a_draft(world.member.id, (5,), world.people)

    with ThreadPoolExecutor(CREW) as crew:
        made = list(crew.map(lambda _: draft.make(wish, world.ports), range(20)))

    assert len({(one.transfer, one.data_key, one.wrapped_key) for one in made}) == 1
    trail = [event.tag for event in world.ports.audit.trail(made[0].transfer)]
    assert sorted(trail) == [Tag.KEY_UNWRAPPED] * 19 + [Tag.TRANSFER_CREATED]


def test_twenty_openings_at_once_with_one_left_are_one(world: World) -> None:
    told = world.told(b"one")
    _, session = a_session(world.ports, told.door())
    records = Table(world.ports.audit.records.client, world.settings.records_table)
    item = records.get(f"T#{told.id}", f"RECIPIENT#{told.recipients[0]}")
    assert item is not None
    records.client.put_item(TableName=records.name, Item=written(item | {"openings": told.transfer.openings_most - 1}))

    def attempt(_: int) -> str | None:
        try:
            collect.open_transfer(session, IP, world.ports)
        except Refusal as refusal:
            return refusal.code
        return "opened"

    with ThreadPoolExecutor(CREW) as crew:
        outcomes = list(crew.map(attempt, range(20)))

    assert sorted(outcomes, key=str) == sorted(["opened"] + ["openings_spent"] * 19)


def test_an_end_brought_near_is_found_by_the_sweeper_itself(world: World, caplog: pytest.LogCaptureFixture) -> None:
    told = world.told(b"one")
    world.ports.clock.tick(days=5)
    world.ports.dues.swept(world.ports.clock.now())
    near = world.ports.clock.now() + timedelta(hours=2)

    reschedule.reschedule(Reschedule(told.sender, told.id, near), world.ports)
    for minutes in (2, 117, 2):
        world.ports.clock.tick(minutes=minutes)
        sweep.sweep(EVENT, None)

    assert told.transfer.state is State.SHREDDED
    world.settle(told)
    check(world, told, caplog.text)

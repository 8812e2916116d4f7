"""A day's quotas: of a member and of the clinic, in recipients and in bytes, counted with the drafts themselves."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.errors import Conflict, TooMany
from chalicelib.domain.limits import Quota, tomorrow
from chalicelib.usecases import draft, shred
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.shred import Revoke
from tests.builders import Sending, a_draft, a_landed_transfer, a_landing_transfer, a_member, a_sealed_transfer, a_sending
from tests.fake_aws import MORNING, Stored, digest, etag
from tests.fakes import CLINIC, fake_ports, memory_of, recorded

PLENTY = Quota(10**6, 10**15)
DAY = timedelta(days=1)


def a_world(member: Quota = PLENTY, clinic: Quota = PLENTY) -> Any:
    return fake_ports(clinic=replace(CLINIC, member_quota=member, clinic_quota=clinic))


def make(ports: Ports, sender: Any, people: int = 1, sizes: tuple[int, ...] = (5,)) -> None:
    draft.make(a_draft(sender.id, sizes, people), ports)


def refused(ports: Ports, *args: Any, **changes: Any) -> timedelta:
    with pytest.raises(TooMany) as caught:
        make(ports, *args, **changes)
    assert caught.value.code == "quota_reached"
    return caught.value.retry_after


def test_a_member_sends_to_so_many_recipients_a_day_and_another_member_still_may() -> None:
    ports = a_world(member=Quota(3, 10**9))
    one, two = a_member(ports, 100), a_member(ports, 101)
    make(ports, one, people=2)

    refused(ports, one, people=2)
    make(ports, one, people=1)
    refused(ports, one, people=1)
    make(ports, two, people=3)


def test_a_member_sends_so_many_bytes_a_day() -> None:
    ports = a_world(member=Quota(100, 10))
    sender = a_member(ports)
    make(ports, sender, sizes=(4, 4))

    refused(ports, sender, sizes=(3,))
    make(ports, sender, sizes=(2,))
    make(ports, sender, sizes=(0,))
    refused(ports, sender, sizes=(1,))


@pytest.mark.parametrize("clinic", [Quota(3, 10**9), Quota(100, 15)])
def test_the_whole_clinic_has_a_quota_too(clinic: Quota) -> None:
    ports = a_world(clinic=clinic)
    senders = [a_member(ports, 100 + n) for n in range(4)]
    for sender in senders[:3]:
        make(ports, sender)

    refused(ports, senders[3])
    refused(ports, senders[0])


@pytest.mark.parametrize("quota", [Quota(2, 10**9), Quota(100, 4)])
@pytest.mark.parametrize("whose", ["member", "clinic"])
def test_a_draft_larger_than_a_whole_day_is_refused_even_on_an_empty_one(whose: str, quota: Quota) -> None:
    ports = a_world(**{whose: quota})

    refused(ports, a_member(ports), people=3)

    assert memory_of(ports).used == {}


def test_what_is_refused_is_not_kept_and_not_counted() -> None:
    ports = a_world(clinic=Quota(3, 10**9))
    sender = a_member(ports)
    make(ports, sender, people=2)
    memory = memory_of(ports)
    before = dict(memory.transfers), dict(memory.recipients), dict(memory.drafts), list(memory.events), dict(memory.used)

    for _ in range(3):
        refused(ports, sender, people=2)

    assert (memory.transfers, memory.recipients, memory.drafts, memory.events, memory.used) == before
    make(ports, sender, people=1)


def test_the_next_day_is_free() -> None:
    ports = a_world(member=Quota(1, 10**9))
    sender = a_member(ports)
    make(ports, sender)

    wait = refused(ports, sender)
    ports.clock.tick(seconds=wait.total_seconds() - 1)
    refused(ports, sender)
    ports.clock.tick(seconds=1)

    make(ports, sender)


@given(st.integers(0, 86_399))
def test_tomorrow_begins_at_midnight_and_never_now(second: int) -> None:
    now = MORNING.replace(hour=0) + timedelta(seconds=second)

    begins = now + tomorrow(now)

    assert (begins.date(), begins.hour, begins.minute, begins.second) == ((now + DAY).date(), 0, 0, 0)
    assert timedelta(0) < tomorrow(now) <= DAY


@pytest.mark.parametrize("walk", [a_sending, a_landing_transfer, a_landed_transfer])
@pytest.mark.parametrize("how", ["cancelled", "abandoned"])
def test_what_was_never_sealed_gives_its_part_back(walk: Any, how: str) -> None:
    ports = a_world(member=Quota(2, 10))
    sending = walk(ports, (b"12345",), 2)
    assert {(used.recipients, used.bytes) for used in memory_of(ports).used.values()} == {(2, 5)}

    if how == "cancelled":
        shred.revoke(Revoke(sending.sender, sending.id), ports)
        make(ports, ports.members.read(sending.sender), people=2, sizes=(5,))
        shred.revoke(Revoke(sending.sender, list(memory_of(ports).transfers)[-1]), ports)
    else:
        ports.clock.tick(hours=24)
        shred.destroy_due(sending.id, ports)

    assert {(used.recipients, used.bytes) for used in memory_of(ports).used.values()} == {(0, 0)}


def test_what_was_sealed_counts_even_when_it_is_revoked_or_expires() -> None:
    ports = a_world(member=Quota(2, 10**9))
    revoked, expired = a_sealed_transfer(ports), a_sealed_transfer(ports)
    shred.revoke(Revoke(revoked.sender, revoked.id), ports)
    ports.clock.tick(days=7)
    shred.destroy_due(expired.id, ports)

    assert {used.recipients for (_, who), used in memory_of(ports).used.items() if who != "clinic"} == {1}


def test_what_was_refused_gives_back() -> None:
    ports = a_world()
    sending = a_landing_transfer(ports)
    sending.put(0)
    ports.bucket.objects[f"t/{sending.id}/0"] = Stored(b"", etag(b""), digest(b""), 8)
    sending.land(0)

    shred.destroy_due(sending.id, ports)

    assert {used.recipients for used in memory_of(ports).used.values()} == {0}


def test_a_cancellation_gives_back_once() -> None:
    ports = a_world()
    sending = a_landing_transfer(ports)
    with ThreadPoolExecutor(20) as pool:
        list(pool.map(lambda _: cancel(sending), range(20)))

    assert {used.recipients for used in memory_of(ports).used.values()} == {0}


def cancel(sending: Sending) -> None:
    with suppress(Conflict):
        shred.revoke(Revoke(sending.sender, sending.id), sending.ports)


def test_of_twenty_drafts_at_once_as_many_are_kept_as_there_was_room() -> None:
    ports = a_world(member=Quota(15, 10**9))
    sender = a_member(ports)

    def attempt(_: int) -> bool:
        try:
            make(ports, sender, people=2)
        except TooMany:
            return False
        return True

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(attempt, range(20)))

    assert answers.count(True) == len(memory_of(ports).transfers) == 7


def test_a_quota_costs_no_call_of_its_own() -> None:
    ports, calls = recorded(a_world(member=Quota(1, 1)))
    sender = a_member(ports)
    calls.clear()

    refused(ports, sender)

    assert calls == ["members.read", "vault.new_data_key", "transfers.add"]

"""The meter: the same in memory and in DynamoDB, exact in a crowd, and small."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from chalicelib.adapters.dynamodb import meter
from chalicelib.domain import usage
from chalicelib.domain.audit import Tag
from chalicelib.domain.login import Channel, Door
from chalicelib.domain.transfer import State
from chalicelib.domain.usage import COUNTERS, Usage
from chalicelib.usecases import usage as using
from chalicelib.usecases.ports import Ports
from tests.builders import a_member, a_session
from tests.contract.looking import partition
from tests.contract.test_recipients import collects, grants, one_of, opens
from tests.contract.test_transfers import a_notice, event, kept, seals, shreds

Act = Callable[[], object]


def month(ports: Ports) -> date:
    return using.months(ports)[0]


def today(ports: Ports) -> Usage:
    return ports.meter.month(month(ports)).get(ports.clock.now().date(), Usage())


def difference(before: Usage, after: Usage) -> dict[str, int]:
    return {name: count for name in COUNTERS if (count := getattr(after, name) - getattr(before, name))}


def test_each_step_is_counted_once_and_a_step_that_does_not_hold_never(ports: Ports) -> None:
    before = today(ports)
    transfer = kept(ports)
    assert difference(before, today(ports)) == {"drafts": 1}

    transfer = kept(ports, state=State.LANDING)
    before = today(ports)
    assert [seals(ports, transfer), seals(ports, transfer)] == [True, False]
    held = {name: count for name, count in usage.of_sealing(transfer).counts().items() if count}
    assert difference(before, today(ports)) == held

    before, one = today(ports), one_of(ports, transfer)
    assert [opens(ports, transfer, one), grants(ports, transfer, one, most=1), grants(ports, transfer, one, most=1)] == [True, True, False]
    assert [collects(ports, transfer, one.id), collects(ports, transfer, one.id)] == [True, False]
    sealed = usage.of_download(transfer, 0).download_bytes
    assert difference(before, today(ports)) == {"openings": 1, "downloads": 1, "download_bytes": sealed, "receipts": 1}


def test_messages_are_counted_as_they_went(ports: Ports) -> None:
    transfer = kept(ports)
    before = today(ports)

    for way, message in ((Channel.EMAIL, "m1"), (Channel.SMS, "m2"), (Channel.EMAIL, None)):
        notice = replace(a_notice(ports, transfer), by=way)
        ports.outbox.owe(notice, event(ports, transfer, Tag.REMINDERS_OWED))
        ports.outbox.mark_sent(notice, event(ports, transfer, Tag.NOTICE_SENT), message and f"{transfer.id}{message}")

    assert difference(before, today(ports)) == {"notices": 2, "emails": 1, "texts": 1}


def test_signing_in_and_proving_are_counted_apart(ports: Ports) -> None:
    transfer = kept(ports)
    member = a_member(ports, 1, email=f"{ports.new_id()}@example.fr")
    before = today(ports)

    a_session(ports, Door(member=member.id))
    a_session(ports, Door(transfer=transfer.id, recipient=transfer.recipient_ids[0]))

    assert difference(before, today(ports)) == {"signins": 1, "proofs": 1}


def test_a_destruction_is_counted_once(ports: Ports) -> None:
    transfer = kept(ports, state=State.SEALED)
    before = today(ports)

    assert [shreds(ports, transfer), shreds(ports, transfer)] == [True, False]

    counted = difference(before, today(ports))
    assert counted.pop("destroyed") == 1
    assert set(counted) <= {"byte_seconds"}


def test_a_month_without_anything_is_empty(ports: Ports) -> None:
    assert ports.meter.month(date(2001, 1, 1)) == {}


def test_a_crowd_is_counted_to_the_last(real: Ports) -> None:
    transfer = kept(real, people=20, state=State.SEALED)
    before = today(real)

    with ThreadPoolExecutor(10) as crowd:
        done = list(crowd.map(lambda number: opens(real, transfer, one_of(real, transfer, number)), range(20)))

    assert done == [True] * 20
    assert difference(before, today(real)) == {"openings": 20}


def test_what_is_kept_names_nobody_is_forgotten_and_stays_small(real: Ports) -> None:
    now = real.clock.now()
    many = Usage(**dict.fromkeys(COUNTERS, 10**15))
    table: Any = real.meter
    (counted,) = meter.count(table.records, real.event(Tag.NOTICE_SENT), many)
    table.records.client.update_item(**{**counted["Update"], "Key": table.records.key("U#2001-02", "03#a")})

    (item,) = partition(real, "U#2001-02")

    assert set(item) == {"pk", "sk", "ttl", *COUNTERS}
    assert int(item["ttl"]) == pytest.approx((now + meter.KEPT).timestamp(), abs=2)
    assert sum(len(name) + 9 for name in item) < 1024  # one unit of writing; nine bytes are a number of fifteen digits, signs and all


def test_a_crowd_spreads_over_many_items(real: Ports) -> None:
    table: Any = real.meter
    places = {
        action["Update"]["Key"]["sk"]["S"]
        for action in (meter.count(table.records, real.event(Tag.NOTICE_SENT), Usage(notices=1))[0] for _ in range(400))
    }

    assert len(places) > 20

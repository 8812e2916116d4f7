"""Steps count what they use: once, on their day, and nothing that did not happen."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain import usage
from chalicelib.domain.login import Channel
from chalicelib.domain.usage import NOTHING, Usage
from chalicelib.usecases import collect, shred, tell
from chalicelib.usecases import usage as using
from chalicelib.usecases.ports import Ports, PostRefused
from chalicelib.usecases.shred import Revoke
from tests.builders import IP, Sending, a_landed_transfer, a_sealed_transfer, a_session, a_told_transfer
from tests.fake_aws import FakePost
from tests.fakes import CLINIC, fake_ports, memory_of

MIB = 1024 * 1024


def counted(ports: Ports) -> Usage:
    return usage.total(ports.meter.month(using.months(ports)[0]).values())


def since(ports: Ports, before: Usage) -> dict[str, int]:
    now = counted(ports).counts()
    return {name: count - getattr(before, name) for name, count in now.items() if count != getattr(before, name)}


def test_counters_add_up_and_can_be_taken_many_times() -> None:
    one = Usage(files=2, texts=1)

    assert one + one == one.times(2) == Usage(files=4, texts=2)
    assert usage.total([]) == NOTHING


def test_sealing_counts_what_the_transfer_holds() -> None:
    ports = fake_ports()
    sending = a_landed_transfer(ports, (b"a" * 10, bytes(8 * MIB + 1)), people=3)
    before = counted(ports)

    sending.seal()

    held = {"transfers": 1, "files": 2, "large_files": 1, "parts": 3, "recipients": 3, "clear_bytes": 8 * MIB + 11}
    sealed = sum(len(b"".join(file.part(n) for n in file.parts())) for file in sending.files)
    assert since(ports, before) == {**held, "sealed_bytes": sealed}
    assert before.drafts == 1


def test_sealing_again_counts_nothing() -> None:
    ports = fake_ports()
    sending = a_sealed_transfer(ports)
    before = counted(ports)

    sending.seal()

    assert since(ports, before) == {}


def test_what_a_recipient_does_is_counted() -> None:
    ports = fake_ports()
    sending = a_told_transfer(ports)
    before = counted(ports)
    session = collect.whose(a_session(ports, sending.door())[0], ports)

    collect.open_transfer(session, IP, ports)
    collect.sign_file(session, 0, IP, ports)
    collect.acknowledge(session, 0, IP, ports)
    collect.acknowledge(session, 0, IP, ports)

    size = counted(ports).sealed_bytes
    assert since(ports, before) == {"proofs": 1, "openings": 1, "downloads": 1, "download_bytes": size, "receipts": 1}


@pytest.mark.parametrize("refused", [False, True])
def test_a_reminder_counts_the_way_it_went(refused: bool) -> None:
    ports = fake_ports()
    sending = a_sealed_transfer(ports)
    notice = next(iter(memory_of(ports).notices.values()))
    memory_of(ports).notices[notice.id] = replace(notice, by=Channel.SMS)
    before = counted(ports)

    class NoTexts(FakePost):
        def sms(self, number: str, text: str) -> str:
            raise PostRefused

    world: Any = replace(ports, post=NoTexts()) if refused else ports
    tell.send_notice(notice.id, replace(world, letters=with_sms))

    assert sending.transfer.sealed_at is not None
    assert since(ports, before) == {"notices": 1, "emails" if refused else "texts": 1}


def with_sms(name: str, values: Any, language: Any) -> Any:
    from chalicelib.domain.notice import Letter

    return Letter(name, name, name, name)


def test_a_notice_with_nothing_left_to_tell_counts_nothing() -> None:
    ports = fake_ports()
    sending = a_sealed_transfer(ports)
    notice = next(iter(memory_of(ports).notices))
    shred.revoke(Revoke(sending.sender, sending.id), ports)
    before = counted(ports)

    assert not tell.send_notice(notice, ports)
    assert since(ports, before) == {}


def test_destruction_counts_how_long_the_bytes_lay_there() -> None:
    ports = fake_ports()
    sending = a_sealed_transfer(ports)
    clock: Any = ports.clock
    clock.tick(hours=2)
    before = counted(ports)

    shred.revoke(Revoke(sending.sender, sending.id), ports)

    assert since(ports, before) == {"destroyed": 1, "byte_seconds": before.sealed_bytes * 7200}


def test_what_never_was_sealed_lay_nowhere() -> None:
    ports = fake_ports()
    sending: Sending = a_landed_transfer(ports)

    shred.revoke(Revoke(sending.sender, sending.id), ports)

    assert (counted(ports).destroyed, counted(ports).byte_seconds) == (1, 0)


def test_each_day_has_its_own_count() -> None:
    ports = fake_ports()
    a_sealed_transfer(ports)
    clock: Any = ports.clock
    first = clock.now().date()
    clock.tick(days=1)
    a_sealed_transfer(ports)

    days = ports.meter.month(using.months(ports)[0])

    assert {day: used.transfers for day, used in days.items()} == {first: 1, first + timedelta(days=1): 1}


def test_a_bill_ends_today_and_one_of_before_with_its_month() -> None:
    ports = fake_ports()
    today = ports.clock.now().date()
    known = using.months(ports)

    this, before = using.bill(None, ports), using.bill(known[1], ports)

    assert (len(known), len(set(known))) == (25, 25)
    assert this.days[-1].date == today
    assert before.days[-1].date == today.replace(day=1) - timedelta(days=1)
    assert CLINIC.id not in repr(this)

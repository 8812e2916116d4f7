"""One wish makes one draft: a double click, a lost answer, fifty threads; and another wish makes another."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.adapters.clinic_secret import ClinicSecret
from chalicelib.domain.audit import Tag
from chalicelib.domain.errors import Conflict, Invalid
from chalicelib.domain.ladder import Rung
from chalicelib.domain.person import Language
from chalicelib.domain.sharing import Basis, Sharing
from chalicelib.domain.transfer import Ending
from chalicelib.usecases import draft, shred
from chalicelib.usecases.draft import MakeDraft
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.shred import Revoke
from tests.builders import Sending, a_draft, a_landing_transfer, a_member, a_person, a_sealed_transfer, a_sending
from tests.fakes import CLINIC, fake_ports, memory_of, recorded, watched

WISH = "a" * 26


def a_wish(ports: Ports, **changes: Any) -> MakeDraft:
    return replace(a_draft(a_member(ports).id, sizes=(1, 2), people=2, request=WISH), **changes)


def test_a_wish_that_is_repeated_gives_the_same_draft_with_the_same_key() -> None:
    ports = fake_ports()
    wish = a_wish(ports)

    made = [draft.make(replace(wish, ip=f"192.0.2.{n}"), ports) for n in range(3)]

    assert made == [made[0]] * 3
    assert len(memory_of(ports).transfers) == 1
    assert len(memory_of(ports).recipients) == 2
    assert len(memory_of(ports).trail(Tag.TRANSFER_CREATED)) == 1
    assert {quota.recipients for quota in memory_of(ports).used.values()} == {2}


def test_fifty_threads_with_one_wish_make_one_draft_with_one_key() -> None:
    ports = fake_ports()
    wish = a_wish(ports)

    with ThreadPoolExecutor(50) as pool:
        made = list(pool.map(lambda _: draft.make(wish, ports), range(50)))

    assert len({(one.transfer, one.data_key, one.wrapped_key) for one in made}) == 1
    assert len(memory_of(ports).transfers) == len(memory_of(ports).trail(Tag.TRANSFER_CREATED)) == 1
    assert len(memory_of(ports).recipients) == 2
    assert {quota.recipients for quota in memory_of(ports).used.values()} == {2}


def test_a_wish_repeated_the_day_before_its_end_is_still_met() -> None:
    ports = fake_ports()
    wish = a_wish(ports)
    made = draft.make(wish, ports)

    ports.clock.tick(hours=23)

    assert draft.make(wish, ports) == made


OTHERS: list[dict[str, Any]] = [
    {"request": "b" * 26},
    {"sizes": (2, 1)},
    {"sizes": (1,)},
    {"lifetime_days": 8},
    {"sharing": Sharing(Basis.SAME_CARE_TEAM)},
    {"people": (a_person(1),)},
    {"people": (a_person(2), a_person(1))},
    {"people": (a_person(1), a_person(2, name="Somebody else"))},
    {"people": (a_person(1), a_person(2, mobile=None))},
    {"people": (a_person(1), a_person(2, language=Language.ENGLISH))},
    {"standby": frozenset({1})},
    {"standby": frozenset({0})},
]


def test_another_wish_another_body_or_another_member_makes_another_draft() -> None:
    ports = fake_ports()
    wish = a_wish(ports)
    wishes = [wish, *(replace(wish, **changes) for changes in OTHERS), replace(wish, sender=a_member(ports, 7).id)]

    made = [draft.make(one, ports) for one in wishes]

    assert len({one.transfer for one in made}) == len({one.data_key for one in made}) == len(wishes)


def test_only_the_clinic_can_tell_which_draft_a_wish_makes() -> None:
    worlds = [fake_ports(secrets=ClinicSecret(lambda k=key: k * 32, lambda: False)) for key in (b"a", b"b", b"a")]

    one, two, again = (draft.make(a_wish(ports), ports).transfer for ports in worlds)

    assert one == again
    assert WISH not in one != two


def cancelled(sending: Sending) -> None:
    shred.revoke(Revoke(sending.sender, sending.id), sending.ports)


@pytest.mark.parametrize("go_on", [Sending.send_envelope, cancelled])
def test_a_wish_whose_draft_went_on_makes_no_second_one(go_on: Callable[[Sending], None]) -> None:
    ports = fake_ports()
    wish = a_wish(ports)
    sending = a_sending(ports, (b"a", b"bc"), wish.people, sender=ports.members.read(wish.sender), request=wish.request)
    go_on(sending)

    with pytest.raises(Conflict, match="request_used"):
        draft.make(wish, ports)

    assert list(memory_of(ports).transfers) == [sending.id]


def test_a_wish_whose_draft_is_closed_but_not_yet_destroyed_makes_no_second_one() -> None:
    ports = fake_ports()
    wish = a_wish(ports)
    made = draft.make(wish, ports)
    kept = ports.transfers.read(made.transfer)
    assert ports.transfers.end(kept, Ending.CANCELLED, ports.event(Tag.TRANSFER_ENDED, transfer=made.transfer))

    with pytest.raises(Conflict, match="request_used"):
        draft.make(wish, ports)


def test_a_repeated_wish_costs_one_reading_and_one_unwrapping_more() -> None:
    ports, calls = recorded(fake_ports())
    wish = a_wish(ports)
    draft.make(wish, ports)
    calls.clear()

    draft.make(wish, ports)

    assert calls == ["members.read", "vault.new_data_key", "transfers.add", "transfers.draft", "audit.record", "vault.unwrap"]


def test_a_draft_whose_answer_was_lost_is_given_again() -> None:
    ports = fake_ports()
    wish = a_wish(ports)
    lost: list[str] = []

    class LosesTheAnswer:
        def add(self, *given: object) -> object:
            lost.append(ports.transfers.add(*given))
            raise ConnectionError

    with pytest.raises(ConnectionError):
        draft.make(wish, replace(ports, transfers=LosesTheAnswer()))
    made = draft.make(wish, ports)

    assert lost == ["kept"]
    assert list(memory_of(ports).transfers) == [made.transfer]
    assert ports.vault.unwrap(made.wrapped_key, made.context) == made.data_key


def test_whoever_stands_by_is_known_by_their_id() -> None:
    ports = fake_ports()

    made = draft.make(a_wish(ports, standby=frozenset({1})), ports)

    kept = ports.transfers.read(made.transfer)
    assert kept is not None
    assert kept.standby == {kept.recipient_ids[1]}
    assert kept.told_first == (kept.recipient_ids[0],)


@pytest.mark.parametrize("standby", [{0}, {1}, {0, 1}])
def test_a_clinic_without_that_rung_has_nobody_stand_by(standby: set[int]) -> None:
    ports = fake_ports(clinic=replace(CLINIC, ladder=frozenset(Rung) - {Rung.ALTERNATE}))

    with pytest.raises(Invalid) as caught:
        draft.make(a_wish(ports, standby=frozenset(standby)), ports)

    assert (caught.value.code, caught.value.field) == ("standby_off", f"recipients.{min(standby)}.standby")


def test_somebody_is_to_be_told_first() -> None:
    ports = fake_ports()

    with pytest.raises(Invalid) as caught:
        draft.make(a_wish(ports, standby=frozenset({0, 1})), ports)

    assert (caught.value.code, caught.value.field) == ("no_recipient", "recipients")


def test_sealing_tells_only_those_who_come_first() -> None:
    ports = fake_ports()

    sending = a_sealed_transfer(ports, people=3, standby=frozenset({0}))

    told = [memory_of(ports).notices[one].recipient for one in ports.queue.notices]
    assert told == list(sending.recipients[1:])
    assert {recipient for _, recipient in memory_of(ports).wraps} == set(sending.recipients)


def test_whether_a_draft_is_kept_is_asked_once_and_not_read_first() -> None:
    ports = fake_ports()
    wish = a_wish(ports)
    meanwhile = watched(ports, lambda call: draft.make(wish, ports) if call == "transfers.add" else None)

    assert draft.make(wish, meanwhile) == draft.make(wish, ports)
    assert len(memory_of(ports).transfers) == 1


def test_a_landing_transfer_is_looked_at_after_a_quarter_of_an_hour() -> None:
    ports = fake_ports()
    sending = a_landing_transfer(ports)

    assert sending.transfer.due_at == ports.clock.now() + timedelta(minutes=15)

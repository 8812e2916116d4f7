"""How a recipient comes in, what is kept of it, and who they say they are: the same in memory and in DynamoDB."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag

from chalicelib.domain import login
from chalicelib.domain.audit import Tag
from chalicelib.domain.factor import Means, Proof
from chalicelib.domain.ids import ChallengeKey, RecipientId, SessionKey, TransferId
from chalicelib.domain.login import Challenge, Channel, Door, Purpose, Session
from chalicelib.domain.recipient import OPENERS_MOST, Opener, Recipient
from chalicelib.domain.transfer import State, Transfer
from chalicelib.usecases import collect, follow
from chalicelib.usecases.collect import AskCode
from chalicelib.usecases.people import Used
from chalicelib.usecases.ports import Ports
from tests.builders import IP, a_browser, a_member, a_person, a_sealed_transfer
from tests.contract.counting import clients_of, counting
from tests.contract.looking import count, partition, queued
from tests.contract.test_privacy import dumped
from tests.contract.test_recipients import corrects, one_of
from tests.contract.test_transfers import kept
from tests.quiet import now
from tests.stack import Stack


def door_of(ports: Ports, transfer: Transfer) -> Door:
    one = one_of(ports, transfer)
    return Door(transfer=transfer.id, recipient=one.id, turn=one.turn)


def asks(ports: Ports, transfer: Transfer, purpose: Purpose) -> ChallengeKey:
    key, until = ChallengeKey(ports.random.bytes(32).hex()), ports.clock.now() + login.PHRASE_LIFETIME
    door = door_of(ports, transfer)
    event = ports.event(Tag.CODE_ASKED, transfer=transfer.id, recipient=door.recipient)
    ports.challenges.add(Challenge(key, door, "scope", Channel.EMAIL, until, purpose=purpose), event)
    return key


def proves(
    ports: Ports, transfer: Transfer, means: Means, name: str | None = None, door: Door | None = None, *, lasting: bool = False
) -> Session | None:
    """Open a session as somebody; None when that is refused."""
    at, whose = ports.clock.now(), door or door_of(ports, transfer)
    until = transfer.expires_at if lasting else None
    session = login.open_session(SessionKey(ports.random.bytes(32).hex()), whose, at, (Proof(means, at),), until)
    event = ports.event(Tag.RECIPIENT_PROVED, transfer=transfer.id, recipient=whose.recipient, reason=means)
    opener = None if name is None else Opener(event.id, RecipientId(whose.recipient or ""), name, at)
    return session if ports.signins.open(session, Used(), event, opener) else None


def names(ports: Ports, transfer: Transfer) -> list[str]:
    whole = ports.transfers.whole(transfer.id)
    assert whole is not None
    return [one.name for one in whole.openers]


def test_a_shared_mailbox_is_read_as_it_was_kept(ports: Ports) -> None:
    made = kept(ports, state=State.SEALED)
    one = one_of(ports, made)
    right = Recipient(one.id, a_person(9), one.turn + 1, corrected_at=ports.clock.now(), shared=True)

    assert corrects(ports, made, right)

    assert one.shared is False
    assert one_of(ports, made) == right
    assert corrects(ports, made, replace(right, turn=2, shared=False))
    assert one_of(ports, made).shared is False


def test_asking_for_a_phrase_is_kept_once_and_asking_for_a_code_is_not_that(ports: Ports) -> None:
    made = kept(ports, state=State.SEALED)
    asks(ports, made, Purpose.CODE)
    before = one_of(ports, made)
    first = ports.clock.now()
    clock: Any = ports.clock
    clock.tick(minutes=1)

    key = asks(ports, made, Purpose.PHRASE)
    asked = clock.now()
    clock.tick(minutes=1)
    asks(ports, made, Purpose.PHRASE)

    after = one_of(ports, made)
    assert (before.asked_at, before.phrase_asked_at) == (first, None)
    assert (after.asked_at, after.phrase_asked_at) == (first, asked)
    found = ports.challenges.read(key)
    assert found is not None
    assert (found.purpose, found.expires_at) == (Purpose.PHRASE, asked + login.PHRASE_LIFETIME)


def test_how_somebody_first_proved_who_they_are_stays(ports: Ports) -> None:
    made = kept(ports, state=State.SEALED)
    first = ports.clock.now()
    clock: Any = ports.clock

    assert proves(ports, made, Means.PHRASE)
    clock.tick(minutes=1)
    assert proves(ports, made, Means.SMS)

    after = one_of(ports, made)
    assert (after.proved_at, after.proved_by) == (first, Means.PHRASE)


@pytest.mark.parametrize("lasting", [True, False])
def test_a_recipients_session_is_read_as_it_was_kept_and_a_lasting_one_lasts(ports: Ports, lasting: bool) -> None:
    made = kept(ports, state=State.SEALED)

    session = proves(ports, made, Means.SMS, lasting=lasting)

    assert session is not None
    assert ports.sessions.read(session.key) == session
    assert session.lasting is lasting
    later = ports.clock.now() + timedelta(hours=5)
    assert (session.alive(later), session.touched(later) is None) == (lasting, lasting)


def test_names_are_kept_with_the_events_that_speak_of_them_oldest_first(ports: Ports) -> None:
    made = kept(ports, state=State.SEALED)
    clock: Any = ports.clock
    for name in ("Zoé", "Ada", "Éva 👩🏽‍⚕️"):
        assert proves(ports, made, Means.EMAIL, name)
        clock.tick(minutes=1)

    whole = ports.transfers.whole(made.id)

    assert whole is not None
    assert [one.name for one in whole.openers] == ["Zoé", "Ada", "Éva 👩🏽‍⚕️"]
    assert {one.recipient for one in whole.openers} == {made.recipient_ids[0]}
    events = [event.id for event in ports.audit.trail(made.id) if event.tag is Tag.RECIPIENT_PROVED]
    assert [one.id for one in whole.openers] == events
    assert [one.named for one in whole.recipients] == [3, 0]


def test_a_list_brings_no_name_along(ports: Ports) -> None:
    made = kept(ports, state=State.SEALED)
    proves(ports, made, Means.EMAIL, "Ada")

    (listed,) = (one for one in ports.transfers.sent_by(made.sender, None, 20).transfers if one.transfer.id == made.id)

    assert listed.openers == ()


def test_a_correction_forgets_no_name_and_counts_from_nothing_again(ports: Ports) -> None:
    made = kept(ports, state=State.SEALED)
    proves(ports, made, Means.EMAIL, "Ada")
    one = one_of(ports, made)

    assert corrects(ports, made, Recipient(one.id, a_person(9), 1, corrected_at=ports.clock.now(), shared=True))

    assert (names(ports, made), one.named, one_of(ports, made).named) == (["Ada"], 1, 0)


def test_of_many_at_once_as_many_are_named_as_there_is_room_for(ports: Ports) -> None:
    made = kept(ports, state=State.SEALED)
    for number in range(OPENERS_MOST - 2):
        assert proves(ports, made, Means.EMAIL, f"{number}")
    door = door_of(ports, made)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda n: proves(ports, made, Means.EMAIL, f"last {n}", door), range(6)))

    assert sum(answer is not None for answer in answers) == 2
    assert (len(names(ports, made)), one_of(ports, made).named) == (OPENERS_MOST, OPENERS_MOST)
    assert count(ports, made.id, Tag.RECIPIENT_PROVED) == OPENERS_MOST
    assert proves(ports, made, Means.EMAIL) is not None  # a mailbox of one's own has no such limit


def test_somebody_of_an_earlier_turn_is_named_nowhere(ports: Ports) -> None:
    made = kept(ports, state=State.SEALED)
    one, door = one_of(ports, made), door_of(ports, made)
    corrects(ports, made, Recipient(one.id, a_person(9), 1, corrected_at=ports.clock.now()))

    assert proves(ports, made, Means.EMAIL, "Ada", door) is None

    assert (names(ports, made), one_of(ports, made).named) == ([], 0)


def test_a_name_is_kept_as_long_as_the_event_and_moved_to_another_item_it_does_not_open(real: Ports) -> None:
    clock: Any = real.clock
    clock.set(now())
    made = kept(real, state=State.SEALED)
    proves(real, made, Means.EMAIL, "Canary")
    found = {item["sk"].partition("#")[0]: item for item in partition(real, f"T#{made.id}")}
    world: Any = real

    opener, event = found["OPENER"], found["AUDIT"]

    assert int(opener["ttl"]) >= int(event["ttl"])
    assert set(opener) == {"pk", "sk", "id", "recipient", "called", "at", "ttl"}
    for place in (f"records/{opener['pk']}/{opener['sk']}/person", f"records/{opener['pk']}/OPENER#{'x' * 26}/called"):
        with pytest.raises(InvalidTag):
            world.secrets.open(place, bytes(opener["called"]))
    assert world.secrets.open(f"records/{opener['pk']}/{opener['sk']}/called", bytes(opener["called"])) == "Canary"


def test_a_whole_way_in_with_a_phrase_and_a_name_leaves_neither_readable(quiet: Stack, real: Ports) -> None:
    clock: Any = real.clock
    clock.set(now())
    sender = a_member(real, 9, email=f"{real.new_id()}@canary.example")
    sending = a_sealed_transfer(real, people=[a_person(1, mobile=None)], sender=sender, shared=frozenset({0}))
    queued(real)
    transfer, recipient = sending.id, sending.recipients[0]

    asked = collect.ask_code(AskCode(transfer, recipient, real.secrets.link_secret(transfer, recipient), IP, other=True), real)
    (phrase,) = follow.one(sender.id, transfer, real).phrases.values()
    entered = collect.open_session(phrase.upper(), a_browser(asked.token), real, "Canary Opener", remember=True)
    opened = collect.open_transfer(collect.whose(entered.token, real), IP, real)

    assert opened.data_key == sending.made.data_key
    assert queued(real) == []
    tables = dumped(quiet)
    for text in tables.values():
        assert "Canary Opener" not in text
        assert not [word for word in (phrase, entered.token, asked.token) if word in text]
    (opener,) = follow.one(sender.id, transfer, real).whole.openers
    assert opener.name == "Canary Opener"


def test_what_coming_in_costs(real: Ports) -> None:
    clock: Any = real.clock
    clock.set(now())
    sender = a_member(real, 9, email=f"{real.new_id()}@canary.example")
    sending = a_sealed_transfer(real, people=[a_person(1, mobile=None)], sender=sender, shared=frozenset({0}))
    transfer, recipient = sending.id, sending.recipients[0]
    link = AskCode(transfer, recipient, real.secrets.link_secret(transfer, recipient), IP, other=True)

    with counting(clients_of(real)) as asking:
        asked = collect.ask_code(link, real)
    phrase = real.secrets.phrase(TransferId(transfer), recipient)
    with counting(clients_of(real)) as entering:
        entered = collect.open_session(phrase, a_browser(asked.token), real, "Ada")
    with counting(clients_of(real)) as looking:
        collect.look(collect.whose(entered.token, real), real)
    with counting(clients_of(real)) as following:
        follow.one(sender.id, transfer, real)

    assert dict(asking) == {"dynamodb.BatchGetItem": 1, "dynamodb.GetItem": 1, "dynamodb.TransactWriteItems": 2}
    assert dict(entering) == {"dynamodb.BatchGetItem": 2, "dynamodb.TransactWriteItems": 2}
    assert dict(looking) == {"dynamodb.BatchGetItem": 1, "dynamodb.GetItem": 1}
    assert dict(following) == {"dynamodb.GetItem": 1, "dynamodb.Query": 1}


def test_the_fake_tells_phrases_apart_as_the_clinics_secret_does(ports: Ports) -> None:
    transfer, recipient = TransferId("t" * 26), RecipientId("r" * 26)

    phrases = {ports.secrets.phrase(transfer, recipient, turn) for turn in range(6)} | {
        ports.secrets.phrase(transfer, RecipientId("s" * 26))
    }

    assert len(phrases) == 7
    assert {len(one.split()) for one in phrases} == {4}
    assert ports.secrets.phrase(transfer, recipient) in phrases

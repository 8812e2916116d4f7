"""How a recipient proves who they are: a code or a phrase; who opens a shared mailbox; and a device of their own."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.adapters.clinic_secret import ClinicSecret
from chalicelib.domain import phrase
from chalicelib.domain.audit import Tag
from chalicelib.domain.errors import Refusal, TooMany
from chalicelib.domain.factor import HELD, KNOWN, Means, level
from chalicelib.domain.ids import ChallengeKey, RecipientId, TransferId
from chalicelib.domain.limits import CODES_PER_ADDRESS
from chalicelib.domain.login import CODE_LIFETIME, CODE_TRIES, PHRASE_LIFETIME, SESSION_IDLE, SESSION_LIFETIME
from chalicelib.domain.recipient import OPENERS_MOST, Recipient
from chalicelib.domain.throttle import PAUSES
from chalicelib.usecases import challenge, collect, correct, draft, follow, reschedule, shred, signin
from chalicelib.usecases.collect import AskCode, Asked, Entered
from chalicelib.usecases.correct import Correct
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.reschedule import Reschedule
from chalicelib.usecases.shred import Revoke
from tests.builders import IP, Sending, a_browser, a_draft, a_landed_transfer, a_member, a_person, a_sealed_transfer, deliver, withdraw
from tests.fakes import fake_ports, memory_of, recorded

CLINIC = ClinicSecret(lambda: bytes(32), lambda: False)
BARE = a_person(1, mobile=None)


def a_phrase(transfer: str = "t", recipient: str = "r", turn: int = 0) -> str:
    return CLINIC.phrase(TransferId(transfer * 26), RecipientId(recipient * 26), turn)


phrases = st.builds(a_phrase, st.sampled_from("abc"), st.sampled_from("xyz"), st.integers(0, 50))


def ask(sending: Sending, *, other: bool = False, number: int = 0) -> Asked:
    door = sending.door(number)
    assert door.transfer
    assert door.recipient
    secret = sending.ports.secrets.link_secret(door.transfer, door.recipient, door.turn)
    return collect.ask_code(AskCode(door.transfer, door.recipient, secret, IP, other), sending.ports)


def true_phrase(sending: Sending, number: int = 0) -> str:
    door = sending.door(number)
    return sending.ports.secrets.phrase(sending.id, sending.recipients[number], door.turn)


def enter(sending: Sending, proof: str, asked: Asked, name: str | None = None, *, remember: bool = False) -> Entered:
    return collect.open_session(proof, a_browser(asked.token), sending.ports, name, remember=remember)


def code_of(asked: Asked, ports: Ports) -> str:
    return ports.secrets.login_code(ChallengeKey(challenge.digest(asked.token)))


def proves(sending: Sending, name: str | None = None, *, remember: bool = False, number: int = 0) -> Entered:
    asked = ask(sending, number=number)
    return enter(sending, code_of(asked, sending.ports), asked, name, remember=remember)


def kept(sending: Sending, number: int = 0) -> Recipient:
    return memory_of(sending.ports).recipients[sending.recipients[number]]


def refusal(act: Callable[[], object]) -> tuple[str, str | None]:
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value.code, caught.value.field


@pytest.mark.parametrize(
    ("mobile", "accepted", "ways"),
    [
        ("+33612345678", True, (Means.SMS, Means.EMAIL)),
        ("+33612345678", False, (Means.SMS, Means.PHRASE)),
        (None, True, (Means.EMAIL, Means.PHRASE)),
        (None, False, (Means.PHRASE, Means.PHRASE)),
    ],
)
def test_the_ways_there_are(mobile: str | None, accepted: bool, ways: tuple[Means, Means]) -> None:
    ports = fake_ports(accepted=accepted)
    sending = a_sealed_transfer(ports, people=[a_person(1, mobile=mobile)])
    ports.queue.pushed.clear()

    asked = [ask(sending, other=other) for other in (False, True)]
    pushed = len(ports.queue.codes)
    deliver(ports)

    assert tuple(one.way for one in asked) == ways
    assert pushed == sum(way is not Means.PHRASE for way in ways)
    assert (len(ports.post.texts), len(ports.post.emails)) == (ways.count(Means.SMS), ways.count(Means.EMAIL))


def test_a_text_message_asks_nobody_what_the_clinic_accepts() -> None:
    ports, calls = recorded(fake_ports())
    sending = a_sealed_transfer(ports)
    calls.clear()

    ask(sending)

    assert "policy.acceptance" not in calls


def test_an_acceptance_that_was_withdrawn_leaves_the_phrase() -> None:
    ports = fake_ports()
    sending = a_sealed_transfer(ports, people=[BARE])
    before = follow.one(sending.sender, sending.id, ports).phrases

    withdraw(ports)

    assert ask(sending).way is Means.PHRASE
    assert (before, follow.one(sending.sender, sending.id, ports).phrases) == ({}, {sending.recipients[0]: true_phrase(sending)})


def test_a_code_by_mail_on_its_way_when_the_acceptance_goes_is_neither_sent_nor_taken() -> None:
    ports = fake_ports()
    sending = a_sealed_transfer(ports, people=[BARE])
    deliver(ports)
    asked = ask(sending)
    withdraw(ports)
    ports.post.emails.clear()
    deliver(ports)

    assert (asked.way, ports.post.emails) == (Means.EMAIL, [])
    assert refusal(lambda: enter(sending, code_of(asked, ports), asked)) == ("code_spent", "code")
    assert ask(sending).way is Means.PHRASE


@pytest.mark.parametrize("remember", [False, True])
def test_what_a_code_by_mail_opened_is_closed_when_the_acceptance_goes(*, remember: bool) -> None:
    ports = fake_ports()
    sending = a_sealed_transfer(ports, people=[BARE, a_person(2)])
    by_mail, by_text = (collect.whose(proves(sending, remember=remember, number=number).token, ports) for number in (0, 1))
    assert collect.open_transfer(by_mail, IP, ports).data_key == sending.made.data_key

    withdraw(ports)

    assert refusal(lambda: collect.open_transfer(by_mail, IP, ports))[0] == "signin_required"
    assert refusal(lambda: collect.look(by_mail, ports))[0] == "signin_required"
    assert collect.open_transfer(by_text, IP, ports).data_key == sending.made.data_key


def test_the_phrase_opens_the_transfer_and_says_so() -> None:
    ports = fake_ports(accepted=False)
    sending = a_sealed_transfer(ports, people=[BARE])

    entered = enter(sending, true_phrase(sending), ask(sending))

    session = collect.whose(entered.token, ports)
    assert collect.open_transfer(session, IP, ports).data_key == sending.made.data_key
    assert (session.shown_last, kept(sending).proved_by) == (Means.PHRASE, Means.PHRASE)
    (event,) = memory_of(ports).trail(Tag.RECIPIENT_PROVED)
    assert (event.reason, event.recipient, event.ip) == (Means.PHRASE, sending.recipients[0], IP)


def test_nothing_leaves_for_whoever_waits_for_a_phrase() -> None:
    ports = fake_ports(accepted=False)
    sending = a_sealed_transfer(ports, people=[BARE])
    ports.queue.pushed.clear()

    asked = ask(sending)
    deliver(ports)

    assert (ports.queue.pushed, ports.post.emails, ports.post.texts) == ([], [], [])
    assert memory_of(ports).trail(Tag.CODE_SENT) == []
    assert refusal(lambda: enter(sending, code_of(asked, ports), asked)) == ("wrong_code", "code")  # no code answers it


def test_a_code_is_not_answered_with_the_phrase_nor_the_phrase_of_somebody_else() -> None:
    ports = fake_ports(accepted=False)
    sending = a_sealed_transfer(ports, people=[BARE, a_person(2, mobile=None), a_person(3)])
    by_sms, by_voice = ask(sending, number=2), ask(sending)

    for asked, number in ((by_sms, 2), (by_voice, 1)):
        assert refusal(lambda a=asked, n=number: enter(sending, true_phrase(sending, n), a))[0] == "wrong_code"
    assert memory_of(ports).sessions == {}


def test_a_phrase_has_five_tries_and_waits_between_them_as_a_code_has() -> None:
    ports = fake_ports(accepted=False)
    sending = a_sealed_transfer(ports, people=[BARE])
    asked, wrong = ask(sending), "abeille abandon abolir aborder"

    early = [refusal(lambda: enter(sending, wrong, asked))[0] for _ in range(4)]
    codes = []
    for _ in range(CODE_TRIES - 3):
        ports.clock.tick(seconds=PAUSES[-1])
        codes.append(refusal(lambda: enter(sending, wrong, asked))[0])
    ports.clock.tick(seconds=PAUSES[-1])

    assert early == ["wrong_code"] * 3 + ["too_many_requests"]
    assert codes == ["wrong_code", "code_spent"]
    assert refusal(lambda: enter(sending, true_phrase(sending), asked))[0] == "code_spent"
    assert {event.reason for event in memory_of(ports).trail(Tag.CODE_FAILED)} == {Means.PHRASE}


def test_twenty_wrong_phrases_an_hour_are_the_most_however_many_challenges() -> None:
    ports = fake_ports(accepted=False)
    sending = a_sealed_transfer(ports, people=[BARE])
    wrong, tried = "abeille abandon abolir aborder", 0

    for _ in range(5):
        memory_of(ports).counts = {key: n for key, n in memory_of(ports).counts.items() if not key[0].startswith("code#")}
        asked = ask(sending)
        for _ in range(CODE_TRIES):
            ports.clock.tick(seconds=PAUSES[-1])
            tried += refusal(lambda a=asked: enter(sending, wrong, a))[0] != "too_many_requests"

    assert tried == 20


def test_asking_for_the_phrase_counts_like_asking_for_a_code() -> None:
    ports = fake_ports()
    sending = a_sealed_transfer(ports, people=[BARE])
    most = CODES_PER_ADDRESS[0][0]

    for number in range(most):
        ask(sending, other=number % 2 == 1)

    with pytest.raises(TooMany):
        ask(sending, other=True)


def test_a_phrase_may_take_half_an_hour_to_be_heard_and_a_code_five_minutes() -> None:
    for people, way, lives in (([BARE], true_phrase, PHRASE_LIFETIME), ([a_person(1)], None, CODE_LIFETIME)):
        for late in (False, True):
            ports = fake_ports(accepted=False)
            sending = a_sealed_transfer(ports, people=people)
            asked = ask(sending)
            proof = code_of(asked, ports) if way is None else way(sending)
            ports.clock.tick(seconds=lives.total_seconds() - (not late))
            if late:
                assert refusal(lambda: enter(sending, proof, asked))[0] == "code_spent"  # noqa: B023 - called at once
            else:
                assert enter(sending, proof, asked).token


def test_a_phrase_serves_again_but_each_challenge_once() -> None:
    ports = fake_ports(accepted=False)
    sending = a_sealed_transfer(ports, people=[BARE])
    asked = ask(sending)
    enter(sending, true_phrase(sending), asked)

    assert refusal(lambda: enter(sending, true_phrase(sending), asked))[0] == "code_spent"
    assert enter(sending, true_phrase(sending), ask(sending)).token


def test_a_correction_makes_another_phrase_and_the_old_one_opens_nothing() -> None:
    ports = fake_ports(accepted=False)
    sending = a_sealed_transfer(ports, people=[BARE])
    old, asked = true_phrase(sending), ask(sending)
    correct.correct(Correct(sending.sender, sending.id, sending.recipients[0], a_person(9, mobile=None)), ports)

    assert true_phrase(sending) != old
    assert refusal(lambda: enter(sending, old, asked))[0] == "not_found"
    assert refusal(lambda: enter(sending, old, ask(sending)))[0] == "wrong_code"


def test_a_recipients_challenge_signs_no_member_in() -> None:
    ports = fake_ports(accepted=False)
    a_member(ports)
    sending = a_sealed_transfer(ports, people=[BARE])

    for proof in ("123456", true_phrase(sending)):
        assert refusal(lambda p=proof: signin.show_code(p, a_browser(ask(sending).token), ports))[0] == "code_spent"


def test_a_phrase_is_nothing_a_member_can_use() -> None:
    assert Means.PHRASE not in KNOWN | HELD
    assert [level({Means.PHRASE, other}) for other in (Means.SMS, Means.PASSWORD)] == [1, 1]


@pytest.mark.parametrize("why", ["revoked", "one revoked", "expired", "landed", "stands by"])
def test_the_sender_sees_no_phrase_but_of_what_is_open_to_somebody_who_was_told(why: str) -> None:
    ports = fake_ports(accepted=False)
    people = [BARE, a_person(2)]
    if why == "landed":
        sending = a_landed_transfer(ports, people=people)
    else:
        sending = a_sealed_transfer(ports, people=people, standby=frozenset({0} if why == "stands by" else ()))
    if why == "expired":
        ports.clock.tick(days=7)
    elif "revoked" in why:
        whom = sending.recipients[0] if why == "one revoked" else None
        (shred.revoke_recipient if whom else shred.revoke)(Revoke(sending.sender, sending.id, whom), ports)

    assert follow.one(sending.sender, sending.id, ports).phrases == {}


def test_the_sender_sees_the_phrase_of_whoever_asked_for_it() -> None:
    ports = fake_ports()
    sending = a_sealed_transfer(ports, people=[BARE, a_person(2, mobile=None)])
    ask(sending)

    ask(sending, other=True)

    seen = follow.one(sending.sender, sending.id, ports)
    assert seen.phrases == {sending.recipients[0]: true_phrase(sending)}
    assert (kept(sending).asked_at, kept(sending).phrase_asked_at) == (ports.clock.now(), ports.clock.now())
    assert true_phrase(sending) not in repr(seen)


def test_what_the_clinic_accepts_is_asked_where_somebody_has_no_mobile_only() -> None:
    ports, calls = recorded(fake_ports())
    with_mobile, without = a_sealed_transfer(ports, people=3), a_sealed_transfer(ports, people=[BARE])
    calls.clear()

    for sending in (with_mobile, without):
        follow.one(sending.sender, sending.id, ports)

    assert calls == ["transfers.whole", "transfers.whole", "policy.acceptance"]


def test_a_recipient_without_a_mobile_may_be_sent_to_in_any_clinic() -> None:
    ports, calls = recorded(fake_ports(accepted=False))
    sender = a_member(ports)
    calls.clear()

    assert draft.make(a_draft(sender.id, people=[BARE]), ports).transfer
    assert "policy.acceptance" not in calls


def test_another_choice_about_a_mailbox_is_another_wish() -> None:
    ports = fake_ports()
    sender, request = a_member(ports).id, "a" * 26

    made = [draft.make(a_draft(sender, request=request, shared=frozenset(shared)), ports).transfer for shared in ((), {0}, ())]

    assert (made[0] == made[2], made[0] == made[1]) == (True, False)


def test_a_shared_mailbox_says_who_opens_and_the_trail_leads_to_the_name() -> None:
    ports = fake_ports()
    sending = a_sealed_transfer(ports, shared=frozenset({0}))
    assert ask(sending).shared

    proves(sending, "Camille Infirmière")
    ports.clock.tick(minutes=3)
    proves(sending, "Dominique")

    seen = follow.one(sending.sender, sending.id, ports).whole
    events = memory_of(ports).trail(Tag.RECIPIENT_PROVED)
    assert [(one.name, one.at, one.recipient) for one in seen.openers] == [
        ("Camille Infirmière", ports.clock.now() - timedelta(minutes=3), sending.recipients[0]),
        ("Dominique", ports.clock.now(), sending.recipients[0]),
    ]
    assert [one.id for one in seen.openers] == [event.id for event in events]
    assert "Camille" not in repr((events, seen, kept(sending)))
    assert kept(sending).named == 2


def test_a_shared_mailbox_that_names_nobody_opens_nothing_and_keeps_its_code() -> None:
    ports = fake_ports()
    sending = a_sealed_transfer(ports, shared=frozenset({0}))
    asked = ask(sending)
    code = code_of(asked, ports)

    assert refusal(lambda: enter(sending, code, asked)) == ("missing_field", "name")
    assert (memory_of(ports).sessions, memory_of(ports).trail(Tag.RECIPIENT_PROVED)) == ({}, [])
    assert enter(sending, code, asked, "Camille").token


def test_a_mailbox_of_ones_own_keeps_no_name() -> None:
    ports = fake_ports()
    sending = a_sealed_transfer(ports, people=2, shared=frozenset({1}))
    assert [ask(sending, number=n).shared for n in (0, 1)] == [False, True]

    proves(sending, "Camille")

    assert (memory_of(ports).openers, kept(sending).named) == ({}, 0)


def test_names_are_kept_so_many_times_and_no_more() -> None:
    ports = fake_ports()
    sending = a_sealed_transfer(ports, shared=frozenset({0}))
    memory_of(ports).recipients[sending.recipients[0]] = replace(kept(sending), named=OPENERS_MOST - 1)

    proves(sending, "Camille")

    assert refusal(lambda: proves(sending, "Camille"))[0] == "openings_spent"
    assert len(memory_of(ports).openers) == 1


def test_a_correction_says_anew_whether_the_mailbox_is_shared_and_forgets_no_name() -> None:
    ports = fake_ports()
    sending = a_sealed_transfer(ports, shared=frozenset({0}))
    proves(sending, "Camille")
    right = Correct(sending.sender, sending.id, sending.recipients[0], a_person(9))

    correct.correct(right, ports)
    alone = kept(sending).shared
    correct.correct(replace(right, shared=True), ports)

    assert (alone, kept(sending).shared) == (False, True)
    assert [one.name for one in follow.one(sending.sender, sending.id, ports).whole.openers] == ["Camille"]


def test_a_list_of_transfers_brings_no_name_along() -> None:
    ports = fake_ports()
    sending = a_sealed_transfer(ports, shared=frozenset({0}))
    proves(sending, "Camille")

    (listed,) = follow.mine(follow.Mine(sending.sender), ports).transfers

    assert listed.openers == ()


def test_a_device_is_remembered_until_the_end_and_only_if_asked() -> None:
    ports, calls = recorded(fake_ports())
    sending = a_sealed_transfer(ports, lifetime_days=30)
    plain, lasting = proves(sending), proves(sending, remember=True)

    assert (plain.lasts, lasting.lasts) == (SESSION_LIFETIME, timedelta(days=30))
    ports.clock.tick(seconds=SESSION_IDLE.total_seconds())
    assert refusal(lambda: collect.whose(plain.token, ports))[0] == "signin_required"
    ports.clock.tick(days=20)
    calls.clear()
    assert collect.open_transfer(collect.whose(lasting.token, ports), IP, ports).data_key == sending.made.data_key
    assert "sessions.touch" not in calls
    ports.clock.set(sending.transfer.expires_at)
    assert refusal(lambda: collect.whose(lasting.token, ports))[0] == "signin_required"


def test_a_remembered_device_never_outlives_the_transfer() -> None:
    ports = fake_ports()
    sending = a_sealed_transfer(ports, lifetime_days=1)
    ports.clock.tick(hours=22)

    assert proves(sending, remember=True).lasts == timedelta(hours=2)


def test_a_remembered_device_opens_this_transfer_and_no_longer_than_it_lives() -> None:
    ports = fake_ports()
    mine = a_sealed_transfer(ports)
    session = collect.whose(proves(mine, remember=True).token, ports)

    sooner = ports.clock.now() + timedelta(hours=2)
    reschedule.reschedule(Reschedule(mine.sender, mine.id, sooner), ports)
    before = collect.look(session, ports).door.transfer
    ports.clock.set(sooner)

    assert before == mine.id
    assert refusal(lambda: collect.look(session, ports))[0] == "transfer_expired"


@pytest.mark.parametrize("how", ["revoked", "one revoked", "corrected", "left"])
def test_a_remembered_device_forgets_as_any_session_does(how: str) -> None:
    ports = fake_ports()
    sending = a_sealed_transfer(ports, people=2)
    entered = proves(sending, remember=True)
    session = collect.whose(entered.token, ports)
    command = Revoke(sending.sender, sending.id, sending.recipients[0] if how == "one revoked" else None)
    acts: dict[str, Callable[[], object]] = {
        "revoked": lambda: shred.revoke(command, ports),
        "one revoked": lambda: shred.revoke_recipient(command, ports),
        "corrected": lambda: correct.correct(Correct(sending.sender, sending.id, sending.recipients[0], a_person(9)), ports),
        "left": lambda: collect.close(session, ports),
    }
    acts[how]()

    told = refusal(lambda: collect.look(collect.whose(entered.token, ports), ports))[0]

    assert told == {"corrected": "not_found", "left": "signin_required"}.get(how, "transfer_revoked")


def test_looking_at_a_session_opens_nothing() -> None:
    ports, calls = recorded(fake_ports())
    sending = a_sealed_transfer(ports)
    session = collect.whose(proves(sending).token, ports)
    before = list(memory_of(ports).events)
    calls.clear()

    looked = collect.look(session, ports)

    assert (looked, calls) == (session, ["transfers.with_recipient"])
    assert (memory_of(ports).events, kept(sending).openings) == (before, 0)


def test_how_they_first_proved_who_they_are_is_kept() -> None:
    ports = fake_ports()
    sending = a_sealed_transfer(ports)
    asked = ask(sending)
    deliver(ports)
    enter(sending, code_of(asked, ports), asked)
    again = ask(sending, other=True)
    deliver(ports)

    enter(sending, code_of(again, ports), again)

    assert kept(sending).proved_by is Means.SMS
    assert [event.reason for event in memory_of(ports).trail(Tag.RECIPIENT_PROVED)] == [Means.SMS, Means.EMAIL]


def test_a_phrase_is_four_words_of_forty_four_bits_and_the_same_each_time() -> None:
    made = {a_phrase(turn=turn) for turn in range(500)}

    assert len(made) == 500
    assert all(len(one.split()) == phrase.WORDS and phrase.is_one(one) for one in made)
    assert all(normalize("NFC", one) == one for one in made)
    assert a_phrase() == a_phrase()
    assert a_phrase() != ClinicSecret(lambda: b"x" * 32, lambda: False).phrase(TransferId("t" * 26), RecipientId("r" * 26))


def test_the_words_are_two_thousand_and_no_one_begins_another_however_it_is_written() -> None:
    words = sorted({phrase.canonical(word) for turn in range(20_000) for word in a_phrase(turn=turn).split()})

    assert len(words) == 2048
    assert not [one for one, following in pairwise(words) if following.startswith(one)]
    assert (min(map(len, words)) * phrase.WORDS, max(map(len, words)) * phrase.WORDS) == (phrase.LETTERS_LEAST, phrase.LETTERS_MOST)


WRITTEN: list[Callable[[str], str]] = [
    str.upper,
    str.title,
    lambda text: normalize("NFD", text),
    lambda text: "".join(c for c in normalize("NFD", text) if c.isascii()),
    lambda text: text.replace(" ", "-"),
    lambda text: text.replace(" ", "   "),
    lambda text: text.replace(" ", ", "),
    lambda text: text.replace(" ", "\u00a0"),
    lambda text: text.replace(" ", ""),
    lambda text: text.replace("oe", "œ"),
    lambda text: f"  {text}.\n",
]


@given(phrases, st.lists(st.sampled_from(WRITTEN), max_size=4))
def test_a_phrase_is_known_however_it_is_written(true: str, ways: list[Callable[[str], str]]) -> None:
    given = true
    for write in ways:
        given = write(given)

    assert phrase.is_one(given)
    assert phrase.same(given, true)


@given(phrases, phrases, st.sampled_from(WRITTEN))
def test_forgiving_a_phrase_never_accepts_another(one: str, other: str, write: Callable[[str], str]) -> None:
    assert phrase.same(write(one), other) is (one == other)


@given(phrases, st.integers(0, 3), st.integers(0, 3))
def test_a_phrase_with_its_words_in_another_order_is_another(true: str, a: int, b: int) -> None:
    words = true.split()
    words[a], words[b] = words[b], words[a]

    assert phrase.same(" ".join(words), true) is (" ".join(words) == true)


@given(st.text(), phrases)
def test_no_text_is_a_failure_and_none_is_a_phrase_by_chance(text: str, true: str) -> None:
    assert phrase.same(text, true) is (phrase.canonical(text) == phrase.canonical(true))
    assert phrase.is_one(text) in (True, False)


@pytest.mark.parametrize("text", ["", " ", "123456", "abeille abandon", "a" * 33, "абея" * 6, "abeille1 abandon abolir aborder"])
def test_what_could_be_no_phrase_is_none(text: str) -> None:
    assert not phrase.is_one(text)

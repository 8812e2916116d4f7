"""One-time codes: asked for, sent, tried, spent. The same steps for members and for recipients."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import pytest

from chalicelib.domain.audit import Tag
from chalicelib.domain.errors import Conflict, NotFound, Over, Refusal, TooMany, Unauthenticated
from chalicelib.domain.ids import ChallengeKey, RecipientId, TransferId
from chalicelib.domain.login import Channel, Door, Role
from chalicelib.usecases import challenge, collect, shred, signin, tell
from chalicelib.usecases.challenge import EnterCode
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.shred import Revoke
from tests.builders import IP, a_member, a_person, a_sealed_transfer, a_session, deliver
from tests.fakes import CLINIC, fake_ports, memory_of, recorded

Open = Callable[[EnterCode, Ports], object]


def code_of(token: str, ports: Ports) -> str:
    return ports.secrets.login_code(ChallengeKey(challenge.digest(token)))


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value.code


def asked_by_member(ports: Ports) -> tuple[str, Open]:
    member = a_member(ports, 50)
    return signin.ask_code(signin.AskCode(member.person.email, Channel.EMAIL, IP), ports), signin.open_session


def asked_by_recipient(ports: Ports) -> tuple[str, Open]:
    return collect.ask_code(a_link(ports), ports).token, collect.open_session


def a_link(ports: Ports, **changes: str) -> collect.AskCode:
    sending = a_sealed_transfer(ports)
    secret = ports.secrets.link_secret(sending.id, sending.recipients[0])
    return replace(collect.AskCode(sending.id, sending.recipients[0], secret, IP), **changes)


both = pytest.mark.parametrize("ask", [asked_by_member, asked_by_recipient])


@both
def test_the_right_code_opens_one_session(ask: Callable[[Ports], tuple[str, Open]]) -> None:
    ports = fake_ports()
    token, enter = ask(ports)
    before = len(memory_of(ports).sessions)

    enter(EnterCode(code_of(token, ports), token, IP), ports)

    assert len(memory_of(ports).sessions) == before + 1
    assert len(memory_of(ports).trail(Tag.SIGNED_IN, Tag.RECIPIENT_PROVED)) == 1


@both
def test_a_code_is_used_once(ask: Callable[[Ports], tuple[str, Open]]) -> None:
    ports = fake_ports()
    token, enter = ask(ports)
    enter(EnterCode(code_of(token, ports), token, IP), ports)

    again = refusal(lambda: enter(EnterCode(code_of(token, ports), token, IP), ports))

    assert again == "code_spent"


@both
def test_five_tries_and_the_right_code_is_worth_nothing(ask: Callable[[Ports], tuple[str, Open]]) -> None:
    ports = fake_ports()
    token, enter = ask(ports)
    code = code_of(token, ports)

    codes = [refusal(lambda: enter(EnterCode(wrong(code), token, IP), ports)) for _ in range(5)]

    assert codes == ["wrong_code"] * 4 + ["code_spent"]
    assert refusal(lambda: enter(EnterCode(code, token, IP), ports)) == "code_spent"
    assert len(memory_of(ports).trail(Tag.CODE_FAILED)) == 5


@both
def test_a_code_lives_for_five_minutes_to_the_second(ask: Callable[[Ports], tuple[str, Open]]) -> None:
    early, late = fake_ports(), fake_ports()
    (token, enter), (late_token, _) = ask(early), ask(late)

    early.clock.tick(minutes=5, seconds=-1)
    late.clock.tick(minutes=5)

    enter(EnterCode(code_of(token, early), token, IP), early)
    assert refusal(lambda: enter(EnterCode(code_of(late_token, late), late_token, IP), late)) == "code_spent"


@both
def test_a_code_works_in_the_browser_that_asked_and_nowhere_else(ask: Callable[[Ports], tuple[str, Open]]) -> None:
    ports = fake_ports()
    token, enter = ask(ports)
    code = code_of(token, ports)

    for elsewhere in (None, "", "0" * 64, token[:-1], token + "0", "\ud800", code):
        assert refusal(lambda t=elsewhere: enter(EnterCode(code, t, IP), ports)) == "code_spent"


def test_the_code_of_one_door_opens_no_other() -> None:
    ports = fake_ports()
    member, _ = asked_by_member(ports)
    recipient, _ = asked_by_recipient(ports)

    assert refusal(lambda: collect.open_session(EnterCode(code_of(member, ports), member, IP), ports)) == "code_spent"
    assert refusal(lambda: signin.open_session(EnterCode(code_of(recipient, ports), recipient, IP), ports)) == "code_spent"


def test_an_old_code_does_not_answer_a_new_challenge() -> None:
    ports = fake_ports()
    old, _ = asked_by_member(ports)
    new = signin.ask_code(signin.AskCode(a_person(50).email, Channel.EMAIL, IP), ports)

    assert refusal(lambda: signin.open_session(EnterCode(code_of(old, ports), new, IP), ports)) == "wrong_code"
    signin.open_session(EnterCode(code_of(new, ports), new, IP), ports)


def test_known_and_unknown_addresses_walk_the_same_way_call_for_call() -> None:
    ports, calls = recorded(fake_ports())
    known = a_member(ports).person.email
    walks = []

    for email in (known, "nobody@example.fr"):
        calls.clear()
        token = signin.ask_code(signin.AskCode(email, Channel.EMAIL, IP), ports)
        asked, code = list(calls), code_of(token, ports)
        calls.clear()
        failed = refusal(lambda t=token, c=code: signin.open_session(EnterCode(wrong(c), t, IP), ports))
        walks.append((asked, list(calls), failed))

    assert walks[0] == walks[1]
    assert walks[0][2] == "wrong_code"


def test_the_right_code_of_an_unknown_address_is_wrong() -> None:
    ports = fake_ports()
    token = signin.ask_code(signin.AskCode("nobody@example.fr", Channel.EMAIL, IP), ports)

    assert refusal(lambda: signin.open_session(EnterCode(code_of(token, ports), token, IP), ports)) == "wrong_code"
    assert tell.send_code(ChallengeKey(challenge.digest(token)), ports) is False
    assert ports.post.emails == []


@pytest.mark.parametrize(("times", "span"), [(3, {"minutes": 15}), (10, {"hours": 24})])
def test_an_address_is_sent_only_so_many_codes(times: int, span: dict[str, float]) -> None:
    ports = fake_ports()
    email = a_member(ports).person.email
    asked = 0

    while asked < times:
        signin.ask_code(signin.AskCode(email, Channel.EMAIL, IP), ports)
        asked += 1
        if times > 3:
            ports.clock.tick(minutes=15)
    with pytest.raises(TooMany) as caught:
        signin.ask_code(signin.AskCode(email, Channel.EMAIL, IP), ports)

    ports.clock.set(ports.clock.now() + caught.value.retry_after)
    signin.ask_code(signin.AskCode(email, Channel.EMAIL, IP), ports)


def test_one_ip_asks_only_so_often_whomever_it_asks_for() -> None:
    ports = fake_ports(clinic=replace(CLINIC, codes_per_ip=3))

    for n in range(3):
        signin.ask_code(signin.AskCode(f"nobody{n}@example.fr", Channel.EMAIL, IP), ports)

    with pytest.raises(TooMany):
        signin.ask_code(signin.AskCode("nobody4@example.fr", Channel.EMAIL, IP), ports)
    signin.ask_code(signin.AskCode("nobody4@example.fr", Channel.EMAIL, "192.0.2.8"), ports)


def test_guessing_over_many_challenges_is_bounded_for_each_address() -> None:
    ports = fake_ports()
    member = a_member(ports)

    answers: list[str] = []
    while len(answers) < 25:
        token = challenge.begin(member.person.email, Door(member=member.id), Channel.EMAIL, IP, ports)
        guess = EnterCode(wrong(code_of(token, ports)), token, IP)
        answers += [refusal(lambda g=guess: signin.open_session(g, ports)) for _ in range(5)]

    assert answers == (["wrong_code"] * 4 + ["code_spent"]) * 4 + ["too_many_requests"] * 5


def test_guessing_at_an_address_nobody_has_is_answered_alike() -> None:
    ports = fake_ports()
    a_member(ports, email="known@example.fr")

    def guesses(address: str) -> list[str]:
        answers: list[str] = []
        for _ in range(5):
            token = challenge.begin(address, member_door(ports, address), Channel.EMAIL, IP, ports)
            guess = EnterCode(wrong(code_of(token, ports)), token, IP)
            answers += [refusal(lambda g=guess: signin.open_session(g, ports)) for _ in range(5)]
        return answers

    assert guesses("known@example.fr") == guesses("nobody@example.fr")


def member_door(ports: Ports, address: str) -> Door | None:
    found = ports.members.id_of(address)
    return None if found is None else Door(member=found)


def test_a_stranger_elsewhere_does_not_lock_a_member_out() -> None:
    ports = fake_ports()
    member = a_member(ports)

    for _ in range(10):
        with suppress(TooMany):
            signin.ask_code(signin.AskCode(member.person.email, Channel.EMAIL, "203.0.113.9"), ports)

    assert signin.ask_code(signin.AskCode(member.person.email, Channel.EMAIL, IP), ports)


@pytest.mark.parametrize(
    ("channel", "mobile", "by_sms"),
    [(Channel.SMS, "+33612345678", True), (Channel.SMS, None, False), (Channel.EMAIL, "+33612345678", False)],
)
def test_a_code_travels_as_it_was_asked_for_where_it_can(channel: Channel, mobile: str | None, by_sms: bool) -> None:
    ports = fake_ports()
    member = a_member(ports, mobile=mobile)
    token = signin.ask_code(signin.AskCode(member.person.email, channel, IP), ports)

    deliver(ports)

    assert (len(ports.post.texts), len(ports.post.emails)) == ((1, 0) if by_sms else (0, 1))
    words = ports.post.texts[0][1] if by_sms else ports.post.emails[0][1].text
    assert code_of(token, ports) in words
    (event,) = memory_of(ports).trail(Tag.CODE_SENT)
    assert (event.member, event.reason) == (member.id, Channel.SMS if by_sms else Channel.EMAIL)


def test_a_recipient_without_a_mobile_gets_the_code_by_email() -> None:
    ports = fake_ports()
    sending = a_sealed_transfer(ports, people=[a_person(1, mobile=None)])
    secret = ports.secrets.link_secret(sending.id, sending.recipients[0])

    asked = collect.ask_code(collect.AskCode(sending.id, sending.recipients[0], secret, IP), ports)
    deliver(ports)

    assert asked.channel is Channel.EMAIL
    assert any(code_of(asked.token, ports) in letter.text for _, letter in ports.post.emails)


def test_a_code_is_sent_once_and_not_after_its_time() -> None:
    ports = fake_ports()
    one, _ = asked_by_member(ports)
    two = signin.ask_code(signin.AskCode(a_person(50).email, Channel.EMAIL, IP), ports)
    sent = [tell.send_code(ChallengeKey(challenge.digest(one)), ports) for _ in range(3)]
    ports.clock.tick(minutes=5)

    late = tell.send_code(ChallengeKey(challenge.digest(two)), ports)

    assert (sent, late) == ([True, False, False], False)
    assert len(ports.post.emails) == 1


def test_a_false_link_is_not_found_before_anything_is_read() -> None:
    ports, calls = recorded(fake_ports())
    true = a_link(ports)
    calls.clear()
    false = [
        *(replace(true, secret=secret) for secret in ("", "x", true.secret[:-1], true.secret + "=", "\ud800", "é", "\0" + true.secret)),
        replace(true, transfer=TransferId("x" * 26)),
        replace(true, recipient=RecipientId("x" * 26)),
        replace(true, secret=a_link(fake_ports()).secret[::-1]),
    ]

    for link in false:
        with pytest.raises(NotFound):
            collect.ask_code(link, ports)

    assert calls == []


def test_a_true_link_to_what_never_was_is_not_found() -> None:
    ports = fake_ports()
    transfer, recipient = TransferId("x" * 26), RecipientId("y" * 26)

    with pytest.raises(NotFound):
        collect.ask_code(collect.AskCode(transfer, recipient, ports.secrets.link_secret(transfer, recipient), IP), ports)


@pytest.mark.parametrize("why", ["expired", "revoked", "recipient"])
def test_a_true_link_whose_time_is_over_says_so(why: str) -> None:
    ports = fake_ports()
    link = a_link(ports)
    sender = memory_of(ports).transfers[link.transfer].sender
    if why == "expired":
        ports.clock.tick(days=7)
    elif why == "revoked":
        shred.revoke(Revoke(sender, link.transfer), ports)
    else:
        shred.revoke_recipient(Revoke(sender, link.transfer, link.recipient), ports)

    with pytest.raises(Over):
        collect.ask_code(link, ports)

    assert ports.queue.codes == []


def test_a_clinic_that_wants_a_second_channel_sends_no_code_by_email() -> None:
    ports = fake_ports()
    sending = a_sealed_transfer(ports, people=[a_person(1, mobile=None)])
    link = collect.AskCode(sending.id, sending.recipients[0], ports.secrets.link_secret(sending.id, sending.recipients[0]), IP)

    with pytest.raises(Conflict, match="second_channel_required"):
        collect.ask_code(link, replace(ports, clinic=replace(CLINIC, email_codes=False)))


@pytest.mark.parametrize(("minutes", "alive"), [(29.98, True), (30, False)])
def test_a_session_is_read_alive_or_not_at_all(minutes: float, alive: bool) -> None:
    ports = fake_ports()
    token, session = a_session(ports, Door(member=a_member(ports).id), Role.SENDER)

    ports.clock.tick(minutes=minutes)

    if alive:
        assert signin.whose(token, ports).door == session.door
    else:
        with pytest.raises(Unauthenticated):
            signin.whose(token, ports)


def test_reading_a_session_is_one_call_and_two_once_in_five_minutes() -> None:
    ports, calls = recorded(fake_ports())
    token, _ = a_session(ports, Door(member=a_member(ports).id))
    calls.clear()

    signin.whose(token, ports)
    ports.clock.tick(minutes=5)
    signin.whose(token, ports)
    signin.whose(token, ports)

    assert calls == ["sessions.read", "sessions.read", "sessions.touch", "sessions.read"]


@pytest.mark.parametrize("token", [None, "", "x", "0" * 64, "\ud800"])
def test_no_session_is_behind_a_token_nobody_was_given(token: str | None) -> None:
    with pytest.raises(Unauthenticated, match="signin_required"):
        signin.whose(token, fake_ports())


def test_signing_out_ends_the_session_for_good() -> None:
    ports = fake_ports()
    token, session = a_session(ports, Door(member=a_member(ports).id))

    signin.sign_out(session, ports)
    ports.sessions.touch(session)

    with pytest.raises(Unauthenticated):
        signin.whose(token, ports)
    assert len(memory_of(ports).trail(Tag.SIGNED_OUT)) == 1


def test_a_member_who_is_gone_signs_in_no_more() -> None:
    ports = fake_ports()
    token, _ = asked_by_member(ports)
    memory_of(ports).members.clear()

    assert refusal(lambda: signin.open_session(EnterCode(code_of(token, ports), token, IP), ports)) == "code_spent"


def test_a_sign_in_tells_when_the_member_was_last_seen() -> None:
    ports = fake_ports()
    token, _ = asked_by_member(ports)

    earned = signin.open_session(EnterCode(code_of(token, ports), token, IP), ports)

    assert signin.who(earned.member.id, ports).last_seen_at == ports.clock.now()


def test_no_secret_shows_in_a_representation() -> None:
    ports = fake_ports()
    link = a_link(ports)
    token, _ = asked_by_member(ports)
    code = code_of(token, ports)

    shown = repr([link, EnterCode(code, token, IP), collect.ask_code(link, ports), memory_of(ports).events])

    assert not [secret for secret in (link.secret, token, code, "ada", "Ada") if secret in shown]

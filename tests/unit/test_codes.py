"""One-time codes: asked for, sent, tried, spent. The same steps for members and for recipients."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.audit import Tag
from chalicelib.domain.errors import NotFound, Over, Refusal, TooMany, Unauthenticated
from chalicelib.domain.factor import Means
from chalicelib.domain.ids import ChallengeKey, RecipientId, TransferId
from chalicelib.domain.login import CODE_TRIES, Channel, Door
from chalicelib.domain.throttle import PAUSES
from chalicelib.usecases import challenge, collect, shred, signin, tell
from chalicelib.usecases.earning import Browser
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.shred import Revoke
from tests.builders import IP, a_browser, a_member, a_person, a_sealed_transfer, a_session, deliver, withdraw
from tests.fake_aws import MORNING
from tests.fakes import CLINIC, fake_ports, memory_of, recorded

Open = Callable[[str, Browser, Ports], object]


def code_of(token: str, ports: Ports) -> str:
    return ports.secrets.login_code(ChallengeKey(challenge.digest(token)))


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value.code


def guesses(enter: Open, token: str, ports: Ports, times: int = CODE_TRIES) -> list[str]:
    """Guess wrong so many times, waiting as long as one must in between; give the refusals."""
    answers = []
    for _ in range(times):
        answers.append(refusal(lambda: enter(wrong(code_of(token, ports)), a_browser(token), ports)))
        ports.clock.tick(seconds=PAUSES[-1])
    return answers


def asked_by_member(ports: Ports) -> tuple[str, Open]:
    member = a_member(ports, 50)
    return signin.ask_code(signin.AskCode(member.person.email, Channel.EMAIL, Browser(IP)), ports), signin.show_code


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

    enter(code_of(token, ports), a_browser(token), ports)

    assert len(memory_of(ports).sessions) == before + 1
    assert len(memory_of(ports).trail(Tag.SIGNED_IN, Tag.RECIPIENT_PROVED)) == 1


@both
def test_a_code_is_used_once(ask: Callable[[Ports], tuple[str, Open]]) -> None:
    ports = fake_ports()
    token, enter = ask(ports)
    enter(code_of(token, ports), a_browser(token), ports)

    again = refusal(lambda: enter(code_of(token, ports), a_browser(token), ports))

    assert again == "code_spent"


@both
def test_five_tries_and_the_right_code_is_worth_nothing(ask: Callable[[Ports], tuple[str, Open]]) -> None:
    ports = fake_ports()
    token, enter = ask(ports)
    code = code_of(token, ports)

    codes = guesses(enter, token, ports)

    assert codes == ["wrong_code"] * 4 + ["code_spent"]
    assert refusal(lambda: enter(code, a_browser(token), ports)) == "code_spent"
    assert len(memory_of(ports).trail(Tag.CODE_FAILED)) == 5


@both
@pytest.mark.parametrize(("failures", "seconds"), [(1, 0), (2, 0), (3, 1), (4, 5)])
def test_wrong_tries_make_the_next_one_wait(ask: Callable[[Ports], tuple[str, Open]], failures: int, seconds: int) -> None:
    ports = fake_ports()
    token, enter = ask(ports)
    code = code_of(token, ports)
    guesses(enter, token, ports, failures - 1)
    refusal(lambda: enter(wrong(code), a_browser(token), ports))

    if seconds:
        ports.clock.tick(seconds=seconds - 1)
        with pytest.raises(TooMany) as early:
            enter(code, a_browser(token), ports)
        assert early.value.retry_after == timedelta(seconds=1)
        ports.clock.tick(seconds=1)

    enter(code, a_browser(token), ports)


@both
def test_a_try_that_comes_too_soon_is_not_counted(ask: Callable[[Ports], tuple[str, Open]]) -> None:
    ports = fake_ports()
    token, enter = ask(ports)
    code = code_of(token, ports)
    for _ in range(3):
        refusal(lambda: enter(wrong(code), a_browser(token), ports))

    early = {refusal(lambda c=guess: enter(c, a_browser(token), ports)) for guess in (wrong(code), code) for _ in range(10)}
    ports.clock.tick(seconds=1)

    assert early == {"too_many_requests"}
    enter(code, a_browser(token), ports)


@both
def test_a_code_lives_for_five_minutes_to_the_second(ask: Callable[[Ports], tuple[str, Open]]) -> None:
    early, late = fake_ports(), fake_ports()
    (token, enter), (late_token, _) = ask(early), ask(late)

    early.clock.tick(minutes=5, seconds=-1)
    late.clock.tick(minutes=5)

    enter(code_of(token, early), a_browser(token), early)
    assert refusal(lambda: enter(code_of(late_token, late), a_browser(late_token), late)) == "code_spent"


@both
def test_a_code_works_in_the_browser_that_asked_and_nowhere_else(ask: Callable[[Ports], tuple[str, Open]]) -> None:
    ports = fake_ports()
    token, enter = ask(ports)
    code = code_of(token, ports)

    for elsewhere in (None, "", "0" * 64, token[:-1], token + "0", "\ud800", code):
        assert refusal(lambda t=elsewhere: enter(code, a_browser(t), ports)) == "code_spent"


def test_the_code_of_one_door_opens_no_other() -> None:
    ports = fake_ports()
    (member, _), (recipient, _) = asked_by_member(ports), asked_by_recipient(ports)

    for token, elsewhere in ((member, collect.open_session), (recipient, signin.show_code)):
        code = code_of(token, ports)
        answers = []
        for _ in range(CODE_TRIES):
            answers.append(refusal(lambda t=token, c=code, enter=elsewhere: enter(c, a_browser(t), ports)))
            ports.clock.tick(seconds=PAUSES[-1])
        assert answers == ["wrong_code"] * 4 + ["code_spent"]  # counted like any other guess
    assert memory_of(ports).sessions == {}


def test_an_old_code_does_not_answer_a_new_challenge() -> None:
    ports = fake_ports()
    old, _ = asked_by_member(ports)
    new = signin.ask_code(signin.AskCode(a_person(50).email, Channel.EMAIL, Browser(IP)), ports)

    assert refusal(lambda: signin.show_code(code_of(old, ports), a_browser(new), ports)) == "wrong_code"
    signin.show_code(code_of(new, ports), a_browser(new), ports)


def test_known_and_unknown_addresses_walk_the_same_way_call_for_call() -> None:
    ports, calls = recorded(fake_ports())
    known = a_member(ports).person.email
    walks = []

    for email in (known, "nobody@example.fr"):
        calls.clear()
        token = signin.ask_code(signin.AskCode(email, Channel.EMAIL, Browser(IP)), ports)
        asked, code = list(calls), code_of(token, ports)
        calls.clear()
        failed = refusal(lambda t=token, c=code: signin.show_code(wrong(c), a_browser(t), ports))
        walks.append((asked, list(calls), failed))

    assert walks[0] == walks[1]
    assert walks[0][2] == "wrong_code"


def test_the_right_code_of_an_unknown_address_is_wrong() -> None:
    ports = fake_ports()
    token = signin.ask_code(signin.AskCode("nobody@example.fr", Channel.EMAIL, Browser(IP)), ports)

    assert refusal(lambda: signin.show_code(code_of(token, ports), a_browser(token), ports)) == "wrong_code"
    assert tell.send_code(ChallengeKey(challenge.digest(token)), ports) is False
    assert ports.post.emails == []


@pytest.mark.parametrize(("times", "span"), [(3, {"minutes": 15}), (10, {"hours": 24})])
def test_an_address_is_sent_only_so_many_codes(times: int, span: dict[str, float]) -> None:
    ports = fake_ports()
    email = a_member(ports).person.email
    asked = 0

    while asked < times:
        signin.ask_code(signin.AskCode(email, Channel.EMAIL, Browser(IP)), ports)
        asked += 1
        if times > 3:
            ports.clock.tick(minutes=15)
    with pytest.raises(TooMany) as caught:
        signin.ask_code(signin.AskCode(email, Channel.EMAIL, Browser(IP)), ports)

    ports.clock.set(ports.clock.now() + caught.value.retry_after)
    signin.ask_code(signin.AskCode(email, Channel.EMAIL, Browser(IP)), ports)


def test_one_ip_asks_only_so_often_whomever_it_asks_for() -> None:
    ports = fake_ports(clinic=replace(CLINIC, codes_per_ip=3))

    for n in range(3):
        signin.ask_code(signin.AskCode(f"nobody{n}@example.fr", Channel.EMAIL, Browser(IP)), ports)

    with pytest.raises(TooMany):
        signin.ask_code(signin.AskCode("nobody4@example.fr", Channel.EMAIL, Browser(IP)), ports)
    signin.ask_code(signin.AskCode("nobody4@example.fr", Channel.EMAIL, Browser("192.0.2.8")), ports)


def test_guessing_over_many_challenges_is_bounded_for_each_address() -> None:
    ports = fake_ports()
    member = a_member(ports)

    answers: list[str] = []
    while len(answers) < 25:
        token = challenge.begin(member.person.email, Door(member=member.id), Channel.EMAIL, IP, ports)
        answers += guesses(signin.show_code, token, ports)

    assert answers == (["wrong_code"] * 4 + ["code_spent"]) * 4 + ["too_many_requests"] * 5


def test_guessing_at_an_address_nobody_has_is_answered_alike() -> None:
    ports = fake_ports()
    a_member(ports, email="known@example.fr")

    def answers(address: str) -> list[str]:
        ports.clock.set(MORNING)
        given: list[str] = []
        for _ in range(5):
            token = challenge.begin(address, ports.members.door_of(address), Channel.EMAIL, IP, ports)
            given += [one for _ in range(6) for one in guesses(signin.show_code, token, ports, 1)]
        return given

    assert answers("known@example.fr") == answers("nobody@example.fr")


def test_guessing_too_fast_at_an_address_nobody_has_is_answered_alike() -> None:
    ports = fake_ports()
    a_member(ports, email="known@example.fr")

    def answers(address: str) -> list[tuple[str, timedelta | None]]:
        token = challenge.begin(address, ports.members.door_of(address), Channel.EMAIL, IP, ports)
        given = []
        for _ in range(12):
            with pytest.raises(Refusal) as caught:
                signin.show_code(wrong(code_of(token, ports)), a_browser(token), ports)
            given.append((caught.value.code, caught.value.retry_after if isinstance(caught.value, TooMany) else None))
        return given

    assert answers("known@example.fr") == answers("nobody@example.fr")


def test_a_stranger_elsewhere_does_not_lock_a_member_out() -> None:
    ports = fake_ports()
    member = a_member(ports)

    for _ in range(10):
        with suppress(TooMany):
            signin.ask_code(signin.AskCode(member.person.email, Channel.EMAIL, Browser("203.0.113.9")), ports)

    assert signin.ask_code(signin.AskCode(member.person.email, Channel.EMAIL, Browser(IP)), ports)


@pytest.mark.parametrize(
    ("channel", "mobile", "by_sms"),
    [(Channel.SMS, "+33612345678", True), (Channel.SMS, None, False), (Channel.EMAIL, "+33612345678", False)],
)
def test_a_code_travels_as_it_was_asked_for_where_it_can(channel: Channel, mobile: str | None, by_sms: bool) -> None:
    ports = fake_ports()
    member = a_member(ports, mobile=mobile)
    token = signin.ask_code(signin.AskCode(member.person.email, channel, Browser(IP)), ports)

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

    assert asked.way is Means.EMAIL
    assert any(code_of(asked.token, ports) in letter.text for _, letter in ports.post.emails)


def test_a_code_is_sent_once_and_not_after_its_time() -> None:
    ports = fake_ports()
    one, _ = asked_by_member(ports)
    two = signin.ask_code(signin.AskCode(a_person(50).email, Channel.EMAIL, Browser(IP)), ports)
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


def test_a_clinic_that_wants_a_second_channel_sends_no_code_by_email_and_waits_for_a_phrase() -> None:
    ports = fake_ports()
    sending = a_sealed_transfer(ports, people=[a_person(1, mobile=None)])
    link = collect.AskCode(sending.id, sending.recipients[0], ports.secrets.link_secret(sending.id, sending.recipients[0]), IP)

    withdraw(ports)

    assert collect.ask_code(link, ports).way is Means.PHRASE
    assert ports.queue.codes == []


@pytest.mark.parametrize(("minutes", "alive"), [(29.98, True), (30, False)])
def test_a_session_is_read_alive_or_not_at_all(minutes: float, alive: bool) -> None:
    ports = fake_ports()
    token, session = a_session(ports, Door(member=a_member(ports).id))

    ports.clock.tick(minutes=minutes)

    if alive:
        assert signin.whose(token, ports).session.door == session.door
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

    assert calls == ["signins.signed_in", "signins.signed_in", "sessions.touch", "signins.signed_in"]


def test_reading_a_recipients_session_is_one_call_and_two_once_in_five_minutes() -> None:
    ports, calls = recorded(fake_ports())
    token, session = a_session(ports, a_sealed_transfer(ports).door())
    calls.clear()

    assert collect.whose(token, ports) == session
    ports.clock.tick(minutes=5)
    collect.whose(token, ports)
    collect.whose(token, ports)

    assert calls == ["sessions.read", "sessions.read", "sessions.touch", "sessions.read"]


@pytest.mark.parametrize(("minutes", "alive"), [(29.98, True), (30, False)])
def test_a_recipients_session_is_read_alive_or_not_at_all(minutes: float, alive: bool) -> None:
    ports = fake_ports()
    token, session = a_session(ports, a_sealed_transfer(ports).door())

    ports.clock.tick(minutes=minutes)

    if alive:
        assert collect.whose(token, ports).door == session.door
    else:
        with pytest.raises(Unauthenticated):
            collect.whose(token, ports)


@pytest.mark.parametrize("token", [None, "", "x", "0" * 64, "\ud800", f"{'a' * 26}.", f"{'a' * 26}.{'0' * 64}", f"{'a' * 26}.\ud800"])
def test_no_session_is_behind_a_token_nobody_was_given(token: str | None) -> None:
    for whose in (signin.whose, collect.whose):
        with pytest.raises(Unauthenticated, match="signin_required"):
            whose(token, fake_ports())


def test_nobody_comes_in_with_the_secret_of_another_kind_of_session() -> None:
    ports = fake_ports()
    member, other = a_member(ports), a_member(ports, 101)
    mine, _ = a_session(ports, Door(member=member.id))
    theirs, _ = a_session(ports, a_sealed_transfer(ports).door())
    secret = mine.partition(".")[2]

    for token in (theirs, secret, f"{other.id}.{secret}", f"{member.id}.{theirs}"):
        with pytest.raises(Unauthenticated, match="signin_required"):
            signin.whose(token, ports)
    for token in (mine, secret, f"{member.id}.{theirs}"):
        with pytest.raises(Unauthenticated, match="signin_required"):
            collect.whose(token, ports)


def test_signing_out_ends_the_session_for_good() -> None:
    ports = fake_ports()
    token, session = a_session(ports, Door(member=a_member(ports).id))

    signin.sign_out(session, ports)
    ports.sessions.touch(session)

    with pytest.raises(Unauthenticated):
        signin.whose(token, ports)
    assert [(event.member, event.recipient) for event in memory_of(ports).trail(Tag.SIGNED_OUT)] == [(session.door.member, None)]


def test_a_recipient_who_leaves_ends_the_session_for_good() -> None:
    ports = fake_ports()
    token, session = a_session(ports, a_sealed_transfer(ports).door())

    collect.close(session, ports)
    ports.sessions.touch(session)

    with pytest.raises(Unauthenticated):
        collect.whose(token, ports)
    assert [(event.member, event.recipient) for event in memory_of(ports).trail(Tag.SIGNED_OUT)] == [(None, session.door.recipient)]


def test_a_member_who_is_gone_signs_in_no_more() -> None:
    ports = fake_ports()
    token, _ = asked_by_member(ports)
    memory_of(ports).members.clear()

    assert refusal(lambda: signin.show_code(code_of(token, ports), a_browser(token), ports)) == "code_spent"


def test_a_sign_in_tells_when_the_member_was_last_seen() -> None:
    ports = fake_ports()
    token, _ = asked_by_member(ports)

    earned = signin.show_code(code_of(token, ports), a_browser(token), ports)

    assert signin.whose(earned.token, ports).member.last_seen_at == ports.clock.now()


def test_no_secret_shows_in_a_representation() -> None:
    ports = fake_ports()
    link = a_link(ports)
    token, _ = asked_by_member(ports)
    code = code_of(token, ports)

    asked = signin.AskCode(a_person(50).email, Channel.EMAIL, Browser(IP))
    browser = Browser(IP, "a session", token, "a device", "a browser")
    earned = signin.show_code(code, a_browser(token), ports)
    who = signin.whose(earned.token, ports)

    shown = repr([link, asked, browser, earned, who, collect.ask_code(link, ports), memory_of(ports).events])

    secrets = (link.secret, token, code, earned.token, str(earned.known), "a session", "a device", "a browser")
    assert not [secret for secret in (*secrets, "ada", "Ada") if secret in shown]

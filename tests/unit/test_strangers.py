"""What strangers can do to somebody's sign-in, and what they cannot (R20, R21; T-36): a device that is known goes on whatever they do."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.errors import Refusal
from chalicelib.domain.factor import Means
from chalicelib.domain.limits import TEXTS_OF_STRANGERS, TRIES_PER_ADDRESS, Limit
from chalicelib.domain.login import SESSION_LIFETIME, Channel
from chalicelib.domain.notice import Kind
from chalicelib.usecases import account, earning, signin
from chalicelib.usecases.earning import Browser, Earned
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.signin import GUESSES
from tests.builders import IP, a_member, a_person
from tests.fakes import CLINIC, fake_ports, memory_of
from tests.unit.signing import (
    ELSEWHERE,
    PASSWORD,
    by_code,
    by_passkey,
    code_at,
    go_on,
    joined,
    refusal,
    who,
    with_passkey,
    with_password_and_app,
)


@pytest.fixture
def ports() -> Ports:
    """A clinic that accepted nothing: two factors, always."""
    return fake_ports(accepted=False)


def asked(ports: Ports, email: str, browser: Browser, by: Channel = Channel.EMAIL) -> str:
    """Ask for a code; give the refusal, or nothing."""
    try:
        signin.ask_code(signin.AskCode(email, by, browser), ports)
    except Refusal as told:
        return told.code
    return ""


def test_the_device_one_joined_on_is_known(ports: Ports) -> None:
    member, browser, secret = with_password_and_app(ports)
    assert browser.known
    for _ in range(12):
        with suppress(Refusal):
            signin.show_password(member.person.email, "wrong", Browser(ELSEWHERE), ports)
        ports.clock.tick(hours=1)

    half = signin.show_password(member.person.email, PASSWORD, replace(browser, session=None), ports)

    assert who(signin.show_authenticator(code_at(secret, ports), go_on(browser, half), ports), ports).enough
    assert with_passkey(ports, 9)[2].known


def test_a_hospital_is_one_address_and_its_known_devices_go_on() -> None:
    ports = replace(fake_ports(accepted=False), clinic=replace(CLINIC, codes_per_ip=10))
    member, browser, secret = with_password_and_app(ports)
    _, device, _ = with_passkey(ports, 9)
    home = replace(browser, session=None)
    ports.clock.tick(minutes=1)
    for n in range(60):
        with suppress(Refusal):
            signin.show_password(f"nobody{n}@example.fr", "wrong", Browser(IP), ports)
        asked(ports, f"nobody{n}@example.fr", Browser(IP))
    assert refusal(lambda: signin.show_password(member.person.email, PASSWORD, Browser(IP), ports)) == "too_many_requests"
    assert asked(ports, member.person.email, Browser(IP)) == "too_many_requests"

    half = signin.show_password(member.person.email, PASSWORD, home, ports)

    assert who(signin.show_authenticator(code_at(secret, ports), go_on(home, half), ports), ports).enough
    assert asked(ports, member.person.email, home) == ""
    assert who(by_passkey(device, ports), ports).enough


def test_wrong_codes_from_a_hospital_use_up_none_of_a_known_devices_tries(ports: Ports) -> None:
    member = a_member(ports, 70)
    home = Browser(IP, known=by_code(member, ports).known)
    wrong = 0
    while wrong < TRIES_PER_ADDRESS[0]:
        if asked(ports, member.person.email, Browser(IP)):
            ports.clock.tick(minutes=5)
            continue
        token = signin.ask_code(signin.AskCode(member.person.email, Channel.EMAIL, home), ports)
        for _ in range(5):
            with suppress(Refusal):
                signin.show_code("000000", Browser(IP, challenge=token), ports)
            ports.clock.tick(seconds=16)
            wrong += 1

    assert by_code(member, ports, home).token


def test_strangers_leave_text_messages_for_whoever_they_belong_to(ports: Ports) -> None:
    member, _, earned = joined(ports, mobile="+33612340007")
    account.set_password(who(earned, ports), PASSWORD, ports)
    by, email = Channel.SMS, member.person.email

    answers = [asked(ports, email, Browser(f"198.51.100.{n}"), by) for n in range(TEXTS_OF_STRANGERS[0] + 1)]
    unknown = [asked(ports, "nobody@example.fr", Browser(f"198.51.100.{n}"), by) for n in range(TEXTS_OF_STRANGERS[0] + 1)]

    assert answers == unknown == [""] * TEXTS_OF_STRANGERS[0] + ["too_many_requests"]
    half = signin.show_password(email, PASSWORD, Browser(IP), ports)
    assert asked(ports, email, Browser(IP), by) == "too_many_requests"
    whole = by_code(member, ports, go_on(Browser(IP), half), by)
    assert who(whole, ports).enough
    assert asked(ports, email, Browser(ELSEWHERE, known=whole.known), by) == ""


def test_the_half_session_of_somebody_else_is_a_strangers(ports: Ports) -> None:
    member, _, earned = joined(ports, mobile="+33612340007")
    account.set_password(who(earned, ports), PASSWORD, ports)
    other, _, _ = with_passkey(ports, 9)
    half = by_code(other, ports)

    answers = [asked(ports, member.person.email, Browser(f"198.51.100.{n}", session=half.token), Channel.SMS) for n in range(6)]

    assert answers[-1] == "too_many_requests"


def test_wrong_passwords_wait_ever_longer_and_the_hundredth_is_the_last(ports: Ports) -> None:
    member, _, _ = with_password_and_app(ports)

    def guess(password: str = "wrong") -> str:
        return refusal(lambda: signin.show_password(member.person.email, password, Browser(IP), ports))

    waits = []
    for _ in range(100):
        assert guess() == "wrong_password"
        wait = memory_of(ports).throttles[next(iter(memory_of(ports).throttles))].next_at
        assert wait is not None
        waits.append(int((wait - ports.clock.now()).total_seconds()))
        if waits[-1]:
            ports.clock.tick(seconds=waits[-1] - 1)
            assert guess(PASSWORD) in ("too_many_requests", "signin_locked")
            ports.clock.tick(seconds=1)

    assert waits[:12] == [0, 0, 1, 5, 15, 15, 15, 15, 15, 900, 1800, 3600]
    assert set(waits[12:]) == {3600}
    ports.clock.tick(days=30)
    assert guess(PASSWORD) == "signin_locked"
    assert [n.member for n in memory_of(ports).notices.values() if n.kind is Kind.SIGNIN_LOCKED] == [member.id]


def test_strangers_cannot_lock_out_a_device_that_is_known(ports: Ports) -> None:
    member, _, secret = with_password_and_app(ports)
    ports.clock.tick(minutes=1)
    half = signin.show_password(member.person.email, PASSWORD, Browser(IP), ports)
    whole = signin.show_authenticator(code_at(secret, ports), go_on(Browser(IP), half), ports)
    home = Browser(IP, known=whole.known)
    assert whole.known

    for _ in range(12):
        assert refusal(lambda: signin.show_password(member.person.email, "wrong", Browser(ELSEWHERE), ports)) == "wrong_password"
        ports.clock.tick(hours=1)
    refused = refusal(lambda: signin.show_password(member.person.email, "wrong", Browser(ELSEWHERE), ports))
    assert refused == "wrong_password"
    assert refusal(lambda: signin.show_password(member.person.email, PASSWORD, Browser(ELSEWHERE), ports)) == "too_many_requests"

    assert signin.show_password(member.person.email, PASSWORD, home, ports).token
    other = a_member(ports, 8)
    assert refusal(lambda: signin.show_password(other.person.email, "wrong", Browser(ELSEWHERE), ports)) == "wrong_password"


def test_a_flood_of_askings_uses_up_nothing_of_a_device_that_is_known() -> None:
    ports = fake_ports()
    member = a_member(ports, 3)
    home = by_code(member, ports).known
    for n in range(60):
        ports.clock.tick(minutes=1)
        with suppress(Refusal):
            signin.ask_code(signin.AskCode(member.person.email, Channel.EMAIL, Browser(f"198.51.100.{n}")), ports)

    def asked(browser: Browser) -> str:
        return signin.ask_code(signin.AskCode(member.person.email, Channel.EMAIL, browser), ports)

    assert refusal(lambda: asked(Browser("203.0.113.1"))) == "too_many_requests"
    assert asked(Browser(IP, known=home))


@pytest.mark.parametrize("forged", ["", "x", "a" * 26, f"{'a' * 26}.{'0' * 22}", "." * 50, "é.é", f"{'a' * 26}.\udc00"])
def test_a_mark_the_clinic_did_not_write_makes_nothing_known(ports: Ports, forged: str) -> None:
    member, _, _ = with_password_and_app(ports)

    for _ in range(3):
        assert refusal(lambda: signin.show_password(member.person.email, "wrong", Browser(IP, known=forged), ports)) == "wrong_password"

    assert refusal(lambda: signin.show_password(member.person.email, "wrong", Browser(IP), ports)) == "too_many_requests"


def test_a_password_alone_makes_no_device_known(ports: Ports) -> None:
    member, _, _ = with_password_and_app(ports)

    assert signin.show_password(member.person.email, PASSWORD, Browser(IP), ports).known is None


def test_an_address_nobody_has_is_refused_in_the_same_way(ports: Ports) -> None:
    with_password_and_app(ports)
    wrong = [
        refusal(lambda e=email: signin.show_password(e, "wrong", Browser(IP), ports)) for email in (a_person(7).email, "nobody@example.fr")
    ]

    assert wrong == ["wrong_password"] * 2


def test_two_hundred_guesses_a_day_are_the_most_on_all_devices_together(ports: Ports) -> None:
    member, browser, secret = with_password_and_app(ports)
    ports.clock.tick(minutes=1)
    half = signin.show_password(member.person.email, PASSWORD, replace(browser, session=None), ports)
    everywhere = Limit(f"guess#{earning.scope(Means.AUTHENTICATOR, member.id, ports)}", *GUESSES)
    for _ in range(GUESSES[0] - 1):
        assert ports.limits.take([everywhere], ports.clock.now()) is None

    assert refusal(lambda: signin.show_authenticator("000000", go_on(browser, half), ports)) == "wrong_code"
    assert refusal(lambda: signin.show_authenticator(code_at(secret, ports), go_on(browser, half), ports)) == "too_many_requests"


def test_a_known_device_that_was_locked_is_opened_by_a_code(ports: Ports) -> None:
    member, browser, _ = with_password_and_app(ports)
    home = replace(browser, session=None)
    for _ in range(100):
        with suppress(Refusal):
            signin.show_password(member.person.email, "wrong", home, ports)
        ports.clock.tick(hours=1)
    assert refusal(lambda: signin.show_password(member.person.email, PASSWORD, home, ports)) == "signin_locked"

    home = Browser(IP, known=by_code(member, ports, home).known)

    assert signin.show_password(member.person.email, PASSWORD, home, ports).token


def test_a_browser_knows_five_accounts_each_by_an_id_of_its_own(ports: Ports) -> None:
    browser, others = Browser(IP), [a_member(ports, n) for n in range(20, 26)]
    for one in others:
        browser = replace(browser, known=by_code(one, ports, browser).known)

    known = [earning.device_of(browser.known, one.id, ports) for one in others]

    assert (known[0], len(set(known[1:]) - {None})) == (None, 5)


def test_a_proof_is_never_added_to_the_session_of_somebody_else(ports: Ports) -> None:
    thief, _, _ = joined(ports, number=3)
    member, _, _ = with_password_and_app(ports)
    ports.clock.tick(minutes=1)
    half = signin.show_password(member.person.email, PASSWORD, Browser(IP), ports)

    got = who(by_code(a_member(ports, 4), ports, Browser(IP, session=half.token)), ports)

    assert (got.member.id != member.id, got.session.means, thief.id != got.member.id) == (True, {Means.EMAIL}, True)
    assert who(half, ports).session.means == {Means.PASSWORD}  # and theirs is untouched


def test_a_session_that_is_over_is_not_gone_on_with(ports: Ports) -> None:
    member, _, secret = with_password_and_app(ports)
    ports.clock.tick(minutes=1)
    half = signin.show_password(member.person.email, PASSWORD, Browser(IP), ports)
    ports.clock.tick(minutes=31)

    got = who(by_code(member, ports, Browser(IP, session=half.token)), ports)

    assert got.session.means == {Means.EMAIL}
    assert refusal(lambda: signin.show_authenticator(code_at(secret, ports), go_on(Browser(IP), half), ports)) == "signin_required"


def test_near_its_end_a_session_is_followed_by_another_beside_it(ports: Ports) -> None:
    member, browser, _ = with_password_and_app(ports)
    before = who(Earned(str(browser.session)), ports)
    while ports.clock.now() < before.session.expires_at - timedelta(minutes=5):
        ports.clock.tick(minutes=5)
        signin.whose(browser.session, ports)

    half = signin.show_password(member.person.email, PASSWORD, browser, ports)

    assert who(half, ports).session.expires_at == ports.clock.now() + SESSION_LIFETIME
    assert who(Earned(str(browser.session)), ports).enough

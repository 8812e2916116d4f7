"""Signing in, proof by proof: what is enough, what is not, and what guessing comes to (R15, R17, R20, R25; T-30, T-34 to T-38)."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from chalicelib.domain.audit import Tag
from chalicelib.domain.factor import Means
from chalicelib.domain.ids import ChallengeKey
from chalicelib.domain.login import Channel, SignedIn
from chalicelib.domain.member import Member, Role, Standing
from chalicelib.domain.notice import Kind
from chalicelib.usecases import account, challenge, join, members, policy, signin
from chalicelib.usecases.earning import Browser, Earned
from chalicelib.usecases.join import Join
from chalicelib.usecases.ports import Ports
from tests.builders import IP, a_member
from tests.fakes import fake_ports, memory_of
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


def test_a_password_alone_is_half_a_sign_in(ports: Ports) -> None:
    member, _, secret = with_password_and_app(ports)
    ports.clock.tick(minutes=1)

    half = signin.show_password(member.person.email, PASSWORD, Browser(IP), ports)
    assert not who(half, ports).enough
    assert refusal(who(half, ports).require_enough) == "second_factor_required"
    assert who(half, ports).next(ports.clock.now()) == [Means.AUTHENTICATOR]

    whole = signin.show_authenticator(code_at(secret, ports), go_on(Browser(IP), half), ports)
    assert who(whole, ports).enough
    assert refusal(lambda: signin.whose(half.token, ports)) == "signin_required"  # the half session is gone


def test_a_passkey_is_enough_in_one_gesture(ports: Ports) -> None:
    member, device, _ = with_passkey(ports)

    seen = who(by_passkey(device, ports), ports)

    assert (seen.member.id, seen.enough, seen.session.means) == (member.id, True, {Means.PASSKEY})


def test_a_mailbox_is_never_a_factor(ports: Ports) -> None:
    member, _, secret = with_password_and_app(ports)
    ports.clock.tick(minutes=1)

    by_mail = by_code(memory_of(ports).members[member.id], ports)
    assert not who(by_mail, ports).enough
    more = signin.show_authenticator(code_at(secret, ports), go_on(Browser(IP), by_mail), ports)
    assert not who(more, ports).enough


def test_an_accepted_risk_makes_a_code_by_mail_enough_but_for_those_who_have_better() -> None:
    ports = fake_ports()
    plain, (better, _, _) = a_member(ports, 1), with_passkey(ports, 2)

    assert who(by_code(plain, ports), ports).enough
    assert not who(by_code(memory_of(ports).members[better.id], ports), ports).enough


def test_a_code_of_the_app_serves_once_and_never_an_older_one(ports: Ports) -> None:
    member, _, secret = with_password_and_app(ports)
    ports.clock.tick(minutes=1)
    half = signin.show_password(member.person.email, PASSWORD, Browser(IP), ports)
    other = signin.show_password(member.person.email, PASSWORD, Browser(ELSEWHERE), ports)
    code, older = code_at(secret, ports), code_at(secret, ports, -30)

    signin.show_authenticator(code, go_on(Browser(IP), half), ports)

    ports.clock.tick(seconds=16)
    assert refusal(lambda: signin.show_authenticator(code, go_on(Browser(ELSEWHERE), other), ports)) == "wrong_code"
    ports.clock.tick(seconds=16)
    assert refusal(lambda: signin.show_authenticator(older, go_on(Browser(ELSEWHERE), other), ports)) == "wrong_code"


def test_recovery_codes_stand_in_for_the_app_once_each(ports: Ports) -> None:
    member, browser, _ = with_password_and_app(ports)
    codes, _ = account.new_recovery(who(Earned(str(browser.session)), ports), ports)
    assert len(set(codes)) == 10

    half = signin.show_password(member.person.email, PASSWORD, Browser(IP), ports)
    whole = signin.show_recovery(codes[3], go_on(Browser(IP), half), ports)
    assert who(whole, ports).enough
    ports.clock.tick(minutes=1)
    again = signin.show_password(member.person.email, PASSWORD, Browser(IP), ports)
    assert refusal(lambda: signin.show_recovery(codes[3], go_on(Browser(IP), again), ports)) == "wrong_code"
    assert codes[3] not in repr(memory_of(ports).rings)


def test_a_copied_passkey_is_refused_and_its_owner_told(ports: Ports) -> None:
    member, device, _ = with_passkey(ports)
    copy = device.clone()
    by_passkey(device, ports)
    by_passkey(device, ports)

    assert refusal(lambda: by_passkey(copy, ports)) == "passkey_cloned"
    assert [n.member for n in memory_of(ports).notices.values() if n.kind is Kind.PASSKEY_COPIED] == [member.id]
    assert memory_of(ports).trail(Tag.PASSKEY_COPIED)


def test_the_acceptance_is_taken_back_only_by_somebody_who_needs_none() -> None:
    ports = fake_ports()
    administrator = a_member(ports, 4, Role.ADMINISTRATOR)
    weak = who(by_code(administrator, ports), ports)

    assert refusal(lambda: policy.withdraw(weak, ports)) == "passkey_required"
    assert ports.policy.acceptance() is not None


CHANGES: dict[str, Callable[[SignedIn, Member, Ports], object]] = {
    "disabled": lambda by, one, ports: members.disable(by, one.id, ports),
    "reset": lambda by, one, ports: members.reset(by, one.id, ports),
    "another role": lambda by, one, ports: members.give_role(by, one.id, Role.DPO, ports),
    "another address": lambda by, one, ports: members.change(by, one.id, replace(one.person, email="new@example.fr"), ports),
    "another number": lambda by, one, ports: members.change(by, one.id, replace(one.person, mobile="+33698765432"), ports),
}


@pytest.mark.parametrize("how", list(CHANGES))
def test_a_change_ends_sessions_and_codes_at_once(ports: Ports, how: str) -> None:
    _, _, admin_browser = with_passkey(ports, 1)
    administrator = who(Earned(str(admin_browser.session)), ports)
    administrator = replace(administrator, member=replace(administrator.member, role=Role.ADMINISTRATOR))
    member, device, browser = with_passkey(ports, 2)
    kept = memory_of(ports).members[member.id]
    token = signin.ask_code(signin.AskCode(kept.person.email, Channel.EMAIL, Browser(IP)), ports)
    asked = signin.ask_passkey(IP, ports)
    shown = device.get(asked.options)

    CHANGES[how](administrator, kept, ports)

    assert refusal(lambda: signin.whose(browser.session, ports)) == "signin_required"
    code = ports.secrets.login_code(ChallengeKey(challenge.digest(token)))
    assert refusal(lambda: signin.show_code(code, Browser(IP, challenge=token), ports)) == "code_spent"
    if how == "disabled":
        assert refusal(lambda: signin.show_passkey(shown, Browser(IP, gesture=asked.token), ports)) == "code_spent"


def test_setting_something_up_ends_every_other_session_and_keeps_this_one(ports: Ports) -> None:
    _, device, here = with_passkey(ports)
    there = by_passkey(device, ports)
    mine = who(Earned(str(here.session)), ports)

    renewed = account.set_password(mine, PASSWORD, ports)

    assert refusal(lambda: signin.whose(there.token, ports)) == "signin_required"
    assert refusal(lambda: signin.whose(here.session, ports)) == "signin_required"
    assert who(renewed, ports).enough


def test_old_proofs_do_not_change_what_matters(ports: Ports) -> None:
    _, _, browser = with_passkey(ports)
    session = who(Earned(str(browser.session)), ports)
    ports.clock.tick(minutes=5)

    for act in (
        lambda: account.set_password(session, PASSWORD, ports),
        lambda: account.ask_passkey(session, ports),
        lambda: account.new_recovery(session, ports),
        lambda: account.export(session, ports),
        lambda: account.erase(session, ports),
        lambda: members.disable(session, session.member.id, ports),
    ):
        assert refusal(act) == "proof_too_old"  # type: ignore[arg-type]


def test_a_session_dies_at_its_last_second(ports: Ports) -> None:
    _, device, _ = with_passkey(ports)
    token = by_passkey(device, ports).token
    ports.clock.tick(minutes=30, seconds=-1)
    assert signin.whose(token, ports)
    ports.clock.tick(minutes=30)
    assert refusal(lambda: signin.whose(token, ports)) == "signin_required"


def test_an_invitation_dies_after_three_days_and_another_is_sent_for_it(ports: Ports) -> None:
    member = a_member(ports, 3, standing=Standing.INVITED)
    link = Join(member.id, ports.secrets.invitation_secret(member.id, member.turn, member.person.email))
    ports.clock.tick(hours=72)

    assert refusal(lambda: join.join(link, Browser(IP), ports)) == "invitation_over"
    join.again(link, IP, ports)

    now = memory_of(ports).members[member.id]
    fresh = Join(member.id, ports.secrets.invitation_secret(member.id, now.turn, member.person.email))
    assert refusal(lambda: join.join(link, Browser(IP), ports)) == "invitation_over"
    assert join.join(fresh, Browser(IP), ports).token
    assert refusal(lambda: join.join(fresh, Browser(IP), ports)) == "invitation_over"


def test_a_joining_session_opens_nothing_until_it_is_secured(ports: Ports) -> None:
    _, _, earned = joined(ports)
    session = who(earned, ports)

    assert (session.joining, session.enough) == (True, False)
    half = who(account.set_password(session, PASSWORD, ports), ports)
    assert (half.joining, half.enough) == (True, False)


def test_where_the_risk_is_accepted_the_link_is_enough_to_begin() -> None:
    ports = fake_ports()
    member, _, earned = joined(ports)

    assert who(earned, ports).enough
    assert memory_of(ports).members[member.id].standing is Standing.ACTIVE


@pytest.mark.parametrize("secret", ["", "x" * 43, "é" * 43, "\udc00"])
def test_a_link_that_is_not_true_is_nobodys(ports: Ports, secret: str) -> None:
    member = a_member(ports, 3, standing=Standing.INVITED)

    assert refusal(lambda: join.join(Join(member.id, secret), Browser(IP), ports)) == "not_found"
    assert refusal(lambda: join.again(Join(member.id, secret), IP, ports)) == "not_found"


def test_the_last_means_cannot_be_dropped(ports: Ports) -> None:
    _, _, browser = with_passkey(ports)
    session = who(Earned(str(browser.session)), ports)
    (passkey,) = ports.members.keyring(session.member.id).passkeys

    assert refusal(lambda: account.drop_passkey(session, passkey.id, ports)) == "means_needed"


def test_what_is_erased_is_gone(ports: Ports) -> None:
    member, _, browser = with_passkey(ports)
    session = who(Earned(str(browser.session)), ports)

    account.erase(session, ports)

    memory = memory_of(ports)
    assert (member.id in memory.members, member.id in memory.rings) == (False, False)
    assert all(one.door.member != member.id for one in memory.sessions.values())
    assert refusal(lambda: signin.whose(browser.session, ports)) == "signin_required"

"""Who administers the clinic, with what, and that somebody always can (R14, R28; T-37): no two lesser proofs become administration."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.domain.clinic import Federated
from chalicelib.domain.factor import Link, Means
from chalicelib.domain.login import Channel, SignedIn
from chalicelib.domain.member import Member, Role, Standing
from chalicelib.usecases import account, changing, join, members, policy, signin
from chalicelib.usecases.earning import Browser, Earned
from chalicelib.usecases.ports import Ports
from tests.builders import IP, a_member, an_invitation, deliver, signed_in
from tests.fakes import CLINIC, fake_ports
from tests.unit.authenticator import Authenticator
from tests.unit.signing import (
    ELSEWHERE,
    PASSWORD,
    an_administrator,
    as_role,
    by_code,
    by_passkey,
    go_on,
    joined,
    refusal,
    who,
    with_passkey,
)


@pytest.fixture
def ports() -> Ports:
    """A clinic that accepted nothing: two factors, always."""
    return fake_ports(accepted=False)


def mandatory(ports: Ports) -> Ports:
    return replace(ports, clinic=replace(CLINIC, psc=Federated.MANDATORY))


def adds_passkey(session: SignedIn, ports: Ports, name: str = "Une clé") -> Earned:
    device = Authenticator(ports.clinic.origin)
    return account.add_passkey(session, name, device.create(account.ask_passkey(session, ports)), ports)[1]


def phished(ports: Ports, role: Role = Role.ADMINISTRATOR) -> tuple[Member, SignedIn]:
    """Give somebody with a passkey, and whoever relayed their password and their text message."""
    member, _, earned = joined(ports, mobile="+33612340007")
    earned = adds_passkey(who(earned, ports), ports, "La vraie")
    account.set_password(who(earned, ports), PASSWORD, ports)
    member = as_role(ports, member, role)
    half = signin.show_password(member.person.email, PASSWORD, Browser(ELSEWHERE), ports)
    return member, who(by_code(member, ports, go_on(Browser(ELSEWHERE), half), Channel.SMS), ports)


@pytest.mark.parametrize("accepted", [False, True])
def test_two_lesser_proofs_neither_administer_nor_make_or_take_what_does(*, accepted: bool) -> None:
    ports = fake_ports(accepted=accepted)
    member, thief = phished(ports)
    victim = a_member(ports, 55)
    (passkey,) = ports.members.keyring(member.id).passkeys

    assert thief.enough
    assert refusal(lambda: members.disable(thief, victim.id, ports)) in ("passkey_required", "proof_too_old")
    assert refusal(lambda: adds_passkey(thief, ports)) == "proof_too_old"
    assert refusal(lambda: account.drop_passkey(thief, passkey.id, ports)) == "proof_too_old"
    assert refusal(lambda: changing.set_up(thief, Means.PSC, Link("s", ports.clock.now()), ports)) == "proof_too_old"
    assert thief.next(ports.clock.now()) == [Means.PASSKEY]


def test_a_sender_may_add_a_passkey_with_any_two_proofs(ports: Ports) -> None:
    _, session = phished(ports, Role.SENDER)

    assert adds_passkey(session, ports).token


def test_an_administrators_first_passkey_comes_with_an_invitation(ports: Ports) -> None:
    member, _, earned = joined(ports, mobile="+33612340007")
    account.set_password(who(earned, ports), PASSWORD, ports)
    member = as_role(ports, member)
    weak = signed_in(ports, member, Means.PASSWORD, Means.SMS)

    assert refusal(lambda: adds_passkey(weak, ports)) == "invitation_required"
    accepting = fake_ports(accepted=True)
    assert adds_passkey(signed_in(accepting, a_member(accepting, 3, Role.ADMINISTRATOR), Means.EMAIL), accepting).token


def test_whoever_is_to_administer_joins_with_a_passkey(ports: Ports) -> None:
    member = a_member(ports, 7, Role.ADMINISTRATOR, standing=Standing.INVITED, mobile="+33612340007")
    earned = join.join(an_invitation(ports, member), Browser(IP), ports)

    earned = account.set_password(who(earned, ports), PASSWORD, ports)
    lesser = who(earned, ports)
    assert (lesser.member.secured, lesser.joining, lesser.enough) == (True, True, False)

    whole = who(adds_passkey(lesser, ports), ports)
    assert (whole.joining, whole.enough) == (False, True)


@pytest.mark.parametrize("accepted", [False, True])
def test_whoever_is_made_administrator_is_invited_anew_and_what_was_theirs_before_counts_no_more(*, accepted: bool) -> None:
    ports = fake_ports(accepted=accepted)
    _, device = an_administrator(ports)
    sender, thief = phished(ports, Role.SENDER)
    evil = Authenticator(ports.clinic.origin)
    account.add_passkey(thief, "x", evil.create(account.ask_passkey(thief, ports)), ports)

    given = members.give_role(who(by_passkey(device, ports), ports), sender.id, Role.ADMINISTRATOR, ports)

    assert (given.standing, given.administers, Means.PASSKEY in given.means) == (Standing.INVITED, True, False)
    assert refusal(lambda: by_passkey(evil, ports)) == "passkey_refused"
    joined_again = who(join.join(an_invitation(ports, given), Browser(IP), ports), ports)
    assert joined_again.joining is not accepted


def test_a_role_that_does_not_administer_is_given_at_once(ports: Ports) -> None:
    boss, device = an_administrator(ports)
    member, _, _ = with_passkey(ports, 10)
    me = who(by_passkey(device, ports), ports)

    given = members.give_role(me, member.id, Role.DPO, ports)

    assert (given.active, given.means) == (True, {Means.PASSKEY})
    assert members.give_role(me, member.id, Role.DPO, ports) == given  # again: nothing changes
    assert members.give_role(me, a_member(ports, 11, standing=Standing.INVITED).id, Role.ADMINISTRATOR, ports).administers
    assert boss.administers


@pytest.mark.parametrize("shut_out", [False, True])
def test_whoever_came_by_a_wrong_address_is_gone_once_it_is_right(ports: Ports, *, shut_out: bool) -> None:
    _, device = an_administrator(ports)
    member, evil, _ = with_passkey(ports, 9)
    me = who(by_passkey(device, ports), ports)
    (members.disable if shut_out else members.reset)(me, member.id, ports)

    moved = members.change(me, member.id, replace(member.person, email="right@example.fr"), ports)
    if shut_out:
        moved = members.enable(me, member.id, ports)

    assert (moved.standing, moved.means) == (Standing.INVITED, frozenset())
    assert refusal(lambda: by_passkey(evil, ports)) == "passkey_refused"


def test_an_old_link_at_an_old_address_has_no_power(ports: Ports) -> None:
    _, device = an_administrator(ports)
    member = a_member(ports, 20, standing=Standing.INVITED)
    old = an_invitation(ports, member)
    moved = members.change(who(by_passkey(device, ports), ports), member.id, replace(member.person, email="right@example.fr"), ports)
    earned = join.join(an_invitation(ports, moved), Browser(IP), ports)

    assert refusal(lambda: join.again(old, ELSEWHERE, ports)) == "not_found"
    assert who(earned, ports).joining


def test_the_acceptance_is_not_withdrawn_by_somebody_who_has_dropped_what_they_showed() -> None:
    ports = fake_ports(accepted=True)
    _, device = an_administrator(ports)
    me = who(by_passkey(device, ports), ports)
    (passkey,) = ports.members.keyring(me.member.id).passkeys
    dropped = who(account.drop_passkey(me, passkey.id, ports), ports)

    assert refusal(lambda: policy.withdraw(dropped, ports)) == "last_administrator"
    assert ports.policy.acceptance() is not None


LEAVING: dict[str, Callable[[SignedIn, Ports], object]] = {
    "erased": account.erase,
    "another role": lambda me, ports: members.give_role(me, me.member.id, Role.SENDER, ports),
    "disabled": lambda me, ports: members.disable(me, me.member.id, ports),
    "reset": lambda me, ports: members.reset(me, me.member.id, ports),
}


@pytest.mark.parametrize("how", LEAVING)
def test_the_last_who_can_administer_stays_whoever_else_bears_the_title(how: str) -> None:
    ports = fake_ports(accepted=True)
    weak = a_member(ports, 1, role=Role.ADMINISTRATOR)  # nothing but a mailbox
    _, device = an_administrator(ports)
    policy.withdraw(who(by_passkey(device, ports), ports), ports)
    me = who(by_passkey(device, ports), ports)

    assert refusal(lambda: LEAVING[how](me, ports)) == "last_administrator"
    assert not who(by_code(weak, ports), ports).enough

    an_administrator(ports, 12)
    LEAVING[how](me, ports)


@pytest.mark.parametrize("how", LEAVING)
def test_where_the_risk_is_accepted_any_other_administrator_will_do(how: str) -> None:
    ports = fake_ports(accepted=True)
    _, device = an_administrator(ports)
    a_member(ports, 1, role=Role.ADMINISTRATOR, standing=Standing.INVITED)
    me = who(by_passkey(device, ports), ports)
    assert refusal(lambda: LEAVING[how](me, ports)) == "last_administrator"

    a_member(ports, 2, role=Role.ADMINISTRATOR)
    LEAVING[how](me, ports)


def test_where_it_is_mandatory_pro_sante_connect_is_not_dropped(ports: Ports) -> None:
    member, device, _ = with_passkey(ports)
    changing.set_up(who(by_passkey(device, ports), ports), Means.PSC, Link("subject", ports.clock.now()), ports)
    now = ports.members.read(member.id)
    assert now is not None
    me = signed_in(mandatory(ports), now, Means.PSC)

    assert refusal(lambda: account.drop(me, Means.PSC, mandatory(ports))) == "means_needed"
    assert account.drop(who(by_passkey(device, ports), ports), Means.PSC, ports).token


def test_enabling_lets_in_whoever_has_all_they_need_and_invites_the_rest(ports: Ports) -> None:
    boss, device = an_administrator(ports)
    member, _, _ = with_passkey(ports, 9)
    me = who(by_passkey(device, ports), ports)
    members.disable(me, member.id, ports)
    assert members.enable(me, member.id, ports).standing is Standing.ACTIVE
    members.disable(me, member.id, ports)
    boss = as_role(ports, boss)
    linked = signed_in(mandatory(ports), boss, Means.PSC)

    assert members.enable(linked, member.id, mandatory(ports)).standing is Standing.INVITED


def test_somebody_invited_again_with_all_they_need_is_in_and_shows_it(ports: Ports) -> None:
    _, device = an_administrator(ports)
    member, _, earned = joined(ports, number=9)
    account.set_password(who(earned, ports), PASSWORD, ports)
    me = who(by_passkey(device, ports), ports)
    changed = members.change(me, member.id, replace(member.person, mobile="+33612349999"), ports)
    deliver(ports)

    again = who(join.join(an_invitation(ports, changed), Browser(IP), ports), ports)

    assert (again.joining, again.enough, again.next(ports.clock.now())) == (False, False, [Means.PASSWORD, Means.SMS])
    half = signin.show_password(member.person.email, PASSWORD, Browser(IP), ports)
    assert who(by_code(member, ports, go_on(Browser(IP), half), Channel.SMS), ports).enough


@pytest.mark.parametrize("given", [{"mobile": None}, {"email": "elsewhere@example.fr"}])
def test_an_administrator_who_loses_a_number_keeps_a_passkey_and_stays(ports: Ports, given: dict[str, Any]) -> None:
    member, device = an_administrator(ports)
    me = who(by_passkey(device, ports), ports)

    assert members.change(me, member.id, replace(member.person, **given), ports).active


def test_a_secret_is_kept_for_nobody_whose_turn_has_moved_on(ports: Ports) -> None:
    _, device = an_administrator(ports)
    member, theirs, _ = with_passkey(ports, 9)
    thief = who(by_passkey(theirs, ports), ports)  # has passed the gate
    members.reset(who(by_passkey(device, ports), ports), member.id, ports)

    assert refusal(lambda: account.ask_authenticator(thief, ports)) == "changed_meanwhile"
    assert ports.members.keyring(member.id).waiting is None


def test_what_was_set_up_at_a_wrong_address_goes_with_it(ports: Ports) -> None:
    _, device = an_administrator(ports)
    member, wrong, earned = joined(ports, number=9)
    account.set_password(who(earned, ports), PASSWORD, ports)
    me = who(by_passkey(device, ports), ports)

    moved = members.change(me, member.id, replace(member.person, email="right@example.fr", mobile="+33612349999"), ports)

    assert (moved.means, ports.members.keyring(member.id).items()) == (frozenset(), ())
    again = who(join.join(an_invitation(ports, moved), Browser(IP), ports), ports)
    assert (again.joining, again.member.secured) == (True, False)
    assert refusal(lambda: signin.whose(wrong.session, ports)) == "signin_required"

"""F-17, F-18 for people: signing in, accounts and rights killed before and after each of their calls, then done again."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from chalicelib.adapters.dynamodb.people import ADMINISTRATORS
from chalicelib.domain.errors import TooMany
from chalicelib.domain.factor import WAITING, Means, Password
from chalicelib.domain.ids import ChallengeKey, MemberId, NoticeId
from chalicelib.domain.login import Channel, Door, SignedIn
from chalicelib.domain.member import Member, Role, Standing
from chalicelib.usecases import account, challenge, join, members, signin
from chalicelib.usecases import sweep as sweeping
from chalicelib.usecases.earning import Browser, Earned
from chalicelib.usecases.join import Join
from chalicelib.usecases.members import Invite
from chalicelib.usecases.people import Change, Changed, Wanted
from chalicelib.workers import sweep
from tests.builders import IP, a_browser, a_member, a_person, a_session
from tests.faults.breaking import broken, error, lost
from tests.faults.killing import Side, counted, killed
from tests.faults.test_aws import CONFLICT
from tests.faults.world import World, refused

PASSWORD = "les-tilleuls-en-fleurs"
Act = Callable[[], object]


@dataclass(slots=True)
class Walk:
    """Somebody, and what is done by them or to them any number of times."""

    member: MemberId
    act: Act
    addresses: tuple[str, ...]
    earned: list[Earned]

    @classmethod
    def of(cls, member: Member, act: Callable[[], object], *addresses: str) -> "Walk":
        earned: list[Earned] = []

        def done() -> None:
            def keep() -> None:
                found = act()
                earned.extend([found] if isinstance(found, Earned) else [])

            refused(keep)

        return cls(member.id, done, (member.person.email, *addresses), earned)


def somebody(world: World, role: Role = Role.SENDER, standing: Standing = Standing.ACTIVE, number: int = 1) -> Member:
    return a_member(world.ports, number, role, standing, email=f"p{number}{world.ports.new_id()}@example.fr")


def an_administrator(world: World, number: int = 7) -> SignedIn:
    """Build somebody who came in by invitation, so that they are counted, and signed in."""
    invited = somebody(world, Role.ADMINISTRATOR, Standing.INVITED, number)
    now = invited.turned(standing=Standing.ACTIVE)
    event = world.ports.event(members.Tag.MEMBER_JOINED, member=now.id)
    assert world.ports.members.change(Change(invited, now, event)) is Changed.KEPT
    return signed_in(world, now)


def signed_in(world: World, member: Member) -> SignedIn:
    return signin.whose(a_session(world.ports, Door(member=member.id, turn=member.turn))[0], world.ports)


def equipped(world: World) -> Member:
    """Build somebody with a password, an authenticator that waits, and recovery codes."""
    who = signed_in(world, somebody(world))
    who = signin.whose(account.set_password(who, PASSWORD, world.ports).token, world.ports)
    who = signin.whose(account.new_recovery(who, world.ports)[1].token, world.ports)
    account.ask_authenticator(who, world.ports)
    return who.member


def showing_a_code(world: World) -> Walk:
    member = somebody(world)
    token = signin.ask_code(signin.AskCode(member.person.email, Channel.EMAIL, Browser(IP)), world.ports)
    code = world.ports.secrets.login_code(ChallengeKey(challenge.digest(token)))
    return Walk.of(member, lambda: signin.show_code(code, a_browser(token), world.ports))


def showing_a_password(world: World) -> Walk:
    member = equipped(world)
    return Walk.of(member, lambda: signin.show_password(member.person.email, PASSWORD, a_browser(), world.ports))


def following_an_invitation(world: World) -> Walk:
    member = somebody(world, standing=Standing.INVITED)
    link = Join(member.id, world.ports.secrets.invitation_secret(member.id, 0, member.person.email))
    return Walk.of(member, lambda: join.join(link, a_browser(), world.ports))


def asking_for_another_invitation(world: World) -> Walk:
    member = somebody(world, standing=Standing.INVITED)
    link = Join(member.id, world.ports.secrets.invitation_secret(member.id, 0, member.person.email))
    return Walk.of(member, lambda: join.again(link, IP, world.ports))


def setting_a_password(world: World) -> Walk:
    who = signed_in(world, somebody(world))
    return Walk.of(who.member, lambda: account.set_password(who, PASSWORD, world.ports))


def dropping_a_password(world: World) -> Walk:
    who = signed_in(world, equipped(world))
    return Walk.of(who.member, lambda: account.drop(who, Means.PASSWORD, world.ports))


def making_recovery_codes(world: World) -> Walk:
    who = signed_in(world, equipped(world))
    return Walk.of(who.member, lambda: account.new_recovery(who, world.ports)[1])


def signing_out_everywhere(world: World) -> Walk:
    who = signed_in(world, somebody(world))
    return Walk.of(who.member, lambda: account.end_sessions(who, world.ports))


def erasing_oneself(world: World) -> Walk:
    who = signed_in(world, equipped(world))
    return Walk.of(who.member, lambda: account.erase(who, world.ports))


def inviting(world: World) -> Walk:
    by, person = an_administrator(world), a_person(2, email=f"i{world.ports.new_id()}@example.fr")
    return Walk.of(by.member, lambda: members.invite(Invite(by, person, Role.SENDER), world.ports), person.email)


def changing_an_address(world: World) -> Walk:
    by, member = an_administrator(world), equipped(world)
    moved = replace(member.person, email=f"moved.{member.person.email}")
    return Walk.of(member, lambda: members.change(by, member.id, moved, world.ports), moved.email)


def giving_a_role(world: World) -> Walk:
    by, other = an_administrator(world), an_administrator(world, 8).member
    return Walk.of(other, lambda: members.give_role(by, other.id, Role.DPO, world.ports))


def shutting_out(world: World) -> Walk:
    by, other = an_administrator(world), an_administrator(world, 8).member
    return Walk.of(other, lambda: members.disable(by, other.id, world.ports))


def resetting(world: World) -> Walk:
    by, member = an_administrator(world), equipped(world)
    return Walk.of(member, lambda: members.reset(by, member.id, world.ports))


HANDLERS: dict[str, Callable[[World], Walk]] = {
    made.__name__: made
    for made in (
        showing_a_code,
        showing_a_password,
        following_an_invitation,
        asking_for_another_invitation,
        setting_a_password,
        dropping_a_password,
        making_recovery_codes,
        signing_out_everywhere,
        erasing_oneself,
        inviting,
        changing_an_address,
        giving_a_role,
        shutting_out,
        resetting,
    )
}


def settle(world: World) -> None:
    """Let time pass with the sweeper and the notices worker at work."""
    for minutes in (16, 40):
        world.deliver()
        world.ports.clock.tick(minutes=minutes)
        for identity in world.owed():
            sweep._do(sweeping.Due(notice=NoticeId(identity)), world.ports.clock.now())
        world.deliver()


def check(world: World, walk: Walk, log: str) -> None:
    """Check that what is kept of somebody agrees with itself, whatever happened."""
    ports = world.ports
    member = ports.members.read(walk.member)
    ring = ports.members.keyring(walk.member)
    if member is None:
        assert not ring.items(), "something is left of somebody who is gone"
        assert not [one for one in walk.addresses if ports.members.door_of(one)], "an address leads to somebody who is gone"
    else:
        assert member.means == ring.means(), "they have not what they are said to have"
        door = Door(member=member.id, turn=member.turn) if member.active else None
        assert ports.members.door_of(member.person.email) == door, "their address leads elsewhere"
        password = ports.signins.find(Wanted(email=member.person.email)).password
        assert (password is not None) is (Means.PASSWORD in member.means), "the password does not lie with the address"
        counted_as_one = member.role is Role.ADMINISTRATOR and member.active
        assert (member.id in _administrators(world)) is counted_as_one, "administrators are counted wrong"
    for one in walk.addresses[: None if member is None else 0]:
        assert ports.signins.find(Wanted(email=one)).password is None, "a password outlived its owner"
    present = 0 if member is None else member.turn
    sessions = [one for one in ports.sessions.of(walk.member) if one.door.turn == present]
    assert member is not None or not [one for one in sessions if ports.signins.signed_in(_name(one))], "a session outlived its member"
    assert world.owed() == [], "a notice is owed for ever"
    secrets = [PASSWORD, "Dr Ada", "@example.fr", *(one.token for one in walk.earned)]
    assert not [one for one in secrets if one in log], "a secret is in the log"


def _administrators(world: World) -> set[str]:
    found = world.ports.members.records.get(*ADMINISTRATORS)
    return set(found["ids"])


def _name(session: Any) -> Any:
    from chalicelib.usecases.people import SessionName

    return SessionName(session.key, session.door.member)


@pytest.mark.parametrize("side", ["before", "after"])
@pytest.mark.parametrize("name", list(HANDLERS))
def test_what_is_killed_at_any_call_leaves_somebody_whole_and_is_done_again(
    world: World, name: str, side: Side, caplog: pytest.LogCaptureFixture
) -> None:
    calls = counted(world.ports, HANDLERS[name](world).act)
    assert calls

    for at in range(1, len(calls) + 1):
        world.fresh()
        walk = HANDLERS[name](world)
        assert killed(world.ports, walk.act, at, side), f"call {at} of {calls}"
        check_rights(world, walk)
        for again in (1, 2):
            for _ in range(again):
                walk.act()
            settle(world)
            check(world, walk, caplog.text)


def check_rights(world: World, walk: Walk) -> None:
    """Check, at the very instant of death, what nobody may ever gain from it."""
    member = world.ports.members.read(walk.member)
    for session in world.ports.sessions.of(walk.member):
        signed = world.ports.signins.signed_in(_name(session))
        assert signed is None or (member is not None and session.door.turn == member.turn)
    assert len(walk.earned) <= 1


@pytest.mark.parametrize("name", list(HANDLERS))
def test_an_answer_that_is_lost_changes_nothing_twice(world: World, name: str, caplog: pytest.LogCaptureFixture) -> None:
    """The client sends a transaction again when its answer is lost: its token makes it one."""
    walk = HANDLERS[name](world)

    with broken(world.ports, "dynamodb.TransactWriteItems", lost, times=1):
        walk.act()
    settle(world)

    check(world, walk, caplog.text)
    member = world.ports.members.read(walk.member)
    assert member is None or member.turn <= 4


@pytest.mark.parametrize("name", list(HANDLERS))
def test_a_table_that_is_down_changes_nobody(world: World, name: str, caplog: pytest.LogCaptureFixture) -> None:
    walk = HANDLERS[name](world)
    before = world.ports.members.read(walk.member), world.ports.members.keyring(walk.member)

    with broken(world.ports, "dynamodb.TransactWriteItems", error(500, "InternalServerError")), pytest.raises(Exception, match="Internal"):
        walk.act()

    assert (world.ports.members.read(walk.member), world.ports.members.keyring(walk.member)) == before
    settle(world)
    check(world, walk, caplog.text)


@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize("name", list(HANDLERS))
def test_a_busy_table_is_tried_again(world: World, name: str, times: int, caplog: pytest.LogCaptureFixture) -> None:
    walk = HANDLERS[name](world)

    with broken(world.ports, "dynamodb.TransactWriteItems", CONFLICT, times):
        walk.act()

    settle(world)
    check(world, walk, caplog.text)


def test_whoever_never_comes_through_to_be_counted_must_wait(world: World) -> None:
    email = somebody(world).person.email

    with broken(world.ports, "dynamodb.TransactWriteItems", CONFLICT), pytest.raises(TooMany):
        signin.show_password(email, "not this one", a_browser(), world.ports)

    assert refused(lambda: signin.show_password(email, "not this one", a_browser(), world.ports)) == "wrong_password"


def test_every_reading_that_decides_is_consistent(world: World) -> None:
    asked: list[tuple[str, dict[str, Any]]] = []
    client = world.ports.audit.records.client

    def note(params: dict[str, Any], model: Any, **_: object) -> None:
        asked.append((model.name, dict(params)))

    client.meta.events.register("provide-client-params.dynamodb.*", note)
    try:
        for made in HANDLERS.values():
            walk = made(world)
            walk.act()
            settle(world)
    finally:
        client.meta.events.unregister("provide-client-params.dynamodb.*", note)

    reads = [(name, params) for name, params in asked if name in ("GetItem", "Query")]
    batches = [tables for name, params in asked if name == "BatchGetItem" for tables in params["RequestItems"].values()]
    assert reads
    assert batches
    assert all(params.get("ConsistentRead") for _, params in reads)
    assert all(tables.get("ConsistentRead") for tables in batches)


def test_a_password_is_never_left_at_an_address_somebody_else_is_given(world: World) -> None:
    by, member = an_administrator(world), equipped(world)
    address = member.person.email
    members.change(by, member.id, replace(member.person, email=f"moved.{address}"), world.ports)
    other = a_member(world.ports, 2, email=address)

    found = world.ports.signins.find(Wanted(email=address))

    assert (found.door, found.password) == (Door(member=other.id), None)
    assert WAITING in world.ports.members.keyring(member.id).items()
    assert isinstance(world.ports.members.keyring(member.id).password, Password)

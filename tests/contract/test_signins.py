"""One reading, one counting, one opening: what every way of signing in is made of, the same in memory and in DynamoDB."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain import login
from chalicelib.domain.audit import Event, Tag
from chalicelib.domain.device import Browser, Device, System
from chalicelib.domain.factor import Authenticator, Factor, Link, Means, Passkey, Password, Proof, Recovery, Workplace
from chalicelib.domain.ids import ChallengeKey, MemberId, SessionKey
from chalicelib.domain.limits import Limit
from chalicelib.domain.login import CODE_TRIES, Challenge, Door, Purpose, Session
from chalicelib.domain.member import Member, Role, Standing
from chalicelib.domain.throttle import A_MOMENT, Throttle
from chalicelib.usecases.people import Change, Changed, Found, SessionName, Used, Wanted
from chalicelib.usecases.ports import Ports
from tests.contract.test_people import a_challenge, a_member, adds

SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
FIREFOX = Device(Browser.FIREFOX, System.LINUX)


def a_session(ports: Ports, member: Member, **changes: Any) -> Session:
    """Build a session of a member, in their present turn."""
    now = ports.clock.now()
    proofs = (Proof(Means.PASSWORD, now - timedelta(minutes=3)), Proof(Means.AUTHENTICATOR, now))
    door = changes.pop("door", Door(member=member.id, turn=member.turn))
    session = login.open_session(SessionKey(ports.random.bytes(32).hex()), door, now, proofs)
    return replace(session, ip="192.0.2.7", device=FIREFOX, **changes)


def signs_in(ports: Ports, member: Member) -> Event:
    return ports.event(Tag.SIGNED_IN, member=member.id, reason=Means.PASSWORD, ip="192.0.2.7")


def opened(ports: Ports, member: Member, **used: Any) -> Session | None:
    """Open a session; None when it was not to be."""
    session = a_session(ports, member)
    return session if ports.signins.open(session, Used(**used), signs_in(ports, member)) else None


def in_the_clinic(ports: Ports, **changes: Any) -> Member:
    """Keep a member."""
    member = replace(a_member(ports), **changes)
    assert adds(ports, member)
    return member


def sets_up(ports: Ports, member: Member, *made: Factor) -> Member:
    """Set things up, one turn each; give the member as they are then."""
    for one in made:
        now = member.turned()
        event = ports.event(Tag.MEANS_ADDED, member=member.id)
        assert ports.members.change(Change(member, now, event, put=one)) is Changed.KEPT
        member = now
    return member


def a_passkey(ports: Ports, count: int = 5) -> Passkey:
    return Passkey(
        ports.new_id(), "Clé bleue", bytes(range(90)), count, synced=False, transports=("usb", "nfc"), created_at=ports.clock.now()
    )


def a_link(ports: Ports) -> Link:
    places = (Workplace("10B0123456", "Cabinet"), Workplace("10B0123457", "Clinique"))
    return Link(ports.secrets.scope("psc", ports.new_id()), ports.clock.now(), places, "10B0123456")


def named(session: Session) -> SessionName:
    return SessionName(session.key, session.door.member)


def kept_of(ports: Ports, session: Session) -> Session | None:
    """Read a session, whoever's it is."""
    return ports.signins.find(Wanted(session=named(session))).session


def test_a_session_is_read_as_it_was_kept_and_its_member_was_seen(ports: Ports) -> None:
    member = in_the_clinic(ports)
    session = a_session(ports, member, id_token="a token of Pro Santé Connect")

    assert ports.signins.open(session, Used(), signs_in(ports, member)) is True

    assert kept_of(ports, session) == session
    assert ports.members.read(member.id) == replace(member, last_seen_at=ports.clock.now())
    assert [one.key for one in ports.sessions.of(member.id)] == [session.key]
    signed_in = ports.signins.signed_in(named(session))
    assert signed_in is not None
    assert (signed_in.session, signed_in.member.id) == (session, member.id)
    assert signed_in.acceptance == ports.policy.acceptance()


def test_a_session_lies_with_its_member_and_nowhere_else(ports: Ports) -> None:
    member, other = in_the_clinic(ports), in_the_clinic(ports)
    session = opened(ports, member)
    assert session is not None

    for name in (SessionName(session.key), SessionName(session.key, other.id), SessionName(SessionKey("0" * 64), member.id)):
        assert ports.signins.find(Wanted(session=name)).session is None
        assert ports.signins.signed_in(name) is None
    assert ports.sessions.read(session.key) is None
    assert ports.sessions.of(other.id) == ()


def changed(ports: Ports, member: Member, **changes: Any) -> Member:
    """Give a member their next turn."""
    now = member.turned(**changes)
    assert ports.members.change(Change(member, now, ports.event(Tag.MEMBER_CHANGED, subject=member.id))) is Changed.KEPT
    return now


@pytest.mark.parametrize("changes", [{}, {"standing": Standing.DISABLED}, {"standing": Standing.INVITED}, {"role": Role.DPO}])
def test_another_turn_ends_what_was_begun_before(ports: Ports, changes: dict[str, Any]) -> None:
    member = in_the_clinic(ports)
    session = opened(ports, member)
    assert session is not None

    now = changed(ports, member, **changes)

    assert ports.signins.signed_in(named(session)) is None
    assert opened(ports, member) is None
    again = opened(ports, now)
    if now.standing is Standing.DISABLED:
        assert again is None
    else:
        assert again is not None
        assert ports.signins.signed_in(named(again)) is not None


def test_a_member_who_is_gone_gets_no_session(ports: Ports) -> None:
    nobody, erased = a_member(ports), in_the_clinic(ports)
    assert ports.members.erase(erased, ports.event(Tag.MEMBER_DELETED, subject=erased.id)) is Changed.KEPT

    for one in (nobody, erased):
        assert opened(ports, one) is None
        assert ports.sessions.of(one.id) == ()
        assert ports.members.read(one.id) is None


def test_somebody_invited_has_a_session_but_no_way_in_by_their_address(ports: Ports) -> None:
    member = in_the_clinic(ports, standing=Standing.INVITED)
    session = opened(ports, member)
    assert session is not None

    found = ports.signins.find(Wanted(session=named(session), email=member.person.email))

    assert (found.session, found.door) == (session, None)
    signed_in = ports.signins.signed_in(named(session))
    assert signed_in is not None
    assert (signed_in.joining, signed_in.enough) == (True, False)


def test_touching_keeps_when_and_never_brings_a_session_back(ports: Ports) -> None:
    member = in_the_clinic(ports)
    session = opened(ports, member)
    assert session is not None
    touched = replace(session, seen_at=ports.clock.now() + timedelta(minutes=5))

    ports.sessions.touch(touched)
    seen = kept_of(ports, session)
    for _ in range(2):
        ports.sessions.remove(session, ports.event(Tag.SIGNED_OUT, member=member.id))
    ports.sessions.touch(touched)

    assert seen == touched
    assert kept_of(ports, session) is None
    assert ports.sessions.of(member.id) == ()


def test_a_session_goes_on_in_another_and_the_one_before_is_over(ports: Ports) -> None:
    member = in_the_clinic(ports)
    before = opened(ports, member)
    assert before is not None

    after = opened(ports, member, session=named(before))

    assert after is not None
    assert [one.key for one in ports.sessions.of(member.id)] == [after.key]
    assert opened(ports, member, session=named(before)) is None
    assert [one.key for one in ports.sessions.of(member.id)] == [after.key]


def test_all_that_is_wanted_is_found_in_one_reading(ports: Ports) -> None:
    passkey, password = a_passkey(ports), Password("$argon2id$hash", ports.clock.now())
    app, recovery = Authenticator("JBSWY3DPEHPK3PXP", ports.clock.now(), 7), Recovery(frozenset({"a" * 64, "b" * 64}), ports.clock.now())
    member = sets_up(ports, in_the_clinic(ports), passkey, password, app, recovery, a_passkey(ports))
    session, challenge = opened(ports, member), a_challenge(ports)
    assert session is not None
    throttles = tuple(Throttle(f"password#{ports.new_id()}").counted(ports.clock.now()) for _ in range(2))
    for one in throttles:
        assert ports.signins.count(one, [], ports.clock.now()) is None
    scopes = (throttles[0].scope, "a scope nobody guessed in", throttles[1].scope)

    found = ports.signins.find(
        Wanted(named(session), challenge.key, member.person.email, member.id, passkey.id, codes=True, throttles=scopes)
    )

    assert found == Found(
        session,
        challenge,
        Door(member=member.id, turn=member.turn),
        password,
        replace(member, last_seen_at=ports.clock.now()),
        passkey,
        app,
        recovery,
        {one.scope: one for one in throttles},
    )


def test_nothing_is_found_that_was_not_asked_for_or_is_not_there(ports: Ports) -> None:
    member = sets_up(ports, in_the_clinic(ports), Authenticator("JBSWY3DPEHPK3PXP", ports.clock.now()), a_passkey(ports))
    wanted = Wanted(
        SessionName(SessionKey("0" * 64), member.id), ChallengeKey("0" * 64), "nobody@example.fr", MemberId("x" * 26), "nobody's"
    )

    assert ports.signins.find(wanted) == Found()
    assert ports.signins.find(Wanted(member=member.id, passkey="nobody's")) == Found(member=member)


def test_a_passkey_is_found_with_its_own_member_only(ports: Ports) -> None:
    passkey = a_passkey(ports)
    member, other = sets_up(ports, in_the_clinic(ports), passkey), in_the_clinic(ports)

    assert ports.signins.find(Wanted(member=member.id, passkey=passkey.id)).passkey == passkey
    assert ports.signins.find(Wanted(member=other.id, passkey=passkey.id)).passkey is None


def test_a_guess_at_one_code_is_counted_by_exactly_one_of_many(ports: Ports) -> None:
    challenge, now = a_challenge(ports), ports.clock.now()
    tried = challenge.tried(Purpose.CODE, now)

    with ThreadPoolExecutor(12) as pool:
        waits = list(pool.map(lambda _: ports.signins.count(tried, [], now), range(12)))

    assert waits.count(None) == 1
    assert set(waits) == {None, A_MOMENT}
    assert ports.challenges.read(challenge.key) == tried


def test_tries_are_counted_one_after_the_other_and_then_there_are_none_left(ports: Ports) -> None:
    challenge = a_challenge(ports)
    key = challenge.key
    for number in range(1, CODE_TRIES + 1):
        challenge = challenge.tried(Purpose.CODE, ports.clock.now())
        assert ports.signins.count(challenge, [], ports.clock.now()) is None
        assert ports.challenges.read(key) == challenge
        assert challenge.tries == number
        ports.clock.tick(seconds=15)

    with pytest.raises(login.Conflict, match="code_spent"):
        challenge.tried(Purpose.CODE, ports.clock.now())


def test_a_guess_at_what_is_not_there_must_wait_and_makes_nothing(ports: Ports) -> None:
    challenge = replace(a_challenge(ports), key=ChallengeKey("0" * 64)).tried(Purpose.CODE, ports.clock.now())

    assert ports.signins.count(challenge, [], ports.clock.now()) == A_MOMENT
    assert ports.challenges.read(challenge.key) is None


def test_a_wrong_password_is_counted_by_exactly_one_of_many(ports: Ports) -> None:
    first, now = Throttle(f"password#{ports.new_id()}").counted(ports.clock.now()), ports.clock.now()
    second = first.counted(now)

    for throttle in (first, second):
        with ThreadPoolExecutor(12) as pool:
            waits = list(pool.map(lambda _, one=throttle: ports.signins.count(one, [], now), range(12)))
        assert waits.count(None) == 1
        assert set(waits) == {None, A_MOMENT}
        assert ports.signins.find(Wanted(throttles=(throttle.scope,))).throttles == {throttle.scope: throttle}


GUESSES: dict[str, Callable[[Ports], Challenge | Throttle]] = {
    "a code": lambda ports: a_challenge(ports).tried(Purpose.CODE, ports.clock.now()),
    "a password": lambda ports: Throttle(f"password#{ports.new_id()}").counted(ports.clock.now()),
}


@pytest.mark.parametrize("guess", GUESSES.values(), ids=GUESSES)
def test_a_guess_beyond_a_limit_is_not_counted_and_counts_against_none(
    ports: Ports, guess: Callable[[Ports], Challenge | Throttle]
) -> None:
    full, free = (Limit(ports.new_id(), most, span) for most, span in ((1, HOUR), (2, HOUR / 2)))
    now = ports.clock.now()
    assert ports.signins.count(guess(ports), [free, full], now) is None
    refused = guess(ports)

    assert ports.signins.count(refused, [free, full], now) == full.left(now)

    if isinstance(refused, Throttle):
        assert ports.signins.find(Wanted(throttles=(refused.scope,))).throttles == {}
    else:
        kept = ports.challenges.read(refused.key)
        assert kept is not None
        assert (kept.tries, kept.next_at) == (0, None)
    assert ports.signins.count(refused, [free], now) is None
    assert ports.limits.take([free], now) == free.left(now)
    assert ports.limits.take([full], now + full.left(now)) is None


def test_a_guess_somebody_else_counted_counts_against_no_limit(ports: Ports) -> None:
    limit, now = Limit(ports.new_id(), 2, HOUR), ports.clock.now()
    guess = GUESSES["a password"](ports)
    assert ports.signins.count(guess, [limit], now) is None

    assert ports.signins.count(guess, [limit], now) == A_MOMENT

    assert [ports.limits.take([limit], now) for _ in range(2)] == [None, limit.left(now)]


def test_a_challenge_opens_one_session(ports: Ports) -> None:
    member, challenge = in_the_clinic(ports), a_challenge(ports)

    with ThreadPoolExecutor(12) as pool:
        sessions = list(pool.map(lambda _: opened(ports, member, challenge=challenge.key), range(12)))

    (one,) = [session for session in sessions if session is not None]
    assert [session.key for session in ports.sessions.of(member.id)] == [one.key]
    assert ports.challenges.read(challenge.key) is None
    assert opened(ports, member, challenge=ChallengeKey("0" * 64)) is None


def test_a_passkeys_counter_goes_on_from_where_it_was_and_only_there(ports: Ports) -> None:
    passkey = a_passkey(ports, 5)
    member = sets_up(ports, in_the_clinic(ports), passkey)
    further = replace(passkey, count=9, used_at=ports.clock.now())

    with ThreadPoolExecutor(8) as pool:
        sessions = list(pool.map(lambda _: opened(ports, member, passkey=(passkey, further)), range(8)))

    assert len([one for one in sessions if one is not None]) == 1
    assert ports.members.keyring(member.id).passkeys == (further,)
    assert opened(ports, member, passkey=(replace(passkey, count=8), replace(passkey, count=10))) is None
    assert opened(ports, member, passkey=(a_passkey(ports), a_passkey(ports))) is None


def test_a_synced_passkey_never_counts_and_may_be_used_again(ports: Ports) -> None:
    passkey = replace(a_passkey(ports, 0), synced=True, transports=())
    member = sets_up(ports, in_the_clinic(ports), passkey)

    assert all(opened(ports, member, passkey=(passkey, replace(passkey, used_at=ports.clock.now()))) for _ in range(3))


def test_a_time_step_serves_once_and_an_older_one_never(ports: Ports) -> None:
    app = Authenticator("JBSWY3DPEHPK3PXP", ports.clock.now(), 100)
    member = sets_up(ports, in_the_clinic(ports), app)
    used = replace(app, step=101, used_at=ports.clock.now())

    with ThreadPoolExecutor(8) as pool:
        sessions = list(pool.map(lambda _: opened(ports, member, authenticator=used), range(8)))

    assert len([one for one in sessions if one is not None]) == 1
    assert ports.members.keyring(member.id).authenticator == used
    for step in (99, 100, 101):
        assert opened(ports, member, authenticator=replace(app, step=step)) is None
    assert opened(ports, member, authenticator=replace(app, step=102)) is not None
    assert opened(ports, in_the_clinic(ports), authenticator=replace(app, step=103)) is None


def test_a_recovery_code_serves_once_and_the_last_leaves_none(ports: Ports) -> None:
    marks = [letter * 64 for letter in "ab"]
    member = sets_up(ports, in_the_clinic(ports), Recovery(frozenset(marks), ports.clock.now()))

    for mark in marks:
        with ThreadPoolExecutor(8) as pool:
            sessions = list(pool.map(lambda _, one=mark: opened(ports, member, recovery=one), range(8)))
        assert len([one for one in sessions if one is not None]) == 1

    kept = ports.members.keyring(member.id)
    assert kept.recovery == Recovery(frozenset(), ports.clock.now())
    assert Means.RECOVERY not in kept.means()
    for mark in (*marks, "c" * 64):
        assert opened(ports, member, recovery=mark) is None
    assert opened(ports, in_the_clinic(ports), recovery=marks[0]) is None


def test_what_pro_sante_connect_says_now_is_kept_with_the_session(ports: Ports) -> None:
    link = a_link(ports)
    member = sets_up(ports, in_the_clinic(ports), link)
    moved = replace(link, places=link.places[1:], place="10B0123457")

    assert opened(ports, member, link=moved) is not None

    assert ports.members.linked(link.subject) == (replace(member, last_seen_at=ports.clock.now()), moved)
    assert opened(ports, member, link=replace(moved, subject="0" * 64)) is None
    assert opened(ports, in_the_clinic(ports), link=moved) is None


def test_a_password_that_was_changed_since_it_was_read_opens_nothing(ports: Ports) -> None:
    member = sets_up(ports, in_the_clinic(ports), Password("the first", ports.clock.now()))
    email = member.person.email
    first = ports.signins.find(Wanted(email=email)).password
    ports.clock.tick(seconds=1)
    member = sets_up(ports, member, Password("the second", ports.clock.now()))
    second = ports.signins.find(Wanted(email=email)).password

    assert opened(ports, member, password=(email, first)) is None  # read at two instants: the turn of now, the password of before
    assert opened(ports, member, password=(email, second)) is not None


def test_what_a_right_guess_makes_good_is_forgotten(ports: Ports) -> None:
    member, throttle = in_the_clinic(ports), Throttle(f"password#{ports.new_id()}")
    for _ in range(3):
        throttle = throttle.counted(ports.clock.now())
        ports.signins.count(throttle, [], ports.clock.now())
        ports.clock.tick(minutes=1)

    assert opened(ports, member, throttles=(throttle.scope, "one nobody guessed in")) is not None

    assert ports.signins.find(Wanted(throttles=(throttle.scope,))).throttles == {}
    assert ports.signins.count(Throttle(throttle.scope).counted(ports.clock.now()), [], ports.clock.now()) is None


def test_what_cannot_open_a_session_uses_nothing_up(ports: Ports) -> None:
    passkey, app = a_passkey(ports), Authenticator("JBSWY3DPEHPK3PXP", ports.clock.now(), 100)
    member = sets_up(ports, in_the_clinic(ports), passkey, app, Recovery(frozenset({"a" * 64}), ports.clock.now()))
    throttle = Throttle(f"password#{ports.new_id()}").counted(ports.clock.now())
    ports.signins.count(throttle, [], ports.clock.now())
    challenge, before = a_challenge(ports), opened(ports, member)
    assert before is not None
    ring, whole = ports.members.keyring(member.id), ports.members.read(member.id)
    ports.clock.tick(seconds=1)
    good: dict[str, Any] = {
        "challenge": challenge.key,
        "passkey": (passkey, replace(passkey, count=6)),
        "authenticator": replace(app, step=101),
        "recovery": "a" * 64,
        "throttles": (throttle.scope,),
        "session": named(before),
    }
    spoilt: list[dict[str, Any]] = [
        {"challenge": ChallengeKey("0" * 64)},
        {"passkey": (replace(passkey, count=4), replace(passkey, count=6))},
        {"authenticator": replace(app, step=100)},
        {"recovery": "b" * 64},
        {"session": SessionName(SessionKey("0" * 64), member.id)},
    ]

    for one in spoilt:
        assert opened(ports, member, **{**good, **one}) is None
    assert opened(ports, replace(member, turn=member.turn - 1), **good) is None

    assert (ports.members.keyring(member.id), ports.members.read(member.id)) == (ring, whole)
    assert ports.challenges.read(challenge.key) == challenge
    assert ports.signins.find(Wanted(throttles=(throttle.scope,))).throttles == {throttle.scope: throttle}
    assert [one.key for one in ports.sessions.of(member.id)] == [before.key]
    assert opened(ports, member, **good) is not None

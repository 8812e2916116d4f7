"""Members, sessions, challenges, limits, the outbox and what is due: the same conditions in memory and in DynamoDB."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain import login
from chalicelib.domain.audit import Tag
from chalicelib.domain.factor import Keyring, Means
from chalicelib.domain.ids import ChallengeKey, MemberId, NoticeId, TransferId
from chalicelib.domain.limits import Limit
from chalicelib.domain.login import Challenge, Channel, Door, Purpose
from chalicelib.domain.member import Member, Role, Standing
from chalicelib.domain.notice import CLAIM, PUSH_AGAIN, Kind, Notice
from chalicelib.domain.transfer import State
from chalicelib.usecases.people import Change
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.tables import Due
from tests.builders import a_person
from tests.contract.test_transfers import ends, kept, shreds

SECOND = timedelta(seconds=1)


def a_member(ports: Ports, **changes: str | None) -> Member:
    """Build somebody with an address nobody has."""
    identity = MemberId(ports.new_id())
    return Member(identity, a_person(1, **{"email": f"{identity}@example.fr", **changes}), Role.SENDER, ports.clock.now())


def adds(ports: Ports, member: Member, notice: Notice | None = None) -> bool:
    return ports.members.add(member, ports.event(Tag.MEMBER_INVITED, member=member.id), notice)


@pytest.mark.parametrize("mobile", [None, "+33612345678"])
def test_a_member_is_read_as_they_were_kept(ports: Ports, mobile: str | None) -> None:
    member = a_member(ports, mobile=mobile)

    assert adds(ports, member) is True

    assert ports.members.read(member.id) == member
    assert ports.members.door_of(member.person.email) == Door(member=member.id)
    assert member in ports.members.all()


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("standing", list(Standing))
def test_a_member_of_any_kind_is_read_as_they_were_kept_and_led_in_only_if_active(ports: Ports, standing: Standing, role: Role) -> None:
    means = frozenset({Means.PASSKEY, Means.RECOVERY}) if role is Role.DPO else frozenset()
    member = replace(a_member(ports), role=role, standing=standing, turn=7, means=means, last_seen_at=ports.clock.now() - SECOND)

    assert adds(ports, member) is True

    assert ports.members.read(member.id) == member
    led = Door(member=member.id, turn=7) if standing is Standing.ACTIVE else None
    assert ports.members.door_of(member.person.email) == led


def test_nobody_is_behind_an_id_or_an_address_nobody_has(ports: Ports) -> None:
    assert ports.members.read(MemberId("x" * 26)) is None
    assert ports.members.door_of("nobody@example.fr") is None
    assert ports.members.keyring(MemberId("x" * 26)) == Keyring()
    assert ports.members.linked("0" * 64) is None
    assert ports.sessions.of(MemberId("x" * 26)) == ()


def test_an_address_is_one_members_only_however_many_ask(ports: Ports) -> None:
    one = a_member(ports)
    others = [replace(one, id=MemberId(ports.new_id())) for _ in range(4)]

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda member: adds(ports, member), [one, *others]))

    assert answers.count(True) == 1
    assert len([m for m in ports.members.all() if m.person.email == one.person.email]) == 1


def test_members_are_listed_by_name(ports: Ports) -> None:
    for name in ("zoé", "Ada", "bob", "Éva"):
        adds(ports, a_member(ports, name=name))

    names = [member.person.name.casefold() for member in ports.members.all()]

    assert names == sorted(names)


def a_challenge(ports: Ports, door: Door | None = None, purpose: Purpose = Purpose.CODE) -> Challenge:
    key, until = ChallengeKey(ports.random.bytes(32).hex()), ports.clock.now() + login.CODE_LIFETIME
    challenge = Challenge(key, door, "scope", Channel.SMS, until, purpose=purpose)
    ports.challenges.add(challenge, ports.event(Tag.CODE_ASKED) if purpose is Purpose.CODE else None)
    return challenge


@pytest.mark.parametrize("purpose", list(Purpose))
@pytest.mark.parametrize("door", [None, Door(member=MemberId("m" * 26), turn=3)])
def test_a_challenge_is_read_as_it_was_kept(ports: Ports, door: Door | None, purpose: Purpose) -> None:
    challenge = a_challenge(ports, door, purpose)

    assert ports.challenges.read(challenge.key) == challenge
    assert ports.challenges.read(ChallengeKey("0" * 64)) is None


def test_a_code_is_marked_as_sent_once(ports: Ports) -> None:
    challenge = a_challenge(ports)

    answers = [ports.challenges.mark_sent(challenge.key, way, ports.event(Tag.CODE_SENT)) for way in (Channel.EMAIL, Channel.SMS)]

    assert answers == [True, False]
    assert ports.challenges.read(challenge.key) == replace(challenge, sent_at=ports.clock.now(), channel=Channel.EMAIL)
    assert ports.challenges.mark_sent(ChallengeKey("0" * 64), Channel.EMAIL, ports.event(Tag.CODE_SENT)) is False


def test_a_limit_lets_through_so_many_and_says_how_long_to_wait(ports: Ports) -> None:
    limit, now = Limit(ports.new_id(), 5, timedelta(hours=1)), ports.clock.now()

    with ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(lambda _: ports.limits.take([limit], now), range(12)))

    through = waits.count(None)
    assert 0 < through <= 5
    while through < 5:
        assert ports.limits.take([limit], now) is None
        through += 1
    assert ports.limits.take([limit], now) == limit.left(now)
    assert ports.limits.take([limit], now + limit.left(now)) is None


def test_one_full_limit_counts_against_none(ports: Ports) -> None:
    full, free = (Limit(ports.new_id(), most, timedelta(hours=1)) for most in (1, 2))
    now = ports.clock.now()
    assert ports.limits.take([full, free], now) is None

    assert ports.limits.take([full, free], now) == full.left(now)

    assert [ports.limits.take([free], now) is None for _ in range(2)] == [True, False]


def test_a_notice_that_is_owed_with_an_event_knows_an_address_of_before(ports: Ports) -> None:
    notices = [
        Notice(NoticeId(ports.new_id()), Kind.SIGNIN_LOCKED, member=MemberId(ports.new_id())),
        Notice(NoticeId(ports.new_id()), Kind.CONTACT_CHANGED, member=MemberId(ports.new_id()), turn=2, to=a_person(3)),
    ]
    member = a_member(ports)
    adds(ports, member)

    ports.outbox.owe(notices[0], ports.event(Tag.SIGNIN_LOCKED, member=notices[0].member))
    ports.members.change(Change(member, member.turned(), ports.event(Tag.MEMBER_CHANGED, subject=member.id), notices=(notices[1],)))

    assert [ports.outbox.read(one.id) for one in notices] == notices


def owed(ports: Ports) -> Notice:
    """Owe an invitation."""
    member = a_member(ports)
    notice = Notice(NoticeId(ports.new_id()), Kind.INVITATION, member=member.id)
    assert adds(ports, member, notice)
    return notice


def test_a_notice_is_owed_until_it_is_sent(ports: Ports) -> None:
    notice = owed(ports)
    before = ports.outbox.read(notice.id)

    ports.outbox.mark_sent(notice, ports.event(Tag.NOTICE_SENT), "a name")

    assert (before, ports.outbox.read(notice.id)) == (notice, None)
    assert not ports.outbox.claim(notice.id, ports.clock.now())
    assert not ports.outbox.postpone(notice, ports.clock.now())


def test_a_notice_is_claimed_by_one_until_the_claim_is_over(ports: Ports) -> None:
    notice, now = owed(ports), ports.clock.now()

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: ports.outbox.claim(notice.id, now), range(4)))

    assert answers.count(True) == 1
    assert not ports.outbox.claim(notice.id, now + CLAIM)
    assert ports.outbox.claim(notice.id, now + CLAIM + SECOND)
    assert not ports.outbox.claim(NoticeId("x" * 26), now)


def test_a_claim_that_is_given_back_is_free_at_once(ports: Ports) -> None:
    notice, now = owed(ports), ports.clock.now()
    ports.outbox.claim(notice.id, now)

    for _ in range(2):
        ports.outbox.release(notice.id)
    ports.outbox.release(NoticeId("x" * 26))

    assert [ports.outbox.claim(notice.id, now), ports.outbox.claim(notice.id, now)] == [True, False]
    assert ports.outbox.read(NoticeId("x" * 26)) is None


def is_due(ports: Ports, due: Due, after: timedelta) -> bool:
    return due in list(ports.dues.until(ports.clock.now() + after))


def test_a_transfer_is_due_at_its_time_and_soon_when_its_end_began(ports: Ports) -> None:
    ports.dues.swept(ports.clock.now() - timedelta(hours=1))
    draft, landing, sealed = kept(ports), kept(ports, state=State.LANDING), kept(ports, state=State.SEALED)
    ended, gone = kept(ports), kept(ports)
    ends(ports, ended)
    shreds(ports, gone)
    quarter, day, half = timedelta(minutes=15), timedelta(days=1), timedelta(days=3.5)

    due = [
        {one.transfer for one in ports.dues.until(ports.clock.now() + after)}
        for after in (timedelta(0), quarter - SECOND, quarter, day - SECOND, day, half - SECOND, half)
    ]

    first = [next((at for at, found in enumerate(due) if one.id in found), None) for one in (draft, landing, sealed, ended, gone)]
    assert first == [4, 2, 6, 1, None]


def test_what_failed_is_put_off_and_what_is_no_longer_due_stays_so(ports: Ports) -> None:
    ports.dues.swept(ports.clock.now() - timedelta(hours=1))
    notice, sent, made, gone = owed(ports), owed(ports), kept(ports), kept(ports)
    ports.outbox.mark_sent(sent, ports.event(Tag.NOTICE_SENT), None)
    shreds(ports, gone)
    dues = [Due(notice=notice.id), Due(transfer=made.id), Due(notice=sent.id), Due(transfer=gone.id)]
    nobody = [Due(notice=NoticeId("x" * 26)), Due(transfer=TransferId("x" * 26))]
    later = timedelta(days=2)

    for due in (*dues, *nobody):
        ports.dues.postpone(due, ports.clock.now() + later)

    assert [is_due(ports, due, later - SECOND) for due in dues] == [False] * 4
    assert [is_due(ports, due, later) for due in dues] == [True, True, False, False]
    assert not any(is_due(ports, due, later) for due in nobody)


def test_a_notice_is_due_ten_minutes_after_its_push_and_again_when_postponed(ports: Ports) -> None:
    ports.dues.swept(ports.clock.now() - timedelta(hours=1))
    notice = owed(ports)
    due = Due(notice=notice.id)
    first = [is_due(ports, due, after) for after in (PUSH_AGAIN - SECOND, PUSH_AGAIN)]

    assert ports.outbox.postpone(notice, ports.clock.now() + PUSH_AGAIN)
    second = [is_due(ports, due, after) for after in (2 * PUSH_AGAIN, 3 * PUSH_AGAIN)]
    ports.outbox.mark_sent(notice, ports.event(Tag.NOTICE_SENT), None)

    assert (first, second) == ([False, True], [False, True])
    assert not is_due(ports, due, timedelta(hours=1))


def test_what_was_due_an_hour_before_the_last_sweep_is_still_found(ports: Ports) -> None:
    notice = owed(ports)

    ports.dues.swept(ports.clock.now() + timedelta(hours=1))

    assert is_due(ports, Due(notice=notice.id), timedelta(hours=2))

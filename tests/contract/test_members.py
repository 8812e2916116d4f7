"""A member's next turn, their keyring, and what the clinic decided: the same conditions in memory and in DynamoDB."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.adapters.dynamodb.members import DynamoMembers
from chalicelib.adapters.dynamodb.people import ADMINISTRATORS
from chalicelib.adapters.dynamodb.policy import DynamoPolicy
from chalicelib.adapters.dynamodb.table import Table, transact
from chalicelib.domain.acceptance import Acceptance
from chalicelib.domain.audit import Tag
from chalicelib.domain.factor import Authenticator, Factor, Keyring, Means, Password, Recovery
from chalicelib.domain.ids import MemberId, NoticeId
from chalicelib.domain.login import Door
from chalicelib.domain.member import REVIEW_EVERY, Member, Role, Standing
from chalicelib.domain.notice import Kind, Notice
from chalicelib.domain.person import Language
from chalicelib.domain.throttle import Throttle
from chalicelib.usecases.people import Change, Changed, Review, Wanted
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.tables import Due
from tests.contract.looking import partition
from tests.contract.test_people import a_member, adds
from tests.contract.test_signins import a_link, a_passkey, a_session, in_the_clinic, named, opened, sets_up
from tests.fake_database import Kept
from tests.fakes import fake_ports, memory_of
from tests.quiet import now

SECOND = timedelta(seconds=1)


def _any(one: Any) -> Any:
    return one


def changes(ports: Ports, was: Member, now: Member, **rest: Any) -> Changed:
    return ports.members.change(Change(was, now, ports.event(Tag.MEMBER_CHANGED, subject=was.id), **rest))


def a_notice(ports: Ports, member: Member) -> Notice:
    return Notice(NoticeId(ports.new_id()), Kind.MEANS_CHANGED, member=member.id, turn=member.turn)


def administrators(ports: Ports, *those: Member) -> None:
    """Have these, and nobody else, be the administrators who can act, as far as is counted."""
    if isinstance(ports.members, Kept):
        memory_of(ports).administrators = {one.id for one in those}
        return
    members: Any = ports.members
    pk, sk = ADMINISTRATORS
    assert transact(members.records.client, [members.records.put({"pk": pk, "sk": sk, "ids": {one.id for one in those} or {"nobody"}})])


def test_a_member_is_read_as_they_were_changed(ports: Ports) -> None:
    member = in_the_clinic(ports, standing=Standing.INVITED)
    now = member.turned(role=Role.DPO, standing=Standing.ACTIVE, means=frozenset({Means.PSC}), invited_at=ports.clock.now() + SECOND)

    assert changes(ports, member, now) is Changed.KEPT

    assert ports.members.read(member.id) == now
    assert ports.members.door_of(member.person.email) == Door(member=member.id, turn=1)
    assert changes(ports, now, now.turned(standing=Standing.DISABLED)) is Changed.KEPT
    assert ports.members.door_of(member.person.email) is None


def test_one_of_many_changes_at_once_is_kept_with_all_that_goes_with_it(ports: Ports) -> None:
    member = in_the_clinic(ports)
    passkeys = [a_passkey(ports) for _ in range(12)]
    notices = [a_notice(ports, member) for _ in range(12)]
    sessions = [a_session(ports, member, door=Door(member=member.id, turn=1)) for _ in range(12)]

    def one(number: int) -> Changed:
        return changes(
            ports, member, member.turned(), put=passkeys[number], notices=(notices[number],), session=sessions[number], drop=("recovery",)
        )

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(one, range(12)))

    assert (answers.count(Changed.KEPT), answers.count(Changed.MEANWHILE)) == (1, 11)
    kept = answers.index(Changed.KEPT)
    assert ports.members.keyring(member.id).passkeys == (passkeys[kept],)
    assert [ports.outbox.read(notice.id) for notice in notices].count(None) == 11
    assert ports.outbox.read(notices[kept].id) == notices[kept]
    assert [session.key for session in ports.sessions.of(member.id)] == [sessions[kept].key]
    assert changes(ports, member, member.turned(role=Role.DPO)) is Changed.MEANWHILE
    assert changes(ports, a_member(ports), a_member(ports).turned()) is Changed.MEANWHILE


def test_a_session_goes_on_in_the_next_turn(ports: Ports) -> None:
    member = in_the_clinic(ports)
    before, elsewhere = opened(ports, member), opened(ports, member)
    assert before is not None
    assert elsewhere is not None
    now = member.turned()
    after = a_session(ports, now)

    assert changes(ports, member, now, session=after, replaces=named(before)) is Changed.KEPT

    assert [ports.signins.signed_in(named(one)) is not None for one in (before, elsewhere, after)] == [False, False, True]
    assert {one.key for one in ports.sessions.of(member.id)} == {elsewhere.key, after.key}


def test_guesses_are_forgotten_with_a_change_or_not_at_all(ports: Ports) -> None:
    member = in_the_clinic(ports)
    counted = tuple(Throttle(f"password#{ports.new_id()}").counted(ports.clock.now()) for _ in range(2))
    for one in counted:
        assert ports.signins.count(one, [], ports.clock.now()) is None
    scopes = tuple(one.scope for one in counted)

    assert changes(ports, member.turned(), member.turned().turned(), throttles=scopes) is Changed.MEANWHILE
    kept = ports.signins.find(Wanted(throttles=scopes)).throttles
    assert changes(ports, member, member.turned(), throttles=(*scopes, "one nobody guessed in")) is Changed.KEPT

    assert set(kept) == set(scopes)
    assert ports.signins.find(Wanted(throttles=scopes)).throttles == {}


def test_a_session_that_was_ended_meanwhile_does_not_go_on(ports: Ports) -> None:
    member = in_the_clinic(ports)
    ended = opened(ports, member)
    assert ended is not None
    ports.sessions.remove(ended, ports.event(Tag.SIGNED_OUT, member=member.id))
    now = member.turned()

    assert changes(ports, member, now, session=a_session(ports, now), replaces=named(ended), put=a_passkey(ports)) is Changed.MEANWHILE

    assert (ports.members.read(member.id), ports.members.keyring(member.id), ports.sessions.of(member.id)) == (
        replace(member, last_seen_at=ports.clock.now()),
        Keyring(),
        (),
    )


def everything(ports: Ports) -> tuple[Factor, ...]:
    """Build one of each thing to set up."""
    now = ports.clock.now()
    password, app = Password("$argon2id$hash", now), Authenticator("JBSWY3DPEHPK3PXP", now, 7, now)
    return password, app, Recovery(frozenset({"a" * 64, "b" * 64}), now), a_link(ports), a_passkey(ports), a_passkey(ports)


def test_a_keyring_is_read_as_it_was_set_up_and_dropped_thing_by_thing(ports: Ports) -> None:
    password, app, recovery, link, one, two = made = everything(ports)
    member = sets_up(ports, in_the_clinic(ports), *made)

    ring = ports.members.keyring(member.id)

    assert ring.password is not None
    assert ring.password.created_at == password.created_at
    assert (ring.authenticator, ring.waiting, ring.recovery, ring.psc) == (app, None, recovery, link)
    assert sorted(ring.passkeys, key=lambda passkey: passkey.id) == sorted((one, two), key=lambda passkey: passkey.id)  # type: ignore[union-attr]
    assert ring.means() == {Means.PASSWORD, Means.AUTHENTICATOR, Means.RECOVERY, Means.PSC, Means.PASSKEY}
    for name in ring.items():
        now = member.turned()
        unlink = link.subject if name == "psc" else None  # type: ignore[union-attr]
        assert changes(ports, member, now, drop=(name,), unlink=unlink) is Changed.KEPT
        member = now
        assert name not in ports.members.keyring(member.id).items()
    assert ports.members.keyring(member.id) == Keyring()
    assert ports.signins.find(Wanted(email=member.person.email)).password is None
    assert ports.members.linked(link.subject) is None  # type: ignore[union-attr]


def test_a_whole_keyring_is_dropped_at_once(ports: Ports) -> None:
    member = sets_up(ports, in_the_clinic(ports), *everything(ports))
    assert ports.members.wait(member, Authenticator("KRSXG5CTMVRXEZLU", ports.clock.now()))
    ring = ports.members.keyring(member.id)
    assert ring.psc is not None

    assert changes(ports, member, member.turned(), drop=ring.items(), unlink=ring.psc.subject) is Changed.KEPT

    assert ports.members.keyring(member.id) == Keyring()
    assert ports.members.linked(ring.psc.subject) is None


def test_a_thing_that_is_set_up_anew_takes_the_place_of_the_one_before(ports: Ports) -> None:
    member = sets_up(ports, in_the_clinic(ports), *everything(ports))
    later = ports.clock.now() + SECOND
    password, recovery = Password("$argon2id$another", later), Recovery(frozenset({"c" * 64}), later)

    member = sets_up(ports, member, password, recovery)

    assert ports.signins.find(Wanted(email=member.person.email)).password == password
    assert ports.members.keyring(member.id).recovery == recovery


def test_an_authenticator_waits_until_it_is_confirmed(ports: Ports) -> None:
    member, now = in_the_clinic(ports), ports.clock.now()
    first, second = Authenticator("JBSWY3DPEHPK3PXP", now), Authenticator("KRSXG5CTMVRXEZLU", now + SECOND)

    for waiting in (first, second):
        assert ports.members.wait(member, waiting)
    assert not ports.members.wait(replace(member, turn=member.turn + 1), first)

    assert ports.members.keyring(member.id) == Keyring(waiting=second)
    assert ports.signins.find(Wanted(member=member.id, codes=True)).authenticator is None
    confirmed = replace(second, step=9, used_at=now)
    sets_up(ports, member, confirmed)
    assert ports.members.keyring(member.id) == Keyring(authenticator=confirmed)


def test_a_password_follows_an_address_and_the_old_address_leads_nowhere(ports: Ports) -> None:
    password = Password("$argon2id$hash", ports.clock.now())
    member = sets_up(ports, in_the_clinic(ports), password)
    member = replace(member, means=frozenset({Means.PASSWORD}))
    now = member.turned(person=replace(member.person, email=f"new.{member.person.email}"))

    assert changes(ports, member, now) is Changed.KEPT

    assert ports.members.read(member.id) == now
    before, after = (ports.signins.find(Wanted(email=one.person.email)) for one in (member, now))
    assert (before.door, before.password) == (None, None)
    assert (after.door, after.password) == (Door(member=member.id, turn=now.turn), password)
    assert ports.members.keyring(member.id).means() == {Means.PASSWORD}
    assert adds(ports, replace(a_member(ports), person=member.person)) is True


def test_an_address_that_is_taken_changes_nothing(ports: Ports) -> None:
    member, other = sets_up(ports, in_the_clinic(ports), Password("$argon2id$hash", ports.clock.now())), in_the_clinic(ports)
    notice = a_notice(ports, member)
    for standing in Standing:
        other_now = other.turned(standing=standing)
        assert changes(ports, other, other_now) is Changed.KEPT
        other = other_now
        taken = member.turned(person=replace(member.person, email=other.person.email), means=frozenset({Means.PASSWORD}))

        assert changes(ports, member, taken, notices=(notice,)) is Changed.TAKEN

    assert ports.members.read(member.id) == member
    assert ports.members.door_of(member.person.email) == Door(member=member.id, turn=member.turn)
    assert ports.signins.find(Wanted(email=member.person.email)).password is not None
    assert ports.outbox.read(notice.id) is None


def test_one_of_many_who_want_an_address_has_it(ports: Ports) -> None:
    wanted = f"{ports.new_id()}@example.fr"
    those = [in_the_clinic(ports) for _ in range(6)]

    def takes(member: Member) -> bool:
        return changes(ports, member, member.turned(person=replace(member.person, email=wanted))) is Changed.KEPT

    def comes(_: Member) -> bool:
        return adds(ports, a_member(ports, email=wanted))

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda act: act(), [lambda m=m, act=act: act(m) for m in those for act in (takes, comes)]))

    assert answers.count(True) == 1
    (one,) = [member for member in ports.members.all() if member.person.email == wanted]
    assert ports.members.door_of(wanted) == Door(member=one.id, turn=one.turn)


def an_administrator(ports: Ports) -> Member:
    """Keep an administrator who came in by invitation, so that they are counted."""
    member = in_the_clinic(ports, role=Role.ADMINISTRATOR, standing=Standing.INVITED)
    now = member.turned(standing=Standing.ACTIVE)
    assert changes(ports, member, now) is Changed.KEPT
    return now


GOING = {
    "shut out": {"standing": Standing.DISABLED},
    "invited anew": {"standing": Standing.INVITED},
    "a sender": {"role": Role.SENDER},
    "a DPO": {"role": Role.DPO},
}


@pytest.mark.parametrize("how", GOING.values(), ids=GOING)
def test_the_last_administrator_who_can_act_stays(ports: Ports, how: dict[str, Any]) -> None:
    administrators(ports)
    one, other = an_administrator(ports), an_administrator(ports)
    administrators(ports, one, other)
    notice = a_notice(ports, other)

    assert changes(ports, one, one.turned(**how)) is Changed.KEPT
    assert changes(ports, other, other.turned(**how), notices=(notice,)) is Changed.LAST

    assert ports.members.read(other.id) == other
    assert ports.outbox.read(notice.id) is None
    assert ports.members.erase(other, ports.event(Tag.MEMBER_DELETED, subject=other.id)) is Changed.LAST
    assert ports.members.read(other.id) == other
    assert changes(ports, other, other.turned(person=replace(other.person, name="Dr Grace"))) is Changed.KEPT
    an_administrator(ports)
    other = other.turned(person=replace(other.person, name="Dr Grace"))
    assert changes(ports, other, other.turned(**how)) is Changed.KEPT


@pytest.mark.parametrize("times", range(5))
def test_two_administrators_who_go_at_the_same_instant_leave_one(ports: Ports, times: int) -> None:
    administrators(ports)
    those = [an_administrator(ports) for _ in range(2)]
    administrators(ports, *those)

    def goes(number: int) -> Changed:
        one = those[number]
        if times % 2 and number:
            return ports.members.erase(one, ports.event(Tag.MEMBER_DELETED, subject=one.id))
        return changes(ports, one, one.turned(standing=Standing.DISABLED))

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(goes, range(2)))

    assert sorted(answers) == [Changed.KEPT, Changed.LAST]
    (left,) = [found for one in those if (found := ports.members.read(one.id)) is not None and found.active]
    assert left == those[answers.index(Changed.LAST)]


def test_an_account_of_pro_sante_connect_is_one_members_only(ports: Ports) -> None:
    link, those = a_link(ports), [in_the_clinic(ports) for _ in range(6)]

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda member: changes(ports, member, member.turned(), put=link), those))

    assert (answers.count(Changed.KEPT), answers.count(Changed.LINKED)) == (1, 5)
    owner = those[answers.index(Changed.KEPT)].turned()
    assert ports.members.linked(link.subject) == (owner, link)
    assert [ports.members.keyring(one.id).psc for one in those].count(None) == 5
    assert changes(ports, owner, owner.turned(), put=replace(link, place="10B0123457")) is Changed.KEPT


def test_where_somebody_works_is_kept_with_their_own_account_only(ports: Ports) -> None:
    link, other = a_link(ports), a_link(ports)
    member = sets_up(ports, in_the_clinic(ports), link)
    moved, stranger = replace(link, place="10B0123457"), in_the_clinic(ports)

    ports.members.work_at(member.id, moved)
    ports.members.work_at(member.id, other)
    ports.members.work_at(stranger.id, moved)

    assert ports.members.keyring(member.id).psc == moved
    assert ports.members.keyring(stranger.id).psc is None


def test_a_language_is_kept_and_nothing_else(ports: Ports) -> None:
    member = in_the_clinic(ports)
    english = replace(member, person=replace(member.person, name="Somebody else", language=Language.ENGLISH), role=Role.ADMINISTRATOR)

    assert ports.members.speak(english) is True

    assert ports.members.read(member.id) == replace(member, person=replace(member.person, language=Language.ENGLISH))
    assert ports.members.speak(english.turned()) is False
    assert ports.members.speak(a_member(ports)) is False


def test_what_is_erased_is_forgotten_whole(ports: Ports) -> None:
    member = sets_up(ports, in_the_clinic(ports), *everything(ports))
    assert ports.members.wait(member, Authenticator("KRSXG5CTMVRXEZLU", ports.clock.now()))
    link, sessions = ports.members.keyring(member.id).psc, [opened(ports, member) for _ in range(30)]
    assert link is not None
    address = member.person.email

    assert ports.members.erase(replace(member, turn=0), ports.event(Tag.MEMBER_DELETED, subject=member.id)) is Changed.MEANWHILE
    assert len(ports.sessions.of(member.id)) == len(sessions) == 30
    assert ports.members.erase(member, ports.event(Tag.MEMBER_DELETED, subject=member.id)) is Changed.KEPT

    assert ports.members.read(member.id) is None
    assert ports.members.keyring(member.id) == Keyring()
    assert ports.sessions.of(member.id) == ()
    assert ports.members.linked(link.subject) is None
    assert (ports.members.door_of(address), ports.signins.find(Wanted(email=address)).password) == (None, None)
    assert member.id not in [one.id for one in ports.members.all()]
    assert ports.signins.signed_in(named(sessions[0])) is None  # type: ignore[arg-type]
    if not isinstance(ports.members, Kept):
        assert partition(ports, f"A#{member.id}") == []
    assert ports.members.erase(member, ports.event(Tag.MEMBER_DELETED, subject=member.id)) is Changed.MEANWHILE
    again = in_the_clinic(ports, person=member.person)
    assert changes(ports, again, again.turned(), put=link) is Changed.KEPT


def test_nothing_is_left_of_an_erasure_that_died_halfway_but_sessions_that_are_over(real: Ports) -> None:
    ports, members, clock = real, _any(real.members), _any(real.clock)
    clock.set(now())
    member = sets_up(ports, in_the_clinic(ports), *everything(ports))
    opened(ports, member)

    class Died(Exception):
        """The function was stopped."""

    class Dying(Table):
        def write_batch(self, requests: Any) -> None:
            raise Died

    dying = DynamoMembers(Dying(members.records.client, members.records.name), members.sealer, members.secrets)
    with pytest.raises(Died):
        dying.erase(member, ports.event(Tag.MEMBER_DELETED, subject=member.id))

    assert [item["sk"].partition("#")[0] for item in partition(ports, f"A#{member.id}")] == ["SESSION"]
    assert all("ttl" in item for item in partition(ports, f"A#{member.id}"))


@pytest.fixture
def unfounded(ports: Ports) -> Iterator[Ports]:
    """Give the world before there is a clinic."""
    if isinstance(ports.members, Kept):
        yield fake_ports(clock=ports.clock, accepted=False)  # type: ignore[arg-type]
        return
    real: Any = ports.members
    client, name = real.records.client, f"unfounded-{ports.new_id()}"
    keys = [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]
    kinds = [{"AttributeName": one, "AttributeType": "S"} for one in ("pk", "sk")]
    client.create_table(TableName=name, KeySchema=keys, AttributeDefinitions=kinds, BillingMode="PAY_PER_REQUEST")
    records = Table(client, name)
    policy, outbox = DynamoPolicy(records, real.sealer), type(ports.outbox)(records, real.sealer)  # type: ignore[call-arg]
    yield replace(ports, members=DynamoMembers(records, real.sealer, real.secrets), policy=policy, outbox=outbox)
    client.delete_table(TableName=name)


def founds(ports: Ports, member: Member, acceptance: Acceptance | None = None) -> bool:
    notice = Notice(NoticeId(member.id), Kind.INVITATION, member=member.id)
    risk = None if acceptance is None else (acceptance, ports.event(Tag.RISK_ACCEPTED, member=member.id, reason="founding"))
    return ports.members.found(member, ports.event(Tag.MEMBER_INVITED, reason="first", subject=member.id), notice, risk)


def an_acceptance(ports: Ports, member: Member) -> Acceptance:
    return Acceptance(member.id, member.person.name, ports.clock.now(), "Our correspondents do not all have a mobile.")


def test_a_clinic_is_founded_by_one_of_many_with_all_that_goes_with_it(unfounded: Ports) -> None:
    ports = unfounded
    those = [replace(a_member(ports), role=Role.ADMINISTRATOR, standing=Standing.INVITED) for _ in range(12)]

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda member: founds(ports, member, an_acceptance(ports, member)), those))

    assert answers.count(True) == 1
    founder = those[answers.index(True)]
    assert ports.members.all() == (founder,)
    assert ports.policy.acceptance() == an_acceptance(ports, founder)
    assert ports.policy.review() == Review(ports.clock.now(), founder.id)
    assert [one.id for one in those if ports.outbox.read(NoticeId(one.id)) is not None] == [founder.id]


def test_a_clinic_is_founded_once_whatever_became_of_its_members(unfounded: Ports) -> None:
    ports = unfounded
    founder = replace(a_member(ports), role=Role.ADMINISTRATOR, standing=Standing.INVITED)
    assert founds(ports, founder)
    assert ports.policy.acceptance() is None
    assert ports.members.erase(founder, ports.event(Tag.MEMBER_DELETED, subject=founder.id)) is Changed.KEPT

    assert founds(ports, replace(a_member(ports), role=Role.ADMINISTRATOR)) is False
    assert ports.members.all() == ()


def test_a_founder_who_has_come_in_is_the_last_administrator(unfounded: Ports) -> None:
    ports = unfounded
    invited = replace(a_member(ports), role=Role.ADMINISTRATOR, standing=Standing.INVITED)
    founds(ports, invited)
    founder = invited.turned(standing=Standing.ACTIVE)
    assert changes(ports, invited, founder) is Changed.KEPT

    assert changes(ports, founder, founder.turned(role=Role.SENDER)) is Changed.LAST
    an_administrator(ports)
    assert changes(ports, founder, founder.turned(role=Role.SENDER)) is Changed.KEPT


def test_the_risk_that_is_accepted_is_read_until_it_is_withdrawn(unfounded: Ports) -> None:
    ports, member = unfounded, a_member(unfounded)
    first, second = an_acceptance(ports, member), replace(an_acceptance(ports, member), reason="Another reason, longer than the first.")

    for acceptance in (first, second):
        ports.policy.accept(acceptance, ports.event(Tag.RISK_ACCEPTED, member=member.id))
        assert ports.policy.acceptance() == acceptance
    for _ in range(2):
        ports.policy.withdraw(ports.event(Tag.RISK_WITHDRAWN, member=member.id))
        assert ports.policy.acceptance() is None


def test_what_is_accepted_is_known_with_every_session(ports: Ports) -> None:
    member = in_the_clinic(ports)
    session, before = opened(ports, member), ports.policy.acceptance()
    assert session is not None
    assert before is not None

    ports.policy.withdraw(ports.event(Tag.RISK_WITHDRAWN, member=member.id))
    without = ports.signins.signed_in(named(session))
    ports.policy.accept(before, ports.event(Tag.RISK_ACCEPTED, member=member.id))
    again = ports.signins.signed_in(named(session))

    assert without is not None
    assert again is not None
    assert (without.acceptance, again.acceptance) == (None, before)


def test_rights_are_due_for_review_a_year_after_and_again_when_that_was_put_off(ports: Ports) -> None:
    ports.dues.swept(ports.clock.now() + REVIEW_EVERY - timedelta(hours=1))
    member, now = a_member(ports), ports.clock.now()
    review, due, notices = Review(now, member.id), Due(review=True), [a_notice(ports, member) for _ in range(2)]
    remind = ports.event(Tag.REVIEW_OVERDUE)

    ports.policy.reviewed(review, ports.event(Tag.RIGHTS_REVIEWED, member=member.id))
    first = [due in list(ports.dues.until(now + after)) for after in (REVIEW_EVERY - SECOND, REVIEW_EVERY)]
    later = now + REVIEW_EVERY + timedelta(days=30)
    put_off = [ports.policy.remind(one, later, remind, notices) for one in (replace(review, at=now - SECOND), review)]
    ports.dues.swept(later - timedelta(hours=1))
    second = [due in list(ports.dues.until(at)) for at in (later - SECOND, later)]
    ports.dues.swept(now)

    assert ports.policy.review() == review
    assert (first, put_off, second) == ([False, True], [False, True], [False, True])
    assert [ports.outbox.read(one.id) for one in notices] == notices


def test_nobody_comes_in_by_an_id_that_is_another_things(ports: Ports) -> None:
    member = in_the_clinic(ports)

    for identity in ("", "MEMBER", member.id.upper(), f"MEMBER#{member.id}"):
        assert ports.members.read(MemberId(identity)) is None

"""Many at once: twenty threads at one thing leave it as one would have."""

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from threading import Barrier, BrokenBarrierError

import pytest

from chalicelib.domain.audit import Tag
from chalicelib.domain.errors import Conflict, Refusal
from chalicelib.domain.factor import Means
from chalicelib.domain.ids import ChallengeKey
from chalicelib.domain.login import Channel, Door
from chalicelib.domain.member import Member, Role, Standing
from chalicelib.domain.recipient import Outcome
from chalicelib.domain.throttle import PAUSES
from chalicelib.domain.transfer import State
from chalicelib.usecases import (
    challenge,
    collect,
    correct,
    earning,
    hear,
    join,
    land,
    members,
    remind,
    reschedule,
    seal,
    shred,
    signin,
    tell,
    upload,
)
from chalicelib.usecases.correct import Correct
from chalicelib.usecases.earning import Browser
from chalicelib.usecases.members import Invite
from chalicelib.usecases.people import Used
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.reschedule import Reschedule
from chalicelib.usecases.shred import Revoke
from tests.builders import (
    IP,
    a_browser,
    a_landed_transfer,
    a_landing_transfer,
    a_member,
    a_person,
    a_sealed_transfer,
    a_sending,
    a_session,
    a_told_transfer,
    put,
    signed_in,
)
from tests.fakes import fake_ports, memory_of, watched

THREADS = 20


@pytest.fixture(autouse=True)
def _switch_often() -> Iterator[None]:
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


def together(act: Callable[[int], object], times: int = THREADS) -> list[object]:
    """Do it from many threads at once; give each answer, or the code of its refusal."""
    gate = Barrier(THREADS)

    def one(number: int) -> object:
        if number < THREADS:
            gate.wait()
        try:
            return act(number)
        except Refusal as refusal:
            return refusal.code
        except tell.BeingSent as error:
            return type(error)

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(one, range(times)))


def meeting(ports: Ports, where: str, many: int) -> Ports:
    """Give a world where threads wait for each other before one call: the worst moment, every time."""
    gate = Barrier(many)

    def note(call: str) -> None:
        if call == where:
            with suppress(BrokenBarrierError):
                gate.wait(1)

    return watched(ports, note)


def test_one_code_sent_fifty_times_opens_one_session() -> None:
    ports = fake_ports()
    member = a_member(ports)
    token = signin.ask_code(signin.AskCode(member.person.email, Channel.EMAIL, Browser(IP)), ports)
    code = ports.secrets.login_code(ChallengeKey(challenge.digest(token)))
    together_to_be_counted = meeting(ports, "signins.count", THREADS)

    answers = together(lambda _: signin.show_code(code, a_browser(token), together_to_be_counted), 50)

    assert sum(isinstance(answer, signin.Earned) for answer in answers) == 1
    assert {a for a in answers if isinstance(a, str)} <= {"code_spent", "too_many_requests"}
    assert len(memory_of(ports).sessions) == 1


def test_a_code_that_was_counted_for_several_opens_one_session() -> None:
    ports = fake_ports()
    member = a_member(ports)
    token = signin.ask_code(signin.AskCode(member.person.email, Channel.EMAIL, Browser(IP)), ports)
    key = ChallengeKey(challenge.digest(token))
    door, browser = Door(member=member.id), a_browser(token)
    met = meeting(ports, "signins.open", THREADS)

    answers = together(lambda _: earning.earn(door, Means.EMAIL, Used(challenge=key), browser, None, met))

    assert sum(isinstance(answer, signin.Earned) for answer in answers) == 1
    assert answers.count("code_spent") == THREADS - 1
    assert (len(memory_of(ports).sessions), len(memory_of(ports).trail(Tag.SIGNED_IN))) == (1, 1)


def test_guesses_at_the_same_instant_are_counted_one_by_one() -> None:
    ports = fake_ports()
    member = a_member(ports)
    token = signin.ask_code(signin.AskCode(member.person.email, Channel.EMAIL, Browser(IP)), ports)
    key = ChallengeKey(challenge.digest(token))
    wrong = f"{(int(ports.secrets.login_code(key)) + 1) % 10**6:06}"
    met = meeting(ports, "signins.count", THREADS)

    answers = together(lambda _: signin.show_code(wrong, a_browser(token), met))

    assert answers.count("wrong_code") == 1
    assert answers.count("too_many_requests") == THREADS - 1
    assert len(memory_of(ports).trail(Tag.CODE_FAILED)) == 1


def test_two_hundred_guesses_at_once_are_three_tries_and_five_in_all() -> None:
    ports = fake_ports()
    member = a_member(ports)
    token = signin.ask_code(signin.AskCode(member.person.email, Channel.EMAIL, Browser(IP)), ports)
    code = ports.secrets.login_code(ChallengeKey(challenge.digest(token)))
    guesses = [f"{n:06}" for n in range(200) if f"{n:06}" != code]
    tries = []

    for _ in range(4):  # after three one must wait: a second, then five; and then there is none left
        together(lambda n: signin.show_code(guesses[n % len(guesses)], a_browser(token), ports), 200)
        tries.append(len(memory_of(ports).trail(Tag.CODE_FAILED)))
        ports.clock.tick(seconds=PAUSES[-1])

    assert tries == [3, 4, 5, 5]


def test_twenty_wrong_passwords_at_the_same_instant_are_counted_one_by_one() -> None:
    ports = fake_ports()
    email = a_member(ports).person.email
    met = meeting(ports, "signins.count", THREADS)

    answers = together(lambda _: signin.show_password(email, "not this one", a_browser(), met))

    assert answers.count("wrong_password") == 1
    assert answers.count("too_many_requests") == THREADS - 1
    assert [kept.failures for kept in memory_of(ports).throttles.values()] == [1]


def test_an_invitation_followed_in_twenty_threads_lets_one_of_them_in() -> None:
    ports = fake_ports()
    invited = a_member(ports, standing=Standing.INVITED)
    link = join.Join(invited.id, ports.secrets.invitation_secret(invited.id, invited.turn, invited.person.email))
    met = meeting(ports, "members.change", THREADS)

    answers = together(lambda _: join.join(link, a_browser(), met))

    assert sum(isinstance(answer, earning.Earned) for answer in answers) == 1
    assert answers.count("invitation_over") == THREADS - 1
    assert len(memory_of(ports).sessions) == 1


def test_two_administrators_who_shut_each_other_out_leave_one() -> None:
    ports = fake_ports()
    both = [signed_in(ports, a_member(ports, number, Role.ADMINISTRATOR)) for number in (1, 2)]
    met = meeting(ports, "members.change", THREADS)

    answers = together(lambda n: members.disable(both[n % 2], both[1 - n % 2].member.id, met))

    assert sum(isinstance(answer, Member) for answer in answers) == 1
    assert {answer for answer in answers if isinstance(answer, str)} <= {"last_administrator", "changed_meanwhile"}
    assert [one.active for one in memory_of(ports).members.values()].count(True) == 1


def test_a_clinic_founded_in_twenty_threads_has_one_founder() -> None:
    ports = fake_ports()

    answers = together(lambda n: members.found(a_person(n), None, ports))

    assert answers.count(True) == 1
    assert len(memory_of(ports).members) == 1


def test_an_address_asking_twenty_times_at_once_is_sent_three_codes() -> None:
    ports = fake_ports()
    email = a_member(ports).person.email

    answers = together(lambda _: signin.ask_code(signin.AskCode(email, Channel.EMAIL, Browser(IP)), ports))

    assert answers.count("too_many_requests") == THREADS - 3
    assert len(ports.queue.codes) == 3


def test_a_file_that_lands_in_twenty_threads_is_counted_once() -> None:
    ports = fake_ports()
    sending = a_landing_transfer(ports, (b"a", b"b"))
    for file in (0, 1):
        sending.put(file)

    met = meeting(ports, "transfers.land", THREADS)

    together(lambda number: land.land(land.Landed(sending.id, number % 2), met))

    assert sending.transfer.landed == 2
    assert sorted(e.file for e in memory_of(ports).trail(Tag.FILE_LANDED)) == [0, 1]


def test_twenty_sealings_make_one_set_of_notices() -> None:
    ports = fake_ports()
    sending = a_landed_transfer(ports, people=3)

    met = meeting(ports, "transfers.seal", THREADS)

    answers = together(lambda _: seal.seal(sending.id, met))

    assert answers.count(True) == 1
    assert len(ports.queue.notices) == len(set(ports.queue.notices)) == 3
    assert len(memory_of(ports).notices) == 3
    assert len(memory_of(ports).trail(Tag.TRANSFER_SEALED)) == 1


def test_the_key_of_a_transfer_sealed_in_twenty_threads_opens_it() -> None:
    ports = fake_ports()
    sending = a_landed_transfer(ports, people=2)
    together(lambda _: sending.seal())

    opened = [collect.open_transfer(a_session(ports, sending.door(n))[1], IP, ports) for n in (0, 1)]

    assert {one.data_key for one in opened} == {sending.made.data_key}


def test_a_notice_in_twenty_threads_is_sent_once() -> None:
    ports = fake_ports()
    a_sealed_transfer(ports)
    (notice,) = ports.queue.notices

    met = meeting(ports, "outbox.claim", THREADS)

    answers = together(lambda _: tell.send_notice(notice, met))

    assert answers.count(True) == 1
    assert answers.count(tell.BeingSent) == THREADS - 1
    assert len(ports.post.emails) == 1


def test_an_envelope_sent_in_twenty_threads_is_taken_once() -> None:
    ports = fake_ports()
    sending = a_sending(ports)

    met = meeting(ports, "transfers.accept_envelope", THREADS)

    answers = together(lambda _: upload.accept_envelope(sending.envelope(), met))

    assert answers.count(None) == 1
    assert set(answers) == {None, "envelope_already_sent"}
    assert len(memory_of(ports).trail(Tag.ENVELOPE_ACCEPTED)) == 1


def test_parts_asked_for_in_twenty_threads_share_one_upload() -> None:
    ports = fake_ports()
    sending = a_landing_transfer(ports, (bytes(8 * 1024 * 1024 + 1),))
    asked = sending.asked(0, 2)

    met = meeting(ports, "transfers.add_uploads", THREADS)

    together(lambda _: upload.sign_parts(upload.SignParts(sending.sender, sending.id, (asked,)), met))

    kept = memory_of(ports).uploads[sending.id, 0]
    assert list(ports.bucket.uploads) == [kept.upload_id]
    assert {grant.upload_id for grant in ports.bucket.grants.values()} == {kept.upload_id}


def test_a_file_completed_in_twenty_threads_is_put_together_once() -> None:
    ports = fake_ports()
    sending = a_landing_transfer(ports, (bytes(8 * 1024 * 1024 + 1),))
    one = sending.files[0]
    tags = [put(ports, s, one.part(n)) for n, s in enumerate(sending.sign(sending.asked(0, 1), sending.asked(0, 2)), 1)]
    parts = tuple(upload.UploadedPart(n, tag, sending.asked(0, n).sha256) for n, tag in enumerate(tags, 1))

    answers = together(lambda _: upload.complete(upload.Complete(sending.sender, sending.id, 0, parts), ports))

    assert None in answers
    assert set(answers) <= {None, "file_already_complete"}
    assert ports.bucket.objects[f"t/{sending.id}/0"].body == one.frames


def test_one_address_invited_in_twenty_threads_is_one_member() -> None:
    ports = fake_ports()
    by = signed_in(ports, a_member(ports, role=Role.ADMINISTRATOR))

    def invite(_: int) -> object:
        return members.invite(Invite(by, a_person(1), Role.SENDER), ports)

    assert together(invite).count("member_exists") == THREADS - 1
    assert len(members.everybody(ports).members) == 2
    assert len(ports.queue.notices) == 1


def test_a_moment_of_reminding_met_by_twenty_sweeps_is_dealt_with_once() -> None:
    ports = fake_ports()
    sending = a_told_transfer(ports, people=3)
    ports.clock.tick(days=4)

    met = meeting(ports, "transfers.remind", THREADS)

    answers = together(lambda _: remind.remind_due(sending.id, met))

    assert answers.count(True) == 1
    assert len(ports.queue.notices) == len(set(ports.queue.notices)) == 3
    assert len(memory_of(ports).trail(Tag.REMINDERS_OWED)) == 1


def test_a_sender_who_reminds_twenty_times_at_once_reminds_three_times() -> None:
    ports = fake_ports()
    sending = a_told_transfer(ports)

    answers = together(lambda _: remind.remind(remind.Remind(sending.sender, sending.id), ports))

    assert answers.count(1) == 3
    assert answers.count("too_many_requests") == THREADS - 3


def test_an_end_moved_in_twenty_threads_is_moved_by_one_of_them() -> None:
    ports = fake_ports()
    sending = a_sealed_transfer(ports)
    end = sending.transfer.created_at

    met = meeting(ports, "transfers.reschedule", THREADS)

    answers = together(lambda n: reschedule.reschedule(Reschedule(sending.sender, sending.id, end + timedelta(days=n + 8)), met))

    assert answers.count(None) == 1
    assert answers.count("transfer_changed") == THREADS - 1
    assert sending.transfer.expires_at == end + timedelta(days=answers.index(None) + 8)
    assert {kept.retention for kept in ports.bucket.objects.values()} == {31}


def test_an_address_corrected_in_twenty_threads_is_corrected_by_one_of_them() -> None:
    ports = fake_ports()
    sending = a_told_transfer(ports)

    met = meeting(ports, "recipients.correct", THREADS)

    answers = together(lambda n: correct.correct(Correct(sending.sender, sending.id, sending.recipients[0], a_person(n + 2)), met))

    assert answers.count(None) == 1
    assert answers.count("transfer_changed") == THREADS - 1
    assert memory_of(ports).recipients[sending.recipients[0]].person == a_person(answers.index(None) + 2)
    assert len(ports.queue.notices) == 1


def test_a_bounce_told_by_twenty_threads_tells_the_sender_once() -> None:
    ports = fake_ports()
    a_told_transfer(ports)

    met = meeting(ports, "recipients.mark_outcome", THREADS)

    answers = together(lambda _: hear.hear(hear.Heard("email-1", Outcome.BOUNCED), met))

    assert answers.count(True) == 1
    assert len(ports.queue.notices) == 1


def test_revoking_while_others_open_leaves_nothing_open() -> None:
    ports = fake_ports()
    sending = a_sealed_transfer(ports, people=2)
    sessions = [a_session(ports, sending.door(n))[1] for n in (0, 1)]

    def act(number: int) -> object:
        if number == THREADS // 2:
            return shred.revoke(Revoke(sending.sender, sending.id), ports)
        return collect.open_transfer(sessions[number % 2], IP, ports).data_key

    answers = together(act)

    assert set(answers) <= {None, "transfer_revoked", sending.made.data_key}
    assert sending.transfer.state is State.SHREDDED
    assert memory_of(ports).wraps == {}
    assert together(lambda n: collect.open_transfer(sessions[n % 2], IP, ports)) == ["transfer_revoked"] * THREADS


def test_ending_in_twenty_threads_leaves_one_event_of_each_kind() -> None:
    ports = fake_ports()
    sending = a_sealed_transfer(ports)

    met = meeting(ports, "transfers.end", THREADS)

    together(lambda _: shred.revoke(Revoke(sending.sender, sending.id), met))

    for tag in (Tag.TRANSFER_ENDED, Tag.TRANSFER_SHREDDED):
        assert len(memory_of(ports).trail(tag)) == 1
    with pytest.raises(Conflict):
        shred.revoke(Revoke(sending.sender, sending.id), ports)

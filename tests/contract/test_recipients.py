"""What happens between a transfer and one recipient, and what became of messages: the same in memory and in DynamoDB."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain import login
from chalicelib.domain.audit import Event, Tag
from chalicelib.domain.factor import Means, Proof
from chalicelib.domain.ids import ChallengeKey, MemberId, NoticeId, RecipientId, SessionKey, TransferId
from chalicelib.domain.login import Challenge, Channel, Door
from chalicelib.domain.notice import Kind, Notice
from chalicelib.domain.recipient import Outcome, Recipient
from chalicelib.domain.transfer import State, Transfer
from chalicelib.usecases.people import Used
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.tables import Due, SentMessage
from tests.builders import a_person
from tests.contract.looking import count
from tests.contract.test_transfers import a_notice, ends, event, kept, reminds

NOBODY = RecipientId("x" * 26)
RIGHT = a_person(9, language="en", mobile=None)


def one_of(ports: Ports, transfer: Transfer, number: int = 0) -> Recipient:
    """Read one recipient as they are now."""
    found = ports.transfers.with_recipient(transfer.id, transfer.recipient_ids[number])
    assert found is not None
    return found[1]


def revokes(ports: Ports, transfer: Transfer, recipient: RecipientId) -> bool:
    return ports.recipients.revoke(transfer.id, recipient, event(ports, transfer, Tag.RECIPIENT_REVOKED))


def opens(ports: Ports, transfer: Transfer, recipient: Recipient) -> bool:
    return ports.recipients.mark_opened(transfer, recipient, event(ports, transfer, Tag.KEY_UNWRAPPED))


def grants(ports: Ports, transfer: Transfer, recipient: Recipient, file: int = 0, most: int = 3) -> bool:
    return ports.recipients.grant(transfer, recipient, file, most, event(ports, transfer, Tag.DOWNLOAD_AUTHORISED))


def collects(ports: Ports, transfer: Transfer, recipient: RecipientId, file: int = 0) -> bool:
    return ports.recipients.mark_collected(transfer.id, recipient, file, event(ports, transfer, Tag.FILE_COLLECTED))


def corrected(recipient: Recipient, ports: Ports) -> Recipient:
    return Recipient(recipient.id, RIGHT, recipient.turn + 1, corrected_at=ports.clock.now())


def corrects(ports: Ports, transfer: Transfer, recipient: Recipient, notice: Notice | None = None) -> bool:
    return ports.recipients.correct(transfer, recipient, event(ports, transfer, Tag.RECIPIENT_CORRECTED), notice)


def hears(ports: Ports, transfer: Transfer, turn: int, outcome: Outcome, notice: Notice | None = None) -> bool:
    message = SentMessage(transfer.id, transfer.recipient_ids[0], turn)
    return ports.recipients.mark_outcome(message, outcome, event(ports, transfer, Tag.NOTICE_OUTCOME), notice)


def test_one_recipient_is_closed_out_with_their_key(ports: Ports) -> None:
    made = kept(ports, state=State.SEALED)
    one, two = made.recipient_ids

    assert [revokes(ports, made, one), revokes(ports, made, one)] == [True, False]

    whole = ports.transfers.whole(made.id)
    assert whole is not None
    assert [r.revoked_at for r in whole.recipients] == [ports.clock.now(), None]
    assert ports.keys.for_recipient(made.id, one) is None
    assert ports.keys.for_recipient(made.id, two) is not None
    assert opens(ports, made, one_of(ports, made, 1))


def test_whoever_is_closed_out_does_nothing_more(ports: Ports) -> None:
    made = kept(ports, state=State.SEALED)
    before = one_of(ports, made)
    revokes(ports, made, before.id)

    assert not opens(ports, made, before)
    assert not grants(ports, made, before)
    assert not collects(ports, made, before.id)
    assert not corrects(ports, made, corrected(before, ports), a_notice(ports, made))
    assert one_of(ports, made) == replace(before, revoked_at=ports.clock.now())


@pytest.mark.parametrize("how", ["landing", "ended"])
def test_nothing_happens_with_what_is_not_sealed(ports: Ports, how: str) -> None:
    made = kept(ports, state=State.LANDING if how == "landing" else State.SEALED)
    one = one_of(ports, made)
    if how == "ended":
        ends(ports, made)
    notice = a_notice(ports, made)

    assert not revokes(ports, made, one.id)
    assert not opens(ports, made, one)
    assert not grants(ports, made, one)
    assert not collects(ports, made, one.id)
    assert not corrects(ports, made, corrected(one, ports), notice)
    assert one_of(ports, made) == one
    assert ports.outbox.read(notice.id) is None


def test_nothing_happens_with_nobody(ports: Ports) -> None:
    made = kept(ports, state=State.SEALED)
    nobody = Recipient(NOBODY, RIGHT)

    assert not revokes(ports, made, NOBODY)
    assert not opens(ports, made, nobody)
    assert not grants(ports, made, nobody)
    assert not collects(ports, made, NOBODY)
    assert not corrects(ports, made, corrected(nobody, ports))
    assert ports.transfers.with_recipient(made.id, NOBODY) is None


def test_opening_keeps_the_first_time_and_counts_until_none_is_left(ports: Ports) -> None:
    made, first = kept(ports, state=State.SEALED), ports.clock.now()
    answers = []
    for _ in range(5):
        answers.append(opens(ports, made, one_of(ports, made)))
        ports.clock.tick(minutes=1)

    one = one_of(ports, made)

    assert answers == [True] * 3 + [False] * 2
    assert (one.opened_at, one.openings) == (first, 3)
    assert one_of(ports, made, 1).openings == 0
    assert count(ports, made.id, Tag.KEY_UNWRAPPED) == 3


def test_of_many_who_open_at_once_as_many_do_as_there_were_openings_left(ports: Ports) -> None:
    made = kept(ports, state=State.SEALED)
    stale = one_of(ports, made)
    opens(ports, made, stale)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: opens(ports, made, stale), range(8)))

    assert answers.count(True) == 2
    assert one_of(ports, made).openings == count(ports, made.id, Tag.KEY_UNWRAPPED) == 3


def test_addresses_of_files_are_counted_until_none_is_left(ports: Ports) -> None:
    made, first = kept(ports, state=State.SEALED), ports.clock.now()
    answers = []
    for file in (1, 0, 1, 0):
        answers.append(grants(ports, made, one_of(ports, made), file))
        ports.clock.tick(minutes=1)

    one = one_of(ports, made)

    assert answers == [True, True, True, False]
    assert (one.fetched, one.fetched_at, one.grants) == ({0, 1}, first, 3)
    assert grants(ports, made, one, most=4) is True
    assert count(ports, made.id, Tag.DOWNLOAD_AUTHORISED) == 4


def test_of_many_addresses_asked_for_at_once_no_more_are_given(ports: Ports) -> None:
    made = kept(ports, state=State.SEALED)
    stale = one_of(ports, made)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda n: grants(ports, made, stale, n % 2), range(8)))

    assert answers.count(True) == one_of(ports, made).grants == 3


def test_collecting_keeps_each_file_once_and_the_last_time_after_an_opening(ports: Ports) -> None:
    made = kept(ports, state=State.SEALED)
    early = collects(ports, made, made.recipient_ids[0], 1)
    assert opens(ports, made, one_of(ports, made))
    kept_each = []
    for file in (1, 0, 1):
        ports.clock.tick(minutes=1)
        kept_each.append(collects(ports, made, made.recipient_ids[0], file))

    one = one_of(ports, made)

    assert (early, kept_each) == (False, [True, True, False])
    assert (one.collected, one.collected_at) == ({0, 1}, ports.clock.now() - timedelta(minutes=1))


def test_a_correction_begins_a_new_turn_and_forgets_the_old_one(ports: Ports) -> None:
    made = kept(ports, state=State.SEALED)
    notice = a_notice(ports, made, turn=1)
    sent(ports, made, "told")
    hears(ports, made, 0, Outcome.BOUNCED)
    asks(ports, made, 0)
    right = corrected(one_of(ports, made), ports)

    assert corrects(ports, made, right, notice) is True

    assert one_of(ports, made) == right
    assert ports.outbox.read(notice.id) == notice
    assert ports.keys.for_recipient(made.id, right.id) is not None
    assert count(ports, made.id, Tag.RECIPIENT_CORRECTED) == 1
    second = replace(right, turn=2)
    assert [corrects(ports, made, one) for one in (right, replace(right, turn=3), second)] == [False, False, True]


def test_an_address_is_corrected_by_one_of_many(ports: Ports) -> None:
    made = kept(ports, state=State.SEALED)
    ways = [replace(corrected(one_of(ports, made), ports), person=a_person(n)) for n in range(20, 24)]
    notices = [a_notice(ports, made, turn=1) for _ in ways]

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda n: corrects(ports, made, ways[n], notices[n]), range(4)))

    assert answers.count(True) == 1
    assert one_of(ports, made) == ways[answers.index(True)]
    assert [ports.outbox.read(one.id) is not None for one in notices] == answers


def test_what_was_opened_is_not_corrected(ports: Ports) -> None:
    made = kept(ports, state=State.SEALED)
    opens(ports, made, one_of(ports, made))

    assert not corrects(ports, made, corrected(one_of(ports, made), ports))


def test_what_belongs_to_an_earlier_turn_does_nothing(ports: Ports) -> None:
    made = kept(ports, state=State.SEALED)
    before = one_of(ports, made)
    corrects(ports, made, corrected(before, ports))
    after = one_of(ports, made)

    assert not opens(ports, made, before)
    assert not grants(ports, made, before)
    assert not any(hears(ports, made, 0, outcome) for outcome in Outcome)
    with pytest.raises(RuntimeError):
        asks(ports, made, 0)
    assert not proves(ports, made, 0)
    sent(ports, made, "told to the old address")
    assert one_of(ports, made) == after
    assert opens(ports, made, after)


@pytest.mark.parametrize("outcome", list(Outcome))
def test_an_outcome_is_kept_once_with_what_is_owed_for_it(ports: Ports, outcome: Outcome) -> None:
    made, first = kept(ports, state=State.SEALED), ports.clock.now()
    notices = [Notice(NoticeId(ports.new_id()), Kind.UNDELIVERED, member=made.sender, transfer=made.id) for _ in range(2)]

    answers = []
    for notice in notices:
        answers.append(hears(ports, made, 0, outcome, notice))
        ports.clock.tick(minutes=1)

    assert answers == [True, False]
    assert one_of(ports, made) == replace(Recipient(made.recipient_ids[0], a_person(0)), **{f"{outcome}_at": first})
    assert [ports.outbox.read(one.id) for one in notices] == [notices[0], None]
    assert count(ports, made.id, Tag.NOTICE_OUTCOME) == 1


def test_an_outcome_told_by_many_at_once_is_kept_once(ports: Ports) -> None:
    made = kept(ports, state=State.SEALED)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: hears(ports, made, 0, Outcome.BOUNCED), range(4)))

    assert answers.count(True) == 1


def test_an_outcome_after_the_end_is_kept(ports: Ports) -> None:
    made = kept(ports, state=State.SEALED)
    ends(ports, made)

    assert hears(ports, made, 0, Outcome.BOUNCED) is True


def sent(ports: Ports, transfer: Transfer, name: str | None, kind: Kind = Kind.SHARE_LINK, turn: int = 0) -> Notice:
    """Owe a notice to the first recipient, and keep that it left under a name, or did not."""
    notice = a_notice(ports, transfer, kind, turn)
    assert reminds(ports, transfer, None, notice)
    ports.outbox.mark_sent(notice, event(ports, transfer, Tag.NOTICE_SENT), name)
    return notice


@pytest.mark.parametrize(("kind", "when"), [(Kind.SHARE_LINK, "told_at"), (Kind.REMINDER, "reminded_at")])
def test_a_message_that_left_says_when_and_is_known_by_its_name(ports: Ports, kind: Kind, when: str) -> None:
    made, name = kept(ports, state=State.SEALED), f"0107-{ports.new_id()}"
    before = one_of(ports, made)

    notice = sent(ports, made, name, kind)

    assert one_of(ports, made) == replace(before, **{when: ports.clock.now()})
    assert ports.outbox.sent_as(name) == SentMessage(made.id, made.recipient_ids[0], 0)
    assert ports.outbox.sent_as(f"{name} ") is None
    assert ports.outbox.read(notice.id) is None
    assert count(ports, made.id, Tag.NOTICE_SENT) == 1


def test_a_message_that_did_not_leave_says_nothing_of_anybody(ports: Ports) -> None:
    made = kept(ports, state=State.SEALED)
    before = one_of(ports, made)

    notice = sent(ports, made, None)

    assert one_of(ports, made) == before
    assert ports.outbox.read(notice.id) is None
    assert count(ports, made.id, Tag.NOTICE_SENT) == 1


def test_a_message_of_an_earlier_turn_is_known_and_marks_nobody(ports: Ports) -> None:
    made, name = kept(ports, state=State.SEALED), f"0107-{ports.new_id()}"
    corrects(ports, made, corrected(one_of(ports, made), ports))
    after = one_of(ports, made)

    notice = sent(ports, made, name)

    assert one_of(ports, made) == after
    assert ports.outbox.read(notice.id) is None
    assert ports.outbox.sent_as(name) == SentMessage(made.id, made.recipient_ids[0], 0)
    assert not hears(ports, made, 0, Outcome.DELIVERED)


def test_a_message_to_a_member_is_not_kept_by_its_name(ports: Ports) -> None:
    made, name = kept(ports, state=State.SEALED), f"0107-{ports.new_id()}"
    notice = Notice(NoticeId(ports.new_id()), Kind.UNOPENED, member=made.sender, transfer=made.id)
    reminds(ports, made, None, notice)

    ports.outbox.mark_sent(notice, event(ports, made, Tag.NOTICE_SENT), name)

    assert ports.outbox.read(notice.id) is None
    assert ports.outbox.sent_as(name) is None


@pytest.mark.parametrize("turn", [0, 1])
def test_a_notice_that_is_given_up_marks_whoever_is_out_of_reach_and_tells_instead(ports: Ports, turn: int) -> None:
    ports.dues.swept(ports.clock.now() - timedelta(hours=1))
    made = kept(ports, state=State.SEALED)
    for _ in range(turn):
        corrects(ports, made, corrected(one_of(ports, made), ports))
    notice = a_notice(ports, made)
    reminds(ports, made, None, notice)
    others = [Notice(NoticeId(ports.new_id()), Kind.UNDELIVERED, member=made.sender, transfer=made.id) for _ in range(2)]

    given_up = event(ports, made, Tag.NOTICE_GIVEN_UP)
    answers = [ports.outbox.give_up(notice, replace(given_up, id=ports.new_id()), other) for other in others[:1]]

    assert answers == [True]
    assert one_of(ports, made).bounced_at == (None if turn else ports.clock.now())
    assert ports.outbox.read(others[0].id) == others[0]
    assert Due(notice=notice.id) not in list(ports.dues.until(ports.clock.now() + timedelta(days=2)))
    assert Due(notice=others[0].id) in list(ports.dues.until(ports.clock.now() + timedelta(days=2)))


def test_what_was_sent_meanwhile_is_not_given_up(ports: Ports) -> None:
    made = kept(ports, state=State.SEALED)
    notice = sent(ports, made, f"0107-{ports.new_id()}")
    other = a_notice(ports, made)

    assert ports.outbox.give_up(notice, event(ports, made, Tag.NOTICE_GIVEN_UP), other) is False

    assert one_of(ports, made).bounced_at is None
    assert ports.outbox.read(other.id) is None


def test_a_notice_nobody_is_behind_is_given_up_alone(ports: Ports) -> None:
    made = kept(ports, state=State.SEALED)
    notice = Notice(NoticeId(ports.new_id()), Kind.EXPIRED, member=MemberId(ports.new_id()), transfer=made.id)
    reminds(ports, made, None, notice)

    assert ports.outbox.give_up(notice, event(ports, made, Tag.NOTICE_GIVEN_UP), None) is True


def a_door(transfer: Transfer, turn: int) -> Door:
    return Door(transfer=transfer.id, recipient=transfer.recipient_ids[0], turn=turn)


def asks(ports: Ports, transfer: Transfer, turn: int) -> None:
    ends_at = ports.clock.now() + login.CODE_LIFETIME
    challenge = Challenge(ChallengeKey(ports.random.bytes(32).hex()), a_door(transfer, turn), "scope", Channel.SMS, ends_at)
    ports.challenges.add(challenge, event(ports, transfer, Tag.CODE_ASKED))
    assert ports.challenges.read(challenge.key) == challenge


def proves(ports: Ports, transfer: Transfer, turn: int) -> bool:
    key, proofs = SessionKey(ports.random.bytes(32).hex()), (Proof(Means.SMS, ports.clock.now()),)
    session = login.open_session(key, a_door(transfer, turn), ports.clock.now(), proofs)
    opened = ports.signins.open(session, Used(), event(ports, transfer, Tag.RECIPIENT_PROVED))
    assert ports.sessions.read(session.key) == (session if opened else None)
    return opened


def test_asking_and_proving_keep_their_first_time(ports: Ports) -> None:
    made, first = kept(ports, state=State.SEALED), ports.clock.now()
    for _ in range(2):
        asks(ports, made, 0)
        assert proves(ports, made, 0)
        ports.clock.tick(minutes=1)

    one = one_of(ports, made)

    assert (one.asked_at, one.proved_at, one.opened_at) == (first, first, None)
    assert one_of(ports, made, 1).asked_at is None


def test_a_whole_life_of_one_recipient_is_read_back_as_it_was(ports: Ports) -> None:
    made = kept(ports, state=State.SEALED)
    acts: list[Any] = [
        lambda: corrects(ports, made, corrected(one_of(ports, made), ports)),
        lambda: sent(ports, made, f"0107-{ports.new_id()}", turn=1),
        *(lambda outcome=outcome: hears(ports, made, 1, outcome) for outcome in Outcome),
        lambda: sent(ports, made, f"0107-{ports.new_id()}", Kind.REMINDER, 1),
        lambda: asks(ports, made, 1),
        lambda: proves(ports, made, 1),
        lambda: opens(ports, made, one_of(ports, made)),
        lambda: grants(ports, made, one_of(ports, made), 1),
        lambda: collects(ports, made, made.recipient_ids[0], 1),
        lambda: revokes(ports, made, made.recipient_ids[0]),
    ]
    moments = []
    for act in acts:
        moments.append(ports.clock.now())
        assert act() is not False
        ports.clock.tick(seconds=1)

    names = ("corrected", "told", *Outcome, "reminded", "asked", "proved", "opened", "fetched", "collected", "revoked")
    times: dict[str, Any] = {f"{name}_at": at for name, at in zip(names, moments, strict=True)}
    counts: dict[str, Any] = {
        "proved_by": Means.SMS,
        "turn": 1,
        "openings": 1,
        "grants": 1,
        "fetched": frozenset({1}),
        "collected": frozenset({1}),
    }
    assert one_of(ports, made) == Recipient(made.recipient_ids[0], RIGHT, **counts, **times)


def test_an_event_of_what_was_refused_is_not_kept(ports: Ports) -> None:
    made = kept(ports, state=State.SEALED)
    stranger = TransferId("x" * 26)
    refused: list[Event] = [ports.event(Tag.KEY_UNWRAPPED, transfer=stranger) for _ in range(2)]

    assert not ports.recipients.mark_opened(replace(made, id=stranger), one_of(ports, made), refused[0])
    assert not ports.recipients.mark_collected(stranger, made.recipient_ids[0], 0, refused[1])

    assert count(ports, stranger, Tag.KEY_UNWRAPPED) == 0

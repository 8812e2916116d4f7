"""Transfers and keys: the same conditions in memory and in DynamoDB."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain import audit
from chalicelib.domain.audit import Event, Tag
from chalicelib.domain.ids import MemberId, NoticeId, RecipientId, TransferId
from chalicelib.domain.limits import Quota
from chalicelib.domain.notice import Kind, Notice
from chalicelib.domain.recipient import Recipient
from chalicelib.domain.sharing import Basis, LegalDuty, Sharing
from chalicelib.domain.transfer import Ending, Fault, State, Tombstone, Transfer, Upload
from chalicelib.usecases import upload
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.tables import Added, Due, Envelope, Quotas, Whole
from tests.builders import CARE, a_person
from tests.contract.looking import count, trail

WRAPPED = bytes(range(200))
PLENTY = Quotas(Quota(10**6, 10**15), Quota(10**9, 10**17))
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


def a_draft(ports: Ports, people: int = 2, **changes: Any) -> Whole:
    """Build a draft that nobody has kept."""
    recipients = tuple(Recipient(RecipientId(ports.new_id()), a_person(n)) for n in range(people))
    begun = changes.pop("created_at", ports.clock.now())
    made = Transfer(
        TransferId(ports.new_id()),
        changes.pop("sender", MemberId(ports.new_id())),
        "Dr Ada",
        changes.pop("sharing", CARE),
        changes.pop("sizes", (5, 0)),
        tuple(r.id for r in recipients),
        begun,
        begun + timedelta(days=7),
        changes.pop("openings_most", 3),
    )
    return Whole(replace(made, **changes), recipients)


def adds(ports: Ports, draft: Whole, quotas: Quotas = PLENTY) -> Added:
    return ports.transfers.add(draft, WRAPPED, quotas, event(ports, draft.transfer, Tag.TRANSFER_CREATED))


def kept(ports: Ports, people: int = 2, state: State = State.DRAFT, **changes: Any) -> Transfer:
    """Keep a transfer and walk it to a state through the port alone."""
    draft = a_draft(ports, people, **changes)
    assert adds(ports, draft) is Added.KEPT
    if state is not State.DRAFT:
        assert accepts(ports, draft.transfer, b"manifest", b"one", b"two")
    if state is State.SEALED:
        assert seals(ports, draft.transfer)
    return now_of(ports, draft.transfer)


def now_of(ports: Ports, transfer: Transfer) -> Transfer:
    """Read a transfer as it is now."""
    found = ports.transfers.read(transfer.id)
    assert found is not None
    return found


def event(ports: Ports, transfer: Transfer, tag: Tag) -> Event:
    return ports.event(tag, transfer=transfer.id)


def a_notice(ports: Ports, transfer: Transfer, kind: Kind = Kind.SHARE_LINK, turn: int = 0) -> Notice:
    return Notice(NoticeId(ports.new_id()), kind, transfer=transfer.id, recipient=transfer.recipient_ids[0], turn=turn)


def seals(ports: Ports, transfer: Transfer) -> bool:
    wraps = {r: f"wrap of {r}".encode() for r in transfer.recipient_ids}
    return ports.transfers.seal(transfer, wraps, event(ports, transfer, Tag.TRANSFER_SEALED), [a_notice(ports, transfer)])


def refuses(ports: Ports, transfer: Transfer) -> bool:
    notice = a_notice(ports, transfer, Kind.REFUSED)
    return ports.transfers.refuse(transfer, Fault.NOT_SEALED, event(ports, transfer, Tag.TRANSFER_REFUSED), notice)


def ends(ports: Ports, transfer: Transfer, ending: Ending = Ending.REVOKED) -> bool:
    return ports.transfers.end(transfer, ending, event(ports, transfer, Tag.TRANSFER_ENDED))


def a_tombstone(ports: Ports) -> Tombstone:
    return Tombstone(ports.clock.now(), 7, "ab" * 32)


def shreds(ports: Ports, transfer: Transfer, *notices: Notice) -> bool:
    return ports.transfers.shred(transfer, a_tombstone(ports), event(ports, transfer, Tag.TRANSFER_SHREDDED), notices)


def accepts(ports: Ports, transfer: Transfer, manifest: bytes = b"other", *headers: bytes) -> bool:
    looked, taken = transfer.looked_at(ports.clock.now()), event(ports, transfer, Tag.ENVELOPE_ACCEPTED)
    return ports.transfers.accept_envelope(looked, manifest, headers or [b"x", b"y"], taken)


def reminds(ports: Ports, transfer: Transfer, until: datetime | None, *notices: Notice) -> bool:
    return ports.transfers.remind(transfer, until, event(ports, transfer, Tag.REMINDERS_OWED), notices)


def moves(ports: Ports, transfer: Transfer, to: datetime) -> bool:
    moved = replace(transfer, expires_at=to)
    return ports.transfers.reschedule(moved, transfer.expires_at, event(ports, transfer, Tag.EXPIRY_CHANGED))


def due_at(ports: Ports, due: Due, *moments: datetime) -> list[bool]:
    """Tell at which of these moments something is due."""
    return [due in list(ports.dues.until(at)) for at in moments]


@pytest.mark.parametrize(
    "sharing",
    [CARE, Sharing(Basis.PATIENT_CONSENT, date(2026, 1, 2)), Sharing(Basis.OTHER_LEGAL_DUTY, legal_duty=LegalDuty.COURT_ORDER)],
)
def test_a_transfer_is_read_as_it_was_kept(ports: Ports, sharing: Sharing) -> None:
    made = kept(ports, sharing=sharing)

    whole = ports.transfers.whole(made.id)

    assert made.sharing == sharing
    assert (made.state, made.sizes, made.sender_name, made.landed) == (State.DRAFT, (5, 0), "Dr Ada", 0)
    assert whole == Whole(made, tuple(Recipient(r, a_person(n)) for n, r in enumerate(made.recipient_ids)))
    assert ports.transfers.draft(made.id) == (made, WRAPPED)
    assert ports.transfers.with_recipient(made.id, made.recipient_ids[1]) == (made, Recipient(made.recipient_ids[1], a_person(1)))
    assert trail(ports, made.id) == [Tag.TRANSFER_CREATED]


def test_what_was_never_kept_is_nothing(ports: Ports) -> None:
    made, unknown, nobody = kept(ports), TransferId("x" * 26), RecipientId("x" * 26)

    assert ports.transfers.read(unknown) is None
    assert ports.transfers.draft(unknown) is None
    assert ports.transfers.whole(unknown) is None
    assert ports.transfers.with_uploads(unknown, {0}) is None
    assert ports.transfers.with_recipient(unknown, made.recipient_ids[0]) is None
    assert ports.transfers.with_recipient(made.id, nobody) is None
    assert ports.keys.envelope(made.id) is None
    assert ports.keys.for_recipient(made.id, made.recipient_ids[0]) is None


def test_an_id_that_exists_is_never_written_over(ports: Ports) -> None:
    made = kept(ports)
    other = replace(a_draft(ports), transfer=replace(made, sender_name="Mallory"))

    assert adds(ports, other) is Added.TWICE

    assert ports.transfers.draft(made.id) == (made, WRAPPED)
    assert count(ports, made.id, Tag.TRANSFER_CREATED) == 1


def test_a_draft_kept_by_many_at_once_is_kept_by_one(ports: Ports) -> None:
    sender = MemberId(ports.new_id())
    drafts = [a_draft(ports, sender=sender) for _ in range(8)]
    same = [replace(one, transfer=replace(one.transfer, id=drafts[0].transfer.id)) for one in drafts]

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda one: adds(ports, one), same))

    assert sorted(answers) == sorted([Added.KEPT, *[Added.TWICE] * 7])
    found = ports.transfers.whole(drafts[0].transfer.id)
    assert found is not None
    assert tuple(one.id for one in found.recipients) == found.transfer.recipient_ids
    assert count(ports, found.transfer.id, Tag.TRANSFER_CREATED) == 1


def a_day(ports: Ports) -> datetime:
    """Choose a day that nobody else counts in."""
    return datetime(2100, 1, 1, 12, tzinfo=ports.clock.now().tzinfo) + int.from_bytes(ports.random.bytes(3)) * DAY / 64


ROOM = [
    (Quotas(Quota(5, 10**9), PLENTY.clinic), [Added.KEPT, Added.KEPT, Added.OVER_QUOTA]),
    (Quotas(Quota(10**6, 10), PLENTY.clinic), [Added.KEPT, Added.KEPT, Added.OVER_QUOTA]),
    (Quotas(PLENTY.member, Quota(4, 10**9)), [Added.KEPT, Added.KEPT, Added.OVER_QUOTA]),
    (Quotas(PLENTY.member, Quota(10**6, 5)), [Added.KEPT, Added.OVER_QUOTA, Added.OVER_QUOTA]),
    (Quotas(Quota(1, 10**9), PLENTY.clinic), [Added.OVER_QUOTA] * 3),
    (Quotas(PLENTY.member, Quota(10**6, 4)), [Added.OVER_QUOTA] * 3),
]


@pytest.mark.parametrize(("quotas", "answers"), ROOM)
def test_a_draft_is_kept_while_the_day_has_room_for_all_of_it(ports: Ports, quotas: Quotas, answers: list[Added]) -> None:
    sender, day = MemberId(ports.new_id()), a_day(ports)
    drafts = [a_draft(ports, sender=sender, created_at=day) for _ in answers]

    assert [adds(ports, one, quotas) for one in drafts] == answers

    assert [ports.transfers.draft(one.transfer.id) is not None for one in drafts] == [one is Added.KEPT for one in answers]
    assert [trail(ports, one.transfer.id) for one in drafts] == [[Tag.TRANSFER_CREATED] if one is Added.KEPT else [] for one in answers]


def test_a_repeated_draft_is_known_although_the_day_is_full(ports: Ports) -> None:
    quotas = Quotas(Quota(2, 10**9), PLENTY.clinic)
    one = a_draft(ports)
    adds(ports, one, quotas)

    assert adds(ports, one, quotas) is Added.TWICE


def test_of_many_drafts_at_once_as_many_are_kept_as_there_was_room(ports: Ports) -> None:
    sender, quotas = MemberId(ports.new_id()), Quotas(Quota(5, 10**9), PLENTY.clinic)
    drafts = [a_draft(ports, people=1, sender=sender) for _ in range(8)]

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda one: adds(ports, one, quotas), drafts))

    assert (answers.count(Added.KEPT), answers.count(Added.OVER_QUOTA)) == (5, 3)


@pytest.mark.parametrize(("state", "back"), [(State.DRAFT, True), (State.LANDING, True), (State.SEALED, False)])
def test_what_was_never_sealed_gives_its_part_of_the_day_back(ports: Ports, state: State, back: bool) -> None:
    sender, day, quotas = MemberId(ports.new_id()), a_day(ports), Quotas(Quota(2, 5), Quota(2, 5))
    full = kept(ports, state=state, sender=sender, created_at=day)
    assert adds(ports, a_draft(ports, sender=sender, created_at=day), quotas) is Added.OVER_QUOTA

    assert [ends(ports, full), ends(ports, full)] == [True, False]

    assert (adds(ports, a_draft(ports, sender=sender, created_at=day), quotas) is Added.KEPT) is back
    assert adds(ports, a_draft(ports, sender=sender, created_at=day), quotas) is Added.OVER_QUOTA
    assert adds(ports, a_draft(ports, sender=sender, created_at=day + DAY), quotas) is Added.KEPT


def test_an_envelope_is_taken_once(ports: Ports) -> None:
    made = kept(ports, state=State.LANDING)

    assert accepts(ports, made) is False

    assert made.state is State.LANDING
    assert ports.keys.envelope(made.id) == Envelope(b"manifest", (b"one", b"two"), WRAPPED)
    assert count(ports, made.id, Tag.ENVELOPE_ACCEPTED) == 1


def test_an_envelope_of_a_thousand_files_is_kept_whole_and_goes_whole(ports: Ports) -> None:
    made, headers = kept(ports), [bytes([n % 256]) * 450 + n.to_bytes(2) for n in range(1000)]

    assert accepts(ports, made, bytes(upload.MANIFEST_MOST), *headers)

    assert ports.keys.envelope(made.id) == Envelope(bytes(upload.MANIFEST_MOST), tuple(headers), WRAPPED)
    ports.keys.destroy(made.id)
    assert ports.keys.envelope(made.id) is None


def test_uploads_begin_all_together_or_not_at_all(ports: Ports) -> None:
    made = kept(ports, state=State.LANDING)
    assert ports.transfers.add_uploads(made, [Upload(0, checksum="abc")]) is True

    assert ports.transfers.add_uploads(made, [Upload(1, "upload"), Upload(0, checksum="other")]) is False

    assert ports.transfers.with_uploads(made.id, {0, 1, -1, 99_999}) == (made, {0: Upload(0, checksum="abc")})


def test_a_checksum_is_kept_until_the_file_has_landed(ports: Ports) -> None:
    made = kept(ports, state=State.LANDING)
    ports.transfers.add_uploads(made, [Upload(0, "upload")])

    answers = [ports.transfers.set_checksum(made.id, 0, text) for text in ("one", "one", "two")]

    assert answers == [True, True, True]
    assert ports.transfers.set_checksum(made.id, 1, "one") is False
    assert ports.transfers.with_uploads(made.id, {0}) == (made, {0: Upload(0, "upload", "two")})
    assert ports.transfers.land(made.id, 0, event(ports, made, Tag.FILE_LANDED))
    assert ports.transfers.set_checksum(made.id, 0, "two") is False


def test_a_file_is_counted_once(ports: Ports) -> None:
    made = kept(ports, state=State.LANDING)
    ports.transfers.add_uploads(made, [Upload(0, checksum="a")])

    answers = [ports.transfers.land(made.id, file, event(ports, made, Tag.FILE_LANDED)) for file in (0, 0, 1)]

    found = ports.transfers.whole(made.id)
    assert answers == [True, False, False]
    assert found is not None
    assert (found.transfer.landed, found.uploads) == (1, (Upload(0, checksum="a", landed=True),))
    assert count(ports, made.id, Tag.FILE_LANDED) == 1


def test_many_that_land_at_once_are_all_counted_once(ports: Ports) -> None:
    made = kept(ports, state=State.LANDING)
    ports.transfers.add_uploads(made, [Upload(0, checksum="a"), Upload(1, checksum="b")])

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: ports.transfers.land(made.id, n % 2, event(ports, made, Tag.FILE_LANDED)), range(8)))

    found = ports.transfers.read(made.id)
    assert answers.count(True) == 2
    assert found is not None
    assert found.landed == 2


def test_sealing_keeps_the_wraps_and_is_done_once(ports: Ports) -> None:
    made = kept(ports, state=State.LANDING)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: seals(ports, made), range(4)))

    found = ports.transfers.read(made.id)
    envelope = Envelope(b"manifest", (b"one", b"two"), WRAPPED)
    assert answers.count(True) == 1
    assert found == replace(made, state=State.SEALED, sealed_at=ports.clock.now(), look_at=made.look_at)
    for recipient in made.recipient_ids:
        assert ports.keys.for_recipient(made.id, recipient) == (envelope, f"wrap of {recipient}".encode())
    assert count(ports, made.id, Tag.TRANSFER_SEALED) == 1


def test_fifty_recipients_are_sealed_in_one_go(ports: Ports) -> None:
    made = kept(ports, people=50, state=State.LANDING)

    assert seals(ports, made) is True

    assert ports.keys.for_recipient(made.id, made.recipient_ids[49]) is not None


def test_a_draft_is_neither_sealed_nor_refused_and_counts_nothing(ports: Ports) -> None:
    made = kept(ports)

    assert (seals(ports, made), refuses(ports, made)) == (False, False)

    assert ports.transfers.read(made.id) == made
    assert trail(ports, made.id) == [Tag.TRANSFER_CREATED]


def test_a_refusal_is_final(ports: Ports) -> None:
    made = kept(ports, state=State.LANDING)

    assert [refuses(ports, made), refuses(ports, made), seals(ports, made)] == [True, False, False]

    assert ports.transfers.read(made.id) == replace(made, state=State.REFUSED, fault=Fault.NOT_SEALED)


@pytest.mark.parametrize("state", [State.DRAFT, State.LANDING, State.SEALED])
def test_an_end_is_decided_once_and_stops_everything_else(ports: Ports, state: State) -> None:
    made = kept(ports, state=state)
    ports.transfers.add_uploads(made, [Upload(0, checksum="a")])

    assert [ends(ports, made, Ending.REVOKED), ends(ports, made, Ending.EXPIRED)] == [True, False]

    assert now_of(ports, made) == replace(made, ending=Ending.REVOKED, ended_at=ports.clock.now())
    assert not accepts(ports, made)
    assert not seals(ports, made)
    assert not refuses(ports, made)
    assert not ports.transfers.land(made.id, 0, event(ports, made, Tag.FILE_LANDED))
    assert not ports.transfers.look_again(made.looked_at(ports.clock.now()))
    assert not reminds(ports, made, None, a_notice(ports, made))
    assert not moves(ports, made, made.expires_at + DAY)
    assert not ports.recipients.revoke(made.id, made.recipient_ids[0], event(ports, made, Tag.RECIPIENT_REVOKED))


@pytest.mark.parametrize("state", [State.DRAFT, State.LANDING, State.SEALED])
def test_an_end_that_was_read_before_something_changed_ends_nothing(ports: Ports, state: State) -> None:
    made = kept(ports, state=state)
    others = [replace(made, state=other) for other in State if other is not state]

    assert [ends(ports, one) for one in (*others, replace(made, expires_at=made.expires_at + SECOND))] == [False] * 5

    assert now_of(ports, made) == made


def test_a_look_is_put_off_while_a_transfer_lands(ports: Ports) -> None:
    ports.dues.swept(ports.clock.now() - timedelta(hours=1))
    made, draft, sealed = kept(ports, state=State.LANDING), kept(ports), kept(ports, state=State.SEALED)
    later = made.looked_at(ports.clock.now() + timedelta(hours=1))
    first, second = made.look_at, later.look_at
    assert first is not None
    assert second is not None
    before = due_at(ports, Due(transfer=made.id), first - SECOND, first)

    assert [ports.transfers.look_again(replace(one, look_at=second)) for one in (made, draft, sealed)] == [True, False, False]

    assert before == [False, True]
    assert due_at(ports, Due(transfer=made.id), second - SECOND, second) == [False, True]
    assert now_of(ports, made) == later
    assert trail(ports, made.id) == [Tag.TRANSFER_CREATED, Tag.ENVELOPE_ACCEPTED]


def test_reminders_are_owed_and_the_moment_is_dealt_with_in_one_go(ports: Ports) -> None:
    ports.dues.swept(ports.clock.now() - timedelta(hours=1))
    made = kept(ports, state=State.SEALED)
    half, last = made.due_at, made.last_day_at
    assert half is not None
    notices = [a_notice(ports, made, Kind.REMINDER) for _ in range(2)]
    before = due_at(ports, Due(transfer=made.id), half - SECOND, half)

    assert reminds(ports, made, half, *notices) is True

    found = now_of(ports, made)
    assert before == [False, True]
    assert found == replace(made, reminded_until=half)
    assert found.due_at == last
    assert due_at(ports, Due(transfer=made.id), last - SECOND, last) == [False, True]
    assert [ports.outbox.read(one.id) for one in notices] == notices
    assert count(ports, made.id, Tag.REMINDERS_OWED) == 1


def test_a_moment_is_dealt_with_by_one_of_many(ports: Ports) -> None:
    made = kept(ports, state=State.SEALED)
    assert made.due_at is not None
    first = [a_notice(ports, made, Kind.REMINDER) for _ in range(4)]

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda one: reminds(ports, made, made.due_at, one), first))
    again = now_of(ports, made)
    second = [reminds(ports, again, made.last_day_at), reminds(ports, again, made.last_day_at), reminds(ports, made, made.last_day_at)]

    assert answers.count(True) == 1
    assert [ports.outbox.read(one.id) is not None for one in first] == answers
    assert second == [True, False, False]
    assert count(ports, made.id, Tag.REMINDERS_OWED) == 2


def test_reminders_by_hand_leave_the_moments_alone(ports: Ports) -> None:
    made = kept(ports, state=State.SEALED)

    assert [reminds(ports, made, None, a_notice(ports, made, Kind.REMINDER)) for _ in range(2)] == [True, True]

    assert now_of(ports, made) == made
    assert count(ports, made.id, Tag.REMINDERS_OWED) == 2


def test_fifty_reminders_are_owed_in_one_go(ports: Ports) -> None:
    made = kept(ports, people=50, state=State.SEALED)

    assert reminds(ports, made, made.due_at, *(a_notice(ports, made, Kind.REMINDER) for _ in range(51))) is True


@pytest.mark.parametrize("state", [State.DRAFT, State.LANDING])
def test_nothing_is_reminded_of_or_moved_before_it_is_sealed(ports: Ports, state: State) -> None:
    made = kept(ports, state=state)

    assert not reminds(ports, made, None)
    assert not reminds(ports, made, made.expires_at)
    assert not moves(ports, made, made.expires_at + DAY)
    assert now_of(ports, made) == made


def test_another_end_is_kept_with_another_due_time(ports: Ports) -> None:
    ports.dues.swept(ports.clock.now() - timedelta(hours=1))
    made = kept(ports, state=State.SEALED)
    to = made.expires_at + 14 * DAY

    assert moves(ports, made, to) is True

    found, due = now_of(ports, made), Due(transfer=made.id)
    assert found == replace(made, expires_at=to)
    assert found.due_at is not None
    assert due_at(ports, due, found.due_at - SECOND, found.due_at) == [False, True]
    assert not reminds(ports, made, made.due_at)
    assert not ends(ports, made)
    assert count(ports, made.id, Tag.EXPIRY_CHANGED) == 1


def test_an_end_is_moved_by_one_of_many(ports: Ports) -> None:
    made = kept(ports, state=State.SEALED)
    ways = [made.expires_at + days * DAY for days in range(1, 5)]

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda to: moves(ports, made, to), ways))

    assert answers.count(True) == 1
    assert now_of(ports, made).expires_at == ways[answers.index(True)]
    assert count(ports, made.id, Tag.EXPIRY_CHANGED) == 1


def test_a_tombstone_is_written_once(ports: Ports) -> None:
    made = kept(ports, state=State.SEALED)

    notices = [a_notice(ports, made, Kind.EXPIRED) for _ in range(2)]

    assert [*(shreds(ports, made, one) for one in notices), ends(ports, made)] == [True, False, False]

    buried = replace(made, state=State.SHREDDED, shredded_at=ports.clock.now(), tombstone=a_tombstone(ports))
    assert now_of(ports, made) == buried
    assert [ports.outbox.read(one.id) for one in notices] == [notices[0], None]
    assert due_at(ports, Due(transfer=made.id), made.expires_at + DAY) == [False]
    assert [shreds(ports, replace(made, id=TransferId("x" * 26))), ends(ports, replace(made, id=TransferId("x" * 26)))] == [False, False]


def test_a_trail_is_read_back_oldest_first_and_sums_up_the_same(ports: Ports) -> None:
    made, other = kept(ports), kept(ports)
    begun = ports.clock.now()
    apart = timedelta(microseconds=1_234_567)
    told = [replace(event(ports, made, Tag.NOTICE_SENT), at=begun + n * apart, reason="void") for n in range(1, 31)]
    for one in reversed(told):
        ports.audit.record(one)
    ports.audit.record(event(ports, other, Tag.NOTICE_SENT))

    first, *found = ports.audit.trail(made.id)

    assert first.tag is Tag.TRANSFER_CREATED
    assert list(map(audit.line, found)) == list(map(audit.line, told))
    assert list(ports.audit.trail(TransferId("x" * 26))) == []


def test_what_is_destroyed_is_gone_and_may_be_destroyed_again(ports: Ports) -> None:
    made, other = kept(ports, people=30, state=State.SEALED), kept(ports, state=State.SEALED)

    for _ in range(2):
        ports.keys.destroy(made.id)

    assert ports.keys.envelope(made.id) is None
    assert all(ports.keys.for_recipient(made.id, r) is None for r in made.recipient_ids)
    assert ports.transfers.draft(made.id) is None
    assert ports.keys.envelope(other.id) is not None


def test_a_sender_pages_through_their_own_newest_first(ports: Ports) -> None:
    sender, sent = MemberId(ports.new_id()), []
    kept(ports)
    for _ in range(5):
        sent.append(kept(ports, sender=sender))
        ports.clock.tick(seconds=1)

    pages, after = [], None
    while not pages or after is not None:
        page = ports.transfers.sent_by(sender, after, 2)
        pages.append(page.transfers)
        after = page.next

    found = [whole for page in pages for whole in page]
    assert [whole.transfer for whole in found] == sent[::-1]
    assert all(len(whole.recipients) == 2 for whole in found)
    assert ports.transfers.sent_by(MemberId(ports.new_id()), None, 2).transfers == ()

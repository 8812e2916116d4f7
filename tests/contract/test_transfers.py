"""Transfers and keys: the same conditions in memory and in DynamoDB."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from chalicelib.domain.audit import Event, Tag
from chalicelib.domain.ids import MemberId, NoticeId, RecipientId, TransferId
from chalicelib.domain.notice import Kind, Notice
from chalicelib.domain.transfer import Basis, Ending, Fault, LegalDuty, Recipient, Sharing, State, Transfer, Upload
from chalicelib.usecases.ports import Envelope, Ports, Whole
from tests.builders import CARE, a_person
from tests.contract.looking import count, trail

WRAPPED = bytes(range(200))


def kept(ports: Ports, people: int = 2, state: State = State.DRAFT, **changes: Any) -> Transfer:
    """Keep a transfer and walk it to a state through the port alone."""
    recipients = [Recipient(RecipientId(ports.new_id()), a_person(n)) for n in range(people)]
    made = Transfer(
        TransferId(ports.new_id()),
        changes.pop("sender", MemberId(ports.new_id())),
        "Dr Ada",
        changes.pop("sharing", CARE),
        (5, 0),
        tuple(r.id for r in recipients),
        ports.clock.now(),
        ports.clock.now() + timedelta(days=7),
    )
    ports.transfers.add(made, recipients, WRAPPED, event(ports, made, Tag.TRANSFER_CREATED))
    if state is not State.DRAFT:
        assert ports.transfers.accept_envelope(made.id, b"manifest", [b"one", b"two"], event(ports, made, Tag.ENVELOPE_ACCEPTED))
    if state is State.SEALED:
        assert seals(ports, made)
    found = ports.transfers.read(made.id)
    assert found is not None
    return found


def event(ports: Ports, transfer: Transfer, tag: Tag) -> Event:
    return ports.event(tag, transfer=transfer.id)


def a_notice(ports: Ports, transfer: Transfer, kind: Kind = Kind.SHARE_LINK) -> Notice:
    return Notice(NoticeId(ports.new_id()), kind, transfer=transfer.id, recipient=transfer.recipient_ids[0])


def seals(ports: Ports, transfer: Transfer) -> bool:
    wraps = {r: f"wrap of {r}".encode() for r in transfer.recipient_ids}
    return ports.transfers.seal(transfer, wraps, event(ports, transfer, Tag.TRANSFER_SEALED), [a_notice(ports, transfer)])


def refuses(ports: Ports, transfer: Transfer) -> bool:
    notice = a_notice(ports, transfer, Kind.REFUSED)
    return ports.transfers.refuse(transfer, Fault.NOT_SEALED, event(ports, transfer, Tag.TRANSFER_REFUSED), notice)


def ends(ports: Ports, transfer: Transfer, ending: Ending = Ending.REVOKED) -> bool:
    return ports.transfers.end(transfer, ending, event(ports, transfer, Tag.TRANSFER_ENDED))


def shreds(ports: Ports, transfer: Transfer) -> bool:
    return ports.transfers.shred(transfer.id, event(ports, transfer, Tag.TRANSFER_SHREDDED))


def accepts(ports: Ports, transfer: Transfer) -> bool:
    return ports.transfers.accept_envelope(transfer.id, b"other", [b"x", b"y"], event(ports, transfer, Tag.ENVELOPE_ACCEPTED))


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

    with pytest.raises(RuntimeError):
        ports.transfers.add(replace(made, sender_name="Mallory"), [], b"", event(ports, made, Tag.TRANSFER_CREATED))

    assert ports.transfers.draft(made.id) == (made, WRAPPED)


def test_an_envelope_is_taken_once(ports: Ports) -> None:
    made = kept(ports, state=State.LANDING)

    assert accepts(ports, made) is False

    assert made.state is State.LANDING
    assert ports.keys.envelope(made.id) == Envelope(b"manifest", (b"one", b"two"), WRAPPED)
    assert count(ports, made.id, Tag.ENVELOPE_ACCEPTED) == 1


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
    assert found == replace(made, state=State.SEALED, sealed_at=ports.clock.now())
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
    recipient = made.recipient_ids[0]

    assert [ends(ports, made, Ending.REVOKED), ends(ports, made, Ending.EXPIRED)] == [True, False]

    assert ports.transfers.read(made.id) == replace(made, ending=Ending.REVOKED)
    assert not accepts(ports, made)
    assert not seals(ports, made)
    assert not refuses(ports, made)
    assert not ports.transfers.land(made.id, 0, event(ports, made, Tag.FILE_LANDED))
    assert not ports.transfers.mark_opened(made.id, recipient, event(ports, made, Tag.KEY_UNWRAPPED))
    assert not ports.transfers.mark_collected(made.id, recipient, 0, event(ports, made, Tag.FILE_COLLECTED))
    assert not ports.transfers.revoke(made.id, recipient, event(ports, made, Tag.RECIPIENT_REVOKED))


def test_a_tombstone_is_written_once(ports: Ports) -> None:
    made = kept(ports, state=State.SEALED)

    assert [shreds(ports, made), shreds(ports, made), ends(ports, made)] == [True, False, False]

    found = ports.transfers.read(made.id)
    assert found == replace(made, state=State.SHREDDED, shredded_at=ports.clock.now())
    assert [shreds(ports, replace(made, id=TransferId("x" * 26))), ends(ports, replace(made, id=TransferId("x" * 26)))] == [False, False]


def test_one_recipient_is_closed_out_with_their_key(ports: Ports) -> None:
    made = kept(ports, state=State.SEALED)
    one, two = made.recipient_ids
    revoke = lambda: ports.transfers.revoke(made.id, one, event(ports, made, Tag.RECIPIENT_REVOKED))  # noqa: E731

    assert [revoke(), revoke()] == [True, False]

    whole = ports.transfers.whole(made.id)
    assert whole is not None
    assert [r.revoked_at for r in whole.recipients] == [ports.clock.now(), None]
    assert ports.keys.for_recipient(made.id, one) is None
    assert ports.keys.for_recipient(made.id, two) is not None
    assert not ports.transfers.mark_opened(made.id, one, event(ports, made, Tag.KEY_UNWRAPPED))
    assert ports.transfers.mark_opened(made.id, two, event(ports, made, Tag.KEY_UNWRAPPED))


def test_nobody_is_closed_out_of_what_is_not_sealed(ports: Ports) -> None:
    made = kept(ports, state=State.LANDING)

    for recipient in (made.recipient_ids[0], RecipientId("x" * 26)):
        assert not ports.transfers.revoke(made.id, recipient, event(ports, made, Tag.RECIPIENT_REVOKED))


def test_opening_keeps_the_first_time_and_collecting_each_file(ports: Ports) -> None:
    made = kept(ports, state=State.SEALED)
    recipient, first = made.recipient_ids[0], ports.clock.now()
    for file in (1, 0, 1):
        assert ports.transfers.mark_opened(made.id, recipient, event(ports, made, Tag.KEY_UNWRAPPED))
        ports.clock.tick(minutes=1)
        assert ports.transfers.mark_collected(made.id, recipient, file, event(ports, made, Tag.FILE_COLLECTED))

    found = ports.transfers.with_recipient(made.id, recipient)

    assert found is not None
    assert (found[1].opened_at, found[1].collected, found[1].collected_at) == (first, {0, 1}, ports.clock.now())
    assert not ports.transfers.mark_opened(made.id, RecipientId("x" * 26), event(ports, made, Tag.KEY_UNWRAPPED))


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

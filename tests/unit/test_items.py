"""How values are written as items and read back: nothing is lost on the way, and everything has its day to go."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.adapters.clinic_secret import ClinicSecret
from chalicelib.adapters.dynamodb import items
from chalicelib.adapters.dynamodb.table import Item, read, written
from chalicelib.domain import audit
from chalicelib.domain.audit import Event, Tag
from chalicelib.domain.ids import MemberId, NoticeId, RecipientId, TransferId
from chalicelib.domain.limits import FILES_MOST
from chalicelib.domain.login import Channel
from chalicelib.domain.notice import Kind, Notice
from chalicelib.domain.recipient import Recipient
from chalicelib.domain.transfer import LIFETIME_MOST, Transfer, Upload
from chalicelib.usecases import upload
from tests.builders import CARE, a_person
from tests.fake_aws import MORNING

SEALER = ClinicSecret(lambda: bytes(32), lambda: False)
TRANSFER, MEMBER = TransferId("t" * 26), MemberId("m" * 26)
ONE, TWO = RecipientId("a" * 26), RecipientId("b" * 26)
DAY = 86_400
IDS = st.text("abcdefghijklmnopqrstuvwxyz234567", min_size=26, max_size=26)
INSTANTS = st.datetimes(datetime(1971, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def kept(item: Item) -> Item:
    """Write an item as DynamoDB takes it, and read it as DynamoDB gives it."""
    return read(written(item))


def a_transfer(standby: frozenset[RecipientId] = frozenset()) -> Transfer:
    return Transfer(TRANSFER, MEMBER, "Dr Ada", CARE, (3, 0), (ONE, TWO), MORNING, MORNING + timedelta(days=7), 50, standby)


@st.composite
def events(draw: st.DrawFn) -> Event:
    """Build any event of a transfer."""
    maybe = st.none() | IDS
    member, recipient, subject = (draw(maybe) for _ in range(3))
    more: dict[str, Any] = {"member": member, "transfer": draw(IDS), "recipient": recipient, "subject": subject}
    more |= {"file": draw(st.none() | st.integers(0, 499)), "reason": draw(st.none() | st.sampled_from(Kind)), "ip": draw(maybe)}
    return Event(draw(IDS), draw(INSTANTS), draw(st.sampled_from(Tag)), **more)


@given(events())
def test_an_event_is_summed_up_the_same_before_and_after_it_was_kept(event: Event) -> None:
    again = items.event_from(kept(items.audit_item(event)))

    assert audit.line(again) == audit.line(event)
    assert again == replace(event, at=event.at.replace(microsecond=event.at.microsecond // 1000 * 1000))


@given(st.lists(events(), max_size=6))
def test_events_are_read_in_the_order_they_are_summed_up(several: list[Event]) -> None:
    found = [items.event_from(item) for item in sorted((kept(items.audit_item(event)) for event in several), key=lambda item: item["sk"])]

    assert [audit.line(one) for one in found] == [audit.line(one) for one in sorted(found, key=lambda event: (event.at, event.id))]


@pytest.mark.parametrize("standby", [frozenset(), {ONE}, {ONE, TWO}])
def test_a_transfer_is_read_as_it_was_written(standby: frozenset[RecipientId]) -> None:
    made = a_transfer(frozenset(standby))

    assert items.transfer_from(kept(items.transfer_item(made, SEALER)), SEALER) == made


def test_a_recipient_is_read_as_they_were_written() -> None:
    corrected = Recipient(ONE, a_person(mobile=None), turn=3, corrected_at=MORNING)

    for one in (corrected, Recipient(TWO, a_person())):
        assert items.recipient_from(kept(items.recipient_item(a_transfer(), one, SEALER)), SEALER) == one


@pytest.mark.parametrize(
    "notice",
    [
        Notice(NoticeId("n" * 26), Kind.REMINDER, transfer=TRANSFER, recipient=ONE, turn=2, by=Channel.SMS),
        Notice(NoticeId("n" * 26), Kind.EXPIRED, member=MEMBER, transfer=TRANSFER),
        Notice(NoticeId("n" * 26), Kind.INVITATION, member=MEMBER, turn=3),
        Notice(NoticeId("n" * 26), Kind.CONTACT_CHANGED, member=MEMBER, to=a_person(3)),
    ],
)
def test_a_notice_is_read_as_it_was_written(notice: Notice) -> None:
    item = kept(items.notice_item(notice, MORNING, SEALER))

    assert items.notice_from(item, SEALER) == notice
    assert "ada3" not in repr(item)


@given(st.integers(0, upload.MANIFEST_MOST), st.integers(1, 5000), st.integers(1, FILES_MOST))
def test_an_envelope_fits_its_items_whatever_the_service_took(manifest: int, each: int, files: int) -> None:
    headers = [bytes(each)] * min(files, (upload.ENVELOPE_MOST - manifest) // each)
    written_items = items.envelope_items(a_transfer(), bytes(manifest), headers)

    sizes = [len(one.get("manifest", b"")) + sum(len(header) + 4 for header in one["headers"]) for one in written_items]
    assert [header for one in written_items for header in one["headers"]] == headers
    assert [one["sk"] for one in written_items] == list(items.ENVELOPE[: len(written_items)])
    assert max(sizes) < 400_000


def test_records_outlive_the_latest_end_by_a_year_and_keys_by_a_day() -> None:
    made, begun = a_transfer(), int(MORNING.timestamp())
    moved = replace(made, expires_at=MORNING + LIFETIME_MOST)

    for one in (made, moved):
        written_items = [
            items.transfer_item(one, SEALER),
            items.recipient_item(one, Recipient(ONE, a_person()), SEALER),
            items.upload_item(one, Upload(0)),
        ]
        assert {item["ttl"] - begun for item in written_items} == {365 * DAY}
        assert items.keys_kept_until(one) - begun == 31 * DAY


def test_an_event_lives_for_a_year_and_a_message_for_a_month() -> None:
    begun = int(MORNING.timestamp())
    event = Event("e" * 26, MORNING, Tag.NOTICE_SENT, transfer=TRANSFER)
    notice = Notice(NoticeId("n" * 26), Kind.SHARE_LINK, transfer=TRANSFER, recipient=ONE)

    assert items.audit_item(event)["ttl"] - begun == 365 * DAY
    assert items.message_item("name", notice, MORNING)["ttl"] - begun == 30 * DAY


def test_a_transfer_is_due_in_the_index_when_it_is_due() -> None:
    made = a_transfer()
    assert made.due_at is not None

    item = items.transfer_item(made, SEALER)

    assert (item["due_hour"], item["due_at"]) == ("2026-03-03T08", "2026-03-03T08:00:00Z")
    assert made.due_at == MORNING + timedelta(days=1)

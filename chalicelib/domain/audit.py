"""Audit events: who did what to which thing, when. Ids and enumerations only, never a name, an address or a secret."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from chalicelib.domain.ids import MemberId, RecipientId, TransferId

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)  # whole ones: a float would now and then lose one
SETTLED = timedelta(minutes=2)  # an event is written within this time of the instant it carries, whatever is tried again


class Tag(StrEnum):
    """Everything that leaves a trace (docs/reference/audit.md)."""

    CODE_ASKED = "auth.code.asked"
    CODE_SENT = "auth.code.sent"
    CODE_FAILED = "auth.code.failed"
    SIGNED_IN = "auth.success"
    SIGNED_OUT = "session.end"
    SIGNIN_LOCKED = "auth.locked"
    PASSKEY_COPIED = "auth.passkey.copied"
    MEANS_ADDED = "factor.added"
    MEANS_REMOVED = "factor.removed"
    MEMBER_INVITED = "account.created"
    MEMBER_JOINED = "account.joined"
    MEMBER_CHANGED = "contact.changed"
    ROLE_CHANGED = "role.changed"
    MEMBER_DISABLED = "account.disabled"
    MEMBER_ENABLED = "account.enabled"
    MEMBER_RESET = "account.reset"
    MEMBER_DELETED = "account.deleted"
    DATA_EXPORTED = "account.exported"
    RIGHTS_REVIEWED = "rights.reviewed"
    RIGHTS_EXPORTED = "rights.exported"
    REVIEW_OVERDUE = "rights.review.overdue"
    RISK_ACCEPTED = "risk.accepted"
    RISK_WITHDRAWN = "risk.withdrawn"
    REPORT_MADE = "report.generated"
    GIVEN_BACK = "clinic.given_back"
    TRANSFER_CREATED = "transfer.created"
    ENVELOPE_ACCEPTED = "upload.authorised"
    FILE_LANDED = "upload.completed"
    TRANSFER_SEALED = "transfer.sealed"
    TRANSFER_REFUSED = "transfer.refused"
    EXPIRY_CHANGED = "transfer.expiry.changed"
    REMINDERS_OWED = "transfer.reminded"
    NOTICE_SENT = "notice.sent"
    NOTICE_GIVEN_UP = "notice.given_up"
    NOTICE_OUTCOME = "notice.outcome"
    RECIPIENT_PROVED = "recipient.authenticated"
    KEY_UNWRAPPED = "key.unwrapped"
    DOWNLOAD_AUTHORISED = "download.authorised"
    FILE_COLLECTED = "file.downloaded"
    RECIPIENT_CORRECTED = "recipient.corrected"
    RECIPIENT_REVOKED = "recipient.revoked"
    TRANSFER_ENDED = "transfer.ended"
    TRANSFER_SHREDDED = "transfer.shredded"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened.

    `id` makes it unique within its instant, `reason` is an enumerated code, `subject` is the member it was done to.
    """

    id: str
    at: datetime
    tag: Tag
    member: MemberId | None = None
    transfer: TransferId | None = None
    recipient: RecipientId | None = None
    file: int | None = None
    reason: str | None = None
    ip: str | None = None
    subject: MemberId | None = None


def settled(trail: Iterable[Event], at: datetime) -> Iterator[bytes]:
    """Write the lines of the events that no slow writer could still have added to at that instant."""
    return (line(event) for event in trail if event.at < at - SETTLED)


def line(event: Event) -> bytes:
    """Write an event as one line of canonical JSON, the instant in milliseconds: what the digest of a trail is made of."""
    values = [(value - EPOCH) // MILLISECOND if isinstance(value, datetime) else value for value in astuple(event)]
    return json.dumps(values, separators=(",", ":")).encode() + b"\n"

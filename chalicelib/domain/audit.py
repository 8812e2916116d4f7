"""Audit events: who did what to which thing, when. Ids and enumerations only, never a name, an address or a secret."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.ids import MemberId, RecipientId, TransferId


class Tag(StrEnum):
    """Everything that leaves a trace (docs/reference/audit.md)."""

    CODE_ASKED = "auth.code.asked"
    CODE_SENT = "auth.code.sent"
    CODE_FAILED = "auth.code.failed"
    SIGNED_IN = "auth.success"
    SIGNED_OUT = "session.end"
    MEMBER_INVITED = "account.created"
    TRANSFER_CREATED = "transfer.created"
    ENVELOPE_ACCEPTED = "upload.authorised"
    FILE_LANDED = "upload.completed"
    TRANSFER_SEALED = "transfer.sealed"
    TRANSFER_REFUSED = "transfer.refused"
    NOTICE_SENT = "notice.sent"
    NOTICE_GIVEN_UP = "notice.given_up"
    RECIPIENT_PROVED = "recipient.authenticated"
    KEY_UNWRAPPED = "key.unwrapped"
    DOWNLOAD_AUTHORISED = "download.authorised"
    FILE_COLLECTED = "file.downloaded"
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

"""A transfer and its life: draft, landing, sealed, shredded; refused when what landed is not what was promised."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from chalicelib.domain.errors import Conflict, Invalid, NotFound, Over
from chalicelib.domain.ids import MemberId, RecipientId, TransferId
from chalicelib.domain.person import Person

LIFETIME_LEAST_DAYS = 1
LIFETIME_MOST_DAYS = 30  # R46
DRAFT_LIFETIME = timedelta(hours=24)  # what has not landed by then is abandoned
RETENTIONS = (2, 8, 15, 31)  # days; one lifecycle rule each in infra/resources/bucket.yaml, backstop only (ADR 0006)


class State(StrEnum):
    """Where a transfer is in its life."""

    DRAFT = "draft"
    LANDING = "landing"
    SEALED = "sealed"
    REFUSED = "refused"
    SHREDDED = "shredded"


class Ending(StrEnum):
    """Why a transfer was destroyed."""

    EXPIRED = "expired"
    REVOKED = "revoked"
    CANCELLED = "cancelled"
    ABANDONED = "abandoned"


class Fault(StrEnum):
    """Why what landed was refused."""

    SIZE_DIFFERS = "size_differs"
    CHECKSUM_DIFFERS = "checksum_differs"
    NOT_SEALED = "not_sealed"
    NOT_WHOLE = "not_whole"


class Basis(StrEnum):
    """On what ground health data is shared (Code de la santé publique, L.1110-4; R11)."""

    SAME_CARE_TEAM = "same_care_team"
    TAKING_PART_IN_CARE = "taking_part_in_care"
    PATIENT_CONSENT = "patient_consent"
    PATIENT_HIMSELF = "patient_himself"
    OTHER_LEGAL_DUTY = "other_legal_duty"


class LegalDuty(StrEnum):
    """The duties to tell that `Basis.OTHER_LEGAL_DUTY` may name."""

    NOTIFIABLE_DISEASE = "notifiable_disease"
    SOCIAL_SECURITY_CONTROL = "social_security_control"
    CHILD_PROTECTION = "child_protection"
    COURT_ORDER = "court_order"


@dataclass(frozen=True, slots=True)
class Sharing:
    """The ground of one transfer, with the date or the duty it needs."""

    basis: Basis
    consent_date: date | None = None
    legal_duty: LegalDuty | None = None

    def check(self, today: date) -> None:
        """Raise `Invalid` when a consent has no date (or a future one), or a legal duty is not named."""
        if self.basis is Basis.PATIENT_CONSENT and self.consent_date is None:
            raise Invalid("consent_date_required", "consent_date")
        if self.consent_date is not None and self.consent_date > today:
            raise Invalid("bad_consent_date", "consent_date")
        if self.basis is Basis.OTHER_LEGAL_DUTY and self.legal_duty is None:
            raise Invalid("legal_duty_required", "legal_duty")


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody a transfer is for, and what has happened between them and it."""

    id: RecipientId
    person: Person
    told_at: datetime | None = None
    opened_at: datetime | None = None
    collected: frozenset[int] = frozenset()
    collected_at: datetime | None = None
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Upload:
    """How one file is on its way: its multipart upload, or the digest of its only part; and whether it has landed."""

    file: int
    upload_id: str | None = None
    checksum: str | None = None
    landed: bool = False


@dataclass(frozen=True, slots=True)
class Transfer:
    """One sending of files from a member to recipients. `sizes` are clear bytes, one per file."""

    id: TransferId
    sender: MemberId
    sender_name: str = field(repr=False)
    sharing: Sharing
    sizes: tuple[int, ...] = field(repr=False)
    recipient_ids: tuple[RecipientId, ...]
    created_at: datetime
    expires_at: datetime
    state: State = State.DRAFT
    landed: int = 0
    sealed_at: datetime | None = None
    fault: Fault | None = None
    ending: Ending | None = None
    shredded_at: datetime | None = None

    @property
    def retention(self) -> int:
        """Give the days after which the bucket's own rule removes the objects: the least class past the lifetime."""
        days = (self.expires_at - self.created_at).days + 1
        return next(r for r in RETENTIONS if r >= days)

    @property
    def due_at(self) -> datetime | None:
        """Tell when the sweeper must look at this transfer next."""
        if self.state is State.SHREDDED:
            return None
        if self.state is State.SEALED:
            return self.expires_at
        return min(self.created_at + DRAFT_LIFETIME, self.expires_at)

    @property
    def over(self) -> bool:
        """Tell whether nothing more may happen to it but its destruction."""
        return self.ending is not None or self.state in (State.REFUSED, State.SHREDDED)

    def object_key(self, file: int) -> str:
        """Name the object of one file: nothing in it comes from a person."""
        return f"t/{self.id}/{file}"

    def size_of(self, file: int) -> int:
        """Give the clear size of one file; raise `NotFound`."""
        if not 0 <= file < len(self.sizes):
            raise NotFound
        return self.sizes[file]

    def require_sender(self, member: MemberId) -> None:
        """Raise `NotFound` unless this member sent it: foreign and unknown are one answer."""
        if self.sender != member:
            raise NotFound

    def require_draft(self) -> None:
        """Raise `Conflict` unless the envelope is still to come."""
        if self.ending is not None or self.state not in (State.DRAFT, State.LANDING):
            raise Conflict("transfer_not_draft")
        if self.state is State.LANDING:
            raise Conflict("envelope_already_sent")

    def require_landing(self, now: datetime) -> None:
        """Raise `Conflict` unless parts may be put now."""
        if self.state is State.DRAFT and self.ending is None:
            raise Conflict("envelope_missing")
        late = self.due_at is not None and now >= self.due_at
        if self.state is not State.LANDING or self.ending is not None or late:
            raise Conflict("transfer_not_landing")

    def opens_for(self, recipient: Recipient, now: datetime) -> bool:
        """Tell whether this recipient may open it now. Asked at every read: no clean-up job is relied on."""
        alive = self.ending is None and self.state is State.SEALED and now < self.expires_at
        return alive and recipient.revoked_at is None

    def require_open(self, recipient: Recipient, now: datetime) -> None:
        """Raise `Over` unless this recipient may open it now."""
        if not self.opens_for(recipient, now):
            raise Over

    def ending_at(self, now: datetime) -> Ending | None:
        """Tell why this transfer must be destroyed now, or None when it must not."""
        if self.ending is not None or self.due_at is None or now < self.due_at:
            return self.ending
        return Ending.EXPIRED if self.state is State.SEALED else Ending.ABANDONED

    def ending_by_sender(self) -> Ending:
        """Tell what it means that the sender ends it now; raise `Conflict` when it is over already."""
        if self.ending is not None or self.state is State.SHREDDED:
            raise Conflict("cannot_revoke")
        return Ending.REVOKED if self.state is State.SEALED else Ending.CANCELLED


def expiry(now: datetime, days: int) -> datetime:
    """Give the instant a transfer made now ends; raise `Invalid("bad_lifetime")`."""
    if not LIFETIME_LEAST_DAYS <= days <= LIFETIME_MOST_DAYS:
        raise Invalid("bad_lifetime", "lifetime_days")
    return now + timedelta(days=days)

"""A transfer and its life: draft, landing, sealed, shredded; refused when what landed is not what was promised."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.errors import Conflict, Invalid, NotFound, Over
from chalicelib.domain.ids import MemberId, RecipientId, TransferId
from chalicelib.domain.recipient import Recipient
from chalicelib.domain.sharing import Sharing

LIFETIME_LEAST_DAYS = 1
LIFETIME_MOST_DAYS = 30  # R46; a clinic may choose fewer
LIFETIME_MOST = timedelta(days=LIFETIME_MOST_DAYS)
DRAFT_LIFETIME = timedelta(hours=24)  # what has not landed by then is abandoned
LOOK_AGAIN = timedelta(minutes=15)  # an event that has not come by then is deemed lost; the next look waits as long as the transfer is old
FINISH = timedelta(minutes=5)  # a destruction that has begun and is not over by then is gone on with by the sweeper
EXPIRY_LEAST = timedelta(hours=1)  # an end nearer than that is a revocation
LAST_DAY = timedelta(days=1)
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
    MISSING = "missing"
    REPLACED = "replaced"
    SENDER = "sender"


class Work(StrEnum):
    """What the sweeper has to do with a transfer whose hour has come."""

    LOOK = "look"
    REMIND = "remind"
    DESTROY = "destroy"


@dataclass(frozen=True, slots=True)
class Upload:
    """How one file is on its way: its multipart upload, or the digest of its only part; and whether it has landed."""

    file: int
    upload_id: str | None = None
    checksum: str | None = None
    landed: bool = False


@dataclass(frozen=True, slots=True)
class Tombstone:
    """What is written on the grave: when the keys went, and how many audit events (with the digest of their chain) led there."""

    keys_destroyed_at: datetime
    events: int
    trail: str


@dataclass(frozen=True, slots=True)
class Transfer:
    """One sending of files from a member to recipients. `sizes` are clear bytes, one per file.

    `standby` are the recipients told only if the others have not opened. `reminded_until` is the last moment of
    reminding that was dealt with, `look_at` when the sweeper looks for what an event may have lost.
    """

    id: TransferId
    sender: MemberId
    sender_name: str = field(repr=False)
    sharing: Sharing
    sizes: tuple[int, ...] = field(repr=False)
    recipient_ids: tuple[RecipientId, ...]
    created_at: datetime
    expires_at: datetime
    openings_most: int
    standby: frozenset[RecipientId] = frozenset()
    state: State = State.DRAFT
    landed: int = 0
    look_at: datetime | None = None
    sealed_at: datetime | None = None
    reminded_until: datetime | None = None
    fault: Fault | None = None
    ending: Ending | None = None
    ended_at: datetime | None = None
    shredded_at: datetime | None = None
    tombstone: Tombstone | None = None

    @property
    def retention(self) -> int:
        """Give the days after which the bucket's own rule removes the objects: the least class past the lifetime."""
        days = (self.expires_at - self.created_at).days + 1
        return next(r for r in RETENTIONS if r >= days)

    @property
    def ends_at(self) -> datetime:
        """Tell when it is over at the latest: at its expiry once sealed, or when it is deemed abandoned."""
        return self.expires_at if self.state is State.SEALED else min(self.created_at + DRAFT_LIFETIME, self.expires_at)

    @property
    def last_day_at(self) -> datetime:
        """Tell when the last reminder is due: a day before the end, but never before half of its time."""
        return max(self._half_at, self.expires_at - LAST_DAY)

    @property
    def _half_at(self) -> datetime:
        begun = self.sealed_at or self.created_at
        return (begun + (self.expires_at - begun) / 2).replace(microsecond=0)

    @property
    def reminder_at(self) -> datetime | None:
        """Tell when reminders are due next, or None when no moment is left."""
        done = self.reminded_until
        return next((at for at in (self._half_at, self.last_day_at) if done is None or at > done), None)

    @property
    def due_at(self) -> datetime | None:
        """Tell when the sweeper must look at this transfer next."""
        if self.state is State.SHREDDED:
            return None
        if self.state is State.SEALED:
            return min(self.reminder_at or self.expires_at, self.expires_at)
        return min(self.look_at or self.ends_at, self.ends_at)

    @property
    def over(self) -> bool:
        """Tell whether nothing more may happen to it but its destruction."""
        return self.ending is not None or self.state in (State.REFUSED, State.SHREDDED)

    @property
    def told_first(self) -> tuple[RecipientId, ...]:
        """List whom to tell when it is sealed."""
        return tuple(one for one in self.recipient_ids if one not in self.standby)

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
        if self.state is not State.LANDING or self.ending is not None or now >= self.ends_at:
            raise Conflict("transfer_not_landing")

    def require_sealed(self, now: datetime) -> None:
        """Raise `Conflict` unless it is sealed and its time is not over."""
        if self.state is not State.SEALED or self.ending is not None or now >= self.expires_at:
            raise Conflict("transfer_not_sealed")

    def opens_for(self, recipient: Recipient, now: datetime) -> bool:
        """Tell whether this recipient may open it now. Asked at every read: no clean-up job is relied on."""
        alive = self.ending is None and self.state is State.SEALED and now < self.expires_at
        return alive and recipient.revoked_at is None

    def require_open(self, recipient: Recipient, now: datetime) -> None:
        """Raise `Over` unless this recipient may open it now; it says whether time ended it or its sender did."""
        if not self.opens_for(recipient, now):
            withdrawn = recipient.revoked_at is not None or self.ending not in (None, Ending.EXPIRED)
            raise Over("transfer_revoked" if withdrawn else "transfer_expired")

    def work_at(self, now: datetime) -> Work | None:
        """Tell what the sweeper has to do now, if anything."""
        if self.due_at is None:
            return None
        if self.over or now >= self.ends_at:
            return Work.DESTROY
        if now < self.due_at:
            return None
        return Work.REMIND if self.state is State.SEALED else Work.LOOK

    def looked_at(self, now: datetime) -> "Transfer":
        """Give the transfer with its next look: as far away as it is old, and a quarter of an hour at least."""
        return replace(self, look_at=min(now + max(LOOK_AGAIN, now - self.created_at), self.ends_at))

    def until(self, expires_at: datetime, now: datetime, lifetime: "Lifetime") -> "Transfer":
        """Give the transfer with another end; raise `Invalid("bad_expiry")` or `Conflict`."""
        self.require_sealed(now)
        if not now + EXPIRY_LEAST <= expires_at <= lifetime.latest(self):
            raise Invalid("bad_expiry", "expires_at")
        return replace(self, expires_at=expires_at)

    def ending_at(self, now: datetime) -> Ending | None:
        """Tell why this transfer must be destroyed now, or None when it must not."""
        if self.ending is not None or self.due_at is None or now < self.ends_at:
            return self.ending
        return Ending.EXPIRED if self.state is State.SEALED else Ending.ABANDONED

    def ending_by_sender(self) -> Ending:
        """Tell what it means that the sender ends it now; raise `Conflict` when it is over already."""
        if self.over:
            raise Conflict("cannot_revoke")
        return Ending.REVOKED if self.state is State.SEALED else Ending.CANCELLED


@dataclass(frozen=True, slots=True)
class Lifetime:
    """How many days the transfers of a clinic live: unless their sender says otherwise, and at the most."""

    usual: int
    most: int

    def end(self, now: datetime, days: int) -> datetime:
        """Give the instant a transfer made now ends; raise `Invalid("bad_lifetime")`."""
        if not LIFETIME_LEAST_DAYS <= days <= self.most:
            raise Invalid("bad_lifetime", "lifetime_days")
        return now + timedelta(days=days)

    def latest(self, transfer: Transfer) -> datetime:
        """Tell how far the end of a transfer may be moved: where it is, if the clinic has come to allow less than that."""
        return max(transfer.created_at + timedelta(days=self.most), transfer.expires_at)

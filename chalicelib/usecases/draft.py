"""Make a draft: who it is for, how large the files are, how long it lives; and give its sender the data key, once."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from chalicelib.domain.audit import Tag
from chalicelib.domain.envelope import Plan, plan
from chalicelib.domain.errors import Invalid, Unauthenticated
from chalicelib.domain.ids import MemberId, RecipientId, TransferId
from chalicelib.domain.person import Person
from chalicelib.domain.transfer import Recipient, Sharing, Transfer, expiry
from chalicelib.usecases.ports import Ports

EARLIEST_ZONE = timedelta(hours=14)  # a day is "today" as soon as it has begun somewhere


@dataclass(frozen=True, slots=True)
class MakeDraft:
    """A member wants to send files of these clear sizes (bytes)."""

    sender: MemberId
    people: tuple[Person, ...]
    sizes: tuple[int, ...]
    lifetime_days: int
    sharing: Sharing
    ip: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft and what its sender's browser needs to seal it."""

    transfer: TransferId
    expires_at: datetime
    context: dict[str, str]
    data_key: bytes = field(repr=False)
    wrapped_key: bytes = field(repr=False)
    key_arn: str
    plans: tuple[Plan, ...]


def make(command: MakeDraft, ports: Ports) -> Draft:
    """Keep a new draft; three calls, one of them KMS. Raise `Invalid`, or `Unauthenticated` when the sender is gone."""
    now = ports.clock.now()
    _check(command, ports, now)
    sender = ports.members.read(command.sender)
    if sender is None:
        raise Unauthenticated("signin_required")
    identity = TransferId(ports.new_id())
    recipients = [Recipient(RecipientId(ports.new_id()), person) for person in command.people]
    transfer = Transfer(
        identity,
        sender.id,
        sender.person.name,
        command.sharing,
        command.sizes,
        tuple(r.id for r in recipients),
        now,
        expiry(now, command.lifetime_days),
    )
    context = ports.clinic.context(identity)
    clear, wrapped = ports.vault.new_data_key(context)
    event = ports.event(Tag.TRANSFER_CREATED, member=command.sender, transfer=identity, reason=command.sharing.basis, ip=command.ip)
    ports.transfers.add(transfer, recipients, wrapped, event)
    return Draft(identity, transfer.expires_at, context, clear, wrapped, ports.vault.key_arn, tuple(plan(s) for s in command.sizes))


def _check(command: MakeDraft, ports: Ports, now: datetime) -> None:
    sizes = ports.clinic.sizes
    sizes.check_recipients([person.email for person in command.people])
    sizes.check_files(command.sizes)
    command.sharing.check((now + EARLIEST_ZONE).date())
    expiry(now, command.lifetime_days)
    for index, person in enumerate(command.people):
        if person.mobile is None and not ports.clinic.email_codes:
            raise Invalid("second_channel_required", f"recipients.{index}.mobile")

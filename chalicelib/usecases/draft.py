"""Make a draft: who it is for, how large the files are, how long it lives; and give its sender the data key."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain import ids
from chalicelib.domain.audit import Tag
from chalicelib.domain.errors import Conflict, Invalid, TooMany, Unauthenticated
from chalicelib.domain.ids import MemberId, RecipientId, TransferId
from chalicelib.domain.ladder import Rung
from chalicelib.domain.limits import tomorrow
from chalicelib.domain.member import Member
from chalicelib.domain.person import Person
from chalicelib.domain.recipient import Recipient
from chalicelib.domain.sharing import Sharing
from chalicelib.domain.transfer import State, Transfer
from chalicelib.usecases.kit import Kit, kit, opened_kit
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.tables import Added, Quotas, Whole

EARLIEST_ZONE = timedelta(hours=14)  # a day is "today" as soon as it has begun somewhere


@dataclass(frozen=True, slots=True)
class MakeDraft:
    """A member wants to send files of these clear sizes (bytes).

    `request` is the browser's name for this wish: the same one, asked twice, makes one draft. `standby` and `shared` are positions in
    `people`.
    """

    sender: MemberId
    people: tuple[Person, ...]
    sizes: tuple[int, ...]
    lifetime_days: int
    sharing: Sharing
    ip: str
    request: str
    standby: frozenset[int] = frozenset()
    shared: frozenset[int] = frozenset()


def make(command: MakeDraft, ports: Ports) -> Kit:
    """Keep a new draft, or find the one this wish made; three calls, one of them KMS (and three more, one of them KMS, to find it).

    Raise `Invalid`, `TooMany` when a quota of the day is used up, `Conflict` when the wish's draft went on, or `Unauthenticated`.
    """
    now = ports.clock.now()
    _check(command, ports, now)
    sender = ports.members.read(command.sender)
    if sender is None:
        raise Unauthenticated("signin_required")
    draft = _draft(command, sender, ports, now)
    clear, wrapped = ports.vault.new_data_key(ports.clinic.context(draft.transfer.id))
    event = ports.event(
        Tag.TRANSFER_CREATED, member=command.sender, transfer=draft.transfer.id, reason=command.sharing.basis, ip=command.ip
    )
    quotas = Quotas(ports.clinic.member_quota, ports.clinic.clinic_quota)
    match ports.transfers.add(draft, wrapped, quotas, event):
        case Added.KEPT:
            return kit(draft.transfer, clear, wrapped, ports)
        case Added.TWICE:
            return _made_before(draft.transfer.id, command, ports)
        case Added.OVER_QUOTA:
            raise TooMany(tomorrow(now), "quota_reached")


def _draft(command: MakeDraft, sender: Member, ports: Ports, now: datetime) -> Whole:
    recipients = tuple(
        Recipient(RecipientId(ports.new_id()), person, shared=index in command.shared) for index, person in enumerate(command.people)
    )
    transfer = Transfer(
        _identity(command, ports),
        sender.id,
        sender.person.name,
        command.sharing,
        command.sizes,
        tuple(r.id for r in recipients),
        now,
        ports.clinic.lifetime.end(now, command.lifetime_days),
        ports.clinic.openings_most,
        frozenset(recipients[index].id for index in command.standby),
    )
    return Whole(transfer, recipients)


def _identity(command: MakeDraft, ports: Ports) -> TransferId:
    """Derive the id from the wish: asked again it meets itself, asked otherwise it is another."""
    people = [(p.name, p.email, p.mobile, p.language) for p in command.people]
    what = (command.sizes, command.lifetime_days, command.sharing, sorted(command.standby), sorted(command.shared))
    scope = ports.secrets.scope("draft", repr((command.sender, command.request, people, what)))
    return TransferId(ids.id_from(bytes.fromhex(scope)[: ids.ID_BYTES]))


def _made_before(identity: TransferId, command: MakeDraft, ports: Ports) -> Kit:
    """Give a draft's key once more: the answer that held it was lost. That leaves a trace of its own."""
    found = ports.transfers.draft(identity)
    if found is None or found[0].state is not State.DRAFT or found[0].ending is not None or ports.clock.now() >= found[0].ends_at:
        raise Conflict("request_used")
    transfer, wrapped = found
    ports.audit.record(ports.event(Tag.KEY_UNWRAPPED, member=command.sender, transfer=identity, ip=command.ip))
    return opened_kit(transfer, wrapped, ports)


def _check(command: MakeDraft, ports: Ports, now: datetime) -> None:
    sizes = ports.clinic.sizes
    sizes.check_recipients([person.email for person in command.people])
    sizes.check_files(command.sizes)
    command.sharing.check((now + EARLIEST_ZONE).date())
    ports.clinic.lifetime.end(now, command.lifetime_days)
    for index, person in enumerate(command.people):
        ports.clinic.texts.check(person.mobile, f"recipients.{index}.mobile")
    if command.standby and Rung.ALTERNATE not in ports.clinic.ladder:
        raise Invalid("standby_off", f"recipients.{min(command.standby)}.standby")
    if len(command.standby) == len(command.people):
        raise Invalid("no_recipient", "recipients")

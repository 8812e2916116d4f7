"""How values are written as items, and read back. Personal fields are sealed, bound to table, item and field."""

import json
from collections.abc import Callable, Sequence
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from typing import Any, Protocol, TypeVar

from chalicelib.adapters.dynamodb.table import Item, Key
from chalicelib.domain.audit import Event, Tag
from chalicelib.domain.factor import Means
from chalicelib.domain.ids import MemberId, NoticeId, RecipientId, TransferId
from chalicelib.domain.login import Channel
from chalicelib.domain.notice import Kind, Notice, push_again_at
from chalicelib.domain.person import Language, Person
from chalicelib.domain.recipient import Opener, Recipient
from chalicelib.domain.sharing import Basis, LegalDuty, Sharing
from chalicelib.domain.transfer import LIFETIME_MOST, Ending, Fault, State, Tombstone, Transfer, Upload

T = TypeVar("T")
KEPT = timedelta(days=365)  # R56: the trail lives twelve months
ENVELOPE = ("ENVELOPE", "ENVELOPE#1", "ENVELOPE#2", "ENVELOPE#3")  # where it is kept, in order
ITEM_MOST = 390_000  # bytes; a DynamoDB item holds 400 KB
KEYS_KEPT = LIFETIME_MOST + timedelta(days=1)  # the backstop of keys that no sweep destroyed


class Sealer(Protocol):
    """Seal and open personal text, bound to its place."""

    def seal(self, place: str, clear: str) -> bytes:
        """Seal text for one place."""

    def open(self, place: str, sealed: bytes) -> str:
        """Open what was sealed for the same place."""


def kept_until(transfer: Transfer) -> int:
    """Tell when the items of a transfer may go, wherever its end was moved to."""
    return instant(transfer.created_at + KEPT)


def envelope_items(transfer: Transfer, manifest: bytes, headers: Sequence[bytes]) -> list[Item]:
    """Write an envelope: one item, and as many more as its headers need."""
    filled: list[list[bytes]] = [[]]
    room = ITEM_MOST - len(manifest)
    for header in headers:
        if len(header) > room:
            filled.append([])
            room = ITEM_MOST
        filled[-1].append(header)
        room -= len(header) + 8  # what a list adds, and more
    shared = {"pk": f"T#{transfer.id}", "ttl": keys_kept_until(transfer)}
    written = [{**shared, "sk": sort, "headers": some} for sort, some in zip(ENVELOPE[: len(filled)], filled, strict=True)]
    written[0]["manifest"] = manifest
    return written


def keys_kept_until(transfer: Transfer) -> int:
    """Tell when DynamoDB itself removes the keys of a transfer, should nobody have done so."""
    return instant(transfer.created_at + KEYS_KEPT)


def maybe(read: Callable[..., T], item: Item | None, *rest: Any) -> T | None:
    """Read an item that may not be there."""
    return None if item is None else read(item, *rest)


def instant(at: datetime) -> int:
    """Write an instant in whole seconds since 1970."""
    return int(at.timestamp())


def moment(seconds: int | None) -> datetime | None:
    """Read an instant."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def must(at: datetime | None) -> datetime:
    """Insist on an instant that every such item has."""
    if at is None:
        raise ValueError("an item lost an instant it must have")
    return at


def transfer_key(identity: TransferId) -> Key:
    return f"T#{identity}", "TRANSFER"


def recipient_key(transfer: TransferId, recipient: RecipientId) -> Key:
    return f"T#{transfer}", f"RECIPIENT#{recipient}"


def file_key(transfer: TransferId, file: int) -> Key:
    return f"T#{transfer}", f"FILE#{file:05d}"


def notice_key(identity: NoticeId) -> Key:
    return f"N#{identity}", "NOTICE"


def message_key(name: str) -> Key:
    return f"M#{name}", "MESSAGE"


def message_item(name: str, notice: Notice, now: datetime) -> Item:
    """Write what a message was about, for when the post says what became of it."""
    pk, sk = message_key(name)
    ids = {"transfer": notice.transfer, "recipient": notice.recipient, "turn": notice.turn}
    return {"pk": pk, "sk": sk, **ids, "ttl": instant(now + LIFETIME_MOST)}


def next_due(transfer: Transfer, now: datetime) -> Item:
    """Write when the sweeper must look at a transfer next: never in an hour that it has left behind."""
    return due(max(must(transfer.due_at), now))


def due(at: datetime) -> Item:
    """Write when the sweeper must look, in the index by hour."""
    return {"due_hour": at.strftime("%Y-%m-%dT%H"), "due_at": at.strftime("%Y-%m-%dT%H:%M:%SZ")}


def audit_item(event: Event) -> Item:
    """Write an event beside its transfer, or in the clinic's own trail by day."""
    day = event.at.strftime("%Y-%m-%d")
    return {
        "pk": f"T#{event.transfer}" if event.transfer else f"AUDIT#{day}",
        "sk": f"AUDIT#{event.at.isoformat(timespec='milliseconds')}#{event.id}",
        "tag": str(event.tag),
        "at": instant(event.at),
        "member": event.member,
        "transfer": event.transfer,
        "recipient": event.recipient,
        "file": event.file,
        "reason": None if event.reason is None else str(event.reason),
        "ip": event.ip,
        "subject": event.subject,
        "ttl": instant(event.at + KEPT),
    }


def event_from(item: Item) -> Event:
    """Read an event back, to the millisecond."""
    _, at, identity = item["sk"].split("#")
    member, transfer, recipient, subject = (item.get(name) for name in ("member", "transfer", "recipient", "subject"))
    return Event(
        identity,
        datetime.fromisoformat(at),
        Tag(item["tag"]),
        MemberId(member) if member else None,
        TransferId(transfer) if transfer else None,
        RecipientId(recipient) if recipient else None,
        item.get("file"),
        item.get("reason"),
        item.get("ip"),
        MemberId(subject) if subject else None,
    )


def place(key: Key, field: str) -> str:
    """Name the place a sealed field belongs to: table, item, field. The table's role, not its name: a restored one has another."""
    return "/".join(("records", *key, field))


def person_item(person: Person, key: Key, sealer: Sealer) -> Item:
    """Write a person: one sealed field, and the language in clear."""
    clear = json.dumps([person.name, person.email, person.mobile])
    return {"person": sealer.seal(place(key, "person"), clear), "language": str(person.language)}


def person_from(item: Item, sealer: Sealer) -> Person:
    """Read a person."""
    name, email, mobile = json.loads(sealer.open(place((item["pk"], item["sk"]), "person"), item["person"]))
    return Person(name, email, mobile, Language(item["language"]))


def transfer_item(transfer: Transfer, sealer: Sealer) -> Item:
    """Write a transfer."""
    pk, sk = transfer_key(transfer.id)
    sharing = transfer.sharing
    return {
        "pk": pk,
        "sk": sk,
        "id": transfer.id,
        "sender": transfer.sender,
        "sender_name": sealer.seal(place((pk, sk), "sender_name"), transfer.sender_name),
        "basis": str(sharing.basis),
        "consent_date": None if sharing.consent_date is None else sharing.consent_date.isoformat(),
        "legal_duty": None if sharing.legal_duty is None else str(sharing.legal_duty),
        "sizes": list(transfer.sizes),
        "recipients": list(transfer.recipient_ids),
        "standby": set(transfer.standby) or None,
        "openings_most": transfer.openings_most,
        "created": f"{transfer.created_at.strftime('%Y-%m-%dT%H:%M:%SZ')}#{transfer.id}",
        "created_at": instant(transfer.created_at),
        "expires_at": instant(transfer.expires_at),
        "state": str(transfer.state),
        "landed": transfer.landed,
        "ttl": kept_until(transfer),
        **due(must(transfer.due_at)),
    }


def transfer_from(item: Item, sealer: Sealer) -> Transfer:
    """Read a transfer."""
    consent, duty = item.get("consent_date"), item.get("legal_duty")
    return Transfer(
        TransferId(item["id"]),
        MemberId(item["sender"]),
        sealer.open(place((item["pk"], item["sk"]), "sender_name"), item["sender_name"]),
        Sharing(Basis(item["basis"]), consent and date.fromisoformat(consent), duty and LegalDuty(duty)),
        tuple(item["sizes"]),
        tuple(RecipientId(one) for one in item["recipients"]),
        must(moment(item["created_at"])),
        must(moment(item["expires_at"])),
        item["openings_most"],
        frozenset(RecipientId(one) for one in item.get("standby", ())),
        State(item["state"]),
        item["landed"],
        moment(item.get("look_at")),
        moment(item.get("sealed_at")),
        moment(item.get("reminded_until")),
        Fault(item["fault"]) if "fault" in item else None,
        Ending(item["ending"]) if "ending" in item else None,
        moment(item.get("ended_at")),
        moment(item.get("shredded_at")),
        _tombstone_from(item),
    )


def _tombstone_from(item: Item) -> Tombstone | None:
    if "trail" not in item:
        return None
    return Tombstone(must(moment(item["keys_destroyed_at"])), item["events"], item["trail"])


def recipient_item(transfer: Transfer, recipient: Recipient, sealer: Sealer) -> Item:
    """Write a recipient of a transfer."""
    pk, sk = recipient_key(transfer.id, recipient.id)
    shared = recipient.shared or None
    item = {"pk": pk, "sk": sk, "id": recipient.id, "turn": recipient.turn, "shared": shared, "ttl": kept_until(transfer)}
    corrected = None if recipient.corrected_at is None else instant(recipient.corrected_at)
    return {**item, "corrected_at": corrected, **person_item(recipient.person, (pk, sk), sealer)}


def recipient_from(item: Item, sealer: Sealer) -> Recipient:
    """Read a recipient."""
    rest: Item = {name: item.get(name, 0) for name in ("turn", "openings", "grants", "named")}
    rest |= {"shared": item.get("shared", False), "proved_by": Means(item["proved_by"]) if "proved_by" in item else None}
    rest |= {name: frozenset(item.get(name, ())) for name in ("fetched", "collected")}
    rest |= {field.name: moment(item.get(field.name)) for field in fields(Recipient) if field.name.endswith("_at")}
    return Recipient(RecipientId(item["id"]), person_from(item, sealer), **rest)


def opener_item(transfer: TransferId, opener: Opener, sealer: Sealer) -> Item:
    """Write who opened a shared mailbox, for as long as the event of the same id."""
    pk, sk = f"T#{transfer}", f"OPENER#{opener.id}"
    sealed = sealer.seal(place((pk, sk), "called"), opener.name)
    item = {"pk": pk, "sk": sk, "id": opener.id, "recipient": opener.recipient, "called": sealed}
    return {**item, "at": instant(opener.at), "ttl": instant(opener.at + KEPT)}


def opener_from(item: Item, sealer: Sealer) -> Opener:
    """Read who opened a shared mailbox."""
    name = sealer.open(place((item["pk"], item["sk"]), "called"), item["called"])
    return Opener(item["id"], RecipientId(item["recipient"]), name, must(moment(item["at"])))


def upload_item(transfer: Transfer, upload: Upload) -> Item:
    """Write an upload."""
    pk, sk = file_key(transfer.id, upload.file)
    item = {"pk": pk, "sk": sk, "file": upload.file, "landed": upload.landed, "ttl": kept_until(transfer)}
    return {**item, "upload_id": upload.upload_id, "checksum": upload.checksum}


def upload_from(item: Item) -> Upload:
    """Read an upload."""
    return Upload(item["file"], item.get("upload_id"), item.get("checksum"), item["landed"])


def notice_item(notice: Notice, now: datetime, sealer: Sealer | None = None) -> Item:
    """Write a notice that is owed; the sweeper pushes it again if nobody sends it. An address of before is sealed in it."""
    pk, sk = notice_key(notice.id)
    to = {} if notice.to is None or sealer is None else person_item(notice.to, (pk, sk), sealer)
    ids = {"member": notice.member, "transfer": notice.transfer, "recipient": notice.recipient}
    item = {"pk": pk, "sk": sk, "id": notice.id, "kind": str(notice.kind), "turn": notice.turn, "by": str(notice.by)}
    return {**item, **ids, **to, "ttl": instant(now + KEPT), **due(push_again_at(now))}


def notice_from(item: Item, sealer: Sealer) -> Notice:
    """Read a notice."""
    transfer, recipient, member = item.get("transfer"), item.get("recipient"), item.get("member")
    return Notice(
        NoticeId(item["id"]),
        Kind(item["kind"]),
        MemberId(member) if member else None,
        TransferId(transfer) if transfer else None,
        RecipientId(recipient) if recipient else None,
        item["turn"],
        Channel(item["by"]),
        item.get("pushes", 0),
        person_from(item, sealer) if "person" in item else None,
    )

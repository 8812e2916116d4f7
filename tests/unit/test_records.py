"""What lies in the table for months is read by every later version: fields are added, and none is lost or means something else.

`python -m tests.unit.test_records` adds to tests/vectors/records.json what is not in it yet. What is in it is never written again.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from chalicelib.adapters.dynamodb import items, logins, people
from chalicelib.adapters.dynamodb.table import Item
from chalicelib.domain.acceptance import Acceptance
from chalicelib.domain.audit import Event, Tag
from chalicelib.domain.factor import Authenticator, Link, Means, Passkey, Password, Proof, Recovery, Workplace
from chalicelib.domain.ids import ChallengeKey, MemberId, NoticeId, RecipientId, SessionKey, TransferId
from chalicelib.domain.login import Challenge, Channel, Door, Purpose, Session
from chalicelib.domain.member import Member, Role, Standing
from chalicelib.domain.notice import Kind, Notice
from chalicelib.domain.person import Language, Person
from chalicelib.domain.recipient import Opener, Recipient
from chalicelib.domain.sharing import Basis, Sharing
from chalicelib.domain.throttle import Throttle
from chalicelib.domain.transfer import Ending, State, Tombstone, Transfer, Upload

FILE = Path(__file__).resolve().parents[1] / "vectors" / "records.json"
AT = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
WHO = Person("Dr Ada", "ada@example.fr", "+33612345678", Language.FRENCH)
MEMBER, TRANSFER, RECIPIENT = MemberId("m" * 26), TransferId("t" * 26), RecipientId("r" * 26)


class Plain:
    """Seal nothing, and open only in the same place."""

    def seal(self, place: str, clear: str) -> bytes:
        return f"{place}\0{clear}".encode()

    def open(self, place: str, sealed: bytes) -> str:
        where, _, clear = sealed.decode().partition("\0")
        assert where == place
        return clear


OPEN = Plain()


@dataclass(frozen=True, slots=True)
class Record:
    """A value, how this version writes it, and how it reads it; `later` is what the life of the item adds."""

    value: Any
    written: Item
    read: Callable[[Item], Any]
    later: Item

    @property
    def item(self) -> Item:
        """Give the item as it lies in the table at the end."""
        return {name: value for name, value in (self.written | self.later).items() if value is not None}


def _transfer() -> Record:
    sharing = Sharing(Basis.PATIENT_CONSENT, date(2026, 11, 23))
    tomb = Tombstone(AT, 9, "ab" * 32)
    draft = Transfer(TRANSFER, MEMBER, "Camille", sharing, (5, 0), (RECIPIENT,), AT, AT, 20, frozenset({RECIPIENT}))
    moments = dict.fromkeys(("look_at", "sealed_at", "reminded_until", "ended_at", "shredded_at", "keys_destroyed_at"), int(AT.timestamp()))
    later = {
        **moments,
        "state": "shredded",
        "landed": 2,
        "ending": "expired",
        "events": 9,
        "trail": "ab" * 32,
        "due_hour": None,
        "due_at": None,
    }
    over = Transfer(
        *(getattr(draft, name) for name in Transfer.__slots__[:10]), State.SHREDDED, 2, AT, AT, AT, None, Ending.EXPIRED, AT, AT, tomb
    )
    return Record(over, items.transfer_item(draft, OPEN), lambda item: items.transfer_from(item, OPEN), later)


def _recipient() -> Record:
    names = [name for name in Recipient.__slots__ if name.endswith("_at")]
    later = dict.fromkeys(names, int(AT.timestamp())) | {"openings": 3, "grants": 4, "named": 1, "proved_by": "sms"}
    later |= {"fetched": {0, 1}, "collected": {1}}
    whole = Recipient(
        RECIPIENT, WHO, 2, **dict.fromkeys(names, AT), proved_by=Means.SMS, openings=3, grants=4, named=1, shared=True,
        fetched=frozenset({0, 1}), collected=frozenset({1}),
    )  # fmt: skip
    transfer = _transfer().value
    first = items.recipient_item(transfer, Recipient(RECIPIENT, WHO, 2, shared=True), OPEN)
    return Record(whole, first, lambda item: items.recipient_from(item, OPEN), later)


def _kept(value: Any, written: Item, read: Callable[[Item], Any], **later: Any) -> Record:
    return Record(value, written, read, later)


def _session(door: Door, **more: Any) -> Record:
    session = Session(SessionKey("k" * 64), door, AT, AT, AT, (Proof(Means.PASSKEY, AT),), **more)
    return _kept(session, people.session_item(session, OPEN), lambda item: people.session_from(item, OPEN))


def _challenge() -> Record:
    door = Door(transfer=TRANSFER, recipient=RECIPIENT, turn=1)
    one = Challenge(ChallengeKey("c" * 64), door, "scope", Channel.SMS, AT, 1, AT, Purpose.CODE, AT)
    at = int(AT.timestamp())
    said = {"key": one.key, "scope": "scope", "channel": "sms", "purpose": str(Purpose.CODE), "tries": 1}
    written = {"pk": f"C#{one.key}", "sk": "CHALLENGE", **people.door_item(door), **said, "expires_at": at, "sent_at": at, "next_at": at}
    return _kept(one, written, logins.challenge_from)


def _records() -> dict[str, Record]:
    passkey = Passkey("credential", "Poste 3", b"public", 7, synced=True, transports=("usb",), created_at=AT, used_at=AT)
    app, recovery, link = (
        Authenticator("SECRET", AT, 5, AT),
        Recovery(frozenset({"aa", "bb"}), AT),
        Link("s" * 64, AT, (Workplace("1", "A"),), "1"),
    )
    password, risk = Password("$argon2id$", AT), Acceptance(MEMBER, "Camille", AT, "Personne n'a de téléphone.")
    member = Member(MEMBER, WHO, Role.ADMINISTRATOR, AT, AT, Standing.ACTIVE, 3, frozenset({Means.PASSKEY}))
    opener, upload = Opener("e" * 26, RECIPIENT, "Sacha", AT), Upload(1, "upload", "sum", landed=True)
    event = Event("e" * 26, AT, Tag.TRANSFER_ENDED, MEMBER, TRANSFER, RECIPIENT, 1, str(Ending.EXPIRED), "192.0.2.7", MEMBER)
    notice = Notice(NoticeId("n" * 26), Kind.CONTACT_CHANGED, MEMBER, TRANSFER, RECIPIENT, 2, Channel.EMAIL, 3, WHO)
    throttle = {"pk": "G#scope", "sk": "THROTTLE", "failures": 4, "next_at": int(AT.timestamp())}
    return {
        "transfer": _transfer(),
        "recipient": _recipient(),
        "opener": _kept(opener, items.opener_item(TRANSFER, opener, OPEN), lambda item: items.opener_from(item, OPEN)),
        "upload": _kept(upload, items.upload_item(_transfer().value, upload), items.upload_from),
        "event": _kept(event, items.audit_item(event), items.event_from),
        "notice": _kept(notice, items.notice_item(notice, AT, OPEN), lambda item: items.notice_from(item, OPEN), pushes=3),
        "member": _kept(member, people.member_item(member, OPEN), lambda item: people.member_from(item, OPEN)),
        "passkey": _kept(passkey, people.passkey_item(MEMBER, passkey, OPEN), lambda item: people.passkey_from(item, OPEN)),
        "app": _kept(
            app, people.authenticator_item(MEMBER, Means.AUTHENTICATOR, app, OPEN), lambda item: people.authenticator_from(item, OPEN)
        ),
        "recovery": _kept(recovery, people.factor_item(MEMBER, recovery, OPEN), people.recovery_from),
        "link": _kept(link, people.link_item(MEMBER, link, OPEN), lambda item: people.link_from(item, OPEN)),
        "password": _kept(password, people.password_item("ADDRESS#a", password, OPEN), lambda item: people.password_from(item, OPEN)),
        "acceptance": _kept(risk, people.acceptance_item(risk, OPEN), lambda item: people.acceptance_from(item, OPEN)),
        "session of a member": _session(Door(member=MEMBER, turn=2), ip="192.0.2.7", id_token="token"),
        "session of a recipient": _session(Door(transfer=TRANSFER, recipient=RECIPIENT, turn=1), lasting=True),
        "challenge": _challenge(),
        "throttle": _kept(Throttle("scope", 4, AT), throttle, lambda item: people.throttle_from("scope", item)),
    }


RECORDS = _records()


def _said(value: Any) -> Any:
    """Write a value of an item in JSON: bytes and sets by name."""
    if isinstance(value, bytes):
        return {"bytes": b64encode(value).decode()}
    if isinstance(value, set | frozenset):
        return {"set": sorted(value)}
    return value


def _meant(value: Any) -> Any:
    if isinstance(value, dict) and value.keys() == {"bytes"}:
        return b64decode(value["bytes"])
    return set(value["set"]) if isinstance(value, dict) and value.keys() == {"set"} else value


def _golden() -> dict[str, Item]:
    read = json.loads(FILE.read_text("utf-8")) if FILE.exists() else {}
    return {name: {field: _meant(value) for field, value in item.items()} for name, item in read.items()}


@pytest.mark.parametrize("name", list(RECORDS))
def test_what_an_earlier_version_wrote_is_read_as_it_was_meant(name: str) -> None:
    assert RECORDS[name].read(_golden()[name]) == RECORDS[name].value


@pytest.mark.parametrize("name", list(RECORDS))
def test_what_is_written_now_has_every_field_an_earlier_version_reads(name: str) -> None:
    now = RECORDS[name].item

    assert {field: now.get(field) for field in _golden()[name]} == _golden()[name]


@pytest.mark.parametrize("name", list(RECORDS))
def test_a_field_of_a_later_version_is_passed_over(name: str) -> None:
    assert RECORDS[name].read(_golden()[name] | {"novelty": "of the next version"}) == RECORDS[name].value


if __name__ == "__main__":
    fresh = {name: record.item for name, record in RECORDS.items()} | _golden()
    said = {name: {field: _said(value) for field, value in sorted(item.items())} for name, item in fresh.items()}
    FILE.write_text(json.dumps(said, indent=1, ensure_ascii=False) + "\n", "utf-8")

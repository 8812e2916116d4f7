"""Destruction certificates: state what was destroyed and when, sign it, and check one that somebody brings."""

import hmac
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from chalicelib.domain import audit, certificate, envelope
from chalicelib.domain.errors import Conflict, NotFound
from chalicelib.domain.ids import MemberId, TransferId
from chalicelib.domain.recipient import Recipient
from chalicelib.domain.transfer import Tombstone, Transfer
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.tables import Whole

REMAINS = {"trail": 365, "records": 365, "recovery_copies": 35, "logs": 365}  # days (docs/reference/data.md)
OF_THE_DAY = ("clinic", "remains", "signature")  # what the clinic calls itself and keeps may change; its records say nothing of that


class Agreement(StrEnum):
    """What the clinic's own records say of a genuine certificate."""

    AGREE = "agree"
    DIFFER = "differ"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether this clinic signed a certificate, and whether its records still say the same."""

    genuine: bool
    records: Agreement


def certify(member: MemberId, identity: TransferId, ports: Ports) -> dict[str, Any]:
    """Give the certificate of a destroyed transfer to its sender, the same each time; one call.

    Raise `NotFound`, or `Conflict("not_destroyed")`.
    """
    whole = ports.transfers.whole(identity)
    if whole is None:
        raise NotFound
    whole.transfer.require_sender(member)
    stated = _statement(whole, ports)
    if stated is None:
        raise Conflict("not_destroyed")
    return stated


def check(given: Mapping[str, Any], ports: Ports) -> Verdict:
    """Check a certificate's signature with the clinic's own key, then its trail and its facts with what is kept; two calls at most."""
    signature = given["signature"]
    true = ports.secrets.sign(certificate.canonical(given))
    if not hmac.compare_digest(true, b64decode(signature["value"])) or b64decode(signature["key"]) != ports.secrets.public_key():
        return Verdict(genuine=False, records=Agreement.UNKNOWN)
    whole = ports.transfers.whole(TransferId(given["transfer"]))
    tombstone = None if whole is None else whole.transfer.tombstone
    if whole is None or tombstone is None or ports.clock.now() >= whole.transfer.created_at + timedelta(days=REMAINS["trail"]):
        return Verdict(genuine=True, records=Agreement.UNKNOWN)
    same = _facts(_statement(whole, ports) or {}) == _facts(given) and _intact(whole.transfer.id, tombstone, ports)
    return Verdict(genuine=True, records=Agreement.AGREE if same else Agreement.DIFFER)


def _facts(stated: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in stated.items() if name not in OF_THE_DAY}


def _intact(identity: TransferId, tombstone: Tombstone, ports: Ports) -> bool:
    """Tell whether the trail still sums up to what the tombstone says: nothing altered, removed, added or moved."""
    lines = audit.settled(ports.audit.trail(identity), tombstone.keys_destroyed_at)
    return certificate.chain(lines) == (tombstone.events, tombstone.trail)


def _statement(whole: Whole, ports: Ports) -> dict[str, Any] | None:
    """State the facts in their one order and sign them; None before the destruction."""
    transfer, tombstone = whole.transfer, whole.transfer.tombstone
    if tombstone is None:
        return None
    stated: dict[str, Any] = {
        "format": certificate.FORMAT,
        "clinic": {"id": ports.clinic.id, "name": ports.clinic.name},
        "transfer": transfer.id,
        "sender": transfer.sender,
        "created_at": _instant(transfer.created_at),
        "sealed_at": _instant(transfer.sealed_at),
        "expires_at": _instant(transfer.expires_at),
        "ended_at": _instant(transfer.ended_at or tombstone.keys_destroyed_at),
        "ending": str(transfer.fault or transfer.ending),
        "keys_destroyed_at": _instant(tombstone.keys_destroyed_at),
        "objects_destroyed_at": _instant(transfer.shredded_at),
        "files": _files(whole),
        "recipients": [_recipient(one, transfer, tombstone.keys_destroyed_at) for one in whole.recipients],
        "remains": [{"what": what, "days": days} for what, days in REMAINS.items()],
        "trail": {"events": tombstone.events, "sha256": tombstone.trail},
    }
    return certificate.signed(stated, ports.secrets.public_key(), ports.secrets.sign)


def _files(whole: Whole) -> list[dict[str, Any]]:
    checksums = {upload.file: upload.checksum for upload in whole.uploads if upload.landed}
    return [
        {"file": file, "clear_bytes": size, "sealed_bytes": envelope.plan(size).sealed_size, "sha256": checksums.get(file)}
        for file, size in enumerate(whole.transfer.sizes)
    ]


def _recipient(one: Recipient, transfer: Transfer, end: datetime) -> dict[str, Any]:
    """State what happened with a recipient until the end: what is written down later changes no certificate.

    They collected it when they had verified every file whole.
    """
    collected_at = one.collected_at if len(one.collected) == len(transfer.sizes) else None
    moments = {"told_at": one.told_at, "opened_at": one.opened_at, "collected_at": collected_at, "revoked_at": one.revoked_at}
    return {"recipient": one.id, **{name: _instant(at if at is None or at <= end else None) for name, at in moments.items()}}


def _instant(at: datetime | None) -> int | None:
    return None if at is None else int(at.timestamp())

"""Give back to the clinic, when it leaves, what only its own functions can read: names and addresses (requirement R09)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from chalicelib.domain.audit import Tag
from chalicelib.domain.ids import TransferId
from chalicelib.domain.member import Member
from chalicelib.domain.recipient import Recipient
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.tables import Whole

Row = dict[str, Any]


def people(ports: Ports) -> dict[str, list[Row]]:
    """Give the members, and the risk that was accepted; the trail keeps that everything was asked for."""
    ports.audit.record(ports.event(Tag.GIVEN_BACK))
    risk = ports.policy.acceptance()
    accepted = [] if risk is None else [{"by": risk.by, "name": risk.name, "at": _day(risk.at), "reason": risk.reason}]
    return {"members": [_member(one) for one in ports.members.all()], "acceptance": accepted}


def transfers(identities: Sequence[TransferId], ports: Ports) -> list[Row]:
    """Give transfers, one row for each recipient; one that nobody finds is left out."""
    wholes = (ports.transfers.whole(one) for one in identities)
    return [row for whole in wholes if whole is not None for row in _rows(whole)]


def _member(one: Member) -> Row:
    person = one.person
    kept = {"member": one.id, "name": person.name, "email": person.email, "mobile": person.mobile, "language": str(person.language)}
    kept |= {"role": str(one.role), "standing": str(one.standing), "means": " ".join(sorted(map(str, one.means)))}
    return kept | {"invited_at": _day(one.invited_at), "last_seen_at": _day(one.last_seen_at)}


def _rows(whole: Whole) -> list[Row]:
    one, sharing = whole.transfer, whole.transfer.sharing
    sent: Row = {"transfer": one.id, "sender": one.sender, "sender_name": one.sender_name, "state": str(one.state)}
    sent |= {"why": str(one.fault or one.ending or ""), "basis": str(sharing.basis), "consent_date": str(sharing.consent_date or "")}
    sent |= {"legal_duty": str(sharing.legal_duty or ""), "files": len(one.sizes), "bytes": sum(one.sizes)}
    moments = ("created_at", "sealed_at", "expires_at", "ended_at", "shredded_at")
    sent |= {name: _day(getattr(one, name)) for name in moments}
    return [sent | _recipient(recipient, whole) for recipient in whole.recipients]


def _recipient(one: Recipient, whole: Whole) -> Row:
    person = one.person
    kept = {"recipient": one.id, "name": person.name, "email": person.email, "mobile": person.mobile, "language": str(person.language)}
    moments = ("told_at", "delivered_at", "bounced_at", "proved_at", "opened_at", "collected_at", "corrected_at", "revoked_at")
    names = "; ".join(f"{opener.name} ({_day(opener.at)})" for opener in whole.openers if opener.recipient == one.id)
    counted: Row = {"openings": one.openings, "collected_files": len(one.collected), "names_given": names}
    return kept | {name: _day(getattr(one, name)) for name in moments} | counted


def _day(at: datetime | None) -> str:
    """Write an instant as people and spreadsheets read it, of UTC."""
    return "" if at is None else f"{at:%Y-%m-%d %H:%M:%S}"

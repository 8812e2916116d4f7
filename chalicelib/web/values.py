"""How values look on the wire (docs/reference/http-api.md)."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import TYPE_CHECKING

from chalicelib.domain.acceptance import Acceptance
from chalicelib.domain.clinic import Clinic
from chalicelib.domain.factor import Link, Passkey, level
from chalicelib.domain.ids import RecipientId
from chalicelib.domain.ladder import next_reminder
from chalicelib.domain.login import (
    CODE_DIGITS,
    CODE_LIFETIME,
    CODE_TRIES,
    FRESH,
    SESSION_IDLE,
    SESSION_LIFETIME,
    SESSION_TOUCH,
    Session,
    SignedIn,
)
from chalicelib.domain.member import INVITATION_LIFETIME, Member
from chalicelib.domain.recipient import Recipient
from chalicelib.domain.throttle import LOCKED_AFTER, LONG_AFTER, PAUSES
from chalicelib.domain.transfer import State
from chalicelib.usecases.account import Overview

if TYPE_CHECKING:
    from chalicelib.domain.cost import Bill, Day, PriceList
    from chalicelib.domain.health import Health
from chalicelib.usecases.collect import Opened
from chalicelib.usecases.follow import Followed
from chalicelib.usecases.kit import Kit
from chalicelib.usecases.members import Everybody
from chalicelib.usecases.policy import Report
from chalicelib.usecases.ports import SignedPut
from chalicelib.usecases.resume import Arrived, Resumed
from chalicelib.usecases.tables import Whole
from chalicelib.usecases.upload import Part

NO_PHRASES: Mapping[RecipientId, str] = {}
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def instant(at: datetime | None) -> int | None:
    """Write an instant in whole seconds since 1970."""
    return None if at is None else int(at.timestamp())


def b64(data: bytes) -> str:
    """Write bytes in base64."""
    return base64.b64encode(data).decode()


def member(one: Member) -> dict[str, object]:
    """Write a member."""
    person = one.person
    return {
        "member": one.id,
        "name": person.name,
        "email": person.email,
        "mobile": person.mobile,
        "language": person.language,
        "role": one.role,
        "standing": one.standing,
        "secured": one.secured,
        "invited_at": instant(one.invited_at),
        "last_seen_at": instant(one.last_seen_at),
    }


def session(who: SignedIn, now: datetime) -> dict[str, object]:
    """Write who is signed in, how far, and what would take them further."""
    half = {"email": who.member.person.email, "secured": who.member.secured}  # all that the next step needs to know
    return {
        "member": member(who.member) if who.enough or who.joining else half,
        "level": level(who.session.means),
        "enough": who.enough,
        "joining": who.joining,
        "passkey_wanted": who.joining and who.member.administers,
        "fresh": who.fresh(now),
        "proofs": [proof.means for proof in who.session.proofs],
        "next": who.next(now),
        "ends_at": instant(who.session.expires_at),
        "idle_seconds": int(SESSION_IDLE.total_seconds()),
    }


def lasting(one: Session) -> dict[str, object]:
    """Write until when a session holds, and how long it waits: by as much less as its last use may be known too late."""
    return {"ends_at": instant(one.expires_at), "idle_seconds": int((SESSION_IDLE - SESSION_TOUCH).total_seconds())}


def account(seen: Overview, who: SignedIn) -> dict[str, object]:
    """Write a member's own account."""
    ring = seen.keyring
    apps, recovery = ring.authenticator, ring.recovery
    means = {
        "passkeys": [_passkey(one) for one in ring.passkeys],
        "password": ring.password and {"created_at": instant(ring.password.created_at)},
        "authenticator": apps and {"created_at": instant(apps.created_at), "used_at": instant(apps.used_at)},
        "recovery": recovery and {"left": len(recovery.left), "created_at": instant(recovery.created_at)},
        "sms": seen.member.person.mobile is not None,
        "psc": ring.psc and {"created_at": instant(ring.psc.created_at), **workplaces(ring.psc)},
    }
    sessions = [_session(one, here=one.key == who.session.key) for one in seen.sessions]
    return {"member": member(seen.member), "secured": seen.member.secured, "means": means, "sessions": sessions}


def workplaces(link: Link) -> dict[str, object]:
    """Write where a professional practises, and which place they chose."""
    return {"places": [{"place": one.id, "name": one.name} for one in link.places], "place": link.place}


def _passkey(one: Passkey) -> dict[str, object]:
    times = {"created_at": instant(one.created_at), "used_at": instant(one.used_at)}
    return {"passkey": one.id, "name": one.name, "synced": one.synced, **times}


def _session(one: Session, *, here: bool) -> dict[str, object]:
    times = {"created_at": instant(one.created_at), "seen_at": instant(one.seen_at)}
    device = {"browser": one.device.browser, "system": one.device.system}
    return {"session": one.key, "here": here, **times, "ip": one.ip, "device": device, "proofs": [proof.means for proof in one.proofs]}


def everybody(all_of_them: Everybody) -> dict[str, object]:
    """Write the members, and when their rights were reviewed."""
    reviewed = None if all_of_them.review is None else instant(all_of_them.review.at)
    return {"members": [member(one) for one in all_of_them.members], "review": {"reviewed_at": reviewed, "due": all_of_them.due}}


def rights(one: Member) -> dict[str, object]:
    """Write one line of the list of rights."""
    last = None if one.last_seen_at is None else one.last_seen_at.isoformat()
    named = {"name": one.person.name, "email": one.person.email, "role": one.role, "standing": one.standing, "secured": one.secured}
    return {**named, "means": " ".join(sorted(one.usable)), "invited_at": one.invited_at.isoformat(), "last_seen_at": last}


def bill(written: "Bill", prices: "PriceList") -> dict[str, object]:
    """Write what a month costs, in euros."""
    return {
        "month": f"{written.month:%Y-%m}",
        "total": euros(written.total),
        "idle": euros(written.idle),
        "after_allowances": euros(written.after_allowances),
        "per_transfer": None if written.per_transfer is None else euros(written.per_transfer),
        "counts": {name: count for name, count in written.used.counts().items() if name != "byte_seconds"},
        "lines": [{"line": one.unit, "amount": round(one.amount, 6), "euros": euros(one.euros)} for one in written.lines],
        "days": [{"day": one.date.isoformat(), "euros": euros(one.euros), "transfers": one.used.transfers} for one in written.days],
        "prices": {"region": prices.region, "as_of": prices.as_of.isoformat(), "to_confirm": prices.to_confirm},
    }


def day_of_bill(one: "Day", prices: "PriceList") -> dict[str, object]:
    """Write one day for a spreadsheet: what was counted, then what it cost, in euros with a comma."""
    lines = {f"eur_{unit}": _with_comma(cost) for unit, cost in one.lines(prices).items()}
    return {"day": one.date.isoformat(), **one.used.counts(), **lines, "eur_total": _with_comma(one.euros)}


def euros(amount: float) -> float:
    """Write euros to a millionth: one request costs less than a thousandth of a cent."""
    return round(amount, 6)


def _with_comma(amount: float) -> str:
    return f"{amount:.6f}".replace(".", ",")


def health(seen: "Health") -> dict[str, object]:
    """Write the state of the service, and what of it wants somebody."""
    return {
        "well": seen.well,
        "now": instant(seen.now),
        "code": {"digest": seen.code.digest, "at": instant(seen.code.at)},
        "queues": [{"queue": one.name, "waiting": one.waiting, "working": one.working, "dead": one.dead} for one in seen.queues],
        "sweep": {"at": instant(seen.swept_at), "overdue": seen.overdue},
        "certificate": {"until": instant(seen.certified_until), "soon": seen.certificate_ends},
        "hosting": {"until": None if seen.hosted_until is None else seen.hosted_until.isoformat(), "soon": seen.hosting_ends},
    }


def csv_of(rows: Sequence[Mapping[str, object]]) -> str:
    """Write a table that spreadsheets read, French ones too: a semicolon between cells. One that could be a formula is made text."""
    import csv
    import io

    kept = io.StringIO()
    writer = csv.DictWriter(kept, list(rows[0]) if rows else [], delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
    return kept.getvalue()


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text[:1] in FORMULA else text


def report(made: Report, clinic: Clinic) -> dict[str, object]:
    """Write how members sign in, with the parameters in force: numbers are what the code runs with."""
    minutes = {"idle": SESSION_IDLE, "absolute": SESSION_LIFETIME, "fresh": FRESH, "code": CODE_LIFETIME, "invitation": INVITATION_LIFETIME}
    return {
        "at": instant(made.at),
        "clinic": clinic.id,
        "psc": clinic.psc,
        "acceptance": acceptance(made.acceptance),
        "members": dict(made.members),
        "secured": made.secured,
        "means": dict(made.means),
        "minutes": {name: int(span.total_seconds()) // 60 for name, span in minutes.items()},
        "code": {"digits": CODE_DIGITS, "tries": CODE_TRIES},
        "throttle": {"pauses": list(PAUSES), "long_after": LONG_AFTER, "locked_after": LOCKED_AFTER},
    }


def acceptance(accepted: Acceptance | None) -> dict[str, object] | None:
    """Write the risk that was accepted."""
    return None if accepted is None else {"by": accepted.name, "at": instant(accepted.at), "reason": accepted.reason}


def in_fours(text: str) -> str:
    """Write a secret in groups of four, as people type it."""
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def kit(made: Kit) -> dict[str, object]:
    """Write what a sender's browser seals with."""
    files = [
        {
            "file": index,
            "clear_size": plan.clear_size,
            "sealed_size": plan.sealed_size,
            "frames_per_part": plan.frames_per_part,
            "parts": plan.parts,
        }
        for index, plan in enumerate(made.plans)
    ]
    return {
        "transfer": made.transfer,
        "expires_at": instant(made.expires_at),
        "context": made.context,
        "data_key": b64(made.data_key),
        "wrapped_key": b64(made.wrapped_key),
        "key_arn": made.key_arn,
        "frame_length": 65_536,
        "files": files,
    }


def resumed(found: Resumed) -> dict[str, object]:
    """Write what an upload goes on with."""
    sealed = {"manifest": b64(found.manifest), "headers": [b64(one) for one in found.headers]}
    return {**kit(found.kit), **sealed, "arrived": [_arrived(one) for one in found.arrived]}


def _arrived(one: Arrived) -> dict[str, object]:
    return {"whole": one.whole, "parts": [{"part": p.part, "etag": p.etag, "sha256": p.sha256} for p in one.parts]}


def signed(part: Part, put: SignedPut) -> dict[str, object]:
    """Write one part's URL."""
    return {"file": part.file, "part": part.part, "url": put.url, "headers": dict(put.headers)}


def followed(seen: Followed, clinic: Clinic) -> dict[str, object]:
    """Write one transfer for its sender, with the phrases they have to tell."""
    return {"transfer": transfer(seen.whole, clinic, seen.phrases)}


def transfer(whole: Whole, clinic: Clinic, phrases: Mapping[RecipientId, str] = NO_PHRASES) -> dict[str, object]:
    """Write a transfer for its sender."""
    one = whole.transfer
    alive = one.state is State.SEALED and not one.over
    return {
        "transfer": one.id,
        "state": one.state,
        "reason": one.fault or one.ending,
        "created_at": instant(one.created_at),
        "expires_at": instant(one.expires_at),
        "lifetime_ends_at": instant(clinic.lifetime.latest(one)),
        "reminders": bool(clinic.ladder),
        "next_reminder_at": instant(next_reminder(one, whole.recipients, clinic.ladder)) if alive else None,
        "sealed_at": instant(one.sealed_at),
        "shredded_at": instant(one.shredded_at),
        "basis": one.sharing.basis,
        "files": len(one.sizes),
        "bytes": sum(one.sizes),
        "landed": one.landed,
        "recipients": [_recipient(recipient, whole, phrases.get(recipient.id)) for recipient in whole.recipients],
    }


def _recipient(one: Recipient, whole: Whole, phrase: str | None) -> Mapping[str, object]:
    person = one.person
    return {
        "recipient": one.id,
        "name": person.name,
        "email": person.email,
        "mobile": person.mobile,
        "language": person.language,
        "standby": one.id in whole.transfer.standby,
        "shared": one.shared,
        "phrase": phrase,
        "proved_by": one.proved_by,
        "names": [{"name": opener.name, "at": instant(opener.at)} for opener in whole.openers if opener.recipient == one.id],
        "openings": one.openings,
        "fetched_files": len(one.fetched),
        "collected_files": len(one.collected),
        **{field.name: instant(getattr(one, field.name)) for field in fields(one) if field.name.endswith("_at")},
    }


def recipient_session(session: Session) -> dict[str, object]:
    """Write which transfer a recipient's browser still opens, and whether it is a device they asked to be remembered."""
    door = session.door
    kept = {"remembered": session.lasting, "ends_at": instant(session.expires_at)}
    return {"transfer": door.transfer, "recipient": door.recipient, **kept}


def opened(found: Opened) -> dict[str, object]:
    """Write what opens a transfer, for its recipient's eyes."""
    one, recipient = found.transfer, found.recipient
    files = [
        {"file": index, "sealed_size": size, "collected_at": instant(recipient.collected_at) if index in recipient.collected else None}
        for index, size in enumerate(found.sealed_sizes)
    ]
    return {
        "transfer": one.id,
        "sender": {"name": one.sender_name},
        "sealed_at": instant(one.sealed_at),
        "expires_at": instant(one.expires_at),
        "context": found.context,
        "data_key": b64(found.data_key),
        "manifest": b64(found.envelope.manifest),
        "headers": [b64(header) for header in found.envelope.headers],
        "files": files,
    }

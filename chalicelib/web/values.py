"""How values look on the wire (docs/reference/http-api.md)."""

import base64
from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime

from chalicelib.domain.clinic import Clinic
from chalicelib.domain.ladder import next_reminder
from chalicelib.domain.login import Member
from chalicelib.domain.recipient import Recipient
from chalicelib.domain.transfer import State
from chalicelib.usecases.collect import Opened
from chalicelib.usecases.draft import Draft
from chalicelib.usecases.ports import SignedPut
from chalicelib.usecases.tables import Whole
from chalicelib.usecases.upload import Part


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
        "invited_at": instant(one.invited_at),
        "last_seen_at": instant(one.last_seen_at),
    }


def draft(made: Draft) -> dict[str, object]:
    """Write a draft, for its sender's eyes, once."""
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


def signed(part: Part, put: SignedPut) -> dict[str, object]:
    """Write one part's URL."""
    return {"file": part.file, "part": part.part, "url": put.url, "headers": dict(put.headers)}


def transfer(whole: Whole, clinic: Clinic) -> dict[str, object]:
    """Write a transfer for its sender."""
    one = whole.transfer
    alive = one.state is State.SEALED and not one.over
    return {
        "transfer": one.id,
        "state": one.state,
        "reason": one.fault or one.ending,
        "created_at": instant(one.created_at),
        "expires_at": instant(one.expires_at),
        "lifetime_ends_at": instant(one.latest_expiry),
        "reminders": bool(clinic.ladder),
        "next_reminder_at": instant(next_reminder(one, whole.recipients, clinic.ladder)) if alive else None,
        "sealed_at": instant(one.sealed_at),
        "shredded_at": instant(one.shredded_at),
        "basis": one.sharing.basis,
        "files": len(one.sizes),
        "bytes": sum(one.sizes),
        "landed": one.landed,
        "recipients": [_recipient(recipient, standby=recipient.id in one.standby) for recipient in whole.recipients],
    }


def _recipient(one: Recipient, *, standby: bool) -> Mapping[str, object]:
    person = one.person
    return {
        "recipient": one.id,
        "name": person.name,
        "email": person.email,
        "mobile": person.mobile,
        "language": person.language,
        "standby": standby,
        "openings": one.openings,
        "fetched_files": len(one.fetched),
        "collected_files": len(one.collected),
        **{field.name: instant(getattr(one, field.name)) for field in fields(one) if field.name.endswith("_at")},
    }


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

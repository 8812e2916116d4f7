"""How values look on the wire (docs/reference/http-api.md)."""

import base64
from collections.abc import Mapping
from datetime import datetime

from chalicelib.domain.login import Member
from chalicelib.domain.transfer import Recipient
from chalicelib.usecases.collect import Opened
from chalicelib.usecases.draft import Draft
from chalicelib.usecases.ports import SignedPut, Whole
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


def transfer(whole: Whole) -> dict[str, object]:
    """Write a transfer for its sender."""
    one = whole.transfer
    return {
        "transfer": one.id,
        "state": one.state,
        "reason": one.ending or one.fault,
        "created_at": instant(one.created_at),
        "expires_at": instant(one.expires_at),
        "sealed_at": instant(one.sealed_at),
        "shredded_at": instant(one.shredded_at),
        "basis": one.sharing.basis,
        "files": len(one.sizes),
        "bytes": sum(one.sizes),
        "landed": one.landed,
        "recipients": [_recipient(recipient) for recipient in whole.recipients],
    }


def _recipient(one: Recipient) -> Mapping[str, object]:
    person = one.person
    return {
        "recipient": one.id,
        "name": person.name,
        "email": person.email,
        "mobile": person.mobile,
        "language": person.language,
        "told_at": instant(one.told_at),
        "opened_at": instant(one.opened_at),
        "collected_files": len(one.collected),
        "collected_at": instant(one.collected_at),
        "revoked_at": instant(one.revoked_at),
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

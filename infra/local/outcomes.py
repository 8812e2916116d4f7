"""What becomes of an e-mail on this machine, in the words of SES.

An address chooses by how it begins, as with SES's mailbox simulator: `bounce`, `complaint`, `delay`; all others have their message.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

CHOICES = {"bounce": ("Bounce",), "complaint": ("Delivery", "Complaint"), "delay": ("DeliveryDelay",)}


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that was taken for delivery, and the configuration set it left with."""

    id: str
    set: str
    sender: str
    to: tuple[str, ...]
    at: datetime
    tags: Mapping[str, str] = field(default_factory=dict)
    headers: tuple[tuple[str, str], ...] = ()


def outcomes(address: str) -> tuple[str, ...]:
    """Tell what becomes of a message for an address, in its order."""
    local = address.partition("@")[0].lower()
    return next((kinds for beginning, kinds in CHOICES.items() if local.startswith(beginning)), ("Delivery",))


def event(sent: Sent, kind: str, address: str, now: datetime) -> dict[str, Any]:
    """Write an event as SES publishes it to a topic."""
    name = kind[0].lower() + kind[1:]
    return {"eventType": kind, "mail": _mail(sent), name: {"timestamp": _instant(now), **DETAILS[kind](sent, address, now)}}


def _mail(sent: Sent) -> dict[str, Any]:
    people = {name.lower(): [value] for name, value in sent.headers if name in ("From", "To")}
    common = {name.lower(): value for name, value in sent.headers if name in ("Date", "Subject")}
    return {
        "timestamp": _instant(sent.at),
        "source": sent.sender,
        "messageId": sent.id,
        "destination": list(sent.to),
        "headersTruncated": False,
        "headers": [{"name": name, "value": value} for name, value in sent.headers],
        "commonHeaders": {**people, "messageId": sent.id, **common},
        "tags": {"ses:configuration-set": [sent.set], **{name: [value] for name, value in sent.tags.items()}},
    }


def _bounce(sent: Sent, address: str, _: datetime) -> dict[str, Any]:
    said = {"action": "failed", "status": "5.1.1", "diagnosticCode": "smtp; 550 5.1.1 user unknown"}
    return {
        "bounceType": "Permanent",
        "bounceSubType": "General",
        "bouncedRecipients": [{"emailAddress": address, **said}],
        "feedbackId": f"bounce-{sent.id}",
        "reportingMTA": "dsn; a0-0.smtp-out.amazonses.com",
    }


def _complaint(sent: Sent, address: str, now: datetime) -> dict[str, Any]:
    return {
        "complainedRecipients": [{"emailAddress": address}],
        "feedbackId": f"complaint-{sent.id}",
        "complaintSubType": None,
        "userAgent": "Amazon SES Mailbox Simulator",
        "complaintFeedbackType": "abuse",
        "arrivalDate": _instant(now),
    }


def _delivery(sent: Sent, address: str, now: datetime) -> dict[str, Any]:
    return {
        "processingTimeMillis": int((now - sent.at).total_seconds() * 1000),
        "recipients": [address],
        "smtpResponse": "250 2.6.0 Message received",
        "reportingMTA": "a0-0.smtp-out.amazonses.com",
    }


def _delay(_: Sent, address: str, now: datetime) -> dict[str, Any]:
    said = {"status": "4.4.1", "diagnosticCode": "smtp; 421 4.4.1 Unable to connect to remote host"}
    return {
        "delayType": "TransientCommunicationFailure",
        "expirationTime": _instant(now + timedelta(hours=14)),
        "delayedRecipients": [{"emailAddress": address, **said}],
    }


DETAILS = {"Bounce": _bounce, "Complaint": _complaint, "Delivery": _delivery, "DeliveryDelay": _delay}


def _instant(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"

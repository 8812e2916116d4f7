"""What the post says became of e-mails. Straight from its topic: these events name people, and no queue may keep them."""

import json
from typing import Any

from chalice.app import Blueprint, SNSEvent

from chalicelib.domain.recipient import Outcome
from chalicelib.usecases.hear import Heard, hear
from chalicelib.wiring import ports

blueprint = Blueprint(__name__)
OUTCOMES = {
    "Delivery": Outcome.DELIVERED,
    "DeliveryDelay": Outcome.DELAYED,
    "Bounce": Outcome.BOUNCED,
    "Reject": Outcome.BOUNCED,
    "Complaint": Outcome.COMPLAINED,
}


@blueprint.on_sns_message(topic="replaced-by-template")
def deliveries(event: SNSEvent) -> None:
    """Take one event of the post's."""
    heard = read(event.message)
    if heard is not None:
        hear(heard, ports())


def read(text: str) -> Heard | None:
    """Read which message an event speaks of and what became of it; None for anything else, SES's own test included."""
    try:
        told: Any = json.loads(text)
    except (ValueError, RecursionError):
        return None
    match told:
        case {"eventType": "Bounce", "mail": {"messageId": str(message)}, "bounce": {"bounceType": "Transient"}}:
            return Heard(message, Outcome.DELAYED)  # an automatic answer may be all it is
        case {"eventType": str(kind), "mail": {"messageId": str(message)}} if kind in OUTCOMES:
            return Heard(message, OUTCOMES[kind])
    return None

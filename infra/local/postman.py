"""Tell what became of each e-mail, as SES does: the emulator takes a configuration set, and then stays silent about it.

He works inside the emulator, where alone it is known which set a message left with. So topics hear of a message only if it had
one that asks for it, and only if their policies let SES in.
"""

from __future__ import annotations

import base64
import contextvars
import json
import logging
import threading
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from email import message_from_bytes
from email.utils import getaddresses
from queue import SimpleQueue
from typing import Any

from infra.local.outcomes import Sent, event, outcomes

SENDING = "/v2/email/outbound-emails"
DELAY = 1.0  # second; SES answers its caller first, too, who then has its own books to write
PACE = 0.2  # seconds at least between two events: each may start a process, which a small machine must not do for all at once
SERVICE = "ses.amazonaws.com"
SUBJECT = "Amazon SES Email Event Notification"
ASKED_AS = {"Bounce": "BOUNCE", "Complaint": "COMPLAINT", "Delivery": "DELIVERY", "DeliveryDelay": "DELIVERY_DELAY"}
# The emulator leaves `MessageAttributes` out of what a function gets when there are none, where SNS writes an empty one.
SOME = {"emulated": {"DataType": "String", "StringValue": "true"}}

Answer = tuple[int, dict[str, str], bytes]
Handler = Callable[[str, str, dict[str, str], bytes, dict[str, Any]], Awaitable[Answer]]
log = logging.getLogger("sceau.postman")


class Postman(threading.Thread):
    """Carry events to topics, one after the other, each a little after its message was taken."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._round: SimpleQueue[tuple[float, Callable[[], None]]] = SimpleQueue()

    def hear(self, sent: Sent) -> None:
        """Note what becomes of a message, for the next round."""
        for address in sent.to:
            for turn, kind in enumerate(outcomes(address), 1):
                self._round.put((time.monotonic() + turn * DELAY, _errand(sent, kind, address)))

    def run(self) -> None:
        """Walk, for as long as the emulator runs."""
        while True:
            due, errand = self._round.get()
            time.sleep(max(due - time.monotonic(), PACE))
            try:
                errand()
            except Exception:
                log.exception("an event was not published")


def hire() -> None:
    """Have a postman hear of every message that the emulator takes from now on."""
    from ministack.services import ses_v2

    postman = Postman()
    ses_v2.handle_request = heard(ses_v2.handle_request, postman.hear)
    postman.start()


def heard(handle: Handler, hear: Callable[[Sent], None]) -> Handler:
    """Answer a handler that does what `handle` does, and lets `hear` know what was sent with a configuration set."""

    async def handled(method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]) -> Answer:
        answer = await handle(method, path, headers, body, query)
        if (method, path.rstrip("/"), answer[0]) == ("POST", SENDING, 200):
            asked = json.loads(body)
            if asked.get("ConfigurationSetName"):
                hear(_sent(asked, json.loads(answer[2])["MessageId"]))
        return answer

    return handled


def topics(found: Mapping[str, Any] | None, kind: str) -> list[str]:
    """List the topics that a configuration set wants told about this kind of event."""
    destinations = ((found or {}).get("EventDestinations") or {}).values()
    wanting = [one for one in destinations if one["Enabled"] and ASKED_AS[kind] in one["MatchingEventTypes"]]
    return [one["SnsDestination"]["TopicArn"] for one in wanting if "SnsDestination" in one]


def _sent(asked: Mapping[str, Any], message: str) -> Sent:
    to = [address for kind in ("To", "Cc", "Bcc") for address in asked.get("Destination", {}).get(f"{kind}Addresses", [])]
    raw = base64.b64decode(asked.get("Content", {}).get("Raw", {}).get("Data", ""))
    return Sent(
        message,
        asked["ConfigurationSetName"],
        asked.get("FromEmailAddress", ""),
        tuple(address for _, address in getaddresses(to)),
        datetime.now(UTC),
        {tag["Name"]: tag["Value"] for tag in asked.get("EmailTags", [])},
        tuple((name, str(value)) for name, value in message_from_bytes(raw).items()),
    )


def _errand(sent: Sent, kind: str, address: str) -> Callable[[], None]:
    """Keep the account and the region of the call, which the emulator holds in its context."""
    context = contextvars.copy_context()
    return lambda: context.run(_publish, sent, kind, address)


def _publish(sent: Sent, kind: str, address: str) -> None:
    from ministack.core.responses import get_account_id, get_region
    from ministack.services import ses_v2, sns

    source = f"arn:aws:ses:{get_region()}:{get_account_id()}:configuration-set/{sent.set}"
    message = json.dumps(event(sent, kind, address, datetime.now(UTC)))
    for topic in topics(ses_v2._config_sets.get(sent.set), kind):  # noqa: SLF001 - the emulator tells it no other way
        if sns.topic_policy_allows(topic, SERVICE, source, get_account_id()):
            sns.publish_internal(topic, message, SUBJECT, message_attributes=SOME)
        else:
            log.warning("the policy of %s does not let SES publish", topic)

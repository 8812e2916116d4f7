"""Reading what the post says: which message and what became of it; everything else is a stranger's text."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.recipient import Outcome
from chalicelib.usecases.hear import Heard
from chalicelib.usecases.ports import Ports
from chalicelib.workers import deliveries
from tests.builders import a_told_transfer
from tests.fakes import memory_of

MESSAGE = "0107019a-7f3e-000000"
MAIL = {
    "timestamp": "2026-03-02T08:00:00.000Z",
    "source": "sceau@clinique.example",
    "messageId": MESSAGE,
    "destination": ["ada1@example.fr"],
    "headersTruncated": False,
    "tags": {"ses:configuration-set": ["sceau"]},
}
BOUNCED = {"bounceType": "Permanent", "bouncedRecipients": [{"emailAddress": "ada1@example.fr", "diagnosticCode": "smtp; 550"}]}


def told(kind: object, **more: object) -> str:
    return json.dumps({"eventType": kind, "mail": MAIL, **more})


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        (told("Delivery", delivery={"recipients": ["ada1@example.fr"], "smtpResponse": "250 OK"}), Outcome.DELIVERED),
        (told("DeliveryDelay", deliveryDelay={"delayType": "MailboxFull"}), Outcome.DELAYED),
        (told("Bounce", bounce=BOUNCED), Outcome.BOUNCED),
        (told("Reject", reject={"reason": "Bad content"}), Outcome.BOUNCED),
        (told("Complaint", complaint={"complaintFeedbackType": "abuse"}), Outcome.COMPLAINED),
    ],
)
def test_what_became_of_a_message_is_read(text: str, outcome: Outcome) -> None:
    assert deliveries.read(text) == Heard(MESSAGE, outcome)


HOSTILE = [
    *("", " ", "null", "7", '"Bounce"', "[]", "{}", "not json", "{", "NaN", "\ud800", "\0", "[" * 100_000, '{"a":' * 100_000),
    *(told(kind) for kind in ("Send", "Open", "Click", "Subscription", "Rendering Failure", "", "bounce", "BOUNCE", "Bounce ", None, 7)),
    *(told(kind) for kind in ([], ["Bounce"], {"Bounce": 1}, True)),
    *(json.dumps({"eventType": "Bounce", "mail": mail}) for mail in (None, [], "x", 7, {}, {"messageId": None}, {"messageId": 7})),
    *(json.dumps({"eventType": "Bounce", "mail": mail}) for mail in ({"messageId": ["x"]}, {"messageID": "x"}, [{"messageId": "x"}])),
    json.dumps({"notificationType": "Bounce", "mail": MAIL}),
    json.dumps({"mail": MAIL}),
    json.dumps([{"eventType": "Bounce", "mail": MAIL}]),
    "Successfully validated SNS topic for Amazon SES event publishing.",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_anything_else_says_nothing(text: str) -> None:
    assert deliveries.read(text) is None


@given(
    st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))
)
def test_no_text_of_a_stranger_ever_breaks_the_reading(value: Any) -> None:
    for text in (json.dumps(value), json.dumps({"eventType": "Bounce", "mail": value}), json.dumps({"eventType": value, "mail": MAIL})):
        assert deliveries.read(text) in (
            None,
            Heard(value["messageId"], Outcome.BOUNCED) if isinstance(value, dict) and "messageId" in value else None,
        )


def publish(*texts: str) -> None:
    for text in texts:
        deliveries.deliveries(
            {"Records": [{"Sns": {"Message": text, "Subject": "Amazon SES Email Event Notification", "MessageAttributes": {}}}]}, None
        )


def test_an_event_of_the_post_reaches_the_recipient_it_is_about(ports: Ports) -> None:
    sending = a_told_transfer(ports)
    (message,) = memory_of(ports).messages
    text = told("Bounce", bounce=BOUNCED).replace(MESSAGE, message)

    publish(text, text)

    assert memory_of(ports).recipients[sending.recipients[0]].bounced_at == ports.clock.now()
    assert len(ports.queue.notices) == 1


def test_events_of_messages_nobody_knows_and_of_strangers_change_nothing(ports: Ports) -> None:
    a_told_transfer(ports)
    before = list(memory_of(ports).events)

    publish(told("Bounce", bounce=BOUNCED), *HOSTILE)

    assert memory_of(ports).events == before
    assert ports.queue.notices == []


def test_a_transient_bounce_is_a_delay_for_an_automatic_answer_is_one_too() -> None:
    said = {"eventType": "Bounce", "bounce": {"bounceType": "Transient"}, "mail": {"messageId": "one"}}

    assert deliveries.read(json.dumps(said)) == Heard("one", Outcome.DELAYED)

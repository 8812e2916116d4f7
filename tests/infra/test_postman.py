"""Promises about the postman of the clinic on one machine: he tells what SES would tell, of the messages that SES would tell of."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from infra.local.outcomes import Sent, event, outcomes
from infra.local.postman import topics
from tests.stack import Stack, eventually

NOW = datetime(2026, 11, 23, 14, 0, 1, 250_000, UTC)
SENT = Sent("m-1", "set", "sceau@clinique.example", ("a@b.example",), NOW, {"notice": "n"}, (("Subject", "Bonjour"), ("To", "a@b.example")))
RAW = b"From: sceau@clinique.example\r\nTo: somebody@example.fr\r\nSubject: Bonjour\r\n\r\nBonjour\r\n"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("bounce@example.fr", ["Bounce"]),
        ("Bounce.2@example.fr", ["Bounce"]),
        ("complaint@example.fr", ["Delivery", "Complaint"]),
        ("delay@example.fr", ["DeliveryDelay"]),
        ("claire@bounce.example.fr", ["Delivery"]),
        ("success@simulator.amazonses.com", ["Delivery"]),
    ],
)
def test_an_address_chooses_what_becomes_of_its_message(address: str, expected: list[str]) -> None:
    assert list(outcomes(address)) == expected


@pytest.mark.parametrize("kind", ["Bounce", "Complaint", "Delivery", "DeliveryDelay"])
def test_an_event_says_what_happened_to_which_message(kind: str) -> None:
    written = json.loads(json.dumps(event(SENT, kind, "a@b.example", NOW)))
    detail = written[kind[0].lower() + kind[1:]]

    assert written["eventType"] == kind
    assert written["mail"]["messageId"] == "m-1"
    assert written["mail"]["destination"] == ["a@b.example"]
    assert written["mail"]["tags"] == {"ses:configuration-set": ["set"], "notice": ["n"]}
    assert written["mail"]["commonHeaders"]["subject"] == "Bonjour"
    assert detail["timestamp"] == "2026-11-23T14:00:01.250Z"
    assert "a@b.example" in json.dumps(detail)


def test_a_bounce_is_for_good() -> None:
    assert event(SENT, "Bounce", "a@b.example", NOW)["bounce"]["bounceType"] == "Permanent"


def test_a_topic_hears_only_of_what_its_set_asks_for() -> None:
    one = {"Enabled": True, "MatchingEventTypes": ["BOUNCE", "DELIVERY_DELAY"], "SnsDestination": {"TopicArn": "topic"}}
    off = one | {"Enabled": False}

    assert topics({"EventDestinations": {"one": one}}, "Bounce") == ["topic"]
    assert topics({"EventDestinations": {"one": one}}, "DeliveryDelay") == ["topic"]
    assert topics({"EventDestinations": {"one": one}}, "Delivery") == []
    assert topics({"EventDestinations": {"one": off}}, "Bounce") == []
    assert topics({"EventDestinations": {"one": {"Enabled": True, "MatchingEventTypes": ["BOUNCE"]}}}, "Bounce") == []
    assert topics({}, "Bounce") == topics(None, "Bounce") == []


@pytest.fixture
def overheard(open_clinic: Stack) -> Iterator[str]:
    """Listen to the topic with a queue of the test's own."""
    sns, sqs, topic = open_clinic.client("sns"), open_clinic.client("sqs"), open_clinic.clinic.outputs["DeliveriesTopic"]
    queue = sqs.create_queue(QueueName="overheard")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    let_in = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": arn}
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": json.dumps({"Version": "2012-10-17", "Statement": [let_in]})})
    subscribed = sns.subscribe(
        TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"}, ReturnSubscriptionArn=True
    )
    yield queue
    sns.unsubscribe(SubscriptionArn=subscribed["SubscriptionArn"])
    sqs.delete_queue(QueueUrl=queue)


def _set(clinic: Stack) -> str:
    return clinic.clinic.outputs["ConfigurationSet"]


def _send(clinic: Stack, to: str, **choices: str) -> str:
    sent = clinic.client("sesv2").send_email(
        FromEmailAddress="sceau@clinique.example", Destination={"ToAddresses": [to]}, Content={"Raw": {"Data": RAW}}, **choices
    )
    return str(sent["MessageId"])


def _heard(clinic: Stack, queue: str, count: int) -> list[dict[str, Any]]:
    """Take events until there are so many."""
    sqs, heard = clinic.client("sqs"), []

    def look() -> bool:
        for message in sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", []):
            heard.append(json.loads(message["Body"]))
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        return len(heard) >= count

    eventually(look)
    return heard


def test_the_topic_hears_what_became_of_messages_sent_with_the_set(open_clinic: Stack, overheard: str) -> None:
    people = ("bounce", "complaint", "delay", "claire")

    names = {_send(open_clinic, f"{one}@example.fr", ConfigurationSetName=_set(open_clinic)): one for one in people}
    heard = _heard(open_clinic, overheard, 5)

    assert sorted((names[one["mail"]["messageId"]], one["eventType"]) for one in heard) == [
        ("bounce", "Bounce"),
        ("claire", "Delivery"),
        ("complaint", "Complaint"),
        ("complaint", "Delivery"),
        ("delay", "DeliveryDelay"),
    ]
    assert [one["eventType"] for one in heard if "complaint" in str(one["mail"]["destination"])] == ["Delivery", "Complaint"]


def test_the_topic_hears_within_seconds(open_clinic: Stack, overheard: str) -> None:
    begun = time.monotonic()

    _send(open_clinic, "claire@example.fr", ConfigurationSetName=_set(open_clinic))
    _heard(open_clinic, overheard, 1)

    assert time.monotonic() - begun < 5


def test_the_topic_hears_of_no_other_message(open_clinic: Stack, overheard: str) -> None:
    ses, topic = open_clinic.client("sesv2"), open_clinic.clinic.outputs["DeliveriesTopic"]
    ses.create_configuration_set(ConfigurationSetName="strange")
    told = {"Enabled": True, "MatchingEventTypes": ["DELIVERY"], "SnsDestination": {"TopicArn": topic}}
    ses.create_configuration_set_event_destination(ConfigurationSetName="strange", EventDestinationName="told", EventDestination=told)

    _send(open_clinic, "nobody@example.fr")
    _send(open_clinic, "stranger@example.fr", ConfigurationSetName="strange")  # the topic's policy lets only one set in
    ours = _send(open_clinic, "claire@example.fr", ConfigurationSetName=_set(open_clinic))

    assert [one["mail"]["messageId"] for one in _heard(open_clinic, overheard, 1)] == [ours]


def test_the_function_is_woken_by_the_topic(open_clinic: Stack) -> None:
    listed = open_clinic.client("sns").list_subscriptions_by_topic(TopicArn=open_clinic.clinic.outputs["DeliveriesTopic"])
    (endpoint,) = [one["Endpoint"] for one in listed["Subscriptions"] if one["Protocol"] == "lambda"]
    before = _runs(open_clinic)

    _send(open_clinic, "bounce@example.fr", ConfigurationSetName=_set(open_clinic))

    assert endpoint.endswith(f":function:{open_clinic.name('Deliveries')}")
    eventually(lambda: _runs(open_clinic) > before)
    assert not [line for line in _lines(open_clinic) if "Traceback" in line]


def _lines(clinic: Stack) -> list[str]:
    found = clinic.client("logs").filter_log_events(logGroupName="/sceau/demo/deliveries")["events"]
    return [one["message"] for one in found]


def _runs(clinic: Stack) -> int:
    return sum(line.startswith("END ") for line in _lines(clinic))

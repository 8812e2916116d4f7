"""A clinic where nothing happens by itself, and the real adapters on it: for tests that move every step by hand."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import boto3

from chalicelib.settings import Settings
from chalicelib.usecases.ports import Ports
from chalicelib.wiring import build
from tests.fake_aws import FakeClock, FakeLetters
from tests.made import Made
from tests.stack import Stack, stack

IN_A_HURRY = {"MESSAGES_PER_SECOND": "500", "MEMBER_DAILY_RECIPIENTS": "1000000"}


@contextmanager
def quiet_clinic() -> Iterator[Stack]:
    """Open a clinic whose queues, schedules and topics wake nobody."""
    with stack() as clinic, clinic.clinic.emulator.environment():
        functions, events, topics = clinic.client("lambda"), clinic.client("events"), clinic.client("sns")
        for mapping in functions.list_event_source_mappings()["EventSourceMappings"]:
            functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
        for rule in events.list_rules()["Rules"]:
            events.disable_rule(Name=rule["Name"])
        for subscription in topics.list_subscriptions()["Subscriptions"]:
            topics.unsubscribe(SubscriptionArn=subscription["SubscriptionArn"])
        yield clinic


def chosen(clinic: Stack) -> Settings:
    """Give the settings its functions were given, but for what makes a crowd wait."""
    told = {"AWS_REGION": "eu-west-3", "AWS_LAMBDA_FUNCTION_NAME": clinic.name("APIHandler")}
    return Settings.from_env({**os.environ, **told, **clinic.variables(), **IN_A_HURRY})


def real_ports(clinic: Stack, session: Any = None) -> Ports:
    """Build the real adapters, on a clock that the tests hold and a generator that remembers what it made."""
    return build(session or boto3.Session(), chosen(clinic), clock=FakeClock(now()), random=Made(), letters=FakeLetters())


def now() -> datetime:
    """Give the real time in whole seconds: the emulator's signatures live in it."""
    return datetime.now(UTC).replace(microsecond=0)

"""No function does what it has no business with: each call is tried with the credentials of every role."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.infra.reading import ROLES
from tests.rights.forbidden import CALLS, Call
from tests.rights.hands import ACCOUNT, Hands
from tests.stack import Stack

LEAST = 40  # actions, of issue 5


@pytest.fixture(scope="module")
def places(clinic: Stack, hands: Hands) -> Mapping[str, Any]:
    """Name what calls may be about, and wrap some keys that nobody but the owner may have wrapped so."""
    kms, outputs = clinic.client("kms"), clinic.clinic.outputs
    watch = hands.names["WatchKey"]

    def wrapped(key: str, **context: str) -> bytes:
        return bytes(kms.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext=context)["CiphertextBlob"])

    return {
        "bucket": clinic.bucket,
        "audit": hands.names["AuditBucket"],
        "records": clinic.records_table,
        "records_arn": f"arn:aws:dynamodb:eu-west-3:{ACCOUNT}:table/{clinic.records_table}",
        "keys": clinic.keys_table,
        "key": clinic.key_arn,
        "watch": watch,
        "bare": wrapped(clinic.key_arn),
        "foreign": wrapped(clinic.key_arn, clinic="other", transfer="x"),
        "sealed": wrapped(clinic.key_arn, clinic="demo", transfer="x"),
        "watched": wrapped(watch, clinic="demo"),
        "sender": "sceau@clinique.example",
        "mail": {"Raw": {"Data": b"From: sceau@clinique.example\nTo: x@x.fr\n\nx"}},
        "topic": outputs["DeliveriesTopic"],
        "landed": hands.names["LandedQueue"],
        "codes": hands.names["CodesQueue"],
        "notices": outputs["NoticesQueueUrl"],
        "dead": hands.names["NoticesDeadQueue"],
        "role": hands.names["FoundRole"],
        "someone": f"arn:aws:iam::{ACCOUNT}:role/{hands.names['FoundRole']}",
        "founding": hands.names["Found"],
        "api": outputs["RestAPIId"],
    }


def filled(value: Any, places: Mapping[str, Any]) -> Any:
    """Put things in the place of their names."""
    if isinstance(value, dict):
        return {filled(key, places): filled(one, places) for key, one in value.items()}
    if isinstance(value, list):
        return [filled(one, places) for one in value]
    if not isinstance(value, str):
        return value
    return places[value[1:-1]] if value[1:-1] in places else value.format(**places)


def allowed(hands: Hands, function: str, act: Callable[[], object]) -> bool:
    """Try a call as a function; tell whether its role lets it."""

    def tried() -> None:
        with suppress(ClientError):  # whether it was denied is noted; any other answer means that it was let through
            act()

    return not hands.tries(function, tried)


def test_there_are_enough_of_them() -> None:
    assert len({call.action for call in CALLS if not call.may}) >= LEAST


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_only_those_who_must_may(hands: Hands, places: Mapping[str, Any], call: Call) -> None:
    service, _, operation = call.call.partition(".")
    act = partial(getattr(hands.client(service), operation), **filled(call.params, places))

    assert {function for function in ROLES if allowed(hands, function, act)} == call.may

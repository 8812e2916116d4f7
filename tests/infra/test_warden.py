"""Promises about the warden: the emulator's policies know of a call what AWS's do."""

import json
from typing import Any

from infra.local.warden import LEADING, about, told


def _about(service: str, **said: Any) -> dict[str, Any]:
    return about(service, json.dumps(said).encode())


def _key(pk: str) -> dict[str, Any]:
    return {"pk": {"S": pk}, "sk": {"S": "x"}}


def test_a_call_to_kms_is_about_its_context() -> None:
    known = _about("kms", KeyId="k", EncryptionContext={"clinic": "demo", "transfer": "t"})

    assert known == {"kms:EncryptionContext:clinic": "demo", "kms:EncryptionContext:transfer": "t"}


def test_a_call_without_a_context_is_about_nothing() -> None:
    assert _about("kms", KeyId="k") == {}
    assert _about("sqs", EncryptionContext={"clinic": "demo"}) == {}
    assert about("kms", b"") == about("kms", b"{") == {}


def test_a_deletion_is_about_its_key_whatever_it_is_wrapped_in() -> None:
    single = _about("dynamodb", TableName="records", Key=_key("A#1"))
    transaction = _about("dynamodb", TransactItems=[{"Delete": {"Key": _key("S#1")}}, {"Put": {"Item": _key("T#1")}}])
    batch = _about("dynamodb", RequestItems={"records": [{"DeleteRequest": {"Key": _key("A#1")}}, {"PutRequest": {"Item": _key("C#1")}}]})

    assert (single, transaction, batch) == ({LEADING: ["A#1"]}, {LEADING: ["S#1"]}, {LEADING: ["A#1", "C#1"]})


def test_a_batch_of_reading_is_about_no_key() -> None:
    assert _about("dynamodb", RequestItems={"records": {"Keys": [_key("T#1")]}}) == {}


def test_what_was_known_before_is_still_known() -> None:
    known = told(lambda *_: {"aws:TagKeys": ["a"]})("kms", "kms:Decrypt", b'{"EncryptionContext": {"clinic": "demo"}}', {})

    assert known == {"aws:TagKeys": ["a"], "kms:EncryptionContext:clinic": "demo"}

"""Promises about the warden: the emulator's policies know of a call what AWS's do."""

import json
from typing import Any

from infra.local.warden import LEADING, about, one_by_one, told


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


def test_a_write_is_about_its_key() -> None:
    deleted = _about("dynamodb", TableName="records", Key=_key("A#1"))
    put = _about("dynamodb", TableName="records", Item=_key("C#1"))

    assert (deleted, put) == ({LEADING: ["A#1"]}, {LEADING: ["C#1"]})


def test_a_batch_is_about_all_of_its_keys() -> None:
    written = _about("dynamodb", RequestItems={"records": [{"DeleteRequest": {"Key": _key("A#1")}}, {"PutRequest": {"Item": _key("C#1")}}]})
    read = _about("dynamodb", RequestItems={"records": {"Keys": [_key("T#1")]}, "keys": {"Keys": [_key("T#2")]}})

    assert (written, read) == ({LEADING: ["A#1", "C#1"]}, {LEADING: ["T#1", "T#2"]})


def test_a_query_is_about_no_key() -> None:
    assert _about("dynamodb", TableName="records", KeyConditionExpression="pk = :pk") == {}


def test_a_transaction_is_asked_about_item_by_item() -> None:
    known = _about("dynamodb", TransactItems=[{"Delete": {"Key": _key("S#1")}}, {"Put": {"Item": _key("T#1")}}])
    seen: list[list[str]] = []
    enforce = one_by_one(lambda *_, service_context: seen.append(service_context[LEADING]))

    for action in ("dynamodb:DeleteItem", "dynamodb:PutItem"):
        enforce("key", action, service_context=known)

    assert seen == [["S#1"], ["T#1"]]


def test_any_other_call_is_asked_about_as_before() -> None:
    enforce = one_by_one(lambda *call, service_context: (call, service_context))

    assert enforce("key", "s3:GetObject", service_context={"a": "b"}) == (("key", "s3:GetObject"), {"a": "b"})
    assert enforce("key", "s3:GetObject") == (("key", "s3:GetObject"), {})


def test_what_was_known_before_is_still_known() -> None:
    known = told(lambda *_: {"aws:TagKeys": ["a"]})("kms", "kms:Decrypt", b'{"EncryptionContext": {"clinic": "demo"}}', {})

    assert known == {"aws:TagKeys": ["a"], "kms:EncryptionContext:clinic": "demo"}

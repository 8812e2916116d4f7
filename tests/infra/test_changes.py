"""What a change set would do is told in plain words, and what would lose anything is found."""

from typing import Any

import pytest

from infra.changes import Change, Deed, change, losses, told


def said(action: str, kind: str = "AWS::SQS::Queue", name: str = "One", **more: Any) -> dict[str, Any]:
    """Write a change as CloudFormation does."""
    return {"Type": "Resource", "ResourceChange": {"Action": action, "LogicalResourceId": name, "ResourceType": kind, **more}}


@pytest.mark.parametrize(
    ("action", "more", "deed"),
    [
        ("Add", {}, Deed.ADDS),
        ("Import", {}, Deed.ADDS),
        ("Modify", {"Replacement": "False"}, Deed.CHANGES),
        ("Modify", {}, Deed.CHANGES),
        ("Modify", {"Replacement": "Conditional"}, Deed.MAY_REPLACE),
        ("Modify", {"Replacement": "True"}, Deed.REPLACES),
        ("Remove", {}, Deed.REMOVES),
        ("Dynamic", {}, Deed.MAY_REPLACE),
        ("SyncWithActual", {}, Deed.MAY_REPLACE),
    ],
)
def test_a_change_is_read_as_what_it_does(action: str, more: dict[str, str], deed: Deed) -> None:
    assert change(said(action, **more)).deed is deed


def test_what_is_new_is_counted_and_the_rest_is_named() -> None:
    details = [{"Target": {"Attribute": "Properties", "Name": "Timeout"}}, {"Target": {"Attribute": "Tags"}}]
    changes = [
        change(said("Remove", name="Old")),
        change(said("Modify", "AWS::Lambda::Function", "Landed", Details=details)),
        change(said("Add", name="New")),
        change(said("Add", name="Newer")),
    ]

    assert list(told(changes)) == [
        "  adds         2 SQS Queue",
        "  changes      Landed (Lambda Function): Tags, Timeout",
        "  removes      Old (SQS Queue)",
    ]


@pytest.mark.parametrize("kind", ["AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::KMS::Key"])
@pytest.mark.parametrize("deed", [Deed.REPLACES, Deed.REMOVES])
def test_what_holds_anything_is_neither_replaced_nor_removed(kind: str, deed: Deed) -> None:
    (sentence,) = losses([Change(deed, "Held", kind), Change(Deed.CHANGES, "Held", kind), Change(deed, "Queue", "AWS::SQS::Queue")])

    assert sentence.startswith("Held (")
    assert f"this {deed} what holds files, records or keys" in sentence

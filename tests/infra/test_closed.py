"""Promises about what is closed to whom: the key outside its context, whatever does not come by TLS, and the public."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.infra.reading import ROLES, Reading, listed, strings

CLINIC, PURPOSE = "kms:EncryptionContext:clinic", "kms:EncryptionContext:purpose"
CLINIC_KEY = {"Fn::GetAtt": ["ClinicKey", "Arn"]}
SECRET_ONLY = ("NoticesRole", "CodesRole", "DeliveriesRole", "FoundRole")
# What a key may be made or wrapped for.
FOR = {"kms:GenerateDataKey": "kms:EncryptionContext:transfer", "kms:Encrypt": "kms:EncryptionContext:recipient"}
POLICIES = {
    "S3::Bucket": ("S3::BucketPolicy", "Bucket"),
    "SQS::Queue": ("SQS::QueuePolicy", "Queues"),
    "SNS::Topic": ("SNS::TopicPolicy", "Topics"),
}


def _uses(plain: Reading, role: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Find what a role may do with a key: action, and the whole of what must hold."""
    for one in plain.statements(role):
        for action in listed(one["Action"]):
            if action.startswith("kms:"):
                assert (one["Effect"], one["Resource"]) == ("Allow", CLINIC_KEY)
                yield action, one["Condition"]


def _through_s3(conditions: dict[str, Any]) -> bool:
    return conditions["StringEquals"] == {
        "kms:ViaService": {"Fn::Sub": "s3.${AWS::Region}.amazonaws.com"},
        "kms:EncryptionContext:aws:s3:arn": {"Fn::GetAtt": ["TransfersBucket", "Arn"]},
    }


@pytest.mark.parametrize("role", ROLES.values())
def test_every_use_of_the_key_is_of_this_clinic_or_of_its_bucket(plain: Reading, role: str) -> None:
    uses = list(_uses(plain, role))

    assert uses
    assert all(_through_s3(one) or one["StringEquals"][CLINIC] == {"Ref": "ClinicId"} for _, one in uses)


@pytest.mark.parametrize("role", SECRET_ONLY)
def test_who_needs_the_clinics_secret_only_opens_nothing_else(plain: Reading, role: str) -> None:
    assert {one["StringEquals"].get(PURPOSE) for _, one in _uses(plain, role)} == {"clinic-secret"}


@pytest.mark.parametrize("role", sorted(set(ROLES.values()) - set(SECRET_ONLY)))
def test_keys_are_made_for_transfers_and_wrapped_for_recipients(plain: Reading, role: str) -> None:
    made = [(action, one) for action, one in _uses(plain, role) if action != "kms:Decrypt" and not _through_s3(one)]

    assert made
    assert all(one["Null"] == {FOR[action]: "false"} for action, one in made)


def test_no_other_role_uses_a_key(plain: Reading) -> None:
    others = set(plain.of_type("IAM::Role")) - set(ROLES.values())

    assert not [text for role in others for text in strings(plain.properties(role)) if text.startswith("kms:")]


@pytest.mark.parametrize("kind", POLICIES)
def test_whatever_does_not_come_by_tls_is_refused(plain: Reading, kind: str) -> None:
    policy, names = POLICIES[kind]
    closed = {
        ref["Ref"]
        for one in plain.of_type(policy).values()
        for statement in one["PolicyDocument"]["Statement"]
        if (statement["Effect"], statement["Principal"]) == ("Deny", "*")
        if statement.get("Condition") == {"Bool": {"aws:SecureTransport": "false"}}
        for ref in listed(one[names])
    }

    assert closed == set(plain.of_type(kind))


def test_nothing_but_services_wakes_a_function(plain: Reading) -> None:
    woken = list(plain.of_type("Lambda::Permission").values())

    assert woken
    assert all(one["Principal"] in ("apigateway.amazonaws.com", "events.amazonaws.com", "sns.amazonaws.com") for one in woken)
    assert all("SourceArn" in one for one in woken)
    assert not plain.of_type("Lambda::Url")


def test_roles_are_taken_by_one_service_each(plain: Reading) -> None:
    for name, role in plain.of_type("IAM::Role").items():
        (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
        (service,) = listed(statement["Principal"]["Service"])
        assert set(statement["Principal"]) == {"Service"}
        assert (service == "lambda.amazonaws.com") == (name in ROLES.values())

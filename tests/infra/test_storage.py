"""Promises about where sealed files, records and keys rest."""

from typing import Any

import pytest

from chalicelib.adapters.s3 import PUT_SECONDS
from chalicelib.usecases.collect import URL_SECONDS
from tests.infra.reading import Reading

CLINIC_KEY = {"Fn::GetAtt": ["ClinicKey", "Arn"]}
SSE = "s3:x-amz-server-side-encryption"


@pytest.fixture
def bucket(plain: Reading) -> dict[str, Any]:
    """Read the bucket of sealed files."""
    return plain.properties("TransfersBucket")


def _denials(plain: Reading) -> dict[str, dict[str, Any]]:
    statements = plain.properties("TransfersBucketPolicy")["PolicyDocument"]["Statement"]
    assert all(one["Effect"] == "Deny" and one["Principal"] == "*" for one in statements)
    return {one["Sid"]: one["Condition"] for one in statements}


def test_objects_are_encrypted_with_the_key_of_the_clinic(bucket: dict[str, Any]) -> None:
    (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]

    assert rule["BucketKeyEnabled"] is True
    assert rule["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": CLINIC_KEY}


def test_nothing_can_be_made_public(bucket: dict[str, Any]) -> None:
    blocked = bucket["PublicAccessBlockConfiguration"]

    assert set(blocked) == {"BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"}
    assert all(value is True for value in blocked.values())
    assert bucket["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}


def test_a_deleted_object_has_no_other_version(bucket: dict[str, Any]) -> None:
    assert "VersioningConfiguration" not in bucket
    assert "ReplicationConfiguration" not in bucket


def test_only_the_pages_of_the_clinic_may_ask_for_objects(bucket: dict[str, Any]) -> None:
    (rule,) = bucket["CorsConfiguration"]["CorsRules"]

    assert rule["AllowedOrigins"] == [{"Ref": "Origin"}]
    assert rule["AllowedMethods"] == ["GET", "PUT"]
    assert rule["ExposedHeaders"] == ["ETag"]
    assert not any("*" in header for header in rule["AllowedHeaders"])


def test_what_the_sweeper_forgot_expires_anyway(bucket: dict[str, Any]) -> None:
    rules = bucket["LifecycleConfiguration"]["Rules"]

    (abort,) = [rule for rule in rules if "AbortIncompleteMultipartUpload" in rule]
    expiries = {rule["TagFilters"][0]["Value"]: rule["ExpirationInDays"] for rule in rules if "ExpirationInDays" in rule}

    assert all(rule["Status"] == "Enabled" for rule in rules)
    assert abort["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}
    assert expiries == {"2": 2, "8": 8, "15": 15, "31": 31}


def test_every_landing_is_told_to_the_queue(bucket: dict[str, Any]) -> None:
    (told,) = bucket["NotificationConfiguration"]["QueueConfigurations"]

    assert told["Event"] == "s3:ObjectCreated:*"
    assert told["Queue"] == {"Fn::GetAtt": ["LandedQueue", "Arn"]}
    assert told["Filter"]["S3Key"]["Rules"] == [{"Name": "prefix", "Value": "t/"}]


def test_the_bucket_refuses_what_it_must(plain: Reading) -> None:
    assert _denials(plain) == {
        "OnlyTls": {"Bool": {"aws:SecureTransport": "false"}},
        "OnlyRecentTls": {"NumericLessThan": {"s3:TlsVersion": "1.2"}},
        "NoCustomerKeys": {"Null": {"s3:x-amz-server-side-encryption-customer-algorithm": "false"}},
        "NoOtherKeyOfKms": {"Null": {f"{SSE}-aws-kms-key-id": "false"}, "StringNotEquals": {f"{SSE}-aws-kms-key-id": CLINIC_KEY}},
        "NoOtherEncryption": {"Null": {SSE: "false"}, "StringNotEquals": {SSE: "aws:kms"}},
        "SignaturesAgeFast": {"NumericGreaterThan": {"s3:signatureAge": "900000"}},
    }


def test_a_signed_address_lives_no_longer_than_the_bucket_lets_it(plain: Reading) -> None:
    lets = int(_denials(plain)["SignaturesAgeFast"]["NumericGreaterThan"]["s3:signatureAge"])

    assert 1000 * max(PUT_SECONDS, URL_SECONDS) <= lets <= 900_000  # milliseconds, R34


@pytest.mark.parametrize("name", ["RecordsTable", "KeysTable"])
def test_tables_are_encrypted_expire_and_resist_deletion(plain: Reading, name: str) -> None:
    table = plain.properties(name)

    assert table["SSESpecification"] == {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": CLINIC_KEY}
    assert table["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["DeletionProtectionEnabled"] == {"Ref": "DeletionProtection"}
    assert plain.template["Parameters"]["DeletionProtection"]["Default"] == "true"


def test_records_can_be_recovered(plain: Reading) -> None:
    table = plain.properties("RecordsTable")

    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}


def test_a_deleted_key_is_gone_for_good(plain: Reading) -> None:
    table = plain.properties("KeysTable")

    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": False}
    assert "StreamSpecification" not in table
    assert not [kind for kind in plain.resources.values() if kind["Type"].startswith("AWS::Backup::")]


def test_the_key_rotates_and_cannot_be_deleted_in_haste(plain: Reading) -> None:
    key = plain.properties("ClinicKey")
    by_sid = {one["Sid"]: one for one in key["KeyPolicy"]["Statement"]}

    assert key["EnableKeyRotation"] is True
    assert key["PendingWindowInDays"] == 30
    assert by_sid["DeletionWaitsThirtyDays"]["Condition"] == {
        "NumericGreaterThanEquals": {"kms:ScheduleKeyDeletionPendingWindowInDays": 30}
    }


def test_administrators_of_the_key_cannot_use_it(plain: Reading) -> None:
    use = {"kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncrypt*", "kms:CreateGrant", "kms:*"}
    statements = plain.properties("ClinicKey")["KeyPolicy"]["Statement"]

    unconditional = [one for one in statements if "Condition" not in one]

    assert [one["Sid"] for one in unconditional] == ["AdministratorsLookAfterTheKey"]
    assert not use & set(unconditional[0]["Action"])

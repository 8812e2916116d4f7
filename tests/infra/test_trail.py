"""Promises about the trail: everything is in it, and nobody can take anything out before its time."""

from typing import Any

import pytest

from infra.local.adapt import TRANSPORT
from tests.infra.reading import Reading, listed

WATCH_KEY = {"Fn::GetAtt": ["WatchKey", "Arn"]}
TRAIL_ARN = {"Fn::Sub": "arn:${AWS::Partition}:cloudtrail:${AWS::Region}:${AWS::AccountId}:trail/sceau-${ClinicId}"}


@pytest.fixture
def trail(plain: Reading) -> dict[str, Any]:
    """Read the one trail."""
    (found,) = plain.of_type("CloudTrail::Trail").values()
    return found


def _policy(plain: Reading, bucket: str) -> list[dict[str, Any]]:
    (policy,) = [one for one in plain.of_type("S3::BucketPolicy").values() if one["Bucket"] == {"Ref": bucket}]
    found: list[dict[str, Any]] = policy["PolicyDocument"]["Statement"]
    return found


def test_the_trail_is_on_in_every_region_and_can_be_checked(trail: dict[str, Any]) -> None:
    assert trail["TrailName"] == {"Fn::Sub": "sceau-${ClinicId}"}
    assert all(trail[said] is True for said in ("IsLogging", "IsMultiRegionTrail", "IncludeGlobalServiceEvents", "EnableLogFileValidation"))


def test_the_trail_holds_what_is_done_to_the_account_and_to_sealed_files(trail: dict[str, Any]) -> None:
    management, data = (
        {one["Field"]: {how: said for how, said in one.items() if how != "Field"} for one in selector["FieldSelectors"]}
        for selector in trail["AdvancedEventSelectors"]
    )

    assert management == {"eventCategory": {"Equals": ["Management"]}}  # leaves out neither KMS, nor reading
    assert data == {
        "eventCategory": {"Equals": ["Data"]},
        "resources.type": {"Equals": ["AWS::S3::Object"]},
        "resources.ARN": {"StartsWith": [{"Fn::Sub": "${TransfersBucket.Arn}/"}]},
    }


def test_the_trail_rests_under_the_key_of_those_who_watch(plain: Reading, trail: dict[str, Any]) -> None:
    (rule,) = plain.properties("AuditBucket")["BucketEncryption"]["ServerSideEncryptionConfiguration"]

    assert trail["KMSKeyId"] == WATCH_KEY
    assert rule["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}  # of digests only
    assert trail["S3BucketName"] == {"Ref": "AuditBucket"}


def test_nobody_shortens_what_is_kept(plain: Reading) -> None:
    bucket, days = plain.properties("AuditBucket"), plain.template["Parameters"]["AuditDays"]

    assert bucket["ObjectLockEnabled"] is True
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert bucket["ObjectLockConfiguration"] == {
        "ObjectLockEnabled": "Enabled",
        "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": {"Ref": "AuditDays"}}},
    }
    assert (days["Default"], days["MinValue"]) == (365, 180)


def test_the_trail_ends_when_its_lock_does(plain: Reading) -> None:
    over, nothing_left = plain.properties("AuditBucket")["LifecycleConfiguration"]["Rules"]

    assert (over["Status"], over["ExpirationInDays"]) == ("Enabled", {"Ref": "AuditDays"})
    assert over["NoncurrentVersionExpiration"] == {"NoncurrentDays": 1}
    assert (nothing_left["Status"], nothing_left["ExpiredObjectDeleteMarker"]) == ("Enabled", True)


def test_only_this_trail_writes(plain: Reading) -> None:
    statements = {one["Sid"]: one for one in _policy(plain, "AuditBucket")}
    allowed = [one for one in statements.values() if one["Effect"] == "Allow"]

    assert {one["Action"] for one in allowed} == {"s3:GetBucketAcl", "s3:PutObject"}
    for one in allowed:
        assert one["Principal"] == {"Service": "cloudtrail.amazonaws.com"}
        assert one["Condition"]["StringEquals"]["aws:SourceArn"] == TRAIL_ARN
    assert statements["NobodyElseWrites"]["Condition"] == {"Bool": {"aws:PrincipalIsAWSService": "false"}}
    assert "s3:PutObject" in statements["NobodyElseWrites"]["Action"]


def test_the_trail_begins_when_its_bucket_is_ready(plain: Reading) -> None:
    assert plain.resources["Trail"]["DependsOn"] == "AuditBucketPolicy"


def test_every_bucket_is_closed_to_the_public_and_speaks_recent_tls(plain: Reading) -> None:
    buckets = plain.of_type("S3::Bucket")

    assert set(buckets) == {"TransfersBucket", "AuditBucket"}
    for name, bucket in buckets.items():
        denied = [one for one in _policy(plain, name) if one["Effect"] == "Deny" and one["Action"] == "s3:*"]
        conditions = {key for one in denied for keys in one["Condition"].values() for key in keys}
        assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
        assert bucket["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
        assert set(TRANSPORT) <= conditions


def test_nobody_is_let_in_whoever_they_are(plain: Reading) -> None:
    policies = [
        *(
            one["PolicyDocument"]
            for kind in ("S3::BucketPolicy", "SQS::QueuePolicy", "SNS::TopicPolicy")
            for one in plain.of_type(kind).values()
        ),
        *(one["KeyPolicy"] for one in plain.of_type("KMS::Key").values()),
    ]
    everybody = [
        one["Sid"]
        for policy in policies
        for one in policy["Statement"]
        if one["Effect"] == "Allow" and "*" in (one["Principal"], *listed(dict(one["Principal"]).get("AWS", [])))
    ]

    assert everybody == ["TablesAreEncrypted"]  # of this account, and only through DynamoDB: its condition says so


def test_only_the_two_keys_of_the_stack_are_used(plain: Reading) -> None:
    assert set(plain.of_type("KMS::Key")) == {"ClinicKey", "WatchKey"}
    named = {
        str(value)
        for one in plain.resources.values()
        for field, value in _fields(one.get("Properties", {}))
        if field in ("KmsKeyId", "KMSKeyId", "KMSMasterKeyID", "KMSMasterKeyId", "KmsMasterKeyId", "TargetKeyId")
    }

    assert named == {str({"Fn::GetAtt": [key, "Arn"]}) for key in ("ClinicKey", "WatchKey")} | {
        str({"Ref": key}) for key in ("ClinicKey", "WatchKey")
    }


def _fields(value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, list):
        return [found for item in value for found in _fields(item)]
    if not isinstance(value, dict):
        return []
    return [*value.items(), *(found for item in value.values() for found in _fields(item))]


def test_administrators_of_the_watching_key_open_the_trail_and_nothing_else(plain: Reading) -> None:
    statements = {one["Sid"]: one for one in plain.properties("WatchKey")["KeyPolicy"]["Statement"]}
    unconditional = [sid for sid, one in statements.items() if "Condition" not in one]

    assert unconditional == ["AdministratorsLookAfterTheKey", "EventsAreEncrypted"]  # EventBridge tells KMS nothing to ask about
    assert statements["EventsAreEncrypted"]["Principal"] == {"Service": "events.amazonaws.com"}
    assert not {"kms:Decrypt", "kms:Encrypt", "kms:CreateGrant", "kms:*"} & set(statements[unconditional[0]]["Action"])
    assert statements["ReadersOpenTheTrail"]["Action"] == "kms:Decrypt"
    assert statements["ReadersOpenTheTrail"]["Condition"] == {"Null": {"kms:EncryptionContext:aws:cloudtrail:arn": "false"}}
    assert statements["DeletionWaitsThirtyDays"]["Condition"] == {
        "NumericGreaterThanEquals": {"kms:ScheduleKeyDeletionPendingWindowInDays": 30}
    }

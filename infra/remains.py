"""What a stack leaves behind when it goes, because it holds something: find it, and destroy it when that is what is wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from botocore.exceptions import ClientError

from infra.place import Place
from infra.stack import STILLBORN, existing, gone

KEY_DAYS = 30  # a key waits so long before it is gone; the key's own policy allows no less
GONE = ("ResourceNotFoundException", "NoSuchBucket", "NotFoundException", "404")
LOCKED = {  # what nobody can delete, and what opens it
    "AuditBucket": "left: each file of the trail is locked until its days are over, then deletes itself",
    "WatchKey": "left: it opens the trail; have it deleted when the bucket is empty",
}
BATCH = 1000  # versions that S3 deletes in one call


@dataclass(frozen=True, slots=True)
class Remain:
    """A resource that outlives its stack."""

    resource: str
    kind: str
    name: str

    def said(self) -> dict[str, str]:
        """Answer it for a record."""
        return asdict(self)


def remains(place: Place, stack: str) -> list[Remain]:
    """List what a stack would leave behind, in the order in which it is to be destroyed: keys' wraps before files, the key last."""
    cloudformation = place.client("cloudformation")
    template = cloudformation.get_template(StackName=stack, TemplateStage="Processed")["TemplateBody"]
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack)
    made = [one for page in pages for one in page["StackResourceSummaries"] if one.get("PhysicalResourceId")]
    kept = {name for name, one in template["Resources"].items() if str(one.get("DeletionPolicy", "")).startswith("Retain")}
    found = [
        Remain(one["LogicalResourceId"], one["ResourceType"], one["PhysicalResourceId"]) for one in made if one["LogicalResourceId"] in kept
    ]
    return sorted(found, key=lambda one: (_rank(one), one.resource))


def destroyed(place: Place, remain: Remain) -> str:
    """Destroy one of them, whether or not some of it is gone already; answer what was done, or that it was left."""
    if remain.resource in LOCKED:
        return LOCKED[remain.resource]
    way = WAYS.get(remain.kind)
    if way is None:
        return "left: it may serve others of this account"
    try:
        return way(place, remain.name)
    except ClientError as error:
        if error.response["Error"]["Code"] not in GONE:
            raise
        return "gone already"


def cleared(place: Place, stack: str) -> bool:
    """Take away what a first deployment that failed has left, for it never held anything; tell whether there was any."""
    found = existing(place, stack)
    if found is None or found["StackStatus"] not in STILLBORN:
        return False
    left = remains(place, stack)
    gone(place, stack)
    for one in left:
        destroyed(place, one)
    return True


def _rank(remain: Remain) -> int:
    """Order destruction: wrapped keys, files, records, whatever else, and the key that wraps."""
    order = {"KeysTable": 0, "TransfersBucket": 1, "RecordsTable": 2, "ClinicKey": 9}
    return order.get(remain.resource, 5)


def _table(place: Place, name: str) -> str:
    """Delete a table; without recovery first, which would keep a copy of it for 35 days."""
    dynamodb = place.client("dynamodb")
    if dynamodb.describe_table(TableName=name)["Table"].get("DeletionProtectionEnabled"):
        dynamodb.update_table(TableName=name, DeletionProtectionEnabled=False)
    dynamodb.get_waiter("table_exists").wait(TableName=name)
    dynamodb.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False})
    dynamodb.delete_table(TableName=name)
    dynamodb.get_waiter("table_not_exists").wait(TableName=name)
    return "deleted"


def _bucket(place: Place, name: str) -> str:
    """Delete a bucket with all it holds, unfinished uploads and old versions included."""
    s3, count = place.client("s3"), 0
    for batch in _versions(s3, name):
        answer = s3.delete_objects(Bucket=name, Delete={"Objects": batch, "Quiet": True})
        if answer.get("Errors"):
            raise RuntimeError(f"{len(answer['Errors'])} objects of {name} could not be deleted: {answer['Errors'][0].get('Code')}")
        count += len(batch)
    for page in s3.get_paginator("list_multipart_uploads").paginate(Bucket=name):
        for upload in page.get("Uploads", []):
            s3.abort_multipart_upload(Bucket=name, Key=upload["Key"], UploadId=upload["UploadId"])
    s3.delete_bucket(Bucket=name)
    return f"deleted with {count} objects"


def _versions(s3: Any, bucket: str) -> Iterator[list[dict[str, str]]]:
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket, PaginationConfig={"PageSize": BATCH}):
        found = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        if found:
            yield [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in found]


def _key(place: Place, name: str) -> str:
    """Have the key gone in thirty days; nobody can use it from now on."""
    kms = place.client("kms")
    said = kms.describe_key(KeyId=name)["KeyMetadata"]
    if said["KeyState"] != "PendingDeletion":
        kms.schedule_key_deletion(KeyId=name, PendingWindowInDays=KEY_DAYS)
        said = kms.describe_key(KeyId=name)["KeyMetadata"]
    return f"unusable, gone on {said['DeletionDate'].date()}" if "DeletionDate" in said else "unusable, gone in 30 days"


def _identity(place: Place, name: str) -> str:
    place.client("sesv2").delete_email_identity(EmailIdentity=name)
    return "deleted"


WAYS: dict[str, Callable[[Place, str], str]] = {
    "AWS::DynamoDB::Table": _table,
    "AWS::S3::Bucket": _bucket,
    "AWS::KMS::Key": _key,
    "AWS::SES::EmailIdentity": _identity,
}

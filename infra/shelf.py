"""The bucket from which stacks are made: code and templates, each under its digest, so that new content is a new place."""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from dataclasses import dataclass
from typing import Any

from infra.place import Place

LOCKED = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")


@dataclass(frozen=True, slots=True)
class Shelf:
    """The bucket of one account and region; every call names the account, so that nobody else's bucket of that name is ever used."""

    place: Place
    account: str

    @property
    def bucket(self) -> str:
        """Answer its name."""
        return f"sceau-code-{self.account}-{self.place.region}"

    def put(self, content: bytes, kind: str, beside: str | None = None) -> str:
        """Put content there unless it is there already, under its digest or that of the key it lies `beside`; answer its key."""
        digest = hashlib.sha256(content)
        key = f"{(beside or digest.hexdigest()).partition('.')[0]}.{kind}"
        s3 = self.place.client("s3")
        if _absent(s3, s3.head_object, Bucket=self.bucket, Key=key, ExpectedBucketOwner=self.account):
            checksum = b64encode(digest.digest()).decode()
            s3.put_object(Bucket=self.bucket, Key=key, Body=content, ChecksumSHA256=checksum, ExpectedBucketOwner=self.account)
        return key

    def note(self, key: str) -> str | None:
        """Read a note about a clinic, or None."""
        s3 = self.place.client("s3")
        try:
            found: bytes = s3.get_object(Bucket=self.bucket, Key=key, ExpectedBucketOwner=self.account)["Body"].read()
        except s3.exceptions.NoSuchKey:
            return None
        return found.decode()

    def write(self, key: str, text: str) -> None:
        """Keep a note about a clinic."""
        self.place.client("s3").put_object(Bucket=self.bucket, Key=key, Body=text.encode(), ExpectedBucketOwner=self.account)

    def drop(self, key: str) -> None:
        """Drop a note, if it is there."""
        self.place.client("s3").delete_object(Bucket=self.bucket, Key=key, ExpectedBucketOwner=self.account)


def shelf(place: Place) -> Shelf:
    """Find the account's bucket, or make it: private, encrypted, with versions."""
    made = Shelf(place, place.client("sts").get_caller_identity()["Account"])
    s3, named = place.client("s3"), {"Bucket": made.bucket, "ExpectedBucketOwner": made.account}
    if _absent(s3, s3.head_bucket, **named):
        s3.create_bucket(Bucket=made.bucket, CreateBucketConfiguration={"LocationConstraint": place.region})
    s3.put_public_access_block(**named, PublicAccessBlockConfiguration=dict.fromkeys(LOCKED, True))
    encrypted = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}
    s3.put_bucket_encryption(**named, ServerSideEncryptionConfiguration=encrypted)
    s3.put_bucket_versioning(**named, VersioningConfiguration={"Status": "Enabled"})
    if place.tls:
        s3.put_bucket_policy(**named, Policy=_only_tls(made.bucket))
    return made


def _only_tls(bucket: str) -> str:
    everything = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
    refused = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": everything}
    statement = refused | {"Sid": "OnlyTls", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _absent(s3: Any, head: Any, **named: str) -> bool:
    """Tell whether a bucket or an object is not there; whatever else is wrong is raised."""
    try:
        head(**named)
    except s3.exceptions.ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] != 404:  # noqa: PLR2004 - HTTP
            raise
        return True
    return False

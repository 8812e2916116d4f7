"""What the clinic keeps, looked at from behind: the bucket and both tables, with the rights of the account's owner."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from chalicelib.adapters.dynamodb.table import Item, read, written
from chalicelib.domain.usage import Usage
from tests.stack import Stack


class Store:
    """The bucket and the tables of a clinic."""

    def __init__(self, clinic: Stack) -> None:
        self.clinic = clinic
        self.s3 = clinic.client("s3")
        self.dynamodb = clinic.client("dynamodb")

    def objects(self, transfer: str = "") -> list[str]:
        """List the objects of a transfer, or all."""
        found = self.s3.list_objects_v2(Bucket=self.clinic.bucket, Prefix=f"t/{transfer}")
        return [one["Key"] for one in found.get("Contents", [])]

    def uploads(self, transfer: str) -> list[str]:
        """List the objects of a transfer whose parts are still arriving."""
        found = self.s3.list_multipart_uploads(Bucket=self.clinic.bucket, Prefix=f"t/{transfer}/")
        return [one["Key"] for one in found.get("Uploads", [])]

    def sealed(self, transfer: str, file: int = 0) -> bytes:
        """Read what the bucket holds of a file."""
        content: bytes = self.s3.get_object(Bucket=self.clinic.bucket, Key=f"t/{transfer}/{file}")["Body"].read()
        return content

    def overwrite(self, transfer: str, content: bytes, file: int = 0) -> None:
        """Put other bytes in the place of a file."""
        self.s3.put_object(Bucket=self.clinic.bucket, Key=f"t/{transfer}/{file}", Body=content, ChecksumAlgorithm="SHA256")

    def keys(self, transfer: str) -> list[Item]:
        """Read the items of a transfer in the table of keys."""
        return self._partition(self.clinic.keys_table, transfer)

    def records(self, transfer: str) -> list[Item]:
        """Read the items of a transfer in the table of records."""
        return self._partition(self.clinic.records_table, transfer)

    def trail(self, transfer: str) -> list[str]:
        """List the tags of a transfer's audit events, oldest first."""
        return [item["tag"] for item in self.records(transfer) if item["sk"].startswith("AUDIT#")]

    def tombstone(self, transfer: str) -> Item:
        """Read the item of the transfer itself."""
        return next(item for item in self.records(transfer) if item["sk"] == "TRANSFER")

    def use(self, day: date, used: Usage) -> None:
        """Write what one day used, in place of what was counted."""
        counts = {name: count for name, count in used.counts().items() if count}
        item = written({"pk": f"U#{day:%Y-%m}", "sk": f"{day:%d}#a", **counts})
        self.dynamodb.put_item(TableName=self.clinic.records_table, Item=item)

    def set_deadline(self, transfer: str, at: datetime) -> None:
        """Move the deadline of a transfer; the sweeper does not hear of it."""
        self._set(transfer, "SET expires_at = :at", {":at": int(at.timestamp())})

    def set_due(self, transfer: str, at: datetime) -> None:
        """Move the instant at which the sweeper must look at a transfer."""
        values = {":hour": at.strftime("%Y-%m-%dT%H"), ":at": at.strftime("%Y-%m-%dT%H:%M:%SZ")}
        self._set(transfer, "SET due_hour = :hour, due_at = :at", values)

    def everything(self) -> list[dict[str, Any]]:
        """Read every item of both tables, as DynamoDB gives it."""
        tables = (self.clinic.records_table, self.clinic.keys_table)
        scans = [self.dynamodb.get_paginator("scan").paginate(TableName=table) for table in tables]
        return [item for scan in scans for page in scan for item in page["Items"]]

    def _set(self, transfer: str, expression: str, values: Item) -> None:
        self.dynamodb.update_item(
            TableName=self.clinic.records_table,
            Key=written({"pk": f"T#{transfer}", "sk": "TRANSFER"}),
            UpdateExpression=expression,
            ExpressionAttributeValues=written(values),
        )

    def _partition(self, table: str, transfer: str) -> list[Item]:
        found = self.dynamodb.query(
            TableName=table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues=written({":pk": f"T#{transfer}"}),
            ConsistentRead=True,
        )
        return [read(item) for item in found["Items"]]

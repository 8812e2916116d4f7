"""Look behind a port, in either world: what no port says, because no use case needs it."""

import json
from collections.abc import Iterator
from typing import Any

import requests
from boto3.dynamodb.types import TypeDeserializer

from chalicelib.domain.audit import Tag
from chalicelib.domain.ids import TransferId
from chalicelib.usecases.ports import Ports
from tests.fake_aws import FakeBucket, FakePost, FakeQueue, Refused
from tests.fake_database import Kept
from tests.fakes import memory_of

REFUSED = (Refused, requests.RequestException)


def trail(ports: Ports, transfer: TransferId) -> list[str]:
    """List the tags of a transfer's events, in no order."""
    if isinstance(ports.audit, Kept):
        return sorted(event.tag for event in memory_of(ports).trail(transfer=transfer))
    return sorted(item["tag"] for item in partition(ports, f"T#{transfer}") if item["sk"].startswith("AUDIT#"))


def count(ports: Ports, transfer: TransferId, tag: Tag) -> int:
    """Count one kind of event."""
    return trail(ports, transfer).count(tag)


def partition(ports: Ports, pk: str) -> list[dict[str, Any]]:
    """Read a whole partition of the records table."""
    records: Any = ports.audit
    table = records.records
    names = {"TableName": table.name, "KeyConditionExpression": "pk = :pk", "ExpressionAttributeValues": {":pk": {"S": pk}}}
    found = table.client.query(**names, ConsistentRead=True)["Items"]
    return [{name: TypeDeserializer().deserialize(value) for name, value in item.items()} for item in found]


def fetch(ports: Ports, url: str) -> bytes:
    """Get what a signed URL gives."""
    if isinstance(ports.bucket, FakeBucket):
        return ports.bucket.get(url)
    answer = requests.get(url, timeout=10)
    answer.raise_for_status()
    return answer.content


def queued(ports: Ports) -> list[str]:
    """Take every message that waits in the queues of notices and of codes: its id or key."""
    if isinstance(ports.queue, FakeQueue):
        pushed, ports.queue.pushed = list(ports.queue.pushed), []
        return [str(one) for one in pushed]
    queue: Any = ports.queue
    return [*_taken(queue.client, queue.url), *_taken(queue.client, queue.codes)]


def _taken(sqs: Any, url: str) -> Iterator[str]:
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
        for message in messages:
            yield from json.loads(message["Body"]).values()
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


def emails(ports: Ports, address: str) -> list[str]:
    """List the subjects of what was sent to an address."""
    if isinstance(ports.post, FakePost):
        return [letter.subject for person, letter in ports.post.emails if person.email == address]
    post: Any = ports.post
    kept = requests.get(f"{post.ses.meta.endpoint_url}/_ministack/ses/messages", timeout=10).json()
    return [one["Subject"] for account in kept["messages"].values() for one in account if one["To"] == [address]]

"""Send dead letters back to the queue they came from: `python -m infra.replay landed`, or `notices`; with `--look`, only show them.

It runs with the rights of whoever calls it, as the AWS command line does.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

import boto3

from infra.translate import REGION

QUEUES = {"landed": ("LandedDeadQueueUrl", "LandedQueueUrl"), "notices": ("NoticesDeadQueueUrl", "NoticesQueueUrl")}  # outputs: from, to
HELD = 60  # seconds that a letter is put aside while the others are looked at
PATIENCE = 2  # seconds to wait for a message; SQS then asks all its machines, and an empty answer is true


def main(arguments: Sequence[str] | None = None) -> None:
    """Do what the command line says, and tell how many dead letters went back and how many there are."""
    said = _said(arguments)
    session = boto3.Session(region_name=REGION)
    outputs = _outputs(session.client("cloudformation"), said.stack)
    dead, queue = (outputs[name] for name in QUEUES[said.worker])
    sqs = session.client("sqs")
    if said.look:
        print(*look(sqs, dead), f"Dead letters of {said.worker}: {waiting(sqs, dead)}.", sep="\n")
    else:
        moved = move(sqs, dead, queue, said.most)
        print(f"Sent back to {said.worker}: {moved}. Left: {waiting(sqs, dead)}.")


def move(sqs: Any, dead: str, queue: str, most: int | None = None) -> int:
    """Move messages one by one, `most` or all; answer how many.

    Each is in its queue again before it leaves the dead ones: stopped between the two, it is in both, and workers may do things twice.
    """
    moved = 0
    while (most is None or moved < most) and (found := _taken(sqs, dead, 1)):
        sqs.send_message(QueueUrl=queue, MessageBody=found[0]["Body"])
        sqs.delete_message(QueueUrl=dead, ReceiptHandle=found[0]["ReceiptHandle"])
        moved += 1
    return moved


def look(sqs: Any, dead: str) -> Iterator[str]:
    """Read every body once, tell what it is about, and leave it where it is."""
    seen: dict[str, str] = {}
    while taken := _taken(sqs, dead, 10, VisibilityTimeout=HELD):
        fresh = [one["Body"] for one in taken if one["MessageId"] not in seen]
        seen.update({one["MessageId"]: one["ReceiptHandle"] for one in taken})
        yield from map(about, fresh)
        if not fresh:
            break
    for handle in seen.values():
        with suppress(sqs.exceptions.MessageNotInflight):
            sqs.change_message_visibility(QueueUrl=dead, ReceiptHandle=handle, VisibilityTimeout=0)


def about(body: str) -> str:
    """Tell what a body is about: the whole of ours, which is an id; of a notification of S3, which also says who put it there, the key."""
    try:
        said = json.loads(body)
    except ValueError:
        return body
    if not isinstance(said, dict) or "Records" not in said:
        return body
    records = said["Records"] if isinstance(said["Records"], list) else [None]
    return "\n".join(json.dumps({"key": _key(record)}) for record in records)


def _key(record: Any) -> Any:
    """Find the object's key in one record of a notification."""
    try:
        return record["s3"]["object"]["key"]
    except (KeyError, TypeError):
        return None


def waiting(sqs: Any, queue: str) -> int:
    """Answer about how many messages a queue holds, those included that somebody has just taken to look at."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    told = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]
    return sum(int(told[name]) for name in names)


def _taken(sqs: Any, queue: str, most: int, **choices: int) -> list[dict[str, str]]:
    """Take messages, which nobody else sees for a while then."""
    answer = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=most, WaitTimeSeconds=PATIENCE, **choices)
    taken: list[dict[str, str]] = answer.get("Messages", [])
    return taken


def _outputs(cloudformation: Any, stack: str) -> dict[str, str]:
    try:
        (found,) = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    except cloudformation.exceptions.ClientError as error:
        raise SystemExit(f"The stack {stack} cannot be read: {error.response['Error']['Message']}") from None
    return {one["OutputKey"]: one["OutputValue"] for one in found["Outputs"]}


def _said(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m infra.replay", description="Send dead letters back to the queue they came from.")
    parser.add_argument("worker", choices=QUEUES, help="whose dead letters")
    parser.add_argument("--stack", default="sceau", help="name of the clinic's stack (sceau)")
    parser.add_argument("--look", action="store_true", help="only show them")
    parser.add_argument("--most", type=_count, help="how many, at most (all)")
    return parser.parse_args(arguments)


def _count(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError("a whole number above zero")
    return int(text)


if __name__ == "__main__":
    main()

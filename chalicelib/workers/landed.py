"""Objects that landed in the bucket: check each, and seal the transfer when its last one is in."""

import json
import logging
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote_plus

from chalice.app import Blueprint, SQSEvent

from chalicelib.domain.ids import TransferId
from chalicelib.usecases.land import Landed, land
from chalicelib.usecases.seal import seal
from chalicelib.wiring import ports, settings
from chalicelib.workers import batch

blueprint = Blueprint(__name__)
log = logging.getLogger("sceau")
OURS = re.compile(r"t/([a-z2-7]{26})/(0|[1-9][0-9]{0,4})")


@blueprint.on_sqs_message(queue_arn="arn:aws:sqs:eu-west-3:000000000000:replaced-by-template", batch_size=10)
def landed(event: SQSEvent) -> dict[str, Any]:
    """Take a batch of S3 notifications."""
    return batch.each(event.to_dict(), _one)


def _one(body: str) -> None:
    for command in named(body, settings().bucket):
        if land(command, ports()) and seal(command.transfer, ports()):
            log.info("sealed", extra={"transfer": command.transfer})


def named(body: str, bucket: str) -> Iterator[Landed]:
    """Read which of our objects a notification names; anything else in it is ignored, the test event included."""
    message = json.loads(body)
    records = message.get("Records") if isinstance(message, dict) else None
    for record in records if isinstance(records, list) else []:
        s3 = record.get("s3", {})
        key = OURS.fullmatch(unquote_plus(s3.get("object", {}).get("key", "")))
        if key is not None and s3.get("bucket", {}).get("name") == bucket:
            yield Landed(TransferId(key[1]), int(key[2]))

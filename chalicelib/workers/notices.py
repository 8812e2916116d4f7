"""Notices that wait to be sent."""

import json
from typing import Any

from chalice.app import Blueprint, SQSEvent

from chalicelib.domain.ids import NoticeId
from chalicelib.usecases import tell
from chalicelib.wiring import ports
from chalicelib.workers import batch

blueprint = Blueprint(__name__)


@blueprint.on_sqs_message(queue_arn="arn:aws:sqs:eu-west-3:000000000000:replaced-by-template", batch_size=10)
def notices(event: SQSEvent) -> dict[str, Any]:
    """Take a batch of ids."""
    return batch.each(event.to_dict(), _one)


def _one(body: str) -> None:
    match json.loads(body):
        case {"notice": str(notice)}:
            tell.send_notice(NoticeId(notice), ports())

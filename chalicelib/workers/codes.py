"""One-time codes that wait to be sent: each alone and at once, because somebody waits for it and it is over in five minutes."""

import json
from typing import Any

from chalice.app import Blueprint, SQSEvent

from chalicelib.domain.ids import ChallengeKey
from chalicelib.usecases import tell
from chalicelib.wiring import ports
from chalicelib.workers import batch

blueprint = Blueprint(__name__)


@blueprint.on_sqs_message(queue_arn="arn:aws:sqs:eu-west-3:000000000000:replaced-by-template", batch_size=1)
def codes(event: SQSEvent) -> dict[str, Any]:
    """Take the key of a challenge."""
    return batch.each(event.to_dict(), _one)


def _one(body: str) -> None:
    match json.loads(body):
        case {"code": str(challenge)}:
            tell.send_code(ChallengeKey(challenge), ports())

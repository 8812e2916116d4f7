"""The sweeper: destroys what is due, and pushes again what a lost push left unsent."""

import logging

from chalice.app import Blueprint, CloudWatchEvent

from chalicelib.usecases import sweep as sweeping
from chalicelib.usecases.ports import Due
from chalicelib.usecases.shred import destroy_due
from chalicelib.wiring import ports

blueprint = Blueprint(__name__)
log = logging.getLogger("sceau")


@blueprint.schedule("rate(5 minutes)")
def sweep(_event: CloudWatchEvent) -> None:
    """Look at everything that is due. What fails stays due, and the next sweep starts from the same hour."""
    begun = ports().clock.now()
    done = [_one(due) for due in sweeping.due(ports())]
    if all(done):
        sweeping.done(begun, ports())


def _one(due: Due) -> bool:
    try:
        if due.transfer is not None:
            destroy_due(due.transfer, ports())
        elif due.notice is not None:
            sweeping.push_again(due.notice, ports())
    except Exception:
        log.exception("sweep failed", extra={"transfer": due.transfer, "notice": due.notice})
        return False
    return True

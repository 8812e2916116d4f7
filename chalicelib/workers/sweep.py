"""The sweeper: destroys what is due, reminds, completes what an event lost, and pushes again what a lost push left unsent."""

import logging
from datetime import datetime

from chalice.app import Blueprint, CloudWatchEvent

from chalicelib.domain.ids import TransferId
from chalicelib.domain.transfer import Work
from chalicelib.usecases import land, members, remind, shred
from chalicelib.usecases import sweep as sweeping
from chalicelib.usecases.seal import seal
from chalicelib.usecases.tables import Due
from chalicelib.wiring import ports

blueprint = Blueprint(__name__)
log = logging.getLogger("sceau")


@blueprint.schedule("rate(2 minutes)")
def sweep(_event: CloudWatchEvent) -> None:
    """Look at everything that is due, each put off before it is worked on; where that fails, the next sweep starts from the same hour."""
    begun = ports().clock.now()
    done = [_one(due) for due in sweeping.due(ports())]
    if all(done):
        sweeping.done(begun, ports())
    log.info("swept", extra={"due": len(done), "failed": done.count(False)})


def _one(due: Due) -> bool:
    """Tell whether it need not be looked for again at its old hour."""
    later = None
    try:
        later = sweeping.put_off(due, ports())
        _do(due, later)
    except Exception:
        log.exception("sweep failed", extra={"transfer": due.transfer, "notice": due.notice})
    return later is not None


def _do(due: Due, later: datetime) -> None:
    if due.notice is not None:
        sweeping.push_again(due.notice, ports())
    elif due.transfer is not None:
        _tend(due.transfer, later)
    elif due.review:
        members.remind_review(ports())


def _tend(transfer: TransferId, later: datetime) -> None:
    match sweeping.work(transfer, ports()):
        case Work.DESTROY:
            shred.destroy_due(transfer, ports())
        case Work.REMIND:
            remind.remind_due(transfer, ports())
        case Work.LOOK:
            _look(transfer)
        case None:
            sweeping.put_back(transfer, later, ports())


def _look(transfer: TransferId) -> None:
    """Do what a lost event would have had done, then look again later if it is still on its way."""
    whole = [land.land(landed, ports()) for landed in land.look(transfer, ports())]
    if any(whole) and seal(transfer, ports()):
        log.info("sealed", extra={"transfer": transfer})
    land.look_later(transfer, ports())

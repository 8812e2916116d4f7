"""The sweeper: destroys what is due, reminds, completes what an event lost, and pushes again what a lost push left unsent."""

import logging

from chalice.app import Blueprint, CloudWatchEvent

from chalicelib.domain.ids import TransferId
from chalicelib.domain.transfer import Work
from chalicelib.usecases import land, remind, shred
from chalicelib.usecases import sweep as sweeping
from chalicelib.usecases.ports import Due
from chalicelib.usecases.seal import seal
from chalicelib.wiring import ports

blueprint = Blueprint(__name__)
log = logging.getLogger("sceau")


@blueprint.schedule("rate(2 minutes)")
def sweep(_event: CloudWatchEvent) -> None:
    """Look at everything that is due. What fails is put off; where even that fails, the next sweep starts from the same hour."""
    begun = ports().clock.now()
    done = [_one(due) for due in sweeping.due(ports())]
    if all(done):
        sweeping.done(begun, ports())
    log.info("swept", extra={"due": len(done), "failed": done.count(False)})


def _one(due: Due) -> bool:
    try:
        _do(due)
    except Exception:
        log.exception("sweep failed", extra={"transfer": due.transfer, "notice": due.notice})
        return _put_off(due)
    return True


def _put_off(due: Due) -> bool:
    try:
        sweeping.postpone(due, ports())
    except Exception:
        log.exception("not put off", extra={"transfer": due.transfer, "notice": due.notice})
        return False
    return True


def _do(due: Due) -> None:
    if due.notice is not None:
        sweeping.push_again(due.notice, ports())
    elif due.transfer is not None:
        _tend(due.transfer)


def _tend(transfer: TransferId) -> None:
    match sweeping.work(transfer, ports()):
        case Work.DESTROY:
            shred.destroy_due(transfer, ports())
        case Work.REMIND:
            remind.remind_due(transfer, ports())
        case Work.LOOK:
            whole = [land.land(landed, ports()) for landed in land.look(transfer, ports())]
            if any(whole):
                seal(transfer, ports())

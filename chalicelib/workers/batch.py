"""Work through a batch of queue messages, each on its own: one that fails comes back alone, later each time."""

import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from chalicelib.wiring import ports

log = logging.getLogger("sceau")
FIRST_WAIT = timedelta(seconds=5)  # then twice as long each time: a code lives five minutes
LONGEST_WAIT = timedelta(minutes=15)


def each(event: Mapping[str, Any], work: Callable[[str], None]) -> dict[str, Any]:
    """Do `work` on every body; report those that failed, so that only they are tried again."""
    failed = []
    for record in event.get("Records", []):
        try:
            work(record["body"])
        except Exception:
            log.exception("message failed", extra={"queued": record["messageId"]})
            failed.append({"itemIdentifier": record["messageId"]})
            _put_off(record)
    log.info("batch done", extra={"messages": len(event.get("Records", [])), "failed": len(failed)})
    return {"batchItemFailures": failed}


def _put_off(record: Mapping[str, Any]) -> None:
    """Have it come back after a wait of our own; where that fails too, after the queue's."""
    try:
        received = int(record.get("attributes", {}).get("ApproximateReceiveCount", 1))
        wait = min(FIRST_WAIT * 2 ** min(received - 1, 10), LONGEST_WAIT)
        ports().queue.again(record["eventSourceARN"], record["receiptHandle"], wait)
    except Exception:
        log.exception("not put off", extra={"queued": record["messageId"]})

"""Work through a batch of queue messages, each on its own: one that fails comes back alone."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

log = logging.getLogger("sceau")


def each(event: Mapping[str, Any], work: Callable[[str], None]) -> dict[str, Any]:
    """Do `work` on every body; report those that failed, so that only they are tried again."""
    failed = []
    for record in event.get("Records", []):
        try:
            work(record["body"])
        except Exception:
            log.exception("message failed", extra={"queued": record["messageId"]})
            failed.append({"itemIdentifier": record["messageId"]})
    log.info("batch done", extra={"messages": len(event.get("Records", [])), "failed": len(failed)})
    return {"batchItemFailures": failed}

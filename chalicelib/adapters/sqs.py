"""The queues of the notices worker and of the codes worker. Messages hold ids and digests, nothing else."""

import json
import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.domain.ids import ChallengeKey, NoticeId

BATCH = 10
log = logging.getLogger("sceau")


class SqsQueue:
    """Push notices to one queue, codes to another; put off messages of these and of `others`."""

    def __init__(self, client: Any, url: str, codes: str, others: Sequence[str] = ()) -> None:
        self.client = client
        self.url = url
        self.codes = codes
        self.urls = (url, codes, *others)

    def push_notices(self, notices: Sequence[NoticeId]) -> None:
        for start in range(0, len(notices), BATCH):
            entries = [{"Id": str(i), "MessageBody": json.dumps({"notice": n})} for i, n in enumerate(notices[start : start + BATCH])]
            self._push(entries)

    def _push(self, entries: Sequence[dict[str, str]]) -> None:
        """Push ten at the most. They are owed in the table already, so that a push that fails is no failure of who asked."""
        try:
            failed = self.client.send_message_batch(QueueUrl=self.url, Entries=entries).get("Failed", ())
        except (ClientError, BotoCoreError):
            failed = entries
        if failed:
            log.warning("not pushed", extra={"messages": len(failed)})

    def push_code(self, challenge: ChallengeKey) -> None:
        self.client.send_message(QueueUrl=self.codes, MessageBody=json.dumps({"code": challenge}))

    def again(self, source: str, receipt: str, wait: timedelta) -> None:
        url = next(one for one in self.urls if one.rpartition("/")[2] == source.rpartition(":")[2])
        self.client.change_message_visibility(QueueUrl=url, ReceiptHandle=receipt, VisibilityTimeout=int(wait.total_seconds()))

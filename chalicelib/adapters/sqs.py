"""The queue of the notices worker. Messages hold ids and digests, nothing else."""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from chalicelib.domain.ids import ChallengeKey, NoticeId

BATCH = 10


class SqsQueue:
    """Push work."""

    def __init__(self, client: Any, url: str, others: Sequence[str] = ()) -> None:
        self.client = client
        self.url = url
        self.urls = (url, *others)

    def push_notices(self, notices: Sequence[NoticeId]) -> None:
        for start in range(0, len(notices), BATCH):
            entries = [{"Id": str(i), "MessageBody": json.dumps({"notice": n})} for i, n in enumerate(notices[start : start + BATCH])]
            answer = self.client.send_message_batch(QueueUrl=self.url, Entries=entries)
            if answer.get("Failed"):
                raise RuntimeError(f"{len(answer['Failed'])} notices were not queued")

    def push_code(self, challenge: ChallengeKey) -> None:
        self.client.send_message(QueueUrl=self.url, MessageBody=json.dumps({"code": challenge}))

    def again(self, source: str, receipt: str, wait: timedelta) -> None:
        url = next(one for one in self.urls if one.rpartition("/")[2] == source.rpartition(":")[2])
        self.client.change_message_visibility(QueueUrl=url, ReceiptHandle=receipt, VisibilityTimeout=int(wait.total_seconds()))

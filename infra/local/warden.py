"""Let the emulator's policies know what a call is about.

It looks at the encryption context of a call to KMS and at the keys of a call to DynamoDB, and does not tell its own IAM. AWS does, and
what functions may do hangs on it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

CONTEXT = "kms:EncryptionContext:"
LEADING = "dynamodb:LeadingKeys"
Known = dict[str, Any]
Tell = Callable[[str, str, bytes, dict[str, Any]], Known]


def hire() -> None:
    """Have the emulator ask a warden about every call from now on."""
    from ministack.core import iam_actions

    iam_actions.request_tag_context = told(iam_actions.request_tag_context)


def told(before: Tell) -> Tell:
    """Answer what `before` knows of a call, and what it is about."""

    def known(service: str, action: str, body: bytes, params: dict[str, Any]) -> Known:
        return before(service, action, body, params) | about(service, body)

    return known


def about(service: str, body: bytes) -> Known:
    """Read the condition keys of a call to KMS or DynamoDB from its body; nothing of any other."""
    if service not in ("kms", "dynamodb"):
        return {}
    try:
        said = json.loads(body or b"{}")
    except ValueError:  # the service itself will refuse it
        return {}
    if service == "kms":
        return {f"{CONTEXT}{name}": value for name, value in (said.get("EncryptionContext") or {}).items()}
    keys = sorted(set(_deleted(said)))
    return {LEADING: keys} if keys else {}


def _deleted(said: dict[str, Any]) -> Iterator[str]:
    """Name the partitions in which a call deletes or writes in a batch: no policy of ours speaks of the keys of anything else.

    Of a transaction AWS asks for each item with its own key, the emulator for all with one context.
    """
    single = [said["Key"]] if "Key" in said else []
    transaction = [item["Delete"]["Key"] for item in said.get("TransactItems", ()) if "Delete" in item]
    requests = [one for asked in (said.get("RequestItems") or {}).values() if isinstance(asked, list) for one in asked]
    batch = [one["DeleteRequest"]["Key"] if "DeleteRequest" in one else one["PutRequest"]["Item"] for one in requests]
    yield from (key["pk"]["S"] for key in (*single, *transaction, *batch))

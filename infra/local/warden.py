"""Let the emulator's policies know what a call is about.

It looks at the encryption context of a call to KMS and at the keys of a call to DynamoDB, and does not tell its own IAM. AWS does, and
what functions may do hangs on it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

CONTEXT = "kms:EncryptionContext:"
LEADING = "dynamodb:LeadingKeys"
ITEMS = "sceau:items"  # of a transaction: it is asked about item by item, each time with its own key
Known = dict[str, Any]
Tell = Callable[[str, str, bytes, dict[str, Any]], Known]


def hire() -> None:
    """Have the emulator ask a warden about every call from now on."""
    from ministack.core import iam_actions, iam_evaluator

    iam_actions.request_tag_context = told(iam_actions.request_tag_context)
    iam_evaluator.enforce = one_by_one(iam_evaluator.enforce)


def told(before: Tell) -> Tell:
    """Answer what `before` knows of a call, and what it is about."""

    def known(service: str, action: str, body: bytes, params: dict[str, Any]) -> Known:
        return before(service, action, body, params) | about(service, body)

    return known


def one_by_one(enforce: Callable[..., Any]) -> Callable[..., Any]:
    """Answer an `enforce` that is told the key of the next item each time it is asked about a transaction."""

    def enforced(*call: Any, service_context: Known | None = None, **named: Any) -> Any:
        known = service_context or {}
        item = {LEADING: [next(known[ITEMS])]} if ITEMS in known else {}
        return enforce(*call, service_context={**known, **item}, **named)

    return enforced


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
    if "TransactItems" in said:
        return {ITEMS: iter([_partition(one) for item in said["TransactItems"] for one in item.values()])}
    keys = sorted({_partition(one) for one in _touched(said)})
    return {LEADING: keys} if keys else {}


def _touched(said: Known) -> list[Known]:
    """List what a call names an item by. Queries are left out: no policy of ours speaks of their keys."""
    if "RequestItems" not in said:
        return [said] if "Key" in said or "Item" in said else []
    batches = [asked if isinstance(asked, list) else asked["Keys"] for asked in said["RequestItems"].values()]
    return [one.get("DeleteRequest") or one.get("PutRequest") or {"Key": one} for batch in batches for one in batch]


def _partition(one: Known) -> str:
    name: str = (one["Key"] if "Key" in one else one["Item"])["pk"]["S"]
    return name

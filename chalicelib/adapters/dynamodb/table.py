"""One DynamoDB table: typed items in, typed items out, conditions named where they are used.

Keys are `pk` and `sk`. Values are text, whole numbers, bytes, booleans, lists and sets of these; None is never written.
"""

import secrets
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, cast

from boto3.dynamodb.types import Binary, TypeDeserializer, TypeSerializer

Item = dict[str, Any]
Key = tuple[str, str]
Action = dict[str, Any]

BATCH_GET = 100
BATCH_WRITE = 25
CONFLICT_TRIES = 8  # about five seconds in all
_write = TypeSerializer().serialize
_read = TypeDeserializer().deserialize


def written(item: Mapping[str, object]) -> dict[str, Any]:
    """Write an item as DynamoDB takes it, leaving out what is None."""
    return {name: _write(value) for name, value in item.items() if value is not None}


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return int(value)
    if isinstance(value, Binary):
        return bytes(cast("bytes", value))
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, set):
        return {_plain(one) for one in value}
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return value


def read(raw: Mapping[str, Any]) -> Item:
    """Read an item as DynamoDB gives it."""
    return {name: _plain(_read(value)) for name, value in raw.items()}


def _named(values: Item, names: Mapping[str, str] | None) -> Action:
    """Write the values and names an expression speaks of; DynamoDB refuses either when empty."""
    written_values = {f":{name}": _write(value) for name, value in values.items()}
    spoken: Action = {"ExpressionAttributeValues": written_values} if values else {}
    return {**spoken, "ExpressionAttributeNames": dict(names)} if names else spoken


class Table:
    """A table and the client that reaches it."""

    def __init__(self, client: Any, name: str) -> None:
        self.client = client
        self.name = name

    def key(self, pk: str, sk: str) -> dict[str, Any]:
        return {"pk": {"S": pk}, "sk": {"S": sk}}

    def get(self, pk: str, sk: str) -> Item | None:
        """Read one item, consistently."""
        answer = self.client.get_item(TableName=self.name, Key=self.key(pk, sk), ConsistentRead=True)
        return read(answer["Item"]) if "Item" in answer else None

    def put(self, item: Item, condition: str | None = None, values: Item | None = None, names: Mapping[str, str] | None = None) -> Action:
        """Say: put this item if the condition holds. Values are named `:name`, reserved names `#name`."""
        action: Action = {"TableName": self.name, "Item": written(item), **_named(values or {}, names)}
        return {"Put": action if condition is None else {**action, "ConditionExpression": condition}}

    def delete(self, pk: str, sk: str, condition: str | None = None, values: Item | None = None) -> Action:
        """Say: delete this item if the condition holds. Values are named `:name`."""
        action: Action = {"TableName": self.name, "Key": self.key(pk, sk), **_named(values or {}, None)}
        return {"Delete": action if condition is None else {**action, "ConditionExpression": condition}}

    def update(self, at: Key, expression: str, condition: str | None, values: Item, names: Mapping[str, str] | None = None) -> Action:
        """Say: update this item if the condition holds. Values are named `:name`, reserved names `#name`."""
        action: Action = {"TableName": self.name, "Key": self.key(*at), "UpdateExpression": expression, **_named(values, names)}
        return {"Update": action if condition is None else {**action, "ConditionExpression": condition}}

    def renew(self, item: Item, condition: str, values: Item) -> Action:
        """Say: write this item's fields over those that are there if the condition holds; None removes, fields it does not name stay.

        So what another version of the code has added to the item outlives it (docs/how-to/upgrade.md).
        """
        fields = {name: value for name, value in item.items() if name not in ("pk", "sk")}
        kept = {name: value for name, value in fields.items() if value is not None}
        sets = "SET " + ", ".join(f"#{name} = :{name}" for name in kept)
        gone = ", ".join(f"#{name}" for name in fields if name not in kept)
        named = {f"#{name}": name for name in fields}
        expression = f"{sets} REMOVE {gone}" if gone else sets
        asked = {f"was_{name}": value for name, value in values.items()}
        return self.update((item["pk"], item["sk"]), expression, condition, kept | asked, named)

    def check(self, at: Key, condition: str, values: Item, names: Mapping[str, str] | None = None) -> Action:
        """Say: go on only if this holds."""
        action: Action = {
            "TableName": self.name,
            "Key": self.key(*at),
            "ConditionExpression": condition,
            **_named(values, names),
        }
        return {"ConditionCheck": action}

    def query(self, pk: str, first: str, last: str) -> Iterator[Item]:
        """Read the items of a partition whose sort keys lie between two, consistently, page after page."""
        asked: Action = {
            "TableName": self.name,
            "KeyConditionExpression": "pk = :pk AND sk BETWEEN :first AND :last",
            "ExpressionAttributeValues": written({":pk": pk, ":first": first, ":last": last}),
            "ConsistentRead": True,
        }
        while True:
            answer = self.client.query(**asked)
            yield from map(read, answer["Items"])
            if "LastEvaluatedKey" not in answer:
                return
            asked["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def write_batch(self, requests: Sequence[Action]) -> None:
        """Write puts and deletes, twenty-five a call, until none is left over."""
        for start in range(0, len(requests), BATCH_WRITE):
            left = {self.name: list(requests[start : start + BATCH_WRITE])}
            while left:
                left = self.client.batch_write_item(RequestItems=left).get("UnprocessedItems") or {}


def batch_get(client: Any, keys: Mapping[str, Sequence[Key]]) -> dict[Key, Item]:
    """Read items of one or more tables in one call (a hundred at most), consistently."""
    found: dict[Key, Item] = {}
    left: Any = {
        name: {"Keys": [{"pk": {"S": pk}, "sk": {"S": sk}} for pk, sk in wanted], "ConsistentRead": True} for name, wanted in keys.items()
    }
    while left:
        answer = client.batch_get_item(RequestItems=left)
        for items in answer["Responses"].values():
            found.update({(item["pk"], item["sk"]): item for item in map(read, items)})
        left = answer.get("UnprocessedKeys") or None
    return found


def pause(attempt: int) -> None:
    """Wait a little, longer each time and never twice the same, after another writer was met."""
    time.sleep((2**attempt + secrets.randbelow(10)) / 100)


def transact(client: Any, actions: Iterable[Action]) -> bool:
    """Do all or nothing; False when a condition did not hold."""
    return not unmet(client, actions)


def unmet(client: Any, actions: Iterable[Action]) -> frozenset[int]:
    """Do all, or nothing and tell which actions' conditions did not hold. Two writers at once: tried again a few times."""
    wanted = list(actions)
    attempt = 0
    while True:
        try:
            client.transact_write_items(TransactItems=wanted)
        except client.exceptions.TransactionCanceledException as error:
            reasons = [reason.get("Code") for reason in error.response.get("CancellationReasons", [])]
            if "ConditionalCheckFailed" in reasons:
                return frozenset(place for place, reason in enumerate(reasons) if reason == "ConditionalCheckFailed")
            attempt += 1
            if "TransactionConflict" not in reasons or attempt == CONFLICT_TRIES:
                raise
            pause(attempt)
        else:
            return frozenset()

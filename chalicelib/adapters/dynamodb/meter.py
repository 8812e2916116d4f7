"""What was used, by day, in the records table: counters that the steps themselves add to, in the transactions that record them."""

from collections.abc import Mapping
from datetime import date, timedelta

from chalicelib.adapters.dynamodb import items
from chalicelib.adapters.dynamodb.table import Action, Table
from chalicelib.domain.audit import Event
from chalicelib.domain.usage import COUNTERS, NOTHING, Usage

KEPT = timedelta(days=762)  # 25 months: this one and the two years before


def count(records: Table, event: Event, used: Usage) -> list[Action]:
    """Say: count what a step used, on one of the day's thirty-two items: the event's first letter spreads a crowd over them."""
    counts = {name: number for name, number in used.counts().items() if number}
    if not counts:
        return []
    expression = "ADD " + ", ".join(f"#{name} :{name}" for name in counts) + " SET #ttl = :ttl"
    at = (f"U#{event.at:%Y-%m}", f"{event.at:%d}#{event.id[0]}")
    names = {f"#{name}": name for name in (*counts, "ttl")}
    return [records.update(at, expression, None, {**counts, "ttl": items.instant(event.at + KEPT)}, names)]


class DynamoMeter:
    """Read the counters."""

    def __init__(self, records: Table) -> None:
        self.records = records

    def month(self, month: date) -> Mapping[date, Usage]:
        found: dict[date, Usage] = {}
        for item in self.records.query(f"U#{month:%Y-%m}", "01", "32"):
            day = month.replace(day=int(item["sk"].partition("#")[0]))
            found[day] = found.get(day, NOTHING) + Usage(**{name: item.get(name, 0) for name in COUNTERS})
        return found

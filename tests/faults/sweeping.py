"""What a sweep reads when few of many are due: `python -m tests.faults.sweeping --live 100000 --due 500`."""

import argparse
import logging
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from chalicelib import wiring
from chalicelib.adapters.dynamodb import items
from chalicelib.adapters.dynamodb.table import BATCH_WRITE, Table, written
from chalicelib.domain.ids import RecipientId, TransferId
from chalicelib.domain.recipient import Recipient
from chalicelib.domain.transfer import State, Transfer
from chalicelib.workers import sweep
from tests.builders import CARE, a_person
from tests.faults.world import World
from tests.quiet import chosen, quiet_clinic, real_ports

EVENT = dict.fromkeys(("version", "account", "region", "detail-type", "source", "time", "id"), "") | {"resources": [], "detail": {}}


@dataclass(frozen=True, slots=True)
class Cost:
    """What one sweep asked of the tables."""

    calls: Counter[str]
    items: int
    seconds: float


def fill(world: World, live: int, due: int) -> list[TransferId]:
    """Write sealed transfers straight into the table: `live` of them end within the month, `due` ended a minute ago."""
    now = world.ports.clock.now()
    over = [_sealed(world, now - timedelta(days=1, minutes=1)) for _ in range(due)]
    alive = (_sealed(world, now - timedelta(hours=n % 11), days=30) for n in range(live))
    table = Table(world.ports.audit.records.client, world.settings.records_table)
    writes = ({"PutRequest": {"Item": written(item)}} for one in (*over, *alive) for item in _items(world, one))
    while batch := list(islice(writes, BATCH_WRITE)):
        table.write_batch(batch)
    world.ports.dues.swept(now - timedelta(minutes=2))
    return [one.id for one in over]


def _sealed(world: World, made: datetime, days: int = 1) -> Transfer:
    ids = [world.ports.new_id() for _ in range(2)]
    ends = made + timedelta(days=days)
    begun = Transfer(TransferId(ids[0]), world.member.id, "Dr Ada", CARE, (1,), (RecipientId(ids[1]),), made, ends, 50)
    return replace(begun, state=State.SEALED, sealed_at=made, reminded_until=ends, landed=1)


def _items(world: World, one: Transfer) -> Iterator[dict[str, Any]]:
    sealer = world.ports.transfers.sealer
    yield items.transfer_item(one, sealer) | {"sealed_at": items.instant(one.created_at), "reminded_until": items.instant(one.expires_at)}
    if one.expires_at <= world.ports.clock.now():
        yield items.recipient_item(one, Recipient(one.recipient_ids[0], a_person()), sealer)


def cost_of_a_sweep(world: World) -> Cost:
    """Sweep once and count."""
    calls: Counter[str] = Counter()
    read = 0
    client = world.ports.audit.records.client

    def note(parsed: dict[str, Any], model: Any, **_: object) -> None:
        nonlocal read
        calls[model.name] += 1
        read += len(parsed.get("Items", ())) + ("Item" in parsed) + sum(map(len, parsed.get("Responses", {}).values()))

    client.meta.events.register("after-call.dynamodb.*", note)
    begun = time.monotonic()
    sweep.sweep(EVENT, None)
    client.meta.events.unregister("after-call.dynamodb.*", note)
    return Cost(calls, read, time.monotonic() - begun)


def main() -> None:
    """Fill a clinic of its own and sweep it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--live", type=int, default=100_000)
    parser.add_argument("--due", type=int, default=500)
    asked = parser.parse_args()
    logging.disable()
    with quiet_clinic() as clinic:
        world = World(real_ports(clinic), chosen(clinic))
        wiring.use(world.ports, world.settings)
        world.fresh()
        fill(world, asked.live, asked.due)
        cost = cost_of_a_sweep(world)
    print(f"{asked.due} due among {asked.live} live: {cost.items} items read in {sum(cost.calls.values())} calls, {cost.seconds:.1f} s")
    print(dict(cost.calls))


if __name__ == "__main__":
    main()

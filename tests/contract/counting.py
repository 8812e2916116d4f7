"""Count the calls to AWS that something makes."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from chalicelib.usecases import signin
from chalicelib.usecases.ports import Ports
from tests.builders import Sending
from tests.contract.looking import queued

Step = Callable[[], object]


@contextmanager
def counting(clients: list[Any]) -> Iterator[Counter[str]]:
    """Count what leaves for AWS until the end of the block; signing a URL leaves nothing."""
    counted: Counter[str] = Counter()

    def note(model: Any, **_: object) -> None:
        counted[f"{model.service_model.service_name}.{model.name}"] += 1

    for client in clients:
        client.meta.events.register("before-call.*.*", note)
    yield counted
    for client in clients:
        client.meta.events.unregister("before-call.*.*", note)


def clients_of(ports: Ports) -> list[Any]:
    """Find every client behind the real adapters; the Encryption SDK has none of its own."""
    world: Any = ports
    clients = [world.audit.records.client, world.vault.client, world.bucket.client, world.queue.client, world.post.ses, world.post.sns]
    return [*clients, world.watch.functions, world.watch.sqs]


def with_session(token: str, ports: Ports, act: Step) -> Step:
    """Read a session first, as every call of somebody who is signed in does."""
    return lambda: (signin.whose(token, ports), act())


def links_of(ports: Ports, sending: Sending) -> list[Any]:
    """List the share links that are owed for a transfer, from what waits in the queue."""
    notices = [ports.outbox.read(one) for one in queued(ports)]
    return [one.id for one in notices if one is not None and one.transfer == sending.id]

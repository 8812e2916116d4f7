"""Kill a handler before or after its k-th call to AWS, as a time-out or a crash of its container would."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Literal

from chalicelib.usecases.ports import Ports

Side = Literal["before", "after"]


class Killed(BaseException):
    """The process is no more. Not an `Exception`: nothing may catch it and carry on."""


@dataclass(slots=True)
class Calls:
    """What left for AWS, in order, and where it is to end."""

    kill_at: int | None = None
    side: Side = "before"
    made: list[str] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)
    dead: bool = False

    def before(self, model: Any, context: dict[str, Any], **_: object) -> None:
        with self.lock:
            if not self.dead:
                self.made.append(f"{model.service_model.service_name}.{model.name}")
                context["number"] = len(self.made)
            self._end("before", context)

    def after(self, context: dict[str, Any], **_: object) -> None:
        with self.lock:
            self._end("after", context)

    def _end(self, side: Side, context: dict[str, Any]) -> None:
        """End here, and with this thread every other one of the process."""
        self.dead = self.dead or (self.side == side and context["number"] == self.kill_at)
        if self.dead:
            raise Killed


def clients_of(ports: Ports) -> list[Any]:
    """Find every client behind the real adapters."""
    world: Any = ports
    return [world.audit.records.client, world.vault.client, world.bucket.client, world.queue.client, world.post.ses, world.post.sns]


@contextmanager
def listening(ports: Ports, calls: Calls) -> Iterator[Calls]:
    """Note every call until the end of the block, and kill where it says."""
    for client in clients_of(ports):
        client.meta.events.register("before-call.*.*", calls.before)
        client.meta.events.register("after-call.*.*", calls.after)
    try:
        yield calls
    finally:
        for client in clients_of(ports):
            client.meta.events.unregister("before-call.*.*", calls.before)
            client.meta.events.unregister("after-call.*.*", calls.after)


def killed(ports: Ports, act: Callable[[], object], at: int, side: Side) -> bool:
    """Do something and kill it there; tell whether it came that far."""
    try:
        with listening(ports, Calls(at, side)):
            act()
    except Killed:
        return True
    return False


def counted(ports: Ports, act: Callable[[], object]) -> list[str]:
    """Do something and list its calls."""
    with listening(ports, Calls()) as calls:
        act()
    return calls.made

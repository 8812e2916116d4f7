"""A crowd under fire: many transfers through the real adapters while calls fail, answers are lost, and everything comes twice.

`python -m tests.faults.crowd --transfers 200 --recipients 50 --errors 0.01` says what was lost, doubled or stuck.
"""

import argparse
import json
import logging
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import requests

from chalicelib import wiring
from chalicelib.domain.recipient import Recipient
from chalicelib.domain.transfer import State
from chalicelib.usecases.ports import Ports
from chalicelib.workers import sweep
from tests.builders import Sending, a_landing_transfer, a_person
from tests.faults.killing import clients_of
from tests.faults.world import World
from tests.quiet import chosen, quiet_clinic, real_ports

RECEIVES = 8  # as the queues allow before the dead letters
SWEEPS = 60  # eleven hours: time for every push again
MINUTES = 11  # between two sweeps here: a push again comes after ten


class Cut(ConnectionError):
    """The line is cut: what was asked was not done, or was done and the answer is lost."""


@dataclass(slots=True)
class Fire:
    """Fail one call in so many, half of them after their effect."""

    share: float
    dice: random.Random
    hit: Counter[str] = field(default_factory=Counter)

    def before(self, model: Any, **_: object) -> None:
        if self.dice.random() < self.share / 2:
            self.hit[f"{model.name}, not done"] += 1
            raise Cut

    def after(self, model: Any, **_: object) -> None:
        if self.dice.random() < self.share / 2:
            self.hit[f"{model.name}, answer lost"] += 1
            raise Cut

    @contextmanager
    def on(self, ports: Ports) -> Iterator[None]:
        """Fire until the end of the block."""
        for client in clients_of(ports):
            client.meta.events.register("before-call.*.*", self.before)
            client.meta.events.register("after-call.*.*", self.after)
        yield
        for client in clients_of(ports):
            client.meta.events.unregister("before-call.*.*", self.before)
            client.meta.events.unregister("after-call.*.*", self.after)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a crowd."""

    recipients: int
    lost: int
    doubled: int
    most: int  # letters that one recipient got
    stuck: int
    window: int  # lost answers of the post or of writing down what was sent: each may double one message
    hit: Counter[str]


def run(world: World, transfers: int, recipients: int, share: float, seed: int = 7) -> Outcome:
    """Send, land, tell and sweep under fire; then count what reached whom."""
    dice = random.Random(seed)
    world.ports.dues.swept(world.ports.clock.now())
    sendings = [_uploaded(world, recipients) for _ in range(transfers)]
    fire = Fire(share, dice)
    with fire.on(world.ports):
        _land(world, sendings, dice)
        _tell(world, dice)
        for _ in range(SWEEPS):
            world.ports.clock.tick(minutes=MINUTES)
            _sweep()
            _tell(world, dice)
    return _counted(world, sendings, fire)


def _uploaded(world: World, recipients: int) -> Sending:
    tag = world.ports.new_id()
    people = [a_person(n, email=f"c{n}.{tag}@example.fr") for n in range(recipients)]
    sending = a_landing_transfer(world.ports, (b"one",), people, sender=world.member)
    sending.put(0)
    return sending


def _land(world: World, sendings: list[Sending], dice: random.Random) -> None:
    """Hand every event over twice, in disorder, again while it fails, and never more often than a queue would."""
    waiting = [(one, 0) for one in sendings] * 2
    dice.shuffle(waiting)
    while waiting:
        sending, received = waiting.pop(0)
        if world.land(world.event(sending)) and received < RECEIVES:
            waiting.append((sending, received + 1))


def _tell(world: World, dice: random.Random) -> None:
    queue = world.ports.queue
    waiting: list[tuple[str, int]] = []
    for _ in range(100_000):
        try:
            messages = queue.client.receive_message(QueueUrl=queue.url, MaxNumberOfMessages=10).get("Messages", [])
            for message in messages:
                queue.client.delete_message(QueueUrl=queue.url, ReceiptHandle=message["ReceiptHandle"])
                waiting += [(message["Body"], 0)] * 2
        except Cut:
            continue
        if not messages:
            break
    dice.shuffle(waiting)
    while waiting:
        body, received = waiting.pop(0)
        if world.tell(body) and received < RECEIVES:
            waiting.append((body, received + 1))


def _sweep() -> None:
    event = dict.fromkeys(("version", "account", "region", "detail-type", "source", "time", "id"), "") | {"resources": [], "detail": {}}
    try:
        sweep.sweep(event, None)
    except Cut:
        return  # the listing itself failed: the next minutes bring the next sweep


def _counted(world: World, sendings: list[Sending], fire: Fire) -> Outcome:
    url = f"{world.ports.post.ses.meta.endpoint_url}/_ministack/ses/messages"
    kept = requests.get(url, timeout=60).json()["messages"]
    sent = Counter(to for account in kept.values() for one in account for to in one["To"] if one["Subject"].startswith("share_link"))
    wholes = [world.ports.transfers.whole(one.id) for one in sendings]
    people: list[Recipient] = [person for whole in wholes for person in whole.recipients]
    counts = [sent[person.person.email] for person in people]
    stuck = sum(whole.transfer.state is not State.SEALED for whole in wholes) + len(world.owed())
    window = fire.hit["SendEmail, answer lost"] + sum(n for what, n in fire.hit.items() if what.startswith("TransactWriteItems"))
    return Outcome(len(people), counts.count(0), sum(n - 1 for n in counts if n > 1), max(counts), stuck, window, fire.hit)


def main() -> None:
    """Run one crowd on a clinic of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--transfers", type=int, default=200)
    parser.add_argument("--recipients", type=int, default=50)
    parser.add_argument("--errors", type=float, default=0.01)
    asked = parser.parse_args()
    logging.disable()
    with quiet_clinic() as clinic:
        world = World(real_ports(clinic), chosen(clinic))
        wiring.use(world.ports, world.settings)
        world.fresh()
        begun = time.monotonic()
        outcome = run(world, asked.transfers, asked.recipients, asked.errors)
    print(json.dumps(dict(outcome.hit), indent=1), file=sys.stderr)
    told = (
        f"{outcome.recipients} recipients: {outcome.lost} lost, {outcome.doubled} doubled ({outcome.window} chances), {outcome.stuck} stuck"
    )
    print(f"{told}, {sum(outcome.hit.values())} calls failed, {time.monotonic() - begun:.0f} s")


if __name__ == "__main__":
    main()

"""The workers' doors over the real adapters, a transfer's own debts and messages, and time that passes."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import requests

from chalicelib import wiring
from chalicelib.domain.errors import Refusal
from chalicelib.domain.ids import NoticeId
from chalicelib.domain.member import Member
from chalicelib.domain.person import Person
from chalicelib.settings import Settings
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.tables import Due
from chalicelib.workers import codes, landed, notices, sweep
from tests.builders import Sending, a_landed_transfer, a_landing_transfer, a_member, a_person, a_sealed_transfer, a_sending
from tests.quiet import now

STEPS = (16, 40)  # minutes: past the look for lost events, and twice past the push again of a notice


@dataclass(slots=True)
class World:
    """One test's part of a clinic: a member and recipients of its own."""

    ports: Any
    settings: Settings
    member: Member = field(init=False)
    people: list[Person] = field(init=False)

    def fresh(self) -> None:
        """Begin again: the present time, a member and two recipients nobody else has, nothing owed."""
        self._empty_the_queues()
        self.ports.clock.set(now())
        self.ports.random.ids.clear()
        self.meet()

    def meet(self) -> None:
        """Go on with a member and two recipients nobody else has."""
        tag = self.ports.new_id()
        self.member = a_member(self.ports, email=f"m{tag}@example.fr")
        number = int.from_bytes(tag.encode()) % 10**7
        self.people = [a_person(n, email=f"r{n}{tag}@example.fr", mobile=f"+336{n}{number:07}") for n in (1, 2)]

    def draft(self, *clears: bytes, **changes: Any) -> Sending:
        return a_sending(self.ports, clears or (b"hello",), self.people, sender=self.member, **changes)

    def landing(self, *clears: bytes, **changes: Any) -> Sending:
        return a_landing_transfer(self.ports, clears or (b"hello",), self.people, sender=self.member, **changes)

    def put(self, *clears: bytes) -> Sending:
        """Walk to where every object is in the bucket and no event came yet."""
        sending = self.landing(*clears)
        for file in range(len(sending.files)):
            sending.put(file)
        return sending

    def landed(self, *clears: bytes) -> Sending:
        return a_landed_transfer(self.ports, clears or (b"hello",), self.people, sender=self.member)

    def sealed(self, *clears: bytes, **changes: Any) -> Sending:
        return a_sealed_transfer(self.ports, clears or (b"hello",), self.people, sender=self.member, **changes)

    def told(self, *clears: bytes) -> Sending:
        """Walk to where everybody has their link."""
        sending = self.sealed(*clears)
        self.deliver()
        return sending

    def event(self, sending: Sending, file: int = 0, *, bucket: str | None = None, key: str | None = None) -> str:
        """Write the event of one object as S3 does."""
        where = {"bucket": {"name": bucket or self.settings.bucket}, "object": {"key": key or f"t/{sending.id}/{file}"}}
        return json.dumps({"Records": [{"eventName": "ObjectCreated:Put", "s3": where}]})

    def land(self, *bodies: str) -> list[str]:
        """Hand a batch to the landed worker; list what failed."""
        return _failed(landed.landed(self._batch(self.settings.landed_queue_url, bodies), None))

    def tell(self, *bodies: str) -> list[str]:
        """Hand a batch to the notices worker; list what failed."""
        return _failed(notices.notices(self._batch(self.settings.notices_queue_url, bodies), None))

    def tell_codes(self, *bodies: str) -> list[str]:
        """Hand a batch to the codes worker; list what failed."""
        return _failed(codes.codes(self._batch(self.settings.codes_queue_url, bodies), None))

    def tend(self, sending: Sending) -> None:
        """Let the sweeper look at one transfer."""
        sweep._tend(sending.id, self.ports.clock.now())

    def deliver(self) -> None:
        """Work through what waits in the queues of notices and codes; a notice that fails is left to the sweeper."""
        for bodies in self._taken(self.ports.queue.url):
            self.tell(*bodies)
        for bodies in self._taken(self.ports.queue.codes):
            self.tell_codes(*bodies)

    def _empty_the_queues(self) -> None:
        """Throw away what another test left."""
        for url in (self.ports.queue.url, self.ports.queue.codes):
            list(self._taken(url))

    def _taken(self, url: str) -> Iterator[list[str]]:
        """Take what waits in a queue, ten at a time: the bodies."""
        sqs = self.ports.queue.client
        while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
            for message in messages:
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            yield [message["Body"] for message in messages]

    def settle(self, sending: Sending) -> None:
        """Let time pass with the sweeper and the notices worker at work, until nothing is owed any more."""
        for minutes in STEPS:
            self.deliver()
            self.ports.clock.tick(minutes=minutes)
            self.tend(sending)
            for identity in self.owed():
                sweep._do(Due(notice=identity), self.ports.clock.now())
            self.deliver()

    def owed(self) -> list[NoticeId]:
        """List the notices of this test that nobody has sent; an id that is none now never becomes one."""
        made = self.ports.random.ids
        made[:] = [one for one in made if self.ports.outbox.read(NoticeId(one)) is not None]
        return [NoticeId(one) for one in made]

    def mail(self, address: str) -> list[str]:
        """List what was sent to an address, by subject (with our letters: kind and language)."""
        kept = requests.get(f"{self.ports.post.ses.meta.endpoint_url}/_ministack/ses/messages", timeout=10).json()
        return [one["Subject"] for account in kept["messages"].values() for one in account if one["To"] == [address]]

    def _batch(self, url: str, bodies: tuple[str, ...]) -> dict[str, Any]:
        arn = f"arn:aws:sqs:eu-west-3:000000000000:{url.rpartition('/')[2]}"
        once = {"eventSourceARN": arn, "receiptHandle": "none", "attributes": {"ApproximateReceiveCount": "1"}}
        return {"Records": [{"messageId": str(n), "body": body, **once} for n, body in enumerate(bodies)]}


def _failed(answer: dict[str, Any]) -> list[str]:
    return [one["itemIdentifier"] for one in answer["batchItemFailures"]]


@contextmanager
def world_of(ports: Ports, settings: Settings) -> Iterator[World]:
    """Stand in the doors with a test's own people."""
    wiring.use(ports, settings)
    world = World(ports, settings)
    world.fresh()
    yield world
    wiring._given.clear()


def refused(act: Any) -> str | None:
    """Do something that may be refused; give the refusal's code."""
    try:
        act()
    except Refusal as refusal:
        return refusal.code
    return None

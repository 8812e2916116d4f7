"""What a whole transfer asks of AWS, measured, beside what its bill says it asks."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain import cost, usage
from chalicelib.domain.clinic import Guards
from chalicelib.domain.cost import Unit
from chalicelib.domain.ids import ChallengeKey
from chalicelib.domain.login import Door
from chalicelib.domain.member import Member, Role
from chalicelib.domain.recipient import Outcome
from chalicelib.domain.usage import Usage
from chalicelib.usecases import challenge, collect, hear, remind, shred, signin, sweep, tell
from chalicelib.usecases.collect import AskCode
from chalicelib.usecases.hear import Heard
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.tables import Due
from tests.builders import IP, a_browser, a_member, a_sending, a_session
from tests.contract.counting import clients_of, links_of
from tests.fake_aws import FakeLetters
from tests.quiet import now

KIB = 1024
S3 = {
    "HeadObject": Unit.GETS,
    "GetObject": Unit.GETS,
    "CreateMultipartUpload": Unit.PUTS,
    "CompleteMultipartUpload": Unit.PUTS,
    "PutObjectTagging": Unit.PUTS,
}
TOLERANCE = 0.1  # items differ in length, and the bill rounds up


@contextmanager
def measuring(ports: Ports) -> Iterator[Counter[Unit]]:
    """Weigh what leaves for AWS: units of DynamoDB as AWS's own rules count them, requests of KMS and S3."""
    found: Counter[Unit] = Counter()

    def weigh(params: dict[str, Any], model: Any, **_: object) -> None:
        found.update(_weighed(model.name, params))

    def note(model: Any, **_: object) -> None:
        if model.service_model.service_name == "kms":
            found[Unit.KMS] += 1
        elif model.name in S3:
            found[S3[model.name]] += 1

    hooks = {"before-parameter-build.dynamodb.*": weigh, "before-call.*.*": note}  # what is only signed is not called
    pairs = [(client.meta.events, *hook) for client in clients_of(ports) for hook in hooks.items()]
    for events, name, hook in pairs:
        events.register(name, hook)
    yield found
    for events, name, hook in pairs:
        events.unregister(name, hook)


def _weighed(name: str, params: dict[str, Any]) -> dict[Unit, int]:
    match name:
        case "GetItem":
            return {Unit.READS: 1}
        case "Query":
            return {Unit.READS: 2}  # a transfer with its trail is more than four kilobytes
        case "BatchGetItem":
            return {Unit.READS: sum(len(one["Keys"]) for one in params["RequestItems"].values())}
        case "BatchWriteItem":
            return {Unit.WRITES: sum(map(len, params["RequestItems"].values()))}
        case "TransactWriteItems":
            return {Unit.WRITES: sum(_written(one) for one in params["TransactItems"])}
    raise AssertionError(name)


def _length(value: dict[str, Any]) -> int:
    (plain,) = value.values()
    return len(plain) if isinstance(plain, (str, bytes)) else len(repr(plain))


def _written(action: dict[str, Any]) -> int:
    """Count twice each kilobyte, for it is a transaction; and what the indexes take."""
    (said,) = action.values()
    item = said.get("Item", {})
    key = item or said["Key"]
    size = sum(len(name) + _length(value) for name, value in item.items())
    written, pk, sk = 2 * -(-max(size, 1) // KIB), key["pk"]["S"], key["sk"]["S"]
    expression = said.get("UpdateExpression", "")
    if pk.startswith("T#") and sk == "TRANSFER" and "ConditionCheck" not in action:
        written += 1  # the whole of it, in the list of its sender
    if "due_hour" in item:
        written += 1
    if "due_hour" in expression:
        written += 1 if "REMOVE" in expression else 2  # out of one hour, into another
    return written


class Noting:
    """A post that remembers the names of what it sent."""

    def __init__(self, post: Any) -> None:
        self.ses, self.sns, self.post, self.names = post.ses, post.sns, post, list[str]()

    def email(self, to: Any, letter: Any) -> str:
        self.names.append(self.post.email(to, letter))
        return self.names[-1]

    def sms(self, number: str, text: str) -> str:
        name: str = self.post.sms(number, text)
        return name


@pytest.fixture
def ports(real: Ports) -> Ports:
    """Give the real adapters, at the real time."""
    clock: Any = real.clock
    clock.set(now())
    return replace(real, letters=FakeLetters())


def counted(ports: Ports) -> Usage:
    """Add up this month and the next, in which a transfer may end."""
    this = now().date().replace(day=1)
    months = (this, (this + timedelta(days=31)).replace(day=1))
    return usage.total(used for month in months for used in ports.meter.month(month).values())


def walks(ports: Ports, clears: tuple[bytes, ...], people: int) -> Counter[Unit]:
    """Carry a transfer from its draft to its destruction, every recipient opening it; weigh all of it."""
    member: Member = a_member(ports, 1, Role.SENDER, email=f"{ports.new_id()}@example.fr")
    token, _ = a_session(ports, Door(member=member.id))
    weighed: Counter[Unit] = Counter()
    noting = Noting(ports.post)
    ports = replace(ports, post=noting)

    def does(act: Callable[[], Any]) -> Any:
        with measuring(ports) as measured:
            done = act()
        weighed.update(measured)
        return done

    def as_member(act: Callable[[], Any]) -> Any:
        return does(lambda: (signin.whose(token, ports), act())[1])

    sending = as_member(lambda: a_sending(ports, clears, people, sender=member))
    as_member(sending.send_envelope)
    for file in range(len(clears)):
        as_member(lambda file=file: sending.put(file))
        does(lambda file=file: sending.land(file))
    weighed[Unit.PUTS] += sum(len(one.parts()) for one in sending.files)  # by the browser itself
    does(sending.seal)
    for notice in links_of(ports, sending):
        does(lambda notice=notice: tell.send_notice(notice, ports))
        does(lambda: hear.hear(Heard(noting.names[-1], Outcome.DELIVERED), ports))
    for number, one in enumerate(sending.recipients):
        link = AskCode(sending.id, one, ports.secrets.link_secret(sending.id, one), IP)
        asked = does(lambda link=link: collect.ask_code(link, ports))
        key = ChallengeKey(challenge.digest(asked.token))
        does(lambda key=key: tell.send_code(key, ports))
        code = ports.secrets.login_code(key)
        entered = does(lambda code=code, asked=asked: collect.open_session(code, a_browser(asked.token), ports))
        theirs = lambda act, entered=entered: does(lambda: act(collect.whose(entered.token, ports)))  # noqa: E731
        theirs(lambda session: collect.look(session, ports))
        theirs(lambda session: collect.open_transfer(session, IP, ports))
        for file in range(len(clears)):
            theirs(lambda session, file=file: collect.sign_file(session, file, IP, ports))
            weighed[Unit.GETS] += 1  # by the browser itself
            theirs(lambda session, file=file: collect.acknowledge(session, file, IP, ports))
        assert number < people
    _ends(ports, sending, does)
    return weighed


def _ends(ports: Ports, sending: Any, does: Callable[[Callable[[], Any]], Any]) -> None:
    clock: Any = ports.clock
    due = Due(transfer=sending.id)
    for _ in range(2):
        clock.set(sending.transfer.due_at)
        does(lambda: (sweep.put_off(due, ports), sweep.work(sending.id, ports), remind.remind_due(sending.id, ports)))
    clock.set(sending.transfer.expires_at)
    does(lambda: (sweep.put_off(due, ports), sweep.work(sending.id, ports), shred.destroy_due(sending.id, ports)))
    for notice in links_of(ports, sending):
        does(lambda notice=notice: tell.send_notice(notice, ports))


@pytest.mark.parametrize(("clears", "people"), [((b"a",), 1), ((b"a", b"b", b"c"), 4), ((bytes(9 * KIB * KIB),), 2)])
def test_a_transfer_asks_what_its_bill_says(ports: Ports, clears: tuple[bytes, ...], people: int) -> None:
    before = counted(ports)

    weighed = walks(ports, clears, people)

    after = counted(ports)
    used = Usage(**{name: count - getattr(before, name) for name, count in after.counts().items()})
    used = replace(used, signins=0)
    asked = cost.asked_by(used, Guards())
    assert {unit: asked[unit] for unit in (Unit.KMS, Unit.PUTS)} == {unit: weighed[unit] for unit in (Unit.KMS, Unit.PUTS)}
    for unit in (Unit.READS, Unit.WRITES, Unit.GETS):
        assert asked[unit] == pytest.approx(weighed[unit], rel=TOLERANCE), (unit, asked[unit], weighed[unit])

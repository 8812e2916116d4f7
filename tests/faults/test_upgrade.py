"""F-35: another version is deployed while transfers are on their way; each goes on to its right end."""

from collections.abc import Callable, Iterator
from dataclasses import asdict

import pytest
import requests

from chalicelib import wiring
from chalicelib.adapters.dynamodb.outbox import CURSOR
from chalicelib.adapters.dynamodb.table import Item, Key, Table, transact
from chalicelib.domain.audit import Tag
from chalicelib.domain.transfer import Ending, State
from chalicelib.usecases.ports import SignedPut, UploadedPart
from chalicelib.usecases.tables import Whole
from infra.local.emulator import Emulator
from infra.package import Package
from tests.builders import Sending, a_session, b64, put, put_for_real
from tests.fake_aws import digest
from tests.faults.invariants import check
from tests.faults.upgrading import Deployed, Living, a_week_ago, ports_of, settings_of
from tests.faults.walks import HANDLERS
from tests.faults.world import World
from tests.operating import Operator, an_emulator, an_operator
from tests.quiet import now
from tests.stack import eventually
from tests.versions import FIELD, next_version

MIB = 1024 * 1024
PATIENCE = 60.0  # seconds for queues and functions


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """Run an embedded AWS of one's own."""
    with an_emulator(tmp_path_factory.mktemp("aws")) as one:
        yield one


@pytest.fixture(scope="module")
def successor(tmp_path_factory: pytest.TempPathFactory) -> Package:
    """Package the next version."""
    return next_version(tmp_path_factory.mktemp("next"))


@pytest.fixture
def operator(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operator]:
    """Deploy a clinic."""
    with an_operator(emulator, tmp_path_factory.mktemp("clinic")) as one:
        assert one.deploy() == 0
        yield one


@pytest.fixture
def living(operator: Operator) -> Iterator[Living]:
    """Stand beside it with the code that is here, which is the version before."""
    ports, settings = ports_of(operator), settings_of(operator)
    wiring.use(ports, settings)
    world = Living(ports, settings)
    world.fresh()
    yield world
    wiring._given.clear()


def test_f35_a_deployment_in_the_middle_of_transfers_loses_and_doubles_none(
    operator: Operator, living: Living, successor: Package, caplog: pytest.LogCaptureFixture
) -> None:
    deployed = Deployed(operator)
    with deployed.quiet():
        draft, half, queued, sealed, collecting, revoked, due = (_made(living, one) for one in STATES)
        first, late = half.sign(half.asked(0, 1), half.asked(0, 2))
        done = [_uploaded(half, 1, first)]
        session, _ = a_session(living.ports, collecting.door())
        deployed.call("GET", "/api/collect", collect=session)

        deployed.upgrade(successor)

    _complete(deployed, half, [*done, _uploaded(half, 2, late)])
    _send(deployed, draft)
    _collect(deployed, session, collecting)
    deployed.sweep()
    alive, over = (draft, half, queued, sealed, collecting), (revoked, due)
    assert eventually(lambda: all(one.transfer.state is State.SEALED and _told(one) for one in alive), PATIENCE)
    assert eventually(lambda: all(one.transfer.state is State.SHREDDED for one in over), PATIENCE)
    found = collecting.ports.transfers.with_recipient(collecting.id, collecting.recipients[0])
    assert found is not None
    assert (found[1].openings, found[1].collected) == (1, {0, 1})
    for one in (*alive, *over):
        living.people = [recipient.person for recipient in _whole(one).recipients]
        check(living, one, deployed.log() + caplog.text)
        assert one is sealed or any(FIELD in item for item in _items(living, f"T#{one.id}")), "the next version wrote nothing of it"


@pytest.mark.parametrize("name", list(HANDLERS))
def test_f35_what_the_next_version_wrote_into_a_record_disturbs_nobody_and_stays(
    world: World, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    walk = HANDLERS[name](world)
    before = _foretold(world, f"T#{walk.sending.id}") + _foretold(world, "MEMBERS") + _foretold(world, "CLINIC")

    walk.act()
    world.settle(walk.sending)

    check(world, walk.sending, caplog.text)
    after = {(item["pk"], item["sk"]): item for pk in (f"T#{walk.sending.id}", "MEMBERS", "CLINIC") for item in _items(world, pk)}
    assert set(before) <= set(after)
    assert [key for key in before if FIELD not in after[key] and not _written_anew(name, key)] == []


def _written_anew(name: str, key: Key) -> bool:
    """Tell what is forgotten on purpose: a corrected recipient begins again, and the sweeper's cursor is nothing but an instant."""
    return (name == "correcting_an_address" and key[1].startswith("RECIPIENT#")) or key[1] == "SWEPT"


def _foretold(world: World, pk: str) -> list[Key]:
    """Put the next version's field into every item of a partition."""
    table = _records(world)
    keys = [(item["pk"], item["sk"]) for item in _items(world, pk)]
    for key in keys:
        named = {"#new": FIELD}
        transact(table.client, [table.update(key, "SET #new = :new", None, {"new": "of the next version"}, named)])
    return keys


def _items(world: World, pk: str) -> list[Item]:
    return list(_records(world).query(pk, "A", "Z~"))


def _records(world: World) -> Table:
    return Table(world.ports.audit.records.client, world.settings.records_table)


def _made(world: Living, make: Callable[[Living], Sending]) -> Sending:
    """Make a transfer among people of its own."""
    world.meet()
    return make(world)


def _revoked(world: Living) -> Sending:
    """End a transfer at its sender's word, and stop there: keys and objects are still to go."""
    sending = _due(world)
    a_week_ago(world)
    event = world.ports.event(Tag.TRANSFER_ENDED, member=sending.sender, transfer=sending.id, reason=Ending.REVOKED)
    assert world.ports.transfers.end(sending.transfer, Ending.REVOKED, event)
    world.ports.clock.set(now())
    return sending


def _due(world: Living) -> Sending:
    """Make what is over by now; the sweeper is to look back as far as that."""
    a_week_ago(world)
    sending = world.told(b"one")
    world.ports.clock.set(now())
    table = _records(world)
    transact(table.client, [table.delete(*CURSOR)])
    return sending


STATES: tuple[Callable[[Living], Sending], ...] = (
    lambda world: world.draft(b"one"),
    lambda world: world.landing(bytes(9 * MIB)),
    lambda world: world.put(b"one", b"two"),
    lambda world: world.told(b"one"),
    lambda world: world.told(b"one", b"two"),
    _revoked,
    _due,
)


def _whole(sending: Sending) -> Whole:
    found = sending.ports.transfers.whole(sending.id)
    assert found is not None
    return found


def _told(sending: Sending) -> bool:
    return all(one.told_at for one in _whole(sending).recipients)


def _uploaded(sending: Sending, number: int, signed: SignedPut) -> UploadedPart:
    """Put a part at its address."""
    body = sending.files[0].part(number)
    return UploadedPart(number, put(sending.ports, signed, body), digest(body))


def _send(deployed: Deployed, sending: Sending) -> None:
    """Send the envelope and the file by the deployed API, as the page that was open does."""
    who, path, command, part = deployed.sender(sending), f"/api/transfers/{sending.id}", sending.envelope(), sending.asked(0)
    deployed.call("PUT", f"{path}/envelope", {"manifest": b64(command.manifest), "headers": [*map(b64, command.headers)]}, session=who)
    asked = {"parts": [{"file": 0, "part": 1, "size": part.size, "sha256": part.sha256}]}
    (signed,) = deployed.call("POST", f"{path}/parts", asked, session=who)["urls"]
    put_for_real(signed["url"], signed["headers"], sending.files[0].part(1))


def _complete(deployed: Deployed, sending: Sending, done: list[UploadedPart]) -> None:
    parts = {"parts": [asdict(one) for one in done]}
    deployed.call("POST", f"/api/transfers/{sending.id}/files/0/complete", parts, session=deployed.sender(sending))


def _collect(deployed: Deployed, session: str, sending: Sending) -> None:
    """Fetch every file in the session of before, and give the receipts."""
    for file, one in enumerate(sending.files):
        url = deployed.call("POST", f"/api/collect/files/{file}", {}, collect=session)["url"]
        assert requests.get(url, timeout=30).content == one.frames
        deployed.call("POST", f"/api/collect/files/{file}/receipt", {}, collect=session)

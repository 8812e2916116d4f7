"""F-36, by the operator's hand: lost records come back from a table of before, and nothing that was ended does."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest

from chalicelib.adapters.dynamodb import people
from chalicelib.adapters.dynamodb.table import Table, transact
from chalicelib.domain.transfer import State
from chalicelib.usecases import account, collect, shred
from chalicelib.usecases.shred import Revoke
from infra import commands, restore
from infra.local.emulator import Emulator
from infra.place import place
from infra.restore import missing
from tests.builders import IP, a_member, a_session, signed_in
from tests.faults.upgrading import Deployed, ports_of
from tests.operating import Operator, a_transfer_in, an_emulator, an_operator
from tests.stack import eventually

AT = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with an_emulator(tmp_path_factory.mktemp("aws")) as one:
        yield one


@pytest.fixture(scope="module")
def operator(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operator]:
    with an_operator(emulator, tmp_path_factory.mktemp("clinic")) as one:
        assert one.deploy() == 0
        yield one


@pytest.fixture
def ports(operator: Operator) -> Any:
    return ports_of(operator)


def copied(ports: Any, name: str) -> str:
    """Have a second table made; the emulator makes it as the first is now, whatever instant is asked for."""
    at = datetime(2026, 11, 1, int(name), tzinfo=UTC)
    return restore.recovered(place("eu-west-3"), ports.audit.records.name, at)


def lose(ports: Any, pk: str) -> None:
    """Have somebody's mistake take away a partition."""
    table: Table = ports.audit.records
    for item in list(table.query(pk, "A", "Z~")):
        table.client.delete_item(TableName=table.name, Key=table.key(item["pk"], item["sk"]))


def test_what_was_lost_comes_back_and_what_was_ended_does_not(operator: Operator, ports: Any, capsys: pytest.CaptureFixture[str]) -> None:
    records: Table = ports.audit.records
    lost, ended, kept = (a_transfer_in(ports) for _ in range(3))
    gone, away = (a_member(ports, email=f"{ports.new_id()}@example.fr") for _ in range(2))
    then = copied(ports, "1")
    shred.revoke(Revoke(ended.sender, ended.id), ports)
    account.erase(signed_in(ports, gone), ports)
    for one in (lost, ended):
        lose(ports, f"T#{one.id}")
    transact(records.client, [records.delete(*people.member_key(away.id))])
    before = records.get(f"T#{kept.id}", "TRANSFER")
    command = [str(operator.file), "--table", then, "--yes"]

    assert restore.main(command) == commands.DONE

    assert "  T TRANSFER: 1\n" in capsys.readouterr().out
    _, session = a_session(ports, lost.door())
    assert collect.open_transfer(session, IP, ports).data_key == lost.made.data_key
    assert ports.transfers.read(ended.id) is None
    assert [event.tag for event in ports.audit.trail(ended.id)]  # its trail is kept
    assert (ports.members.read(gone.id), ports.members.read(away.id)) == (None, away)
    assert records.get(f"T#{kept.id}", "TRANSFER") == before
    assert restore.main(command) == commands.DONE
    assert "Copied: 0." in capsys.readouterr().out


def test_what_is_over_meanwhile_is_ended_by_the_next_sweep(operator: Operator, ports: Any) -> None:
    ports.clock.tick(days=-8)
    over = a_transfer_in(ports)
    ports.clock.tick(days=8)
    ports.dues.swept(ports.clock.now())  # the hours it was due in are left behind
    then = copied(ports, "2")
    lose(ports, f"T#{over.id}")

    assert restore.main([str(operator.file), "--table", then, "--yes"]) == commands.DONE
    Deployed(operator).sweep()

    assert eventually(lambda: over.transfer.state is State.SHREDDED)


def test_nothing_is_copied_that_nobody_agreed_to(operator: Operator, ports: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    sending = a_transfer_in(ports)
    then = copied(ports, "3")
    lose(ports, f"T#{sending.id}")
    monkeypatch.setattr("sys.stdin", StringIO("no\n"))

    assert restore.main([str(operator.file), "--table", then]) == commands.FAILED

    assert ports.transfers.read(sending.id) is None


def test_sessions_codes_counters_and_a_risk_that_was_withdrawn_stay_away() -> None:
    over = [("S#a", "SESSION"), ("A#m", "SESSION#k"), ("C#a", "CHALLENGE"), ("L#a", "W#1"), ("G#a", "THROTTLE"), ("N#a", "NOTICE")]
    kept = [("CLINIC", "SECRET"), ("U#1", "M#a")]
    then = [{"pk": pk, "sk": sk} for pk, sk in [*over, ("CLINIC", "ACCEPTANCE"), ("CLINIC", "SWEPT"), *kept]]

    assert [(item["pk"], item["sk"]) for item in missing(then, [], set(), AT)] == kept


def test_a_member_who_is_there_gets_back_no_means_they_dropped() -> None:
    member = {"pk": "MEMBERS", "sk": "MEMBER#m", "id": "m"}
    home = [{"pk": "ADDRESS#old", "sk": "ADDRESS", "member": "m"}, {"pk": "ADDRESS#old", "sk": "PASSWORD"}]
    means = [{"pk": "A#m", "sk": "PASSKEY#1"}, *home, {"pk": "PSC#s", "sk": "LINK", "member": "m"}]

    assert missing([member, *means], [member], set(), AT) == []
    assert missing([member, *means], [], set(), AT) == [member, *means]


def test_a_member_who_was_erased_stays_so() -> None:
    member = {"pk": "MEMBERS", "sk": "MEMBER#m", "id": "m"}
    event = {"pk": "AUDIT#2026-11-24", "sk": "AUDIT#1", "tag": "account.deleted", "subject": "m"}

    assert missing([member], [event], set(), AT) == []


def test_what_is_due_later_stays_due_then() -> None:
    later = f"{AT + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"
    then = [
        {"pk": f"T#{n}", "sk": "TRANSFER", "state": "sealed", "due_at": due, "due_hour": due[:13]}
        for n, due in enumerate((later, "2026-11-01T00:00:00Z"))
    ]

    found = [(item["due_at"], item["due_hour"]) for item in missing(then, [], {"T#0", "T#1"}, AT)]

    assert found == [(later, later[:13]), ("2026-11-24T08:00:00Z", "2026-11-24T08")]


@pytest.mark.parametrize("wrong", [[], ["--at", "yesterday"], ["--at", "2026-11-24T03:00:00Z", "--table", "t"]])
def test_a_command_that_is_not_understood_restores_nothing(wrong: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        restore.main(["clinic.json", *wrong])

    assert ended.value.code == 2

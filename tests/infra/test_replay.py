"""Promises about dead letters: they go back one by one, and none is lost whenever that stops."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from infra.replay import about, look, main, move, waiting
from tests.stack import Stack, eventually


class Killed(Exception):
    """The process stops here."""


class Dying:
    """An SQS client whose process is killed when it wants to do one thing."""

    def __init__(self, sqs: Any, last: str) -> None:
        self.sqs = sqs
        self.last = last

    def __getattr__(self, name: str) -> Any:
        if name == self.last:
            raise Killed
        return getattr(self.sqs, name)


@pytest.fixture
def sqs(open_clinic: Stack) -> Any:
    """Speak to the queues."""
    return open_clinic.client("sqs")


@pytest.fixture
def queues(sqs: Any) -> Iterator[tuple[str, str]]:
    """Make a dead and a living queue; what was taken comes back after a second."""
    made = [sqs.create_queue(QueueName=name, Attributes={"VisibilityTimeout": "1"})["QueueUrl"] for name in ("dead", "alive")]
    yield made[0], made[1]
    for queue in made:
        sqs.delete_queue(QueueUrl=queue)


def _put(sqs: Any, queue: str, *bodies: str) -> None:
    for body in bodies:
        sqs.send_message(QueueUrl=queue, MessageBody=body)


def _bodies(sqs: Any, queue: str) -> list[str]:
    """Read every body there is, those included that somebody had taken."""
    found: dict[str, str] = {}

    def look() -> bool:
        taken = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
        found.update({one["MessageId"]: one["Body"] for one in taken})
        return len(found) >= waiting(sqs, queue)

    eventually(look)
    return sorted(found.values())


def test_every_dead_letter_goes_back(sqs: Any, queues: tuple[str, str]) -> None:
    dead, alive = queues
    _put(sqs, dead, "one", "two", "three")

    assert move(sqs, dead, alive) == 3

    assert _bodies(sqs, alive) == ["one", "three", "two"]
    assert waiting(sqs, dead) == 0


def test_no_more_go_back_than_was_asked(sqs: Any, queues: tuple[str, str]) -> None:
    dead, alive = queues
    _put(sqs, dead, "one", "two", "three")

    assert move(sqs, dead, alive, 2) == 2

    assert (waiting(sqs, alive), waiting(sqs, dead)) == (2, 1)


def test_looking_shows_each_dead_letter_once_and_leaves_it_at_hand(sqs: Any, queues: tuple[str, str]) -> None:
    dead, alive = queues
    bodies = [f"letter {number:02}" for number in range(12)]
    _put(sqs, dead, *bodies)

    assert sorted(look(sqs, dead)) == bodies

    assert move(sqs, dead, alive) == 12


WHO = {"userIdentity": {"principalId": "AWS:AROA:api"}, "requestParameters": {"sourceIPAddress": "192.0.2.7"}}
LANDED = {**WHO, "s3": {"bucket": {"name": "b"}, "object": {"key": "t/aaaa/0", "size": 1}}}


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ({"Records": [LANDED]}, '{"key": "t/aaaa/0"}'),
        ({"Records": [LANDED, {**WHO, "s3": []}, "x"]}, '{"key": "t/aaaa/0"}\n{"key": null}\n{"key": null}'),
        ({"Records": LANDED}, '{"key": null}'),
        ({"notice": "aaaa"}, '{"notice": "aaaa"}'),
        ([LANDED["s3"]], json.dumps([LANDED["s3"]])),
    ],
)
def test_of_what_landed_only_the_key_is_shown(body: object, shown: str) -> None:
    assert about(json.dumps(body)) == shown


def test_what_nobody_can_read_is_shown_as_it_is() -> None:
    assert about("not json") == "not json"


def test_nothing_goes_back_when_nothing_is_there(sqs: Any, queues: tuple[str, str]) -> None:
    assert move(sqs, *queues) == 0


@pytest.mark.parametrize(("last", "there"), [("send_message", []), ("delete_message", ["one"])])
def test_stopped_anywhere_it_loses_nothing(sqs: Any, queues: tuple[str, str], last: str, there: list[str]) -> None:
    dead, alive = queues
    _put(sqs, dead, "one")

    with pytest.raises(Killed):
        move(Dying(sqs, last), dead, alive)

    assert _bodies(sqs, alive) == there
    assert _bodies(sqs, dead) == ["one"]


def test_done_again_it_finishes(sqs: Any, queues: tuple[str, str]) -> None:
    dead, alive = queues
    _put(sqs, dead, "one", "two")
    with pytest.raises(Killed):
        move(Dying(sqs, "delete_message"), dead, alive)

    eventually(lambda: move(sqs, dead, alive) and not waiting(sqs, dead))

    assert set(_bodies(sqs, alive)) == {"one", "two"}


@pytest.fixture
def idle(open_clinic: Stack) -> Iterator[Stack]:
    """Have the workers leave their queues alone for a while."""
    functions = open_clinic.client("lambda")
    mappings = [one["UUID"] for one in functions.list_event_source_mappings()["EventSourceMappings"]]
    for one in mappings:
        functions.update_event_source_mapping(UUID=one, Enabled=False)
    yield open_clinic
    for one in mappings:
        functions.update_event_source_mapping(UUID=one, Enabled=True)


@pytest.mark.parametrize(("worker", "output"), [("landed", "Landed"), ("notices", "Notices")])
def test_the_command_finds_the_queues_of_the_stack_and_counts(
    idle: Stack, sqs: Any, worker: str, output: str, capsys: pytest.CaptureFixture[str]
) -> None:
    dead, alive = (idle.clinic.outputs[f"{output}{kind}QueueUrl"] for kind in ("Dead", ""))
    letters = [json.dumps({"notice": name * 26}) for name in "ab"]
    _put(sqs, dead, *letters)

    with idle.clinic.emulator.environment():
        main([worker, "--look"])
        main([worker, "--most", "1"])
        main([worker, "--stack", "sceau"])
        main([worker])

    assert capsys.readouterr().out.splitlines() == [
        *letters,
        f"Dead letters of {worker}: 2.",
        f"Sent back to {worker}: 1. Left: 1.",
        f"Sent back to {worker}: 1. Left: 0.",
        f"Sent back to {worker}: 0. Left: 0.",
    ]
    assert waiting(sqs, alive) == 2
    sqs.purge_queue(QueueUrl=alive)


def test_an_unknown_stack_is_said_in_one_sentence(open_clinic: Stack) -> None:
    with open_clinic.clinic.emulator.environment(), pytest.raises(SystemExit, match=r"^The stack elsewhere cannot be read: "):
        main(["notices", "--stack", "elsewhere"])


@pytest.mark.parametrize("wrong", [[], ["codes"], ["notices", "--most", "0"], ["notices", "--most", "all"]])
def test_a_command_that_is_not_understood_moves_nothing(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(wrong)

    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith("usage: python -m infra.replay")

"""The back door: what a message says is a hint to look, never a fact."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote_plus

import pytest

from chalicelib import wiring
from chalicelib.domain.audit import Tag
from chalicelib.domain.transfer import State
from chalicelib.usecases.ports import Ports
from chalicelib.workers import landed, notices, sweep
from tests.builders import Sending, a_landing_transfer, a_sealed_transfer
from tests.fakes import SETTINGS, fake_ports, memory_of, watched

BUCKET = SETTINGS.bucket


@pytest.fixture
def ports() -> Iterator[Ports]:
    world = fake_ports()
    wiring.use(world, SETTINGS)
    yield world
    wiring._given.clear()


def batch_of(*bodies: str) -> dict[str, Any]:
    return {"Records": [{"messageId": str(n), "body": body} for n, body in enumerate(bodies)]}


def land(*bodies: str) -> list[str]:
    """Hand a batch to the worker; list the numbers of those that failed."""
    return failed(landed.landed(batch_of(*bodies), None))


def tell(*bodies: str) -> list[str]:
    """Hand a batch to the notices worker; list the numbers of those that failed."""
    return failed(notices.notices(batch_of(*bodies), None))


def failed(answer: dict[str, Any]) -> list[str]:
    return [one["itemIdentifier"] for one in answer["batchItemFailures"]]


def named(key: str, bucket: str = BUCKET, **more: Any) -> dict[str, Any]:
    return {"eventName": "ObjectCreated:Put", "s3": {"bucket": {"name": bucket}, "object": {"key": key, **more}}}


def s3_event(*records: dict[str, Any]) -> str:
    return json.dumps({"Records": list(records)})


def ready(ports: Ports, clears: tuple[bytes, ...] = (b"a",)) -> Sending:
    """Walk to where every object is in the bucket and no event came yet."""
    sending = a_landing_transfer(ports, clears)
    for file in range(len(clears)):
        sending.put(file)
    return sending


def test_events_of_every_file_seal_a_transfer(ports: Ports) -> None:
    sending = ready(ports, (b"a", b"b"))

    answer = land(*(s3_event(named(f"t/{sending.id}/{n}")) for n in (1, 0)))

    assert answer == []
    assert sending.transfer.state is State.SEALED


@pytest.mark.parametrize("times", [2, 10])
def test_an_event_delivered_again_changes_nothing_more(ports: Ports, times: int) -> None:
    sending = ready(ports)

    for _ in range(times):
        land(*[s3_event(named(f"t/{sending.id}/0"))] * times)

    for tag in (Tag.FILE_LANDED, Tag.TRANSFER_SEALED):
        assert len(memory_of(ports).trail(tag)) == 1
    assert len(ports.queue.notices) == 1


TEST_EVENT = json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent", "Time": "2026-03-02T08:00:00.000Z", "Bucket": BUCKET})


@pytest.mark.parametrize("body", [TEST_EVENT, "{}", "[]", "null", "7", '"text"', '{"Records": []}', '{"Records": null}', '{"Records": {}}'])
def test_a_message_that_names_nothing_is_done_with(ports: Ports, body: str) -> None:
    assert land(body) == []


def test_an_event_of_a_foreign_bucket_or_key_changes_nothing(ports: Ports) -> None:
    sending = ready(ports)
    before = list(memory_of(ports).events)
    keys = [
        *(
            f"t/{sending.id}/1",
            f"t/{sending.id}/00",
            f"t/{sending.id}/0/",
            f"t/{sending.id}/0\n",
            f"T/{sending.id}/0",
            f"/t/{sending.id}/0",
        ),
        *(f"t/{sending.id}/-1", f"t/{sending.id}/000000", f"t/{sending.id}/0.", f"x/t/{sending.id}/0", f"t/{sending.id}", "", "t//0"),
        *(f"t/{'x' * 26}/0", f"t/{sending.id.upper()}/0", f"t/{sending.id}/%30", f"t/{sending.id}/\u0660", "../../etc/passwd"),
    ]
    forged = [named(f"t/{sending.id}/0", bucket) for bucket in ("other-bucket", "", BUCKET.upper(), f"{BUCKET} ")]

    answer = land(*(s3_event(one) for one in [*(named(quote_plus(key)) for key in keys), *forged]))

    assert answer == []
    assert memory_of(ports).events == before


def test_sizes_and_tags_in_an_event_are_not_believed(ports: Ports) -> None:
    sending = a_landing_transfer(ports)
    sending.sign(sending.asked(0))
    lie = named(f"t/{sending.id}/0", size=len(sending.files[0].frames), eTag="x", versionId="y", sequencer="00")

    land(s3_event(lie))

    assert (sending.transfer.state, sending.transfer.landed) == (State.LANDING, 0)


def test_a_key_is_decoded_once() -> None:
    identity = "a" * 26
    once, twice = f"t%2F{identity}%2F0", f"t%252F{identity}%252F0"

    found = [list(landed.named(s3_event(named(key)), BUCKET)) for key in (once, twice)]

    assert [[one.file for one in each] for each in found] == [[0], []]


@pytest.mark.parametrize(
    "poison", ["", "not json", '{"Records": ["x"]}', '{"Records": [{"s3": null}]}', '{"Records": [{"s3": {"object": {"key": 7}}}]}']
)
def test_a_poisonous_message_comes_back_alone(ports: Ports, poison: str) -> None:
    sending = ready(ports)

    answer = land("{}", poison, s3_event(named(f"t/{sending.id}/0")))

    assert answer == ["1"]
    assert sending.transfer.state is State.SEALED


def test_a_failure_of_one_message_leaves_the_others_done(ports: Ports) -> None:
    one, two = ready(ports), ready(ports)

    def fail(call: str) -> None:
        if call == "bucket.describe" and not seen:
            seen.append(call)
            raise ConnectionError

    seen: list[str] = []
    wiring.use(watched(ports, fail), SETTINGS)
    bodies = [s3_event(named(f"t/{sending.id}/0")) for sending in (one, two)]

    assert land(*bodies) == ["0"]
    assert (one.transfer.state, two.transfer.state) == (State.LANDING, State.SEALED)
    assert land(bodies[0]) == []
    assert one.transfer.state is State.SEALED


def test_notices_and_codes_are_sent_and_the_rest_is_ignored(ports: Ports) -> None:
    a_sealed_transfer(ports)
    (notice,) = ports.queue.notices
    strange = [
        "{}",
        "[]",
        "7",
        '{"notice": 7}',
        '{"notice": null}',
        '{"code": ["x"]}',
        '{"other": "x"}',
        '{"notice": "unknown"}',
        '{"code": "x"}',
    ]

    answer = tell(json.dumps({"notice": notice}), *strange)

    assert answer == []
    assert len(ports.post.emails) == 1


def test_a_notice_the_post_refuses_comes_back_alone(ports: Ports) -> None:
    a_sealed_transfer(ports, people=2)
    ports.post.broken = True

    answer = tell("not json", "{}", *(json.dumps({"notice": n}) for n in ports.queue.notices))

    assert answer == ["0", "2", "3"]


def sweep_now() -> None:
    texts = dict.fromkeys(("version", "account", "region", "detail-type", "source", "time", "id"), "")
    sweep.sweep({**texts, "detail": {}, "resources": []}, None)


def test_a_sweep_destroys_what_is_due_and_pushes_what_was_lost(ports: Ports) -> None:
    old = a_sealed_transfer(ports)
    ports.clock.tick(days=7)
    new = a_sealed_transfer(ports)
    ports.clock.tick(minutes=10)
    ports.queue.pushed.clear()

    sweep_now()

    assert (old.transfer.state, new.transfer.state) == (State.SHREDDED, State.SEALED)
    assert len(ports.queue.notices) == 2
    assert memory_of(ports).swept_at == ports.clock.now()


def test_a_sweep_that_fails_on_one_goes_on_with_the_others_and_starts_there_again(ports: Ports) -> None:
    one, two = a_sealed_transfer(ports), a_sealed_transfer(ports)
    ports.clock.tick(days=7)
    failures: list[str] = []

    def fail(call: str) -> None:
        if call == "keys.destroy" and not failures:
            failures.append(call)
            raise ConnectionError

    wiring.use(watched(ports, fail), SETTINGS)
    sweep_now()
    states = {one.transfer.state, two.transfer.state}
    swept = memory_of(ports).swept_at
    sweep_now()

    assert states == {State.SEALED, State.SHREDDED}
    assert swept is None
    assert {one.transfer.state, two.transfer.state} == {State.SHREDDED}
    assert memory_of(ports).swept_at == ports.clock.now()

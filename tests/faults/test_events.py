"""F-01 to F-06, F-29, F-38, and T-52: what an event says is a hint to look, whenever and however often it comes."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote_plus

import pytest

from chalicelib.domain.audit import Tag
from chalicelib.domain.transfer import Fault, State
from tests.faults.invariants import check
from tests.faults.world import World

CRATE = 8  # threads


def test_f01_an_event_ten_times_in_ten_threads_seals_once(world: World, caplog: pytest.LogCaptureFixture) -> None:
    sending = world.put(b"one")

    with ThreadPoolExecutor(CRATE) as crew:
        list(crew.map(lambda _: world.land(world.event(sending)), range(10)))
    world.settle(sending)

    assert sending.transfer.state is State.SEALED
    assert [world.mail(one.email) for one in world.people] == [["share_link/fr"], ["share_link/fr"]]
    check(world, sending, caplog.text)


@pytest.mark.parametrize("kind", ["ObjectRemoved:Delete", "ObjectCreated:Put", "ObjectTagging:Put", "nonsense"])
@pytest.mark.parametrize("sequencer", ["0", "00A1B2", "FFFFFFFFFFFFFFFFFF", ""])
def test_f02_no_order_or_kind_of_events_matters(world: World, kind: str, sequencer: str) -> None:
    sending = world.put(b"one")
    said = json.loads(world.event(sending))
    said["Records"][0] |= {"eventName": kind}
    said["Records"][0]["s3"]["object"] |= {"sequencer": sequencer, "versionId": "older", "size": 0, "eTag": "another"}

    world.land(json.dumps(said), world.event(sending), json.dumps(said))

    assert sending.transfer.state is State.SEALED


@pytest.mark.parametrize("files", [1, 3])
def test_f03_what_no_event_told_of_is_found_after_a_quarter_of_an_hour(world: World, files: int, caplog: pytest.LogCaptureFixture) -> None:
    sending = world.put(*[b"one"] * files)

    world.ports.clock.tick(minutes=14, seconds=59)
    world.tend(sending)
    assert sending.transfer.state is State.LANDING
    world.ports.clock.tick(seconds=1)
    world.tend(sending)
    world.settle(sending)

    assert sending.transfer.state is State.SEALED
    check(world, sending, caplog.text)


def test_f03_what_has_not_landed_is_looked_for_ever_more_rarely_then_given_up(world: World) -> None:
    sending = world.landing(b"one")
    looks = []
    while sending.transfer.state is State.LANDING:
        due = sending.transfer.due_at
        assert due is not None
        looks.append(due)
        world.ports.clock.set(due)
        world.tend(sending)

    assert len(looks) <= 9
    assert sending.transfer.state is State.SHREDDED
    assert sending.transfer.ending == "abandoned"
    world.deliver()
    assert world.mail(world.member.person.email) == ["abandoned/fr"]


FOREIGN: list[Any] = [
    {"Service": "Amazon S3", "Event": "s3:TestEvent", "Time": "2026-01-01T00:00:00.000Z", "Bucket": "b"},
    {"Records": []},
    {"Records": None},
    {"Records": [{}]},
    [],
    "text",
    7,
    None,
]


@pytest.mark.parametrize("said", FOREIGN, ids=str)
def test_f04_what_is_no_event_of_ours_is_passed_over(world: World, said: Any) -> None:
    assert world.land(json.dumps(said)) == []


@pytest.mark.parametrize("key", ["t/{id}/1", "t/{id}/00", "t/{id}/-1", "x/{id}/0", "t/{id}/0/0", "t/{id}", "{id}/0", "t//0", "../t/{id}/0"])
def test_f04_an_event_of_another_key_changes_nothing(world: World, key: str) -> None:
    sending = world.put(b"one")

    failed = world.land(world.event(sending, key=key.format(id=sending.id)))

    assert (failed, sending.transfer.landed, sending.transfer.state) == ([], 0, State.LANDING)


def test_f04_an_event_of_another_bucket_changes_nothing(world: World) -> None:
    sending = world.put(b"one")

    assert world.land(world.event(sending, bucket="another")) == []
    assert sending.transfer.landed == 0


def test_f04_an_event_of_an_object_that_is_not_there_changes_nothing(world: World) -> None:
    sending = world.landing(b"one")
    sending.sign(sending.asked(0))

    assert world.land(world.event(sending)) == []
    assert sending.transfer.landed == 0


@pytest.mark.parametrize("times", [0, 1, 2])
def test_f05_a_key_is_decoded_once(world: World, times: int) -> None:
    sending = world.put(b"one")
    key = f"t/{sending.id}/0"
    for _ in range(times):
        key = quote_plus(key)

    world.land(world.event(sending, key=key))

    assert (sending.transfer.state is State.SEALED) == (times < 2)


def test_f06_one_poisoned_message_fails_alone(world: World) -> None:
    sendings = [world.put(b"one") for _ in range(3)]
    bodies = [world.event(one) for one in sendings]

    failed = world.land(bodies[0], "{not json", bodies[1], bodies[2])

    assert failed == ["1"]
    assert all(one.transfer.state is State.SEALED for one in sendings)


def test_f06_a_message_that_always_fails_ends_in_the_dead_letters_with_nothing_but_ids(world: World, clinic: Any) -> None:
    world.deliver()
    queue, outputs = world.ports.queue, clinic.clinic.outputs
    notice = world.ports.new_id()
    queue.push_notices([notice])
    limit = int(
        json.loads(queue.client.get_queue_attributes(QueueUrl=queue.url, AttributeNames=["RedrivePolicy"])["Attributes"]["RedrivePolicy"])[
            "maxReceiveCount"
        ]
    )

    for _ in range(limit + 1):
        queue.client.receive_message(QueueUrl=queue.url, VisibilityTimeout=0)
    dead = queue.client.receive_message(QueueUrl=outputs["NoticesDeadQueueUrl"])["Messages"]

    assert [json.loads(one["Body"]) for one in dead] == [{"notice": notice}]


@pytest.mark.parametrize("change", ["replaced", "deleted"])
def test_f29_an_object_changed_between_landing_and_sealing_is_refused_and_the_sender_told(
    world: World, change: str, caplog: pytest.LogCaptureFixture
) -> None:
    sending = world.landed(b"one", b"two")
    where = {"Bucket": world.settings.bucket, "Key": f"t/{sending.id}/1"}
    if change == "replaced":
        world.ports.bucket.client.put_object(**where, Body=bytes(len(sending.files[1].frames)))
    else:
        world.ports.bucket.client.delete_object(**where)

    world.land(world.event(sending, 0))

    assert sending.transfer.state is State.REFUSED
    assert sending.transfer.fault is (Fault.REPLACED if change == "replaced" else Fault.MISSING)
    world.settle(sending)
    assert world.mail(world.member.person.email) == ["refused/fr"]
    check(world, sending, caplog.text)


def test_f29_an_object_overwritten_before_it_was_looked_at_is_refused(world: World) -> None:
    sending = world.put(b"one")
    size = len(sending.files[0].frames)
    world.ports.bucket.client.put_object(Bucket=world.settings.bucket, Key=f"t/{sending.id}/0", Body=bytes(size))

    world.land(world.event(sending))

    assert sending.transfer.fault is Fault.CHECKSUM_DIFFERS


@pytest.mark.parametrize("hours", [1, 23])
def test_f38_an_event_hours_late_seals_for_the_time_that_is_left(world: World, hours: int) -> None:
    sending = world.put(b"one")
    promised = sending.made.expires_at

    world.ports.clock.tick(hours=hours)
    world.land(world.event(sending))

    assert sending.transfer.state is State.SEALED
    assert sending.transfer.expires_at == promised


def test_f38_an_event_later_than_a_day_finds_nothing_to_seal(world: World, caplog: pytest.LogCaptureFixture) -> None:
    sending = world.put(b"one")

    world.ports.clock.tick(hours=24)
    world.land(world.event(sending))
    world.settle(sending)
    world.land(world.event(sending))

    assert sending.transfer.state is State.SHREDDED
    check(world, sending, caplog.text)


def test_f38_a_notice_later_than_the_end_tells_nobody(world: World) -> None:
    sending = world.sealed(b"one")

    world.ports.clock.tick(days=7)
    world.deliver()

    assert [world.mail(one.email) for one in world.people] == [[], []]
    assert list(world.ports.audit.trail(sending.id))[-1].reason == "void"
    assert all(event.tag is not Tag.NOTICE_SENT or event.reason == "void" for event in world.ports.audit.trail(sending.id))

"""The back door: what a message says is a hint to look, never a fact."""

import json
import logging
from datetime import timedelta
from typing import Any
from urllib.parse import quote_plus

import pytest

from chalicelib import wiring
from chalicelib.domain.audit import Tag
from chalicelib.domain.login import Channel
from chalicelib.domain.notice import Kind
from chalicelib.domain.transfer import State
from chalicelib.logs import JsonLines
from chalicelib.usecases import signin
from chalicelib.usecases.earning import Browser
from chalicelib.usecases.ports import Ports
from chalicelib.workers import codes, landed, notices, sweep
from tests.builders import IP, Sending, a_landing_transfer, a_member, a_sealed_transfer, a_told_transfer, deliver
from tests.fakes import SETTINGS, memory_of, watched

BUCKET = SETTINGS.bucket


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


def test_a_sealing_is_counted_once_whoever_brings_it_about(ports: Ports, caplog: pytest.LogCaptureFixture) -> None:
    told, lost = ready(ports), ready(ports)

    with caplog.at_level(logging.INFO, "sceau"):
        for _ in range(2):
            land(s3_event(named(f"t/{told.id}/0")))
        ports.clock.tick(minutes=15)
        sweep_now()

    lines = [json.loads(JsonLines().format(one)) for one in caplog.records if one.name == "sceau"]
    assert [one["transfer"] for one in lines if one["event"] == "sealed"] == [told.id, lost.id]


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


def test_notices_are_sent_and_the_rest_is_ignored(ports: Ports) -> None:
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


def test_codes_are_sent_and_the_rest_is_ignored(ports: Ports) -> None:
    signin.ask_code(signin.AskCode(a_member(ports).person.email, Channel.EMAIL, Browser(IP)), ports)
    (code,) = ports.queue.codes
    strange = ["{}", "[]", "7", '{"code": 7}', '{"code": null}', '{"code": ["x"]}', '{"code": "unknown"}', '{"notice": "x"}']

    answer = failed(codes.codes(batch_of(json.dumps({"code": code}), *strange), None))

    assert answer == []
    assert [letter.subject for _, letter in ports.post.emails] == ["login_code/fr"]


def test_a_code_the_post_does_not_take_comes_back(ports: Ports) -> None:
    signin.ask_code(signin.AskCode(a_member(ports).person.email, Channel.EMAIL, Browser(IP)), ports)
    ports.post.broken = True

    assert failed(codes.codes(batch_of(json.dumps({"code": ports.queue.codes[0]})), None)) == ["0"]


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
    pushed = [memory_of(ports).notices[notice] for notice in ports.queue.notices]
    assert [(one.kind, one.transfer) for one in pushed] == [(Kind.EXPIRED, old.id), (Kind.SHARE_LINK, old.id), (Kind.SHARE_LINK, new.id)]
    assert memory_of(ports).swept_at == ports.clock.now()


def test_a_sweep_that_fails_on_one_puts_it_off_and_goes_on_with_the_others(ports: Ports) -> None:
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
    ports.clock.tick(minutes=15)
    sweep_now()

    assert states == {State.SEALED, State.SHREDDED}
    assert swept == ports.clock.now() - timedelta(minutes=15)
    assert {one.transfer.state, two.transfer.state} == {State.SHREDDED}


def test_what_cannot_even_be_put_off_is_found_by_the_next_sweep(ports: Ports) -> None:
    sending = a_sealed_transfer(ports)
    ports.clock.tick(days=7)

    def fail(call: str) -> None:
        if call in ("keys.destroy", "dues.postpone"):
            raise ConnectionError

    wiring.use(watched(ports, fail), SETTINGS)
    sweep_now()
    wiring.use(ports, SETTINGS)

    assert memory_of(ports).swept_at is None
    sweep_now()
    assert sending.transfer.state is State.SHREDDED
    assert memory_of(ports).swept_at == ports.clock.now()


def received(body: str, times: int, **more: str) -> dict[str, Any]:
    """Build a message of the queue that came for the so-manieth time."""
    attributes = {"ApproximateReceiveCount": str(times)}
    arn = {"eventSourceARN": "arn:aws:sqs:eu-west-3:1:notices", "receiptHandle": f"receipt-{times}"}
    return {"messageId": str(times), "body": body, "attributes": attributes, **arn, **more}


def test_what_fails_comes_back_later_each_time_and_within_a_quarter_of_an_hour(ports: Ports) -> None:
    records = [received("not json", times) for times in (1, 2, 3, 4, 5, 6, 7, 8, 9, 50, 10**6)]

    assert len(failed(notices.notices({"Records": records}, None))) == len(records)

    seconds = [wait.total_seconds() for _, _, wait in ports.queue.waits]
    assert seconds == [5, 10, 20, 40, 80, 160, 320, 640, 900, 900, 900]
    assert ports.queue.waits[0][:2] == ("arn:aws:sqs:eu-west-3:1:notices", "receipt-1")


def test_what_is_done_is_not_put_off(ports: Ports) -> None:
    assert failed(notices.notices({"Records": [received("{}", 1)]}, None)) == []
    assert ports.queue.waits == []


@pytest.mark.parametrize(
    "record", [{"messageId": "1", "body": "not json"}, {**received("not json", 1), "attributes": {"ApproximateReceiveCount": "often"}}]
)
def test_what_cannot_be_put_off_comes_back_when_the_queue_says(ports: Ports, record: dict[str, Any]) -> None:
    assert failed(notices.notices({"Records": [record, received("{}", 2)]}, None)) == ["1"]


def test_a_notice_that_somebody_else_is_sending_comes_back_alone(ports: Ports) -> None:
    a_sealed_transfer(ports, people=2)
    one, two = ports.queue.notices
    ports.outbox.claim(one, ports.clock.now())

    answer = notices.notices({"Records": [received(json.dumps({"notice": n}), at) for at, n in ((1, one), (2, two))]}, None)

    assert failed(answer) == ["1"]
    assert len(ports.post.emails) == 1


def test_a_sweep_reminds_and_looks_and_destroys_each_in_its_hour(ports: Ports) -> None:
    expired, reminded = a_told_transfer(ports), a_told_transfer(ports, lifetime_days=14)
    ports.clock.tick(days=7)
    landing, begun = ready(ports), a_landing_transfer(ports)
    ports.clock.tick(minutes=15)

    sweep_now()

    states = [one.transfer.state for one in (expired, reminded, landing, begun)]
    assert states == [State.SHREDDED, State.SEALED, State.SEALED, State.LANDING]
    kinds = {(notice.kind, notice.transfer) for notice in (memory_of(ports).notices[one] for one in ports.queue.notices)}
    assert kinds == {(Kind.EXPIRED, expired.id), (Kind.REMINDER, reminded.id), (Kind.SHARE_LINK, landing.id)}


def test_a_sweep_every_two_minutes_does_each_thing_once(ports: Ports) -> None:
    sending = a_told_transfer(ports, lifetime_days=1)

    for _ in range(25 * 30):
        ports.clock.tick(minutes=2)
        sweep_now()
        deliver(ports)

    assert sending.transfer.state is State.SHREDDED
    assert [letter.subject for _, letter in ports.post.emails] == ["share_link/fr", "unopened/fr", "expired/fr"]
    assert len(ports.post.texts) == 1


def test_a_notice_put_off_by_a_failing_sweep_is_pushed_by_a_later_one(ports: Ports) -> None:
    a_sealed_transfer(ports)
    ports.queue.pushed.clear()
    ports.clock.tick(minutes=10)

    def fail(call: str) -> None:
        if call == "outbox.postpone":
            raise ConnectionError

    wiring.use(watched(ports, fail), SETTINGS)
    sweep_now()
    wiring.use(ports, SETTINGS)
    sweep_now()
    early = list(ports.queue.notices)
    ports.clock.tick(minutes=15)
    sweep_now()

    assert early == []
    assert len(ports.queue.notices) == 1

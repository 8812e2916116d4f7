"""F-12 to F-16, F-21 to F-28, F-33, F-37: AWS refuses, throttles, forgets, or is away."""

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.domain.errors import Conflict
from chalicelib.domain.transfer import State
from chalicelib.usecases import collect, shred, upload
from chalicelib.usecases.shred import Revoke
from chalicelib.usecases.upload import Complete
from tests.builders import IP, Sending, a_session
from tests.faults.breaking import Answer, body, broken, error, lost
from tests.faults.invariants import check
from tests.faults.walks import HANDLERS, MIB
from tests.faults.world import World, refused
from tests.quiet import now

AWS_TROUBLE = (ClientError, BotoCoreError, ConnectionError)


@pytest.mark.parametrize("trouble", ["disabled", "pending deletion"])
def test_f12_without_its_key_nothing_is_sealed_opened_or_lost(
    world: World, clinic: Any, trouble: str, caplog: pytest.LogCaptureFixture
) -> None:
    landing, told, kms = world.put(b"one"), world.told(b"two"), clinic.client("kms")
    _, session = a_session(world.ports, told.door())
    arn = world.settings.key_arn
    stop = (lambda: kms.disable_key(KeyId=arn)) if trouble == "disabled" else (lambda: kms.schedule_key_deletion(KeyId=arn))

    stop()
    try:
        assert world.land(world.event(landing)) == ["0"]
        with pytest.raises(ClientError):
            collect.open_transfer(session, IP, world.ports)
        assert landing.transfer.state is State.LANDING
    finally:
        if trouble != "disabled":
            kms.cancel_key_deletion(KeyId=arn)
        kms.enable_key(KeyId=arn)

    world.settle(landing)
    assert landing.transfer.state is State.SEALED
    for sending in (landing, told):
        check(world, sending, caplog.text)


def test_f12_a_wrap_under_another_context_opens_nothing(world: World) -> None:
    told = world.told(b"one")
    first, second = told.recipients
    wraps = world.ports.keys.keys.get(f"T#{told.id}", "WRAPS")
    assert wraps is not None
    wraps["wraps"][first] = wraps["wraps"][second]
    _put(world, world.settings.keys_table, wraps)
    _, session = a_session(world.ports, told.door())

    with pytest.raises(ClientError, match="InvalidCiphertext"):
        collect.open_transfer(session, IP, world.ports)


MET_ANOTHER = {
    "__type": "TransactionCanceledException",
    "CancellationReasons": [{"Code": "TransactionConflict"}, {"Code": "None"}],
    "message": "",
}
CONFLICT = body(400, json.dumps(MET_ANOTHER).encode(), **{"Content-Type": "application/x-amz-json-1.0"})
BUSY = error(400, "ProvisionedThroughputExceededException")


@pytest.mark.parametrize(("trouble", "times"), [(CONFLICT, 1), (CONFLICT, 3), (BUSY, 2)], ids=["met once", "met thrice", "throttled"])
@pytest.mark.parametrize("name", ["landing_of_the_last_file", "telling_a_recipient", "revoking", "opening", "moving_the_end"])
def test_f14_a_busy_table_is_tried_again(world: World, name: str, trouble: Answer, times: int, caplog: pytest.LogCaptureFixture) -> None:
    walk = HANDLERS[name](world)

    with broken(world.ports, "dynamodb.TransactWriteItems", trouble, times):
        walk.act()

    world.settle(walk.sending)
    check(world, walk.sending, caplog.text)


def test_f16_every_read_that_decides_is_consistent(world: World) -> None:
    asked: list[tuple[str, dict[str, Any]]] = []
    client = world.ports.audit.records.client

    def note(params: dict[str, Any], model: Any, **_: object) -> None:
        asked.append((model.name, dict(params)))

    client.meta.events.register("provide-client-params.dynamodb.*", note)
    try:
        for name in HANDLERS:
            world.fresh()
            HANDLERS[name](world).act()
    finally:
        client.meta.events.unregister("provide-client-params.dynamodb.*", note)

    reads = [one for one in asked if one[0] in ("GetItem", "Query")]
    batches = [keys for name, params in asked if name == "BatchGetItem" for keys in params["RequestItems"].values()]
    assert reads
    assert batches
    assert all(params.get("ConsistentRead") for _, params in reads if "IndexName" not in params)
    assert all(keys.get("ConsistentRead") for keys in batches)
    assert {params.get("IndexName") for _, params in reads} <= {None, "by_sender", "by_due"}


@pytest.mark.parametrize("code", ["RequestTimeTooSkewed", "ExpiredToken", "SlowDown", "InternalError"])
@pytest.mark.parametrize("operation", ["HeadObject", "GetObject"])
def test_f21_f23_f28_trouble_with_the_bucket_is_no_fault_of_the_file(
    world: World, operation: str, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    sending = world.put(b"one")
    status = 503 if code in ("SlowDown", "InternalError") else 403

    with broken(world.ports, f"s3.{operation}", error(status, code)):
        assert world.land(world.event(sending)) == ["0"]
    assert sending.transfer.state is State.LANDING
    world.land(world.event(sending))

    assert sending.transfer.state is State.SEALED
    world.settle(sending)
    check(world, sending, caplog.text)


@pytest.mark.parametrize("length", [0, 10])
def test_f28_a_body_cut_short_is_no_fault_of_the_file(world: World, length: int) -> None:
    sending = world.put(b"one")

    with broken(world.ports, "s3.GetObject", body(200, bytes(length), **{"Content-Length": str(length)})):
        assert world.land(world.event(sending)) == ["0"]

    assert sending.transfer.state is State.LANDING


def completed(world: World) -> tuple[Sending, Callable[[], None]]:
    """Walk to where a large file's parts are all put."""
    sending = world.landing(bytes(9 * MIB))
    done = sending.put_parts(0)
    return sending, lambda: upload.complete(Complete(sending.sender, sending.id, 0, done), world.ports)


ERROR_IN_200 = body(200, b"<Error><Code>InternalError</Code><Message>late</Message></Error>", **{"Content-Type": "application/xml"})


@pytest.mark.parametrize("trouble", [error(500, "InternalError"), ERROR_IN_200, lost], ids=["500", "error in 200", "answer lost"])
def test_f24_what_became_of_a_completion_is_decided_by_looking(world: World, trouble: Answer, caplog: pytest.LogCaptureFixture) -> None:
    sending, complete = completed(world)

    with broken(world.ports, "s3.CompleteMultipartUpload", trouble), suppress(*AWS_TROUBLE, Conflict):
        complete()
    assert refused(complete) in (None, "file_already_complete")
    world.land(world.event(sending))
    world.settle(sending)

    assert sending.transfer.state is State.SEALED
    check(world, sending, caplog.text)


def test_f25_an_upload_nobody_finished_is_aborted_and_gives_its_quota_back(world: World, caplog: pytest.LogCaptureFixture) -> None:
    sending = world.landing(bytes(9 * MIB))
    sending.sign(sending.asked(0, 1))
    assert _used(world) == {"recipients": 2, "bytes": 9 * MIB}

    world.ports.clock.tick(hours=24)
    world.tend(sending)
    world.settle(sending)

    assert _used(world) == {"recipients": 0, "bytes": 0}
    check(world, sending, caplog.text)


def test_f32_keys_are_gone_even_when_the_bucket_keeps_its_objects(world: World, caplog: pytest.LogCaptureFixture) -> None:
    sending = world.told(b"one")
    denied = b"<DeleteResult><Error><Key>t</Key><Code>AccessDenied</Code></Error></DeleteResult>"
    world.ports.clock.tick(days=7)

    with (
        broken(world.ports, "s3.DeleteObjects", body(200, denied, **{"Content-Type": "application/xml"})),
        pytest.raises(RuntimeError, match="AccessDenied"),
    ):
        world.tend(sending)
    assert world.ports.keys.envelope(sending.id) is None
    assert sending.transfer.state is State.SEALED
    world.settle(sending)

    assert sending.transfer.state is State.SHREDDED
    check(world, sending, caplog.text)


def test_f33_what_cannot_be_written_down_is_not_given(world: World) -> None:
    told = world.told(b"one")
    _, session = a_session(world.ports, told.door())

    with broken(world.ports, "dynamodb.TransactWriteItems", error(500, "InternalServerError")):
        for act in (collect.open_transfer, lambda *given: collect.sign_file(given[0], 0, *given[1:])):
            with pytest.raises(ClientError):
                act(session, IP, world.ports)  # type: ignore[operator]


@pytest.mark.parametrize("name", list(HANDLERS))
def test_f37_when_all_of_aws_is_away_for_a_while_everything_goes_on_afterwards(
    world: World, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    walk = HANDLERS[name](world)

    with broken(world.ports, "*", error(503, "ServiceUnavailable")), suppress(*AWS_TROUBLE):
        walk.act()
    world.ports.clock.tick(minutes=5)
    walk.act()

    world.settle(walk.sending)
    check(world, walk.sending, caplog.text)


def test_f37_a_revocation_that_failed_is_said_to_have_failed(world: World) -> None:
    told = world.told(b"one")

    with broken(world.ports, "dynamodb.TransactWriteItems", error(503, "ServiceUnavailable")), pytest.raises(ClientError):
        shred.revoke(Revoke(told.sender, told.id), world.ports)

    assert told.transfer.ending is None


def _used(world: World) -> dict[str, int]:
    item = world.ports.audit.records.get(f"Q#{now().strftime('%Y-%m-%d')}", f"MEMBER#{world.member.id}")
    return {"recipients": item["recipients"], "bytes": item["bytes"]}


def _put(world: World, table: str, item: dict[str, Any]) -> None:
    from chalicelib.adapters.dynamodb.table import written

    world.ports.audit.records.client.put_item(TableName=table, Item=written(item))

"""The state of the service, of the fakes and of AWS: queues are counted, the code is that of the package."""

import hashlib
from typing import Any

from infra.package import package
from tests.stack import ROOT, Stack


def test_every_queue_is_told_and_nothing_waits_at_first(ports: Any) -> None:
    told = {one.name: one.dead for one in ports.watch.queues()}

    assert told == {"landed": 0, "notices": 0, "codes": None}
    assert all(one.waiting >= 0 and one.working >= 0 for one in ports.watch.queues())


def test_a_name_that_nobody_gave_has_no_certificate(ports: Any) -> None:
    assert ports.watch.certified_until() is None


def test_the_last_sweep_is_told(ports: Any) -> None:
    ports.dues.swept(ports.clock.now())

    assert ports.dues.last() == ports.clock.now()


def test_the_code_is_that_of_the_package(real: Any) -> None:
    code = real.watch.code()

    assert code.digest == hashlib.sha256(package(ROOT).code.read_bytes()).hexdigest()
    assert code.at.tzinfo is not None


def test_what_waits_and_what_is_dead_is_counted(real: Any, quiet: Stack) -> None:
    sqs, urls = quiet.client("sqs"), quiet.clinic.outputs
    before = {one.name: one for one in real.watch.queues()}

    for name in ("LandedQueueUrl", "LandedDeadQueueUrl"):
        sqs.send_message(QueueUrl=urls[name], MessageBody="{}")

    after = {one.name: one for one in real.watch.queues()}
    assert (after["landed"].waiting, after["landed"].dead) == (before["landed"].waiting + 1, 1)
    for name in ("LandedQueueUrl", "LandedDeadQueueUrl"):
        sqs.purge_queue(QueueUrl=urls[name])


def test_no_client_is_made_before_somebody_asks(real: Any) -> None:
    from chalicelib.adapters.watch import AwsWatch

    fresh = AwsWatch(None, "function", {}, "none", None)

    assert fresh.certified_until() is None  # without a session: nothing was made
    assert fresh.queues() == ()

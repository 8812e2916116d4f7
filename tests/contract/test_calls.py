"""How many calls to AWS each thing costs on a warm function, the session's read included. `CALLS` is what the documentation shows."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.domain.ids import ChallengeKey
from chalicelib.domain.login import Door
from chalicelib.domain.member import Role
from chalicelib.usecases import challenge, collect, draft, follow, health, resume, shred, tell, upload, usage
from chalicelib.usecases.follow import Mine
from chalicelib.usecases.ports import Ports, UploadedPart
from chalicelib.usecases.resume import Resume
from chalicelib.usecases.shred import Revoke
from tests.builders import (
    IP,
    Sending,
    a_browser,
    a_draft,
    a_landed_transfer,
    a_landing_transfer,
    a_member,
    a_sealed_transfer,
    a_sending,
    a_session,
    put,
)
from tests.contract.counting import Step, clients_of, counting, links_of, with_session
from tests.fake_aws import FakeLetters, digest
from tests.quiet import now

MIB = 1024 * 1024
LARGE = bytes(8 * MIB + 1)

# What is done: the calls it costs. The first are the budgets that were set; a member's or recipient's session is in each.
CALLS: dict[str, dict[str, int]] = {
    "make a draft": {"dynamodb.BatchGetItem": 1, "dynamodb.GetItem": 1, "dynamodb.TransactWriteItems": 1, "kms.GenerateDataKey": 1},
    "make a draft again": {
        "dynamodb.BatchGetItem": 2,
        "dynamodb.GetItem": 1,
        "dynamodb.TransactWriteItems": 2,
        "kms.GenerateDataKey": 1,
        "kms.Decrypt": 1,
    },
    "send the envelope": {"dynamodb.BatchGetItem": 2, "dynamodb.TransactWriteItems": 1},
    "first URLs of small files": {"dynamodb.BatchGetItem": 2, "dynamodb.TransactWriteItems": 1},
    "first URLs of a large file": {"dynamodb.BatchGetItem": 2, "dynamodb.TransactWriteItems": 1, "s3.CreateMultipartUpload": 1},
    "32 more URLs": {"dynamodb.BatchGetItem": 2},
    "go on with an upload": {
        "dynamodb.BatchGetItem": 2,
        "dynamodb.Query": 1,
        "dynamodb.TransactWriteItems": 1,
        "kms.Decrypt": 1,
        "s3.HeadObject": 3,
        "s3.ListParts": 1,
    },
    "complete a large file": {"dynamodb.BatchGetItem": 2, "dynamodb.TransactWriteItems": 1, "s3.CompleteMultipartUpload": 1},
    "look at a landed file of one frame": {
        "dynamodb.BatchGetItem": 2,
        "dynamodb.GetItem": 1,
        "dynamodb.TransactWriteItems": 1,
        "kms.Decrypt": 1,
        "s3.HeadObject": 1,
        "s3.GetObject": 1,
    },
    "look at the first file, and the manifest": {
        "dynamodb.BatchGetItem": 2,
        "dynamodb.GetItem": 1,
        "dynamodb.TransactWriteItems": 1,
        "kms.Decrypt": 1,
        "s3.HeadObject": 1,
        "s3.GetObject": 1,
    },
    "look at a landed file of any size": {
        "dynamodb.BatchGetItem": 2,
        "dynamodb.GetItem": 1,
        "dynamodb.TransactWriteItems": 1,
        "kms.Decrypt": 1,
        "s3.HeadObject": 1,
        "s3.GetObject": 2,
    },
    "seal two files for three recipients": {
        "dynamodb.GetItem": 1,
        "dynamodb.Query": 1,
        "s3.HeadObject": 2,
        "dynamodb.BatchGetItem": 1,
        "dynamodb.TransactWriteItems": 1,
        "kms.Decrypt": 1,
        "kms.Encrypt": 3,
        "sqs.SendMessageBatch": 1,
    },
    "send a share link": {"dynamodb.GetItem": 1, "dynamodb.BatchGetItem": 1, "dynamodb.TransactWriteItems": 2, "sesv2.SendEmail": 1},
    "ask for a code with a link": {"dynamodb.BatchGetItem": 1, "dynamodb.TransactWriteItems": 2, "sqs.SendMessage": 1},
    "show a code of a transfer": {"dynamodb.BatchGetItem": 2, "dynamodb.TransactWriteItems": 2},
    "collect": {"dynamodb.GetItem": 1, "dynamodb.BatchGetItem": 2, "dynamodb.TransactWriteItems": 1, "kms.Decrypt": 1},
    "URL of a file": {"dynamodb.GetItem": 1, "dynamodb.BatchGetItem": 1, "dynamodb.TransactWriteItems": 1},
    "receipt of a file": {"dynamodb.GetItem": 1, "dynamodb.BatchGetItem": 1, "dynamodb.TransactWriteItems": 1},
    "list what one sent": {"dynamodb.BatchGetItem": 2, "dynamodb.Query": 1},
    "revoke one recipient": {"dynamodb.BatchGetItem": 1, "dynamodb.Query": 1, "dynamodb.TransactWriteItems": 1},
    "revoke": {
        "dynamodb.BatchGetItem": 1,
        "dynamodb.Query": 4,
        "dynamodb.TransactWriteItems": 2,
        "dynamodb.BatchWriteItem": 1,
        "s3.DeleteObjects": 1,
    },
    "bill of a month": {"dynamodb.BatchGetItem": 1, "dynamodb.Query": 1},
    "state of the service": {
        "dynamodb.BatchGetItem": 1,
        "dynamodb.GetItem": 1,
        "lambda.GetFunctionConfiguration": 1,
        "sqs.GetQueueAttributes": 5,
    },
}
BUDGETS = {"make a draft": (4, 1), "32 more URLs": (2, 0), "collect": (5, 1)}  # calls, of them KMS


@pytest.fixture(scope="module")
def steps(real: Ports) -> dict[str, Step]:
    """Prepare one of each thing to do, everything before it done already."""
    clock: Any = real.clock
    clock.set(now())
    ports = replace(real, letters=FakeLetters())
    member = a_member(ports, 1, Role.SENDER, email=f"{ports.new_id()}@example.fr")
    token, _ = a_session(ports, Door(member=member.id))

    def mine(act: Step) -> Step:
        return with_session(token, ports, act)

    def as_recipient(sending: Sending, act: Callable[[Any], object]) -> Step:
        theirs, _ = a_session(ports, sending.door())
        return lambda: act(collect.whose(theirs, ports))

    def landing(*clears: bytes) -> Sending:
        return a_landing_transfer(ports, clears, sender=member)

    def landed(file: int, *clears: bytes) -> Step:
        sending = landing(*clears)
        sending.put(file)
        return lambda: sending.land(file)

    small, large, begun, ready = landing(b"a", b"b"), landing(LARGE), landing(*[b"a"] * 32), landing(LARGE)
    torn = landing(LARGE, b"a", b"b", b"c")
    torn.sign(torn.asked(0, 1), torn.asked(1), torn.asked(2))
    torn.put(2)
    batch = [begun.asked(file) for file in range(32)]
    begun.sign(*batch)
    whole = ready.files[0]
    signed = ready.sign(*(ready.asked(0, n) for n in whole.parts()))
    done = tuple(
        UploadedPart(n, put(ports, one, whole.part(n)), digest(whole.part(n))) for n, one in zip(whole.parts(), signed, strict=True)
    )
    unsealed = a_landed_transfer(ports, (b"a", b"b"), people=3, sender=member)
    sealed = a_sealed_transfer(ports, people=2, sender=member)
    fresh = a_sending(ports, sender=member)
    revoked = a_sealed_transfer(ports, sender=member)
    first, second = sealed.recipients
    link = collect.AskCode(sealed.id, first, ports.secrets.link_secret(sealed.id, first), IP)
    asked = collect.ask_code(link, ports).token
    code = ports.secrets.login_code(ChallengeKey(challenge.digest(asked)))
    notice = links_of(ports, sealed)[-1]
    wish = a_draft(member.id, (1, 2), 2)
    draft.make(wish, ports)
    landed(0, b"warm")()
    return {
        "make a draft": mine(lambda: draft.make(a_draft(member.id, (1,) * 200, 50), ports)),
        "make a draft again": mine(lambda: draft.make(wish, ports)),
        "send the envelope": mine(fresh.send_envelope),
        "first URLs of small files": mine(lambda: small.sign(small.asked(0), small.asked(1))),
        "first URLs of a large file": mine(lambda: large.sign(large.asked(0, 1), large.asked(0, 2))),
        "32 more URLs": mine(lambda: begun.sign(*batch)),
        "go on with an upload": mine(lambda: resume.resume(Resume(member.id, torn.id, IP), ports)),
        "complete a large file": mine(lambda: upload.complete(upload.Complete(member.id, ready.id, 0, done), ports)),
        "look at a landed file of one frame": landed(1, b"a", b"b"),
        "look at the first file, and the manifest": landed(0, b"a", b"b"),
        "look at a landed file of any size": landed(1, b"a", LARGE),
        "seal two files for three recipients": unsealed.seal,
        "send a share link": lambda: tell.send_notice(notice, ports),
        "ask for a code with a link": lambda: collect.ask_code(link, ports),
        "show a code of a transfer": lambda: collect.open_session(code, a_browser(asked), ports),
        "collect": as_recipient(sealed, lambda session: collect.open_transfer(session, IP, ports)),
        "URL of a file": as_recipient(sealed, lambda session: collect.sign_file(session, 0, IP, ports)),
        "receipt of a file": as_recipient(sealed, lambda session: collect.acknowledge(session, 0, IP, ports)),
        "list what one sent": mine(lambda: follow.mine(Mine(member.id), ports)),
        "revoke one recipient": mine(lambda: shred.revoke_recipient(Revoke(member.id, sealed.id, second), ports)),
        "revoke": mine(lambda: shred.revoke(Revoke(member.id, revoked.id), ports)),
        "bill of a month": mine(lambda: usage.bill(None, ports)),
        "state of the service": mine(lambda: health.look(ports)),
    }


@pytest.mark.parametrize("name", list(CALLS))
def test_a_thing_costs_what_the_table_says(real: Ports, steps: dict[str, Step], name: str) -> None:
    with counting(clients_of(real)) as counted:
        steps[name]()

    assert dict(counted) == CALLS[name]


@pytest.mark.parametrize("name", list(BUDGETS))
def test_the_table_keeps_to_the_budgets(name: str) -> None:
    calls, kms = BUDGETS[name]

    assert sum(CALLS[name].values()) <= calls
    assert sum(count for call, count in CALLS[name].items() if call.startswith("kms.")) == kms


def test_landing_reads_at_most_twice_whatever_the_size() -> None:
    assert [CALLS[f"look at a landed file of {what}"]["s3.GetObject"] for what in ("one frame", "any size")] == [1, 2]


def test_everything_in_the_table_is_measured(steps: dict[str, Step]) -> None:
    assert list(steps) == list(CALLS)

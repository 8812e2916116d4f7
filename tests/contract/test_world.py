"""Bucket, vault, secrets, inspector, queue and post: the same promises in memory and in AWS."""

import json
import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from chalicelib.adapters.post import AwsPost
from chalicelib.domain import envelope
from chalicelib.domain.ids import ChallengeKey, NoticeId, RecipientId, TransferId
from chalicelib.domain.notice import Letter
from chalicelib.domain.person import Person
from chalicelib.usecases.ports import Ports, PostRefused, StoredObject, UploadedPart
from chalicelib.usecases.upload import composite
from tests.builders import a_person, put
from tests.contract.looking import REFUSED, emails, fetch, queued
from tests.fake_aws import FakeBucket, FakePost, FakeQueue, digest

BODY = b"sealed bytes"
PART = bytes(5 * 1024 * 1024)  # the least a part may be that is not the last


def a_key(ports: Ports) -> str:
    return f"t/{ports.new_id()}/0"


def stored(ports: Ports, body: bytes = BODY) -> str:
    """Put an object; give its key."""
    key = a_key(ports)
    put(ports, ports.bucket.put_url(key, len(body), digest(body), 8), body)
    return key


def test_an_object_is_described_and_read_as_it_was_put(ports: Ports) -> None:
    key = stored(ports)

    found = ports.bucket.describe(key)

    assert found is not None
    assert (found.size, found.checksum) == (len(BODY), digest(BODY))
    assert ports.bucket.read(key, found.etag, 7, 5) == b"bytes"
    assert ports.bucket.read(key, found.etag, 0, len(BODY)) == BODY
    assert fetch(ports, ports.bucket.get_url(key, 120)) == BODY


@pytest.mark.parametrize(("first", "length"), [(0, len(BODY) + 1), (len(BODY) - 1, 2)])
def test_a_range_that_comes_short_is_trouble_and_no_object(ports: Ports, first: int, length: int) -> None:
    key = stored(ports)
    found = ports.bucket.describe(key)
    assert found is not None

    with pytest.raises(ConnectionError):
        ports.bucket.read(key, found.etag, first, length)


def test_an_object_that_changed_since_it_was_described_is_not_read(ports: Ports) -> None:
    key = stored(ports)

    with pytest.raises(Exception, match=r"412|Precondition"):
        ports.bucket.read(key, '"00000000000000000000000000000000"', 0, 5)


def test_what_is_not_there_is_nothing(ports: Ports) -> None:
    key = a_key(ports)

    assert ports.bucket.describe(key) is None
    ports.bucket.delete([key])
    ports.bucket.delete([])
    with pytest.raises(REFUSED):
        fetch(ports, ports.bucket.get_url(key, 120))


@pytest.mark.parametrize("other", [BODY[:-1], BODY + b"\0", BODY[::-1], b""])
def test_a_url_takes_its_very_bytes_only(ports: Ports, other: bytes) -> None:
    key = a_key(ports)
    signed = ports.bucket.put_url(key, len(BODY), digest(BODY), 8)

    with pytest.raises(REFUSED):
        put(ports, signed, other)

    assert ports.bucket.describe(key) is None
    put(ports, signed, BODY)
    assert ports.bucket.describe(key) is not None


def test_a_url_with_another_digest_in_its_header_is_refused(ports: Ports) -> None:
    signed = ports.bucket.put_url(a_key(ports), len(BODY), digest(BODY), 8)
    other = BODY[::-1]

    with pytest.raises(REFUSED):
        put(ports, replace(signed, headers={**signed.headers, "x-amz-checksum-sha256": digest(other)}), other)


def test_an_object_is_never_written_over(ports: Ports) -> None:
    key = a_key(ports)
    signed = [ports.bucket.put_url(key, len(BODY), digest(body), 8) for body in (BODY, BODY[::-1])]
    put(ports, signed[0], BODY)

    for one, body in zip(signed, (BODY, BODY[::-1]), strict=True):
        with pytest.raises(REFUSED):
            put(ports, one, body)

    assert fetch(ports, ports.bucket.get_url(key, 120)) == BODY


def uploaded(ports: Ports, key: str, upload_id: str, *bodies: bytes) -> list[UploadedPart]:
    """Put the parts of an upload."""
    parts = []
    for number, body in enumerate(bodies, 1):
        signed = ports.bucket.part_url(key, upload_id, number, len(body), digest(body))
        parts.append(UploadedPart(number, put(ports, signed, body), digest(body)))
    return parts


def test_parts_are_put_together_in_order_with_a_composite_checksum(ports: Ports) -> None:
    key = a_key(ports)
    upload_id = ports.bucket.start_upload(key, 8)
    parts = uploaded(ports, key, upload_id, PART, BODY)

    assert ports.bucket.complete_upload(key, upload_id, parts, len(PART + BODY)) is True

    found = ports.bucket.describe(key)
    assert found == StoredObject(len(PART + BODY), found.etag if found else "", composite(parts))
    assert ports.bucket.read(key, found.etag, len(PART) - 1, len(BODY) + 1) == b"\0" + BODY


def test_parts_are_listed_as_they_were_put_and_none_of_an_upload_that_is_no_more(ports: Ports) -> None:
    key, other = a_key(ports), a_key(ports)
    upload_id, empty = ports.bucket.start_upload(key, 8), ports.bucket.start_upload(other, 8)
    parts = uploaded(ports, key, upload_id, PART, BODY)

    assert [list(one) for one in ports.bucket.parts_of([(key, upload_id), (other, empty)])] == [parts, []]
    assert ports.bucket.parts_of([]) == []
    ports.bucket.abort_upload(other, empty)
    ports.bucket.complete_upload(key, upload_id, parts, len(PART + BODY))
    assert [list(one) for one in ports.bucket.parts_of([(key, upload_id), (other, empty)])] == [[], []]


def test_completing_twice_changes_nothing(ports: Ports) -> None:
    key = a_key(ports)
    upload_id = ports.bucket.start_upload(key, 8)
    parts = uploaded(ports, key, upload_id, PART, BODY)
    ports.bucket.complete_upload(key, upload_id, parts, len(PART + BODY))
    before = ports.bucket.describe(key)

    assert ports.bucket.complete_upload(key, upload_id, parts, len(PART + BODY)) is True

    assert ports.bucket.describe(key) == before


def spoilt(parts: list[UploadedPart]) -> dict[str, list[UploadedPart]]:
    one, two = parts
    return {
        "tag": [replace(one, etag='"00000000000000000000000000000000"'), two],
        "digest": [replace(one, sha256=digest(b"other")), two],
        "missing": [one, two, UploadedPart(3, '"00000000000000000000000000000000"', digest(b""))],
    }


@pytest.mark.parametrize("how", ["tag", "digest", "missing"])
def test_parts_that_are_not_those_that_were_put_are_refused(ports: Ports, how: str) -> None:
    key = a_key(ports)
    upload_id = ports.bucket.start_upload(key, 8)
    parts = uploaded(ports, key, upload_id, PART, BODY)

    assert ports.bucket.complete_upload(key, upload_id, spoilt(parts)[how], len(PART + BODY)) is False

    assert ports.bucket.describe(key) is None
    assert ports.bucket.complete_upload(key, upload_id, parts, len(PART + BODY)) is True


def test_a_total_that_is_not_the_planned_one_is_refused(ports: Ports) -> None:
    key = a_key(ports)
    upload_id = ports.bucket.start_upload(key, 8)
    parts = uploaded(ports, key, upload_id, PART, BODY)

    assert ports.bucket.complete_upload(key, upload_id, parts, len(PART)) is False


def test_an_upload_that_was_dropped_takes_nothing_more(ports: Ports) -> None:
    key = a_key(ports)
    upload_id = ports.bucket.start_upload(key, 8)
    signed = ports.bucket.part_url(key, upload_id, 1, len(BODY), digest(BODY))

    for _ in range(2):
        ports.bucket.abort_upload(key, upload_id)

    with pytest.raises(REFUSED):
        put(ports, signed, BODY)
    assert ports.bucket.complete_upload(key, upload_id, [UploadedPart(1, '"x"', digest(BODY))], len(BODY)) is False


def test_what_is_deleted_is_gone(ports: Ports) -> None:
    keys = [stored(ports) for _ in range(3)]

    ports.bucket.delete(keys[:2])

    assert [ports.bucket.describe(key) is None for key in keys] == [True, True, False]


def test_many_objects_are_described_in_their_order(ports: Ports) -> None:
    keys = [stored(ports, bytes([number])) for number in range(20)]
    keys[7] = a_key(ports)

    found = ports.bucket.describe_all(keys)

    assert [None if one is None else one.checksum for one in found] == [None if n == 7 else digest(bytes([n])) for n in range(20)]
    assert ports.bucket.describe_all([]) == []


def retention(ports: Ports, key: str) -> str:
    """Read the tag that the bucket's own rules go by."""
    if isinstance(ports.bucket, FakeBucket):
        return str(ports.bucket.objects[key].retention)
    bucket: Any = ports.bucket
    (tag,) = bucket.client.get_object_tagging(Bucket=bucket.name, Key=key)["TagSet"]
    assert tag["Key"] == "retention"
    return str(tag["Value"])


def test_objects_are_kept_longer_without_being_changed(ports: Ports) -> None:
    keys = [stored(ports) for _ in range(3)]
    before = ports.bucket.describe_all(keys)

    ports.bucket.retain(keys[:2], 31)
    ports.bucket.retain([], 31)

    assert [retention(ports, key) for key in keys] == ["31", "31", "8"]
    assert ports.bucket.describe_all(keys) == before


def test_objects_of_several_parts_are_kept_longer_too(ports: Ports) -> None:
    key = a_key(ports)
    upload_id = ports.bucket.start_upload(key, 15)
    parts = uploaded(ports, key, upload_id, PART, BODY)
    ports.bucket.complete_upload(key, upload_id, parts, len(PART + BODY))

    ports.bucket.retain([key], 31)  # the emulator forgets the tag that such an upload began with

    assert retention(ports, key) == "31"


def a_context(ports: Ports) -> dict[str, str]:
    return ports.clinic.context(TransferId(ports.new_id()))


def test_a_key_opens_under_its_own_context_only(ports: Ports) -> None:
    context = a_context(ports)
    clear, wrapped = ports.vault.new_data_key(context)
    again = ports.vault.wrap(clear, {**context, "recipient": "r"})

    assert len(clear) == 32
    assert ports.vault.unwrap(wrapped, context) == clear
    assert ports.vault.unwrap(again, {**context, "recipient": "r"}) == clear
    for other in ({}, {**context, "recipient": "r"}, {**context, "transfer": "x"}, {"clinic": context["clinic"]}):
        with pytest.raises(Exception):  # noqa: B017, PT011 - each vault has its own
            ports.vault.unwrap(wrapped, other)


def test_two_keys_are_never_the_same(ports: Ports) -> None:
    context = a_context(ports)

    keys = {ports.vault.new_data_key(context)[0] for _ in range(5)}

    assert len(keys) == 5


def test_secrets_are_the_same_each_time_and_for_one_thing_only(ports: Ports) -> None:
    one, two = TransferId("a" * 26), TransferId("b" * 26)
    recipient = RecipientId("r" * 26)

    links = [ports.secrets.link_secret(t, recipient) for t in (one, one, two)]
    codes = [ports.secrets.login_code(ChallengeKey(key)) for key in ("x", "x", "y")]
    scopes = [ports.secrets.scope(*what) for what in (("ip", "x"), ("ip", "x"), ("ip", "y"), ("codes", "x"))]

    assert links[0] == links[1] != links[2]
    assert all(len(link) == 43 and link.isascii() for link in links)
    assert codes[0] == codes[1]
    assert all(len(code) == 6 and code.isdecimal() for code in codes)
    assert scopes[0] == scopes[1]
    assert len(set(scopes)) == 3
    assert "x" not in scopes[0]
    assert ports.secrets.scope("ip", "\ud800") != ports.secrets.scope("ip", "\ud801")


def test_what_is_signed_is_checked_with_the_public_key(ports: Ports) -> None:
    statement = '{"clinic":"é"}'.encode()

    signatures = {ports.secrets.sign(statement) for _ in range(2)}

    (signature,) = signatures
    key = Ed25519PublicKey.from_public_bytes(ports.secrets.public_key())
    key.verify(signature, statement)
    with pytest.raises(InvalidSignature):
        key.verify(signature, statement + b" ")
    assert ports.secrets.sign(b"") != signature


def test_each_turn_of_an_address_has_a_link_of_its_own(ports: Ports) -> None:
    links = {ports.secrets.link_secret(TransferId("a" * 26), RecipientId("r" * 26), turn) for turn in range(6)}

    assert len(links) == 6


def sealed(ports: Ports, clear: bytes, context: dict[str, str]) -> tuple[bytes, bytes, bytes]:
    """Seal as the browser does; give header, first frame and data key."""
    key, wrapped = ports.vault.new_data_key(context)
    message_id = ports.random.bytes(32)
    header = envelope.seal_header(key, message_id, context, ports.vault.key_arn, wrapped)
    return header, next(envelope.seal_frames(key, message_id, clear)), key


@pytest.mark.parametrize("size", [0, 5, 65_536, 65_537])
def test_the_inspector_opens_what_a_browser_sealed(ports: Ports, size: int) -> None:
    context = a_context(ports)
    header, first, key = sealed(ports, bytes(size), context)

    assert ports.inspector.opens(header, first, context, key) is True
    assert ports.inspector.opens(header, None, context, key) is True


@pytest.mark.parametrize("size", [5, 65_537])
def test_the_inspector_opens_nothing_else(ports: Ports, size: int) -> None:
    context = a_context(ports)
    header, first, key = sealed(ports, bytes(size), context)
    other_header, other_first, other_key = sealed(ports, bytes(size), context)
    flipped = [(header[:at] + bytes([header[at] ^ 1]) + header[at + 1 :], first) for at in (0, 2, 40, len(header) - 40, len(header) - 1)]
    frames = [(header, frame) for frame in (first[:-1] + bytes([first[-1] ^ 1]), first[:-1], bytes(len(first)), other_first)]

    refused = [ports.inspector.opens(h, f, context, key) for h, f in [*flipped, *frames, (other_header, first), (header[:-1], first)]]

    assert not any(refused)
    assert not ports.inspector.opens(header, first, {**context, "transfer": "x"}, key)
    assert not ports.inspector.opens(header, first, {"clinic": context["clinic"]}, key)
    assert not ports.inspector.opens(header, first, context, other_key)


def test_what_is_pushed_waits_in_the_queue(ports: Ports) -> None:
    queued(ports)
    notices = [NoticeId(ports.new_id()) for _ in range(23)]
    code = ChallengeKey("c" * 64)

    ports.queue.push_notices(notices)
    ports.queue.push_notices([])
    ports.queue.push_code(code)

    assert sorted(queued(ports)) == sorted([*notices, code])


def test_a_code_does_not_stand_in_line_with_notices(real: Ports) -> None:
    queued(real)
    queue: Any = real.queue
    code = ChallengeKey("c" * 64)
    real.queue.push_notices([NoticeId(real.new_id()) for _ in range(23)])

    real.queue.push_code(code)

    (message,) = queue.client.receive_message(QueueUrl=queue.codes, MaxNumberOfMessages=10)["Messages"]
    assert json.loads(message["Body"]) == {"code": code}
    arn = queue.client.get_queue_attributes(QueueUrl=queue.codes, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    queue.again(arn, message["ReceiptHandle"], timedelta(0))
    assert len(queued(real)) == 24


def test_a_message_that_failed_comes_back_after_its_wait(ports: Ports) -> None:
    queued(ports)
    queue: Any = ports.queue
    if isinstance(queue, FakeQueue):
        queue.again("arn:aws:sqs:eu-west-3:1:notices", "receipt", timedelta(seconds=5))
        assert queue.waits == [("arn:aws:sqs:eu-west-3:1:notices", "receipt", timedelta(seconds=5))]
        return
    queue.push_notices([NoticeId(ports.new_id())])
    name = queue.url.rpartition("/")[2]
    arn = queue.client.get_queue_attributes(QueueUrl=queue.url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]

    def receive() -> list[str]:
        found = queue.client.receive_message(QueueUrl=queue.url, WaitTimeSeconds=0).get("Messages", [])
        return [one["ReceiptHandle"] for one in found]

    (receipt,) = receive()
    hidden = receive()
    queue.again(arn, receipt, timedelta(0))
    (again,) = receive()
    queue.again(arn, again, timedelta(minutes=15))

    assert name == arn.rpartition(":")[2]
    assert hidden == receive() == []


def test_a_message_of_a_queue_nobody_knows_is_not_put_off(ports: Ports) -> None:
    queue: Any = ports.queue
    if not isinstance(queue, FakeQueue):
        with pytest.raises(StopIteration):
            queue.again("arn:aws:sqs:eu-west-3:1:foreign", "receipt", timedelta(0))
        assert len({url.rpartition("/")[2] for url in queue.urls}) == 3


LETTER = Letter("Un envoi pour vous, très sécurisé", "Bonjour é\n", "<p>Bonjour é</p>", "Votre code : 123456")


def a_reader(ports: Ports) -> Person:
    return a_person(1, email=f"{ports.new_id()}@example.fr", name="Zoé\u00a0É")


def test_messages_leave_and_each_has_a_name(ports: Ports) -> None:
    person = a_reader(ports)

    names = [
        ports.post.email(person, LETTER),
        ports.post.email(person, LETTER),
        ports.post.sms("+33612345678", "Votre code : 123456"),
    ]

    assert emails(ports, person.email) == [LETTER.subject] * 2
    assert len(set(names)) == 3
    assert all(names)
    post: Any = ports.post
    assert not isinstance(post, FakePost) or post.texts == [("+33612345678", "Votre code : 123456")]


def test_a_post_that_takes_nothing_says_so_and_nothing_leaves(ports: Ports) -> None:
    person, post = a_reader(ports), closed(ports)

    with pytest.raises(PostRefused):
        post.email(person, LETTER)

    assert emails(ports, person.email) == []


def closed(ports: Ports) -> Any:
    """Give the post of a clinic whose address was never confirmed."""
    post: Any = ports.post
    if isinstance(post, FakePost):
        post.closed = {"email", "sms"}
        return post
    return AwsPost(
        post.session, "nobody@unconfirmed.example", post.clinic, post.support, configuration_set=post.configuration_set, per_second=500
    )


def test_messages_leave_at_the_pace_the_clinic_chose(real: Ports) -> None:
    post: Any = real.post
    slow = AwsPost(post.session, post.sender, post.clinic, post.support, configuration_set=post.configuration_set, per_second=4)
    begun = time.monotonic()

    for _ in range(3):
        slow.email(a_reader(real), LETTER)

    assert time.monotonic() - begun >= 2 * 0.5  # of two workers each has half of the pace

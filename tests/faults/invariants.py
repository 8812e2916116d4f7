"""What must hold after every fault (docs/reference/faults.md): I1 to I10, looked at in the tables, the bucket and the post."""

import json
from datetime import timedelta
from typing import Any

from chalicelib.domain.audit import Tag
from chalicelib.domain.transfer import State
from chalicelib.usecases import certify, collect
from chalicelib.usecases.certify import Agreement
from chalicelib.web import values
from tests.builders import IP, Sending, a_session
from tests.faults.world import World, refused

ONCE = (Tag.TRANSFER_CREATED, Tag.ENVELOPE_ACCEPTED, Tag.TRANSFER_SEALED, Tag.TRANSFER_REFUSED, Tag.TRANSFER_ENDED, Tag.TRANSFER_SHREDDED)
GONE = frozenset({"transfer_expired", "transfer_revoked", "not_found"})


def check(world: World, sending: Sending, log: str) -> None:
    """Check everything that applies to the transfer as it is now."""
    items = _partition(world, world.settings.records_table, sending.id)
    keys = _partition(world, world.settings.keys_table, sending.id)
    _one_event_for_each_change(sending, items)
    _nothing_is_left_over(world, sending, items)
    _messages_are_sent_once_or_twice_and_to_nobody_else(world, sending)
    _nothing_secret_is_logged(sending, log)
    _the_sender_sees_the_truth(world, sending)
    if sending.transfer.state is State.SEALED:
        _a_sealed_transfer_is_whole_and_opens(world, sending)
    else:
        _what_is_not_sealed_opens_for_nobody(world, sending)
    if sending.transfer.state is State.SHREDDED:
        assert keys == [], "I8: a key outlived its transfer"
        _its_certificate_holds(world, sending)


def _a_sealed_transfer_is_whole_and_opens(world: World, sending: Sending) -> None:
    """I1, I2, I4."""
    for number, identity in enumerate(sending.recipients):
        _, session = a_session(world.ports, sending.door(number))
        before = _recipient(world, sending, identity).openings
        opened = collect.open_transfer(session, IP, world.ports)
        assert opened.data_key == sending.made.data_key, "I1: the key is another"
        assert opened.envelope.headers == tuple(one.header for one in sending.files), "I1: the headers are others"
        assert _recipient(world, sending, identity).openings == before + 1, "I4: an opening was not counted"
    for file, one in enumerate(sending.files):
        stored = _object(world, sending.transfer.object_key(file))
        assert stored == one.frames, "I2: the bytes are others"


def _what_is_not_sealed_opens_for_nobody(world: World, sending: Sending) -> None:
    """I3."""
    for number in range(len(sending.recipients)):
        _, session = a_session(world.ports, sending.door(number))
        assert refused(lambda mine=session: collect.open_transfer(mine, IP, world.ports)) in GONE, "I3: it opened"


def _one_event_for_each_change(sending: Sending, items: list[dict[str, Any]]) -> None:
    """I5."""
    tags = [item["tag"] for item in items if item["sk"].startswith("AUDIT#")]
    assert all(tags.count(tag) <= 1 for tag in ONCE), f"I5: {tags}"
    assert tags.count(Tag.TRANSFER_SEALED) == int(sending.transfer.sealed_at is not None), "I5: sealing and its event"
    assert tags.count(Tag.TRANSFER_SHREDDED) == int(sending.transfer.state is State.SHREDDED), "I5: destruction and its event"
    landings = [item["file"] for item in items if item.get("tag") == Tag.FILE_LANDED]
    assert len(landings) == len(set(landings)) == sending.transfer.landed, "I5: landings and their events"


def _nothing_is_left_over(world: World, sending: Sending, items: list[dict[str, Any]]) -> None:
    """I6: nothing waits for ever."""
    (head,) = [item for item in items if item["sk"] == "TRANSFER"]
    assert ("due_at" in head) == (sending.transfer.state is not State.SHREDDED), "I6: due for ever, or never"
    assert world.owed() == [], "I6: a notice is owed for ever"
    left_behind = (world.ports.clock.now() - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert head.get("due_at", left_behind) >= left_behind, "I6: due in an hour that the sweeper has left behind"
    s3 = world.ports.bucket.client
    prefix = {"Bucket": world.settings.bucket, "Prefix": f"t/{sending.id}/"}
    if sending.transfer.over:
        assert "Contents" not in s3.list_objects_v2(**prefix), "I6: an object is left"
        assert not s3.list_multipart_uploads(**prefix).get("Uploads"), "I6: an upload is left"


def _messages_are_sent_once_or_twice_and_to_nobody_else(world: World, sending: Sending) -> None:
    """I7."""
    for recipient, identity in zip(world.people, sending.recipients, strict=True):
        links = world.mail(recipient.email).count("share_link/fr")
        wanted = sending.transfer.sealed_at is not None and _recipient(world, sending, identity).told_at is not None
        assert wanted <= links <= 2, f"I7: {links} links"


def _nothing_secret_is_logged(sending: Sending, log: str) -> None:
    """I9."""
    people = [text for one in (sending.made.data_key.hex(),) for text in (one,)]
    secrets = [*people, *(sending.ports.secrets.link_secret(sending.id, r) for r in sending.recipients), "Dr Ada", "@example.fr"]
    assert not [one for one in secrets if one in log], "I9: a secret is in the log"


def _the_sender_sees_the_truth(world: World, sending: Sending) -> None:
    """I10."""
    whole = world.ports.transfers.whole(sending.id)
    shown = json.loads(json.dumps(values.transfer(whole, world.ports.clinic)))
    told = [one["told_at"] for one in shown["recipients"]]
    assert (shown["sealed_at"] is not None) >= any(told), "I10: told before it was sealed"
    assert shown["state"] == str(sending.transfer.state)


def _its_certificate_holds(world: World, sending: Sending) -> None:
    """I5: the trail is as it was at the burial, to the last event."""
    stated = certify.certify(sending.sender, sending.id, world.ports)
    verdict = certify.check(stated, world.ports)
    assert (verdict.genuine, verdict.records) == (True, Agreement.AGREE), "I5: the certificate does not hold"


def _recipient(world: World, sending: Sending, identity: Any) -> Any:
    found = world.ports.transfers.with_recipient(sending.id, identity)
    assert found is not None
    return found[1]


def _object(world: World, key: str) -> bytes:
    body: bytes = world.ports.bucket.client.get_object(Bucket=world.settings.bucket, Key=key)["Body"].read()
    return body


def _partition(world: World, table: str, identity: str) -> list[dict[str, Any]]:
    from chalicelib.adapters.dynamodb.table import Table

    return list(Table(world.ports.audit.records.client, table).query(f"T#{identity}", "A", "Z~"))

"""Destruction certificates: the same each time, checked against the trail, and never an accusation that is not true."""

import json
from base64 import b64decode
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from chalicelib.domain import audit, certificate
from chalicelib.domain.audit import Event, Tag
from chalicelib.domain.errors import Refusal
from chalicelib.domain.ids import MemberId, TransferId
from chalicelib.domain.recipient import Outcome
from chalicelib.usecases import certify, collect, hear, shred
from chalicelib.usecases.certify import Agreement, Verdict
from chalicelib.usecases.shred import Revoke
from tests.builders import (
    IP,
    Sending,
    a_landed_transfer,
    a_landing_transfer,
    a_member,
    a_sealed_transfer,
    a_sending,
    a_session,
    a_told_transfer,
    deliver,
)
from tests.fake_aws import Stored, digest, etag
from tests.fakes import fake_ports, memory_of

AGREES, DIFFERS, UNKNOWN = (Verdict(genuine=True, records=one) for one in (Agreement.AGREE, Agreement.DIFFER, Agreement.UNKNOWN))
FORGED = Verdict(genuine=False, records=Agreement.UNKNOWN)
LARGE = bytes(8 * 1024 * 1024 + 1)


def given(sending: Sending) -> dict[str, Any]:
    """Fetch the certificate, as JSON gives it back."""
    stated: dict[str, Any] = json.loads(json.dumps(certify.certify(sending.sender, sending.id, sending.ports)))
    return stated


def checked(stated: dict[str, Any], sending: Sending) -> Verdict:
    return certify.check(certificate.checked(stated), sending.ports)


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value.code


def revoked(*args: Any, **changes: Any) -> Sending:
    """Walk through a whole life: sent, told, opened by one of two, revoked."""
    ports = fake_ports()
    sending = a_told_transfer(ports, *args, **{"people": 2, **changes})
    ports.clock.tick(hours=2)
    _, session = a_session(ports, sending.door(0))
    collect.open_transfer(session, IP, ports)
    collect.sign_file(session, 0, IP, ports)
    for file in range(len(sending.files)):
        collect.acknowledge(session, file, IP, ports)
    ports.clock.tick(days=1)
    shred.revoke(Revoke(sending.sender, sending.id), ports)
    return sending


def test_a_certificate_states_what_was_destroyed_and_when() -> None:
    sending = revoked((b"12345", b""))
    created = int(sending.transfer.created_at.timestamp())

    stated = given(sending)

    assert (stated["transfer"], stated["sender"], stated["ending"]) == (sending.id, sending.sender, "revoked")
    assert (stated["created_at"], stated["sealed_at"], stated["expires_at"]) == (created, created, created + 7 * 86_400)
    assert {stated[name] - created for name in ("ended_at", "keys_destroyed_at", "objects_destroyed_at")} == {26 * 3600}
    sizes = [(one["file"], one["clear_bytes"], one["sealed_bytes"], one["sha256"]) for one in stated["files"]]
    assert sizes == [
        (n, len(c), len(f.frames), digest(f.frames)) for n, (c, f) in enumerate(zip((b"12345", b""), sending.files, strict=True))
    ]
    one, two = stated["recipients"]
    assert (one["opened_at"], one["collected_at"], two["opened_at"]) == (created + 7200, created + 7200, None)
    assert stated["remains"][0] == {"what": "trail", "days": 365}
    assert stated["trail"]["events"] == len(memory_of(sending.ports).trail(transfer=sending.id)) - 2  # not its end


def test_a_certificate_names_nobody() -> None:
    text = json.dumps(given(revoked()))

    assert not [word for word in ("Ada", "ada1", "@example", "+336", "bilan") if word in text]


def test_a_certificate_is_the_same_each_time() -> None:
    sending = revoked()

    first = given(sending)
    sending.ports.clock.tick(days=100)

    assert given(sending) == first


def test_anybody_with_the_key_can_check_the_signature() -> None:
    stated = given(revoked())

    key = Ed25519PublicKey.from_public_bytes(b64decode(stated["signature"]["key"]))

    key.verify(b64decode(stated["signature"]["value"]), certificate.canonical(stated))


def cancelled(walk: Any) -> Callable[[], Sending]:
    def end() -> Sending:
        sending = walk(fake_ports(), (b"a", LARGE))
        shred.revoke(Revoke(sending.sender, sending.id), sending.ports)
        return sending  # type: ignore[no-any-return]

    return end


def timed_out(walk: Any) -> Callable[[], Sending]:
    def end() -> Sending:
        sending = walk(fake_ports())
        sending.ports.clock.set(sending.transfer.ends_at)
        shred.destroy_due(sending.id, sending.ports)
        return sending  # type: ignore[no-any-return]

    return end


def refused() -> Sending:
    sending = a_landing_transfer(fake_ports())
    sending.put(0)
    sending.ports.bucket.objects[f"t/{sending.id}/0"] = Stored(b"", etag(b""), digest(b""), 8)
    sending.land(0)
    shred.destroy_due(sending.id, sending.ports)
    return sending


ENDS = [
    (cancelled(a_sending), "cancelled"),
    (cancelled(a_landing_transfer), "cancelled"),
    (cancelled(a_landed_transfer), "cancelled"),
    (cancelled(a_sealed_transfer), "revoked"),
    (timed_out(a_sealed_transfer), "expired"),
    (timed_out(a_landing_transfer), "abandoned"),
    (refused, "size_differs"),
]


@pytest.mark.parametrize(("end", "ending"), ENDS)
def test_every_end_is_certified_and_agrees_with_the_records(end: Callable[[], Sending], ending: str) -> None:
    sending = end()

    stated = given(sending)

    assert stated["ending"] == ending
    assert checked(stated, sending) == AGREES


@pytest.mark.parametrize("walk", [a_sending, a_landing_transfer, a_sealed_transfer])
def test_what_is_not_destroyed_yet_has_no_certificate(walk: Any) -> None:
    sending = walk(fake_ports())

    assert refusal(lambda: given(sending)) == "not_destroyed"


def test_what_is_closed_but_not_yet_destroyed_has_no_certificate() -> None:
    sending = a_sealed_transfer(fake_ports())
    ports = sending.ports
    ports.transfers.end(sending.transfer, "revoked", ports.event(Tag.TRANSFER_ENDED, transfer=sending.id))

    assert refusal(lambda: given(sending)) == "not_destroyed"


def test_only_the_sender_is_given_a_certificate() -> None:
    sending = revoked()
    stranger = a_member(sending.ports, 7)

    for member, transfer in ((stranger.id, sending.id), (MemberId(""), sending.id), (sending.sender, TransferId("x" * 26))):
        assert refusal(lambda m=member, t=transfer: certify.certify(m, t, sending.ports)) == "not_found"


def leaves(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [way for key, one in inner for way in leaves(one, (*at, key))] or [at]


def test_a_certificate_with_anything_changed_is_forged() -> None:
    sending = revoked((b"a", b"b"))
    stated = given(sending)

    for way in leaves(stated):
        other = deepcopy(stated)
        inside: Any = other
        for step in way[:-1]:
            inside = inside[step]
        inside[way[-1]] = (
            7 if inside[way[-1]] is None else inside[way[-1]] + 1 if isinstance(inside[way[-1]], int) else changed(inside[way[-1]])
        )
        if other != stated and fits(other):
            assert certify.check(other, sending.ports) == FORGED, way


def changed(text: str) -> str:
    return text[:-1] + ("a" if text[-1] != "a" else "b") if len(text) != 26 else "b" * 26


def fits(stated: dict[str, Any]) -> bool:
    try:
        certificate.checked(stated)
    except Refusal:
        return False
    return True


def test_a_certificate_of_another_clinic_is_not_genuine_here() -> None:
    sending = revoked()

    class Other(type(sending.ports.secrets)):  # type: ignore[misc]
        def _mac(self, *parts: str) -> bytes:
            return super()._mac("another clinic", *parts)  # type: ignore[no-any-return]

    assert certify.check(given(sending), replace(sending.ports, secrets=Other())) == FORGED


def first_event(events: list[Event], sending: Sending) -> int:
    return next(n for n, event in enumerate(events) if event.transfer == sending.id)


def altered(events: list[Event], sending: Sending) -> None:
    at = first_event(events, sending)
    events[at] = replace(events[at], ip="203.0.113.9")


def moved_in_time(events: list[Event], sending: Sending) -> None:
    at = first_event(events, sending)
    events[at] = replace(events[at], at=events[at].at + timedelta(milliseconds=1))


def removed(events: list[Event], sending: Sending) -> None:
    del events[first_event(events, sending)]


def added(events: list[Event], sending: Sending) -> None:
    events.insert(0, replace(events[first_event(events, sending)], id="a" * 26))


def reordered(events: list[Event], sending: Sending) -> None:
    one = first_event(events, sending)
    two = next(n for n in range(one + 1, len(events)) if events[n].transfer == sending.id)
    events[one], events[two] = (
        replace(events[one], at=events[two].at, id=events[two].id),
        replace(events[two], at=events[one].at, id=events[one].id),
    )


@pytest.mark.parametrize("tamper", [altered, moved_in_time, removed, added, reordered])
def test_a_trail_that_was_tampered_with_differs(tamper: Callable[[list[Event], Sending], None]) -> None:
    sending = revoked()
    stated = given(sending)

    tamper(memory_of(sending.ports).events, sending)

    assert checked(stated, sending) == DIFFERS


@pytest.mark.parametrize(
    "change", [{"expires_at": timedelta(days=1)}, {"shredded_at": timedelta(seconds=1)}, {"sealed_at": timedelta(days=-1)}]
)
def test_records_that_were_tampered_with_differ(change: dict[str, timedelta]) -> None:
    sending = revoked()
    stated = given(sending)
    kept = memory_of(sending.ports).transfers

    kept[sending.id] = replace(kept[sending.id], **{name: getattr(kept[sending.id], name) + by for name, by in change.items()})

    assert checked(stated, sending) == DIFFERS


def test_what_happens_after_the_destruction_takes_nothing_from_the_certificate() -> None:
    sending = revoked()
    stated = given(sending)

    sending.ports.clock.tick(seconds=1)
    hear.hear(hear.Heard("email-2", Outcome.BOUNCED), sending.ports)
    deliver(sending.ports)

    assert len(memory_of(sending.ports).trail(transfer=sending.id)) > stated["trail"]["events"] + 1
    assert checked(stated, sending) == AGREES
    assert given(sending) == stated


def test_a_clinic_that_changed_its_name_still_agrees_with_what_it_signed() -> None:
    sending = revoked()
    stated = given(sending)

    renamed = replace(sending.ports, clinic=replace(sending.ports.clinic, name="Clinique Nouvelle"))

    assert certify.check(stated, renamed) == AGREES


def test_once_the_records_are_gone_a_certificate_is_genuine_and_no_more_is_known() -> None:
    sending = revoked()
    stated = given(sending)

    del memory_of(sending.ports).transfers[sending.id]

    assert checked(stated, sending) == UNKNOWN


def test_a_trail_that_went_by_its_own_time_is_no_difference() -> None:
    sending = revoked()
    stated = given(sending)
    sending.ports.clock.set(sending.transfer.created_at + timedelta(days=365))
    memory_of(sending.ports).events.clear()

    assert checked(stated, sending) == UNKNOWN


def test_an_event_on_its_way_while_the_transfer_was_destroyed_is_no_difference() -> None:
    sending = revoked()
    stated, events = given(sending), memory_of(sending.ports).events
    ended = next(event for event in events if event.tag is Tag.TRANSFER_ENDED)

    events += [replace(ended, id=str(n) * 26, tag=Tag.NOTICE_SENT, at=ended.at - timedelta(seconds=n)) for n in (0, 1, 10)]

    assert checked(stated, sending) == AGREES


@pytest.mark.parametrize("microsecond", [0, 1, 499_999, 999_999])
def test_a_destruction_kept_in_whole_seconds_sums_up_the_same(microsecond: int) -> None:
    ports = fake_ports()
    sending = a_told_transfer(ports)
    for milliseconds in range(0, 21_000, 250):
        ports.clock.set(sending.transfer.created_at + timedelta(milliseconds=milliseconds))
        ports.audit.record(ports.event(Tag.CODE_ASKED, transfer=sending.id))
    ports.clock.set(ports.clock.now().replace(microsecond=microsecond))
    shred.revoke(Revoke(sending.sender, sending.id), ports)
    stated, kept = given(sending), memory_of(ports).transfers
    grave = sending.transfer.tombstone
    assert grave is not None

    whole = replace(grave, keys_destroyed_at=grave.keys_destroyed_at.replace(microsecond=0))
    kept[sending.id] = replace(kept[sending.id], tombstone=whole)

    assert checked(stated, sending) == AGREES


def test_the_same_events_sum_up_the_same_whatever_their_fractions() -> None:
    event = memory_of(revoked().ports).events[0]

    for microsecond in range(0, 1_000_000, 997):
        exact = replace(event, at=event.at.replace(microsecond=microsecond))
        kept = replace(event, at=event.at.replace(microsecond=microsecond // 1000 * 1000))
        assert audit.line(exact) == audit.line(kept)


def test_whoever_verified_one_file_of_two_did_not_collect() -> None:
    ports = fake_ports()
    sending = a_told_transfer(ports, (b"a", b"b"))
    _, session = a_session(ports, sending.door())
    collect.open_transfer(session, IP, ports)
    collect.acknowledge(session, 0, IP, ports)

    shred.revoke(Revoke(sending.sender, sending.id), ports)

    (one,) = given(sending)["recipients"]
    assert (one["opened_at"] is None, one["collected_at"]) == (False, None)


def test_a_file_that_never_came_has_no_checksum_whatever_is_tried_later() -> None:
    ports = fake_ports()
    sending = a_landing_transfer(ports, (b"a", b"b"))
    sending.put(0)
    sending.land(0)
    sending.sign(sending.asked(1))
    shred.revoke(Revoke(sending.sender, sending.id), ports)
    before = given(sending)

    ports.transfers.set_checksum(sending.id, 1, "another")

    assert [one["sha256"] is None for one in before["files"]] == [False, True]
    assert given(sending) == before


def test_an_event_written_a_minute_late_changes_no_verdict() -> None:
    ports = fake_ports()
    sending = a_told_transfer(ports)
    ports.clock.tick(hours=1)
    slow = ports.event(Tag.CODE_ASKED, transfer=sending.id, recipient=sending.recipients[0])
    ports.clock.tick(minutes=1)
    shred.revoke(Revoke(sending.sender, sending.id), ports)

    ports.audit.record(slow)

    assert certify.check(given(sending), ports).records is Agreement.AGREE

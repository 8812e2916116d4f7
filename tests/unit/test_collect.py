"""Collecting: the key, the manifest, the URLs, the receipt; each of them only while the transfer is open."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from chalicelib.domain.audit import Tag
from chalicelib.domain.errors import NotFound, Over, Refusal, Unauthenticated
from chalicelib.domain.login import Door, Session
from chalicelib.usecases import collect, shred
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.shred import Revoke
from tests.builders import IP, Sending, a_landed_transfer, a_member, a_sealed_transfer, a_sending, a_session
from tests.fake_aws import Refused
from tests.fakes import fake_ports, memory_of, recorded, watched

ACTS: list[Callable[[Session, Ports], object]] = [
    lambda session, ports: collect.open_transfer(session, IP, ports),
    lambda session, ports: collect.sign_file(session, 0, IP, ports),
    lambda session, ports: receipt(session, ports),  # noqa: PLW0108 - it is defined below
]
acts = pytest.mark.parametrize("act", ACTS, ids=["open", "sign", "receipt"])


def receipt(session: Session, ports: Ports) -> None:
    """Give the receipt of a file, as somebody who opened the transfer."""
    people, identity = memory_of(ports).recipients, session.door.recipient
    if identity is not None:
        people[identity] = replace(people[identity], opened_at=ports.clock.now())
    collect.acknowledge(session, 0, IP, ports)


def refused(act: Callable[[Session, Ports], object], session: Session, ports: Ports) -> str:
    with pytest.raises(Refusal) as caught:
        act(session, ports)
    return caught.value.code


def test_a_recipient_is_given_what_opens_the_transfer() -> None:
    ports = fake_ports()
    sending = a_sealed_transfer(ports, (b"a", bytes(70_000)), people=2)
    _, session = a_session(ports, sending.door(1))

    opened = collect.open_transfer(session, IP, ports)

    assert opened.data_key == sending.made.data_key
    assert opened.context == sending.made.context
    assert (opened.envelope.manifest, opened.envelope.headers) == (sending.manifest, tuple(f.header for f in sending.files))
    assert opened.sealed_sizes == tuple(len(f.frames) for f in sending.files)
    assert repr(opened.data_key) not in repr(opened)


def test_opening_is_four_calls_and_one_unwrapping() -> None:
    ports, calls = recorded(fake_ports())
    _, session = a_session(ports, a_sealed_transfer(ports).door())
    calls.clear()

    collect.open_transfer(session, IP, ports)

    assert calls == ["transfers.with_recipient", "keys.for_recipient", "vault.unwrap", "recipients.mark_opened"]


def test_opening_again_keeps_the_first_time_and_leaves_an_event_each_time() -> None:
    ports = fake_ports()
    sending = a_sealed_transfer(ports)
    _, session = a_session(ports, sending.door())
    first = ports.clock.now()

    for _ in range(3):
        collect.open_transfer(session, IP, ports)
        ports.clock.tick(minutes=1)

    assert memory_of(ports).recipients[sending.recipients[0]].opened_at == first
    assert len(memory_of(ports).trail(Tag.KEY_UNWRAPPED)) == 3


def test_a_url_gives_the_sealed_bytes_for_two_minutes() -> None:
    ports = fake_ports()
    sending = a_sealed_transfer(ports, (b"a", b"b"))
    _, session = a_session(ports, sending.door())
    url = collect.sign_file(session, 1, IP, ports)

    ports.clock.tick(seconds=119)
    assert ports.bucket.get(url) == sending.files[1].frames
    ports.clock.tick(seconds=1)

    with pytest.raises(Refused):
        ports.bucket.get(url)
    (event,) = memory_of(ports).trail(Tag.DOWNLOAD_AUTHORISED)
    assert (event.file, event.recipient) == (1, sending.recipients[0])


def test_receipts_are_kept_each_file_once() -> None:
    ports = fake_ports()
    sending = a_sealed_transfer(ports, (b"a", b"b"))
    _, session = a_session(ports, sending.door())
    collect.open_transfer(session, IP, ports)

    for file in (1, 1, 0):
        collect.acknowledge(session, file, IP, ports)

    kept = memory_of(ports).recipients[sending.recipients[0]]
    assert (kept.collected, kept.collected_at) == ({0, 1}, ports.clock.now())
    assert len(memory_of(ports).trail(Tag.FILE_COLLECTED)) == 2


def test_somebody_who_never_opened_gives_no_receipt() -> None:
    ports = fake_ports()
    _, session = a_session(ports, a_sealed_transfer(ports).door())

    with pytest.raises(NotFound):
        collect.acknowledge(session, 0, IP, ports)

    assert memory_of(ports).trail(Tag.FILE_COLLECTED) == []


@pytest.mark.parametrize("file", [-1, 1, 99_999])
def test_a_file_that_is_not_there_is_not_found(file: int) -> None:
    ports = fake_ports()
    _, session = a_session(ports, a_sealed_transfer(ports).door())

    for act in (collect.sign_file, collect.acknowledge):
        with pytest.raises(NotFound):
            act(session, file, IP, ports)


@acts
def test_everything_closes_to_the_second(act: Callable[[Session, Ports], object]) -> None:
    ports = fake_ports()
    sending = a_sealed_transfer(ports)
    _, session = a_session(ports, sending.door())

    ports.clock.set(sending.transfer.expires_at)
    ports.clock.tick(seconds=-1)
    act(session, ports)
    ports.clock.tick(seconds=1)

    assert refused(act, session, ports) == "transfer_expired"


@acts
@pytest.mark.parametrize("walk", [a_sending, a_landed_transfer])
def test_nothing_opens_before_it_is_sealed(act: Callable[[Session, Ports], object], walk: Callable[[Ports], Sending]) -> None:
    ports = fake_ports()
    _, session = a_session(ports, walk(ports).door())

    assert refused(act, session, ports) == "transfer_expired"


@acts
@pytest.mark.parametrize("whom", ["everybody", "this recipient"])
def test_nothing_opens_after_a_revocation(act: Callable[[Session, Ports], object], whom: str) -> None:
    ports = fake_ports()
    sending = a_sealed_transfer(ports, people=2)
    _, session = a_session(ports, sending.door())
    command = Revoke(sending.sender, sending.id, sending.recipients[0])

    (shred.revoke if whom == "everybody" else shred.revoke_recipient)(command, ports)

    assert refused(act, session, ports) == "transfer_revoked"


@acts
@pytest.mark.parametrize(
    "at", ["keys.for_recipient", "vault.unwrap", "recipients.mark_opened", "recipients.grant", "recipients.mark_collected"]
)
def test_a_revocation_in_the_middle_gives_nothing(act: Callable[[Session, Ports], object], at: str) -> None:
    ports = fake_ports()
    sending = a_sealed_transfer(ports)
    _, session = a_session(ports, sending.door())
    met = []

    def revoke(call: str) -> None:
        if call == at:
            met.append(call)
            shred.revoke(Revoke(sending.sender, sending.id), ports)

    try:
        act(session, watched(ports, revoke))
    except Over:
        over = True
    else:
        over = False

    assert over is bool(met)


@acts
def test_a_members_session_collects_nothing(act: Callable[[Session, Ports], object]) -> None:
    ports = fake_ports()
    sending = a_sealed_transfer(ports)
    _, session = a_session(ports, Door(member=sending.sender))

    with pytest.raises(Unauthenticated, match="signin_required"):
        act(session, ports)


@acts
def test_a_recipient_of_another_transfer_is_a_stranger(act: Callable[[Session, Ports], object]) -> None:
    ports = fake_ports()
    one, two = a_sealed_transfer(ports), a_sealed_transfer(ports)
    _, session = a_session(ports, Door(transfer=one.id, recipient=two.recipients[0]))
    a_member(ports, 7)

    with pytest.raises(NotFound):
        act(session, ports)

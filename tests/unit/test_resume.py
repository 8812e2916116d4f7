"""Going on with an upload whose page is gone: what is given back, to whom, when, and what is told of it."""

from collections.abc import Callable

import pytest

from chalicelib.domain.audit import Tag
from chalicelib.domain.errors import Refusal
from chalicelib.domain.ids import TransferId
from chalicelib.usecases import resume, shred, upload
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.resume import Arrived, Resume
from chalicelib.usecases.shred import Revoke
from chalicelib.usecases.upload import Complete
from tests.builders import IP, Sending, a_landed_transfer, a_landing_transfer, a_member, a_sealed_transfer, a_sending, put
from tests.fakes import fake_ports, memory_of

LARGE = bytes(8 * 1024 * 1024 + 1)  # two parts


def asked(sending: Sending, **changes: object) -> Resume:
    return Resume(**{"sender": sending.sender, "transfer": sending.id, "ip": IP, **changes})  # type: ignore[arg-type]


def arrived(sending: Sending) -> tuple[Arrived, ...]:
    return resume.resume(asked(sending), sending.ports).arrived


def test_it_gives_back_what_the_page_had_and_leaves_a_trace() -> None:
    ports = fake_ports()
    sending = a_landing_transfer(ports, (b"a", LARGE))

    found = resume.resume(asked(sending), ports)

    assert found.kit == sending.made
    assert (found.manifest, found.headers) == (sending.manifest, tuple(one.header for one in sending.files))
    assert found.arrived == (Arrived(whole=False), Arrived(whole=False))
    (trace,) = memory_of(ports).trail(Tag.KEY_UNWRAPPED)
    assert (trace.member, trace.transfer, trace.recipient, trace.ip) == (sending.sender, sending.id, None, IP)
    assert sending.made.data_key.hex() not in repr(found)


def test_it_tells_which_files_and_which_parts_are_there() -> None:
    ports = fake_ports()
    sending = a_landing_transfer(ports, (b"landed", b"put", b"signed", LARGE, LARGE, LARGE, b"not begun"))
    sending.put(0)
    sending.land(0)
    sending.put(1)
    sending.sign(sending.asked(2))
    first, second = sending.sign(sending.asked(3, 1), sending.asked(3, 2))
    tag = put(ports, second, sending.files[3].part(2))
    sending.put(4)
    sending.sign(sending.asked(5, 1))

    seen = arrived(sending)

    assert [one.whole for one in seen] == [True, True, False, False, True, False, False]
    assert [[part.part for part in one.parts] for one in seen] == [[], [], [], [2], [], [], []]
    (part,) = seen[3].parts
    assert (part.etag, part.sha256) == (tag, sending.asked(3, 2).sha256)
    put(ports, first, sending.files[3].part(1))
    upload.complete(Complete(sending.sender, sending.id, 3, arrived(sending)[3].parts), ports)
    assert arrived(sending)[3] == Arrived(whole=True)


def test_what_is_sealed_again_by_what_it_gives_is_the_same_bytes_and_lands() -> None:
    ports = fake_ports()
    sending = a_landing_transfer(ports, (b"a", LARGE))
    (before,) = sending.sign(sending.asked(0))

    again = Sending(ports, sending.sender, sending.clears, sending.made, sending.files, resume.resume(asked(sending), ports).manifest)
    for file in (0, 1):
        again.put(file)
        again.land(file)

    assert again.seal()
    assert before.headers["x-amz-checksum-sha256"] == again.asked(0).sha256


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value.code


def over(ports: Ports) -> Sending:
    sending = a_landing_transfer(ports)
    shred.revoke(Revoke(sending.sender, sending.id), ports)
    return sending


@pytest.mark.parametrize(
    ("made", "code"), [(a_sending, "envelope_missing"), (a_sealed_transfer, "transfer_not_landing"), (over, "transfer_not_landing")]
)
def test_before_there_is_an_envelope_and_once_it_is_over_nothing_is_given(made: Callable[[Ports], Sending], code: str) -> None:
    ports = fake_ports()
    sending = made(ports)

    assert refusal(lambda: resume.resume(asked(sending), ports)) == code
    assert memory_of(ports).trail(Tag.KEY_UNWRAPPED) == []


def test_after_a_day_nothing_is_given() -> None:
    ports = fake_ports()
    sending = a_landing_transfer(ports)
    ports.clock.tick(days=1)  # type: ignore[attr-defined]

    assert refusal(lambda: resume.resume(asked(sending), ports)) == "transfer_not_landing"


def test_a_foreign_transfer_and_an_unknown_one_get_the_same_answer() -> None:
    ports = fake_ports()
    sending, stranger = a_landed_transfer(ports), a_member(ports, 7)

    assert refusal(lambda: resume.resume(asked(sending, sender=stranger.id), ports)) == "not_found"
    assert refusal(lambda: resume.resume(asked(sending, transfer=TransferId("x" * 26)), ports)) == "not_found"
    assert memory_of(ports).trail(Tag.KEY_UNWRAPPED) == []

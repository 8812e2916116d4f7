"""How often a recipient may open, and how many addresses of files they may be given: counted, and nobody else's."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.domain.audit import Tag
from chalicelib.domain.errors import Conflict, Refusal
from chalicelib.domain.limits import GRANTS_PER_FILE
from chalicelib.domain.recipient import Recipient
from chalicelib.usecases import collect, shred
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.shred import Revoke
from tests.builders import IP, Sending, a_sealed_transfer, a_session
from tests.fakes import CLINIC, fake_ports, memory_of, recorded

THREADS = 20


def a_world(openings: int = 3) -> Any:
    return fake_ports(clinic=replace(CLINIC, openings_most=openings))


def outcome(act: Callable[[], object]) -> str:
    try:
        act()
    except Refusal as refusal:
        return refusal.code
    return "done"


def kept(sending: Sending, number: int = 0) -> Recipient:
    return memory_of(sending.ports).recipients[sending.recipients[number]]


def open_it(sending: Sending, number: int = 0) -> str:
    _, session = a_session(sending.ports, sending.door(number))
    return outcome(lambda: collect.open_transfer(session, IP, sending.ports))


def granted(ports: Ports, sending: Sending, times: int) -> list[str]:
    _, session = a_session(ports, sending.door())
    return [outcome(lambda: collect.sign_file(session, 0, IP, ports)) for _ in range(times)]


def test_a_recipient_opens_as_often_as_the_clinic_allows_and_no_more() -> None:
    ports = a_world(openings=3)
    sending = a_sealed_transfer(ports)

    assert [open_it(sending) for _ in range(5)] == ["done"] * 3 + ["openings_spent"] * 2

    assert kept(sending).openings == len(memory_of(ports).trail(Tag.KEY_UNWRAPPED)) == 3


def test_what_one_recipient_spends_another_keeps() -> None:
    sending = a_sealed_transfer(a_world(openings=1), people=2)
    open_it(sending, 0)

    assert open_it(sending, 0) == "openings_spent"
    assert open_it(sending, 1) == "done"


def test_what_is_spent_on_one_transfer_is_not_on_another() -> None:
    ports = a_world(openings=1)
    one, two = a_sealed_transfer(ports), a_sealed_transfer(ports)
    open_it(one)

    assert open_it(two) == "done"


def test_a_spent_opening_costs_no_unwrapping() -> None:
    ports, calls = recorded(a_world(openings=1))
    sending = a_sealed_transfer(ports)
    _, session = a_session(ports, sending.door())
    collect.open_transfer(session, IP, ports)
    calls.clear()

    with pytest.raises(Conflict, match="openings_spent"):
        collect.open_transfer(session, IP, ports)

    assert calls == ["transfers.with_recipient"]


def test_the_number_of_openings_is_the_one_of_the_day_it_was_sent() -> None:
    ports = a_world(openings=1)
    sending = a_sealed_transfer(ports)
    later = replace(ports, clinic=replace(ports.clinic, openings_most=9))
    _, session = a_session(ports, sending.door())
    collect.open_transfer(session, IP, later)

    assert outcome(lambda: collect.open_transfer(session, IP, later)) == "openings_spent"


@pytest.mark.parametrize("left", [1, 3])
def test_of_twenty_at_once_as_many_open_as_there_were_openings_left(left: int) -> None:
    ports = a_world(openings=5)
    sending = a_sealed_transfer(ports)
    sessions = [a_session(ports, sending.door())[1] for _ in range(THREADS)]
    for _ in range(5 - left):
        open_it(sending)

    with ThreadPoolExecutor(THREADS) as pool:
        answers = list(pool.map(lambda session: outcome(lambda: collect.open_transfer(session, IP, ports)), sessions))

    assert sorted(answers) == ["done"] * left + ["openings_spent"] * (THREADS - left)
    assert kept(sending).openings == len(memory_of(ports).trail(Tag.KEY_UNWRAPPED)) == 5


def test_the_addresses_are_counted_and_grow_with_the_files() -> None:
    ports = a_world()
    one, two = a_sealed_transfer(ports), a_sealed_transfer(ports, (b"a", b"b"))
    open_it(one)
    open_it(two)

    assert granted(ports, one, GRANTS_PER_FILE + 2) == ["done"] * GRANTS_PER_FILE + ["grants_spent"] * 2
    assert granted(ports, two, 2 * GRANTS_PER_FILE + 1) == ["done"] * 2 * GRANTS_PER_FILE + ["grants_spent"]
    open_it(one)
    assert granted(ports, one, 1) == ["grants_spent"]


def test_of_twenty_addresses_asked_for_at_once_the_last_one_is_given_once() -> None:
    ports = a_world()
    sending = a_sealed_transfer(ports)
    open_it(sending)
    granted(ports, sending, GRANTS_PER_FILE - 1)

    with ThreadPoolExecutor(THREADS) as pool:
        answers = list(pool.map(lambda _: granted(ports, sending, 1)[0], range(THREADS)))

    assert answers.count("done") == 1
    assert answers.count("grants_spent") == THREADS - 1
    assert len(memory_of(ports).trail(Tag.DOWNLOAD_AUTHORISED)) == GRANTS_PER_FILE


def test_which_files_were_asked_for_is_kept_with_the_first_time() -> None:
    ports = a_world()
    sending = a_sealed_transfer(ports, (b"a", b"b", b"c"))
    _, session = a_session(ports, sending.door())
    collect.open_transfer(session, IP, ports)
    first = ports.clock.now()

    for file in (2, 0, 2):
        collect.sign_file(session, file, IP, ports)
        ports.clock.tick(minutes=1)

    assert (kept(sending).fetched, kept(sending).fetched_at, kept(sending).grants) == ({0, 2}, first, 3)
    assert kept(sending).collected == frozenset()


def test_a_code_that_was_asked_for_and_one_that_was_entered_leave_their_first_time() -> None:
    ports = a_world()
    sending = a_sealed_transfer(ports)
    link = collect.AskCode(sending.id, sending.recipients[0], ports.secrets.link_secret(sending.id, sending.recipients[0]), IP)
    first = ports.clock.now()

    collect.ask_code(link, ports)
    assert (kept(sending).asked_at, kept(sending).proved_at) == (first, None)
    ports.clock.tick(minutes=1)
    collect.ask_code(link, ports)
    a_session(ports, sending.door())
    ports.clock.tick(minutes=1)
    a_session(ports, sending.door())

    assert (kept(sending).asked_at, kept(sending).proved_at) == (first, ports.clock.at.replace(minute=1))


@pytest.mark.parametrize("whom", ["everybody", "this recipient"])
def test_what_is_withdrawn_says_so_and_not_that_openings_are_spent(whom: str) -> None:
    ports = a_world(openings=1)
    sending = a_sealed_transfer(ports, people=2)
    open_it(sending)
    _, session = a_session(ports, sending.door())
    (shred.revoke if whom == "everybody" else shred.revoke_recipient)(Revoke(sending.sender, sending.id, sending.recipients[0]), ports)

    assert outcome(lambda: collect.open_transfer(session, IP, ports)) == "transfer_revoked"

"""What a clinic gives back when it leaves: everything it alone can read, and nothing that opens anything."""

import json
from typing import Any

from chalicelib.domain.audit import Tag
from chalicelib.domain.ids import TransferId
from chalicelib.usecases import give_back, shred
from chalicelib.workers.found import found
from infra.verify import genuine
from tests.builders import a_member, a_told_transfer
from tests.fakes import fake_ports


def test_everybody_and_every_sending_is_given_back_in_clear() -> None:
    ports: Any = fake_ports()
    sending = a_told_transfer(ports, (b"hello", b"you"), 2, sender=a_member(ports, 7))

    people, rows = give_back.people(ports), give_back.transfers([sending.id, TransferId("x" * 26)], ports)

    assert [(one["name"], one["email"]) for one in people["members"]] == [("Dr Ada 7", "ada7@example.fr")]
    assert [(one["sender_name"], one["name"], one["files"], one["state"]) for one in rows] == [
        ("Dr Ada 7", "Dr Ada 1", 2, "sealed"),
        ("Dr Ada 7", "Dr Ada 2", 2, "sealed"),
    ]
    assert all(one["told_at"] and not one["opened_at"] for one in rows)


def test_nothing_that_opens_anything_is_given_back() -> None:
    ports: Any = fake_ports()
    sending = a_told_transfer(ports)

    said = json.dumps([give_back.people(ports), give_back.transfers([sending.id], ports)])

    assert ports.secrets.link_secret(sending.id, sending.recipients[0]) not in said
    assert sending.made.data_key.hex() not in said


def test_that_it_was_asked_for_is_in_the_trail() -> None:
    ports: Any = fake_ports()

    give_back.people(ports)

    assert [event.tag for event in ports.audit.memory.events] == [Tag.GIVEN_BACK]


def test_what_was_destroyed_comes_with_its_certificate(ports: Any) -> None:
    alive, gone = a_told_transfer(ports), a_told_transfer(ports)
    shred.revoke(shred.Revoke(gone.sender, gone.id), ports)

    given = found({"give_back": [alive.id, gone.id]}, None)["given_back"]

    assert {one["transfer"] for one in given["transfers"]} == {alive.id, gone.id}
    assert [(one["transfer"], genuine(one)) for one in given["certificates"]] == [(gone.id, True)]

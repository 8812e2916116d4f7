"""What the tables hold of people: nothing anybody could read without the clinic's key."""

from typing import Any

from chalicelib.domain.login import Channel, Door
from chalicelib.usecases import collect, correct, signin
from chalicelib.usecases.correct import Correct
from chalicelib.usecases.ports import Ports
from tests.builders import IP, a_member, a_person, a_sealed_transfer, a_session
from tests.quiet import now
from tests.stack import Stack


def dumped(quiet: Stack) -> dict[str, str]:
    """Read every item of both tables, as text, binary values written out."""
    pages = {
        name: quiet.client("dynamodb").get_paginator("scan").paginate(TableName=name) for name in (quiet.records_table, quiet.keys_table)
    }
    return {name: " ".join(repr(item) for page in found for item in page["Items"]) for name, found in pages.items()}


def test_no_name_address_number_token_code_or_key_is_readable_in_a_table(quiet: Stack, real: Ports) -> None:
    clock: Any = real.clock
    clock.set(now())
    people = [a_person(1, name="Canary Name", email="canary@recipient.example", mobile="+33699887766")]
    sending = a_sealed_transfer(
        real, (b"canary-of-the-file",), people, sender=a_member(real, 9, name="Canary Sender", email=f"{real.new_id()}@canary.example")
    )
    token, session = a_session(real, sending.door())
    challenge = signin.ask_code(signin.AskCode("canary@nobody.example", Channel.EMAIL, IP), real)
    member_token, _ = a_session(real, Door(member=sending.sender))
    opened = collect.open_transfer(session, IP, real)
    other = a_sealed_transfer(real, people=people, sender=real.members.read(sending.sender))
    right = a_person(2, name="Canary Corrected", email="canary@corrected.example", mobile="+33699887766")
    correct.correct(Correct(other.sender, other.id, other.recipients[0], right), real)
    secrets = [token, member_token, challenge, real.secrets.link_secret(sending.id, sending.recipients[0])]
    secrets += [real.secrets.link_secret(other.id, other.recipients[0], turn) for turn in (0, 1)]

    tables = dumped(quiet)

    assert opened.data_key == sending.made.data_key
    assert sending.id in tables[quiet.records_table]
    for text in tables.values():
        lower = text.lower()
        assert "canary" not in lower
        assert "99887766" not in lower
        assert not [one for one in secrets if one in text]
        assert repr(sending.made.data_key)[2:-1] not in text
        assert sending.made.data_key.hex() not in text


def test_the_wrapped_key_is_in_the_table_without_recovery_only(quiet: Stack, real: Ports) -> None:
    clock: Any = real.clock
    clock.set(now())
    sending = a_sealed_transfer(real, sender=a_member(real, 9, email=f"{real.new_id()}@canary.example"))

    tables = dumped(quiet)

    written = repr(sending.made.wrapped_key)
    assert written in tables[quiet.keys_table]
    assert written not in tables[quiet.records_table]

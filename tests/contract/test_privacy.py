"""What the tables hold of people: nothing anybody could read without the clinic's key."""

import base64
from dataclasses import replace
from typing import Any

from chalicelib.domain.acceptance import Acceptance
from chalicelib.domain.audit import Tag
from chalicelib.domain.factor import Link, Workplace
from chalicelib.domain.ids import NoticeId, SessionKey
from chalicelib.domain.login import Channel, Door
from chalicelib.domain.member import Standing
from chalicelib.domain.notice import Kind, Notice
from chalicelib.usecases import account, collect, correct, signin
from chalicelib.usecases.correct import Correct
from chalicelib.usecases.earning import Browser
from chalicelib.usecases.people import Change, Changed, SessionName, Wanted
from chalicelib.usecases.ports import Ports
from tests.builders import IP, a_member, a_person, a_sealed_transfer, a_session, signed_in
from tests.quiet import now
from tests.stack import Stack
from tests.unit.authenticator import Authenticator


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
    challenge = signin.ask_code(signin.AskCode("canary@nobody.example", Channel.EMAIL, Browser(IP)), real)
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


def test_nothing_that_somebody_signs_in_with_is_readable_in_a_table(quiet: Stack, real: Ports) -> None:
    clock: Any = real.clock
    clock.set(now())
    who = signed_in(real, a_member(real, 9, name="Canary Equipped", email=f"{real.new_id()}@canary.example", mobile=None))
    who = signin.whose(account.set_password(who, "canary-in-flower-96", real).token, real)
    kept = real.signins.find(Wanted(email=who.member.person.email)).password
    waiting = account.ask_authenticator(who, real)
    device = Authenticator(real.clinic.origin)
    made = account.add_passkey(who, "Canary's blue key", device.create(account.ask_passkey(who, real)), real)[1]
    who = signin.whose(made.token, real)
    codes, made = account.new_recovery(who, real)
    who = signin.whose(made.token, real)
    link = Link(real.secrets.scope("psc", "canary subject"), now(), (Workplace("canary place", "Canary Practice"),), "canary place")
    token = "canary." * 20
    door = Door(member=who.member.id, turn=who.member.turn + 1)
    session = replace(who.session, key=SessionKey("c" * 64), door=door, id_token=token)
    event = real.event(Tag.MEANS_ADDED, member=who.member.id)
    assert real.members.change(Change(who.member, who.member.turned(), event, put=link, session=session)) is Changed.KEPT
    accepted, before = Acceptance(who.member.id, "Canary Director", now(), "canary: because of this and of that"), real.policy.acceptance()
    real.policy.accept(accepted, real.event(Tag.RISK_ACCEPTED, member=who.member.id))
    moved = replace(who.member.turned(), person=a_person(8, name="Canary Moved", email=f"{real.new_id()}@canary.example"))
    left = Notice(NoticeId(real.new_id()), Kind.CONTACT_CHANGED, member=who.member.id, to=who.member.person)
    now_moved = Change(who.member.turned(), moved.turned(), real.event(Tag.MEMBER_CHANGED, subject=who.member.id), notices=(left,))
    assert real.members.change(now_moved) is Changed.KEPT
    invited = a_member(real, 10, email=f"{real.new_id()}@canary.example", standing=Standing.INVITED)

    records = dumped(quiet)[quiet.records_table]

    assert real.signins.find(Wanted(session=SessionName(session.key, who.member.id))).session == session
    assert who.member.id in records
    assert "canary" not in records.lower()
    assert kept is not None
    secrets = [kept.hash, waiting.secret, made.token, *codes, *(code.replace("-", "") for code in codes)]
    secrets += [real.secrets.invitation_secret(invited.id, 0, invited.person.email), base64.b64encode(b"canary").decode()]
    assert not [one for one in secrets if one in records]
    if before is not None:
        real.policy.accept(before, real.event(Tag.RISK_ACCEPTED, member=who.member.id))


def test_the_wrapped_key_is_in_the_table_without_recovery_only(quiet: Stack, real: Ports) -> None:
    clock: Any = real.clock
    clock.set(now())
    sending = a_sealed_transfer(real, sender=a_member(real, 9, email=f"{real.new_id()}@canary.example"))

    tables = dumped(quiet)

    written = repr(sending.made.wrapped_key)
    assert written in tables[quiet.keys_table]
    assert written not in tables[quiet.records_table]

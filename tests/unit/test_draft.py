"""Making a draft."""

from typing import Any

import pytest

from chalicelib.domain.audit import Tag
from chalicelib.domain.errors import Invalid, Unauthenticated
from chalicelib.domain.ids import MemberId
from chalicelib.domain.sharing import Basis, Sharing
from chalicelib.domain.transfer import State
from chalicelib.usecases import draft, follow
from tests.builders import a_draft, a_member, a_person, a_sealed_transfer
from tests.fake_aws import WrongContextError
from tests.fakes import CLINIC, fake_ports, memory_of, recorded


def test_a_draft_gives_its_sender_the_key_and_the_plan_of_every_file() -> None:
    ports = fake_ports()
    sender = a_member(ports)

    made = draft.make(a_draft(sender.id, sizes=(0, 70_000), people=2), ports)

    assert ports.vault.unwrap(made.wrapped_key, {"clinic": CLINIC.id, "transfer": made.transfer}) == made.data_key
    assert [p.sealed_size for p in made.plans] == [40, 70_000 + 32 + 40]
    assert made.context == {"clinic": CLINIC.id, "transfer": made.transfer}
    kept = ports.transfers.read(made.transfer)
    assert kept is not None
    assert (kept.state, kept.sender, kept.sender_name, kept.sizes) == (State.DRAFT, sender.id, sender.person.name, (0, 70_000))
    assert len(set(kept.recipient_ids)) == 2


def test_the_wrapped_key_opens_for_no_other_transfer() -> None:
    ports = fake_ports()
    made = draft.make(a_draft(a_member(ports).id), ports)

    with pytest.raises(WrongContextError):
        ports.vault.unwrap(made.wrapped_key, {**made.context, "transfer": "other"})


def test_a_draft_leaves_one_event_with_its_ground_and_no_name() -> None:
    ports = fake_ports()
    sender = a_member(ports)

    made = draft.make(a_draft(sender.id), ports)

    (event,) = memory_of(ports).trail(transfer=made.transfer)
    assert (event.tag, event.member, event.reason) == (Tag.TRANSFER_CREATED, sender.id, Basis.TAKING_PART_IN_CARE)
    assert "Ada" not in repr(event)


def test_a_draft_is_three_calls_and_only_one_of_them_makes_a_key() -> None:
    ports, calls = recorded(fake_ports())
    sender = a_member(ports)
    calls.clear()

    draft.make(a_draft(sender.id, sizes=(1,) * 200, people=50), ports)

    assert calls == ["members.read", "vault.new_data_key", "transfers.add"]


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"people": ()}, "no_recipient", "recipients"),
        ({"people": tuple(a_person(n) for n in range(51))}, "too_many_recipients", "recipients"),
        ({"people": (a_person(1), a_person(2), a_person(1))}, "duplicate_recipient", "recipients.2.email"),
        ({"sizes": ()}, "no_file", "sizes"),
        ({"sizes": (1,) * 1001}, "too_many_files", "sizes"),
        ({"sizes": (1, -1)}, "bad_size", "sizes.1"),
        ({"sizes": (CLINIC.sizes.file_most + 1,)}, "file_too_large", "sizes.0"),
        ({"sizes": (CLINIC.sizes.file_most,) * 3}, "transfer_too_large", "sizes"),
        ({"lifetime_days": 0}, "bad_lifetime", "lifetime_days"),
        ({"lifetime_days": 31}, "bad_lifetime", "lifetime_days"),
        ({"sharing": Sharing(Basis.PATIENT_CONSENT)}, "consent_date_required", "consent_date"),
        ({"sharing": Sharing(Basis.OTHER_LEGAL_DUTY)}, "legal_duty_required", "legal_duty"),
    ],
)
def test_a_draft_that_is_not_allowed_is_refused_before_any_call(changes: dict[str, Any], code: str, field: str) -> None:
    ports, calls = recorded(fake_ports())
    sender = a_member(ports)
    calls.clear()

    with pytest.raises(Invalid) as caught:
        draft.make(a_draft(sender.id, **changes), ports)

    assert (caught.value.code, caught.value.field) == (code, field)
    assert calls == []


def test_a_clinic_that_wants_a_second_channel_has_a_phrase_for_a_recipient_without_a_mobile() -> None:
    ports = fake_ports(accepted=False)

    sending = a_sealed_transfer(ports, people=(a_person(1), a_person(2, mobile=None)))

    assert list(follow.one(sending.sender, sending.id, ports).phrases) == [sending.recipients[1]]


def test_a_sender_who_is_gone_makes_no_draft() -> None:
    ports = fake_ports()

    with pytest.raises(Unauthenticated, match="signin_required"):
        draft.make(a_draft(MemberId("gone")), ports)

    assert memory_of(ports).transfers == {}


def test_a_draft_hides_its_key_in_its_representation() -> None:
    ports = fake_ports()

    made = draft.make(a_draft(a_member(ports).id), ports)

    assert repr(made.data_key) not in repr(made)

"""The life of a transfer: what may happen in which state, and when time is up."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from chalicelib.domain.errors import Conflict, Invalid, NotFound, Over, Refusal
from chalicelib.domain.ids import MemberId, RecipientId, TransferId
from chalicelib.domain.transfer import Basis, Ending, LegalDuty, Recipient, Sharing, State, Transfer, expiry
from tests.builders import CARE, a_person
from tests.fake_aws import MORNING

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)


def a_transfer(state: State = State.SEALED, days: int = 7, ending: Ending | None = None) -> Transfer:
    identity, sender = TransferId("t" * 26), MemberId("m" * 26)
    made = Transfer(identity, sender, "Dr Ada", CARE, (3, 0), (RecipientId("r" * 26),), MORNING, expiry(MORNING, days))
    return replace(made, state=state, ending=ending)


def a_recipient(**changes: object) -> Recipient:
    return replace(Recipient(RecipientId("r" * 26), a_person()), **changes)  # type: ignore[arg-type]


def refusal(kind: type[Refusal], act: object) -> str:
    with pytest.raises(kind) as caught:
        act()  # type: ignore[operator]
    return caught.value.code


def test_a_transfer_opens_until_the_second_before_it_expires() -> None:
    transfer = a_transfer()

    transfer.require_open(a_recipient(), transfer.expires_at - SECOND)

    assert refusal(Over, lambda: transfer.require_open(a_recipient(), transfer.expires_at)) == "transfer_over"
    assert refusal(Over, lambda: transfer.require_open(a_recipient(), transfer.expires_at + SECOND)) == "transfer_over"


@pytest.mark.parametrize("state", [s for s in State if s is not State.SEALED])
def test_only_a_sealed_transfer_opens(state: State) -> None:
    transfer = a_transfer(state)

    assert refusal(Over, lambda: transfer.require_open(a_recipient(), MORNING)) == "transfer_over"


@pytest.mark.parametrize("ending", list(Ending))
def test_nothing_is_possible_once_the_end_is_decided(ending: Ending) -> None:
    sealed, landing, draft = (a_transfer(s, ending=ending) for s in (State.SEALED, State.LANDING, State.DRAFT))

    assert refusal(Over, lambda: sealed.require_open(a_recipient(), MORNING)) == "transfer_over"
    assert refusal(Conflict, lambda: landing.require_landing(MORNING)) == "transfer_not_landing"
    assert refusal(Conflict, lambda: draft.require_landing(MORNING)) == "transfer_not_landing"
    assert refusal(Conflict, draft.require_draft) == "transfer_not_draft"
    assert refusal(Conflict, sealed.ending_by_sender) == "cannot_revoke"


def test_a_revoked_recipient_opens_nothing() -> None:
    revoked = a_recipient(revoked_at=MORNING)

    assert refusal(Over, lambda: a_transfer().require_open(revoked, MORNING + SECOND)) == "transfer_over"


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (State.LANDING, "envelope_already_sent"),
        (State.SEALED, "transfer_not_draft"),
        (State.REFUSED, "transfer_not_draft"),
        (State.SHREDDED, "transfer_not_draft"),
    ],
)
def test_an_envelope_is_for_a_draft(state: State, code: str) -> None:
    a_transfer(State.DRAFT).require_draft()

    assert refusal(Conflict, a_transfer(state).require_draft) == code


@pytest.mark.parametrize("state", [State.SEALED, State.REFUSED, State.SHREDDED])
def test_parts_are_for_a_landing_transfer(state: State) -> None:
    a_transfer(State.LANDING).require_landing(MORNING)

    assert refusal(Conflict, lambda: a_transfer(state).require_landing(MORNING)) == "transfer_not_landing"
    assert refusal(Conflict, lambda: a_transfer(State.DRAFT).require_landing(MORNING)) == "envelope_missing"


def test_parts_may_be_put_for_a_day() -> None:
    transfer = a_transfer(State.LANDING)

    transfer.require_landing(MORNING + DAY - SECOND)

    assert refusal(Conflict, lambda: transfer.require_landing(MORNING + DAY)) == "transfer_not_landing"


@pytest.mark.parametrize(("days", "ok"), [(0, False), (1, True), (30, True), (31, False), (-1, False), (10**9, False)])
def test_a_transfer_lives_between_one_and_thirty_days(days: int, ok: bool) -> None:
    if ok:
        assert expiry(MORNING, days) == MORNING + days * DAY
    else:
        assert refusal(Invalid, lambda: expiry(MORNING, days)) == "bad_lifetime"


@pytest.mark.parametrize(("days", "kept"), [(1, 2), (2, 8), (7, 8), (8, 15), (14, 15), (15, 31), (30, 31)])
def test_the_bucket_keeps_objects_at_least_as_long_as_the_transfer_lives(days: int, kept: int) -> None:
    assert a_transfer(days=days).retention == kept
    assert a_transfer(days=days).retention > days


def test_a_sealed_transfer_is_due_when_it_expires_and_any_other_after_a_day() -> None:
    assert a_transfer(State.SEALED).due_at == MORNING + 7 * DAY
    assert a_transfer(State.DRAFT).due_at == MORNING + DAY
    assert a_transfer(State.LANDING, days=1).due_at == MORNING + DAY
    assert a_transfer(State.SHREDDED).due_at is None


@pytest.mark.parametrize(
    ("state", "after", "ending"),
    [
        (State.SEALED, 7 * DAY - SECOND, None),
        (State.SEALED, 7 * DAY, Ending.EXPIRED),
        (State.DRAFT, DAY - SECOND, None),
        (State.DRAFT, DAY, Ending.ABANDONED),
        (State.LANDING, DAY + SECOND, Ending.ABANDONED),
        (State.SHREDDED, 30 * DAY, None),
    ],
)
def test_time_ends_a_transfer_to_the_second(state: State, after: timedelta, ending: Ending | None) -> None:
    assert a_transfer(state).ending_at(MORNING + after) is ending


def test_an_end_that_was_decided_stays_the_end() -> None:
    revoked = a_transfer(State.SEALED, ending=Ending.REVOKED)

    assert revoked.ending_at(MORNING) is Ending.REVOKED
    assert revoked.ending_at(MORNING + 30 * DAY) is Ending.REVOKED


def test_the_sender_revokes_what_is_sealed_and_cancels_what_is_not() -> None:
    assert a_transfer(State.SEALED).ending_by_sender() is Ending.REVOKED
    assert {a_transfer(s).ending_by_sender() for s in (State.DRAFT, State.LANDING, State.REFUSED)} == {Ending.CANCELLED}
    assert refusal(Conflict, a_transfer(State.SHREDDED).ending_by_sender) == "cannot_revoke"


def test_a_foreign_transfer_is_an_unknown_one() -> None:
    a_transfer().require_sender(MemberId("m" * 26))

    assert refusal(NotFound, lambda: a_transfer().require_sender(MemberId("n" * 26))) == "not_found"


@pytest.mark.parametrize("file", [-1, 2, 10**9])
def test_a_file_that_is_not_there_is_not_found(file: int) -> None:
    assert a_transfer().size_of(1) == 0

    assert refusal(NotFound, lambda: a_transfer().size_of(file)) == "not_found"


def test_nothing_of_a_person_is_in_an_object_key() -> None:
    assert a_transfer().object_key(1) == f"t/{'t' * 26}/1"


TODAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("sharing", "code"),
    [
        (Sharing(Basis.PATIENT_CONSENT), "consent_date_required"),
        (Sharing(Basis.PATIENT_CONSENT, TODAY + DAY), "bad_consent_date"),
        (Sharing(Basis.SAME_CARE_TEAM, TODAY + DAY), "bad_consent_date"),
        (Sharing(Basis.OTHER_LEGAL_DUTY), "legal_duty_required"),
    ],
)
def test_a_ground_without_what_it_needs_is_refused(sharing: Sharing, code: str) -> None:
    assert refusal(Invalid, lambda: sharing.check(TODAY)) == code


@pytest.mark.parametrize(
    "sharing",
    [
        Sharing(Basis.SAME_CARE_TEAM),
        Sharing(Basis.TAKING_PART_IN_CARE),
        Sharing(Basis.PATIENT_HIMSELF),
        Sharing(Basis.PATIENT_CONSENT, TODAY),
        Sharing(Basis.PATIENT_CONSENT, TODAY - 9999 * DAY),
        *(Sharing(Basis.OTHER_LEGAL_DUTY, legal_duty=duty) for duty in LegalDuty),
    ],
)
def test_a_ground_with_what_it_needs_is_accepted(sharing: Sharing) -> None:
    sharing.check(TODAY)


def test_a_transfer_never_shows_a_name_in_its_representation() -> None:
    assert "Dr Ada" not in repr(a_transfer())
    assert "Ada" not in repr(a_recipient())
    assert "ada1@" not in repr(a_recipient())

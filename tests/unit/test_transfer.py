"""The life of a transfer: what may happen in which state, and when time is up."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.errors import Conflict, Invalid, NotFound, Over, Refusal
from chalicelib.domain.ids import MemberId, RecipientId, TransferId
from chalicelib.domain.recipient import Recipient
from chalicelib.domain.sharing import Basis, LegalDuty, Sharing
from chalicelib.domain.transfer import Ending, Lifetime, State, Transfer, Work
from tests.builders import CARE, a_person
from tests.fake_aws import MORNING

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
LIFETIME = Lifetime(usual=7, most=30)


def a_transfer(state: State = State.SEALED, days: int = 7, ending: Ending | None = None) -> Transfer:
    identity, sender = TransferId("t" * 26), MemberId("m" * 26)
    made = Transfer(identity, sender, "Dr Ada", CARE, (3, 0), (RecipientId("r" * 26),), MORNING, LIFETIME.end(MORNING, days), 50)
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

    assert refusal(Over, lambda: transfer.require_open(a_recipient(), transfer.expires_at)) == "transfer_expired"
    assert refusal(Over, lambda: transfer.require_open(a_recipient(), transfer.expires_at + SECOND)) == "transfer_expired"


@pytest.mark.parametrize("state", [s for s in State if s is not State.SEALED])
def test_only_a_sealed_transfer_opens(state: State) -> None:
    transfer = a_transfer(state)

    assert refusal(Over, lambda: transfer.require_open(a_recipient(), MORNING)) == "transfer_expired"


@pytest.mark.parametrize("ending", list(Ending))
def test_nothing_is_possible_once_the_end_is_decided(ending: Ending) -> None:
    sealed, landing, draft = (a_transfer(s, ending=ending) for s in (State.SEALED, State.LANDING, State.DRAFT))

    said = "transfer_expired" if ending is Ending.EXPIRED else "transfer_revoked"
    assert refusal(Over, lambda: sealed.require_open(a_recipient(), MORNING)) == said
    assert refusal(Conflict, lambda: landing.require_landing(MORNING)) == "transfer_not_landing"
    assert refusal(Conflict, lambda: draft.require_landing(MORNING)) == "transfer_not_landing"
    assert refusal(Conflict, draft.require_draft) == "transfer_not_draft"
    assert refusal(Conflict, sealed.ending_by_sender) == "cannot_revoke"


def test_a_revoked_recipient_opens_nothing() -> None:
    revoked = a_recipient(revoked_at=MORNING)

    assert refusal(Over, lambda: a_transfer().require_open(revoked, MORNING + SECOND)) == "transfer_revoked"


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
        assert LIFETIME.end(MORNING, days) == MORNING + days * DAY
    else:
        assert refusal(Invalid, lambda: LIFETIME.end(MORNING, days)) == "bad_lifetime"


def test_a_clinic_may_choose_less_for_what_begins_and_shortens_nothing_that_lives() -> None:
    long, less = a_transfer(State.SEALED), Lifetime(usual=2, most=3)
    long = replace(long, expires_at=LIFETIME.end(MORNING, 7))

    assert refusal(Invalid, lambda: less.end(MORNING, 4)) == "bad_lifetime"
    assert less.latest(long) == long.expires_at
    assert less.latest(long.until(MORNING + DAY, MORNING, less)) == MORNING + 3 * DAY
    assert refusal(Invalid, lambda: long.until(long.expires_at + SECOND, MORNING, less)) == "bad_expiry"


@pytest.mark.parametrize(("days", "kept"), [(1, 2), (2, 8), (7, 8), (8, 15), (14, 15), (15, 31), (30, 31)])
def test_the_bucket_keeps_objects_at_least_as_long_as_the_transfer_lives(days: int, kept: int) -> None:
    assert a_transfer(days=days).retention == kept
    assert a_transfer(days=days).retention > days


def test_a_sealed_transfer_is_due_at_its_next_reminder_then_when_it_expires_and_any_other_after_a_day() -> None:
    sealed = a_transfer(State.SEALED)

    assert sealed.due_at == MORNING + 3.5 * DAY
    assert replace(sealed, reminded_until=MORNING + 3.5 * DAY).due_at == MORNING + 6 * DAY
    assert replace(sealed, reminded_until=MORNING + 6 * DAY).due_at == MORNING + 7 * DAY
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
    assert {a_transfer(s).ending_by_sender() for s in (State.DRAFT, State.LANDING)} == {Ending.CANCELLED}


@pytest.mark.parametrize("state", [State.REFUSED, State.SHREDDED])
def test_what_is_over_cannot_be_ended(state: State) -> None:
    assert refusal(Conflict, a_transfer(state).ending_by_sender) == "cannot_revoke"


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


INSTANTS = st.integers(0, 40 * 86_400).map(lambda second: MORNING + second * SECOND)
MAYBE = st.none() | INSTANTS


@st.composite
def transfers(draw: st.DrawFn) -> Transfer:
    """Build any transfer that could be kept, and some that could not."""
    made = a_transfer(draw(st.sampled_from(State)), 1, draw(st.none() | st.sampled_from(Ending)))
    expires = MORNING + draw(st.integers(3600, 30 * 86_400)) * SECOND
    sealed = draw(st.none() | st.integers(0, 86_399).map(lambda second: min(MORNING + second * SECOND, expires - SECOND)))
    return replace(made, expires_at=expires, sealed_at=sealed, look_at=draw(MAYBE), reminded_until=draw(MAYBE))


@given(transfers(), INSTANTS, MAYBE)
def test_nothing_ever_opens_after_its_end(transfer: Transfer, now: datetime, revoked: datetime | None) -> None:
    over = transfer.ending is not None or transfer.state is not State.SEALED or now >= transfer.expires_at

    opens = transfer.opens_for(a_recipient(revoked_at=revoked), now)

    assert opens == (not over and revoked is None)


@given(transfers(), INSTANTS)
def test_what_the_sweeper_does_follows_from_when_it_is_due(transfer: Transfer, now: datetime) -> None:
    work, due = transfer.work_at(now), transfer.due_at

    assert due is None or due <= transfer.ends_at
    assert (due is None) == (transfer.state is State.SHREDDED)
    if due is None:
        assert work is None
    elif transfer.over or now >= transfer.ends_at:
        assert work is Work.DESTROY
    else:
        assert (work is None) == (now < due)
        assert work in (None, Work.REMIND if transfer.state is State.SEALED else Work.LOOK)
        assert work is not Work.LOOK or transfer.state is not State.DRAFT or transfer.look_at is not None


@given(transfers(), INSTANTS)
def test_what_is_to_be_destroyed_has_a_reason_or_was_refused(transfer: Transfer, now: datetime) -> None:
    ending = transfer.ending_at(now)

    if transfer.work_at(now) is Work.DESTROY:
        assert ending is not None or transfer.state is State.REFUSED
    elif transfer.state is not State.SHREDDED:
        assert ending is None


@given(transfers(), INSTANTS)
def test_what_was_dealt_with_is_not_due_at_the_same_instant(transfer: Transfer, now: datetime) -> None:
    dealt = {
        Work.LOOK: lambda: transfer.looked_at(now),
        Work.REMIND: lambda: replace(transfer, reminded_until=now),
    }.get(transfer.work_at(now))  # type: ignore[arg-type]

    if dealt is not None:
        assert dealt().work_at(now) is None


@given(transfers(), INSTANTS)
def test_the_next_look_is_further_away_the_older_the_transfer_and_never_past_its_end(transfer: Transfer, now: datetime) -> None:
    looked = transfer.looked_at(now).look_at

    assert looked is not None
    assert looked == transfer.ends_at or looked - now >= max(timedelta(minutes=15), now - MORNING)
    assert looked <= transfer.ends_at


@given(transfers(), INSTANTS, INSTANTS)
def test_an_end_that_may_be_chosen_is_within_the_bounds_and_the_bucket_waits_for_it(
    transfer: Transfer, to: datetime, now: datetime
) -> None:
    try:
        moved = transfer.until(to, now, LIFETIME)
    except (Conflict, Invalid):
        return

    assert now + timedelta(hours=1) <= moved.expires_at == to <= MORNING + 30 * DAY
    assert to < MORNING + moved.retention * DAY
    assert moved.work_at(now) is not Work.DESTROY


@given(transfers(), INSTANTS)
def test_what_the_sender_may_still_end_is_not_over(transfer: Transfer, now: datetime) -> None:
    try:
        ending = transfer.ending_by_sender()
    except Conflict:
        assert transfer.over
        return

    assert not transfer.over
    assert ending is (Ending.REVOKED if transfer.state is State.SEALED else Ending.CANCELLED)

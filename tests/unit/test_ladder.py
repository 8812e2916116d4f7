"""The ladder: whom to tell what at half of the time and on the last day, and what to leave in peace."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain import ladder
from chalicelib.domain.ids import MemberId, RecipientId, TransferId
from chalicelib.domain.ladder import Owed, Rung
from chalicelib.domain.login import Channel
from chalicelib.domain.notice import Kind
from chalicelib.domain.recipient import Recipient
from chalicelib.domain.transfer import State, Transfer
from tests.builders import CARE, a_person
from tests.fake_aws import MORNING

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
EVERY = frozenset(Rung)
ONE, TWO, THREE = (RecipientId(letter * 26) for letter in "abc")
HALF, LAST, END = MORNING + 3.5 * DAY, MORNING + 6 * DAY, MORNING + 7 * DAY
ALL_LADDERS = [frozenset(some) for count in range(len(Rung) + 1) for some in combinations(Rung, count)]


def a_transfer(days: float = 7, standby: Sequence[RecipientId] = (), sealed_after: timedelta = timedelta(0)) -> Transfer:
    people = (ONE, TWO, THREE)
    identity, sender = TransferId("t" * 26), MemberId("m" * 26)
    made = Transfer(identity, sender, "Dr Ada", CARE, (3,), people, MORNING, MORNING + days * DAY, 50, frozenset(standby))
    return replace(made, state=State.SEALED, sealed_at=MORNING + sealed_after)


def told(identity: RecipientId = ONE, **changes: Any) -> Recipient:
    """Build somebody who was told and has done nothing."""
    return replace(Recipient(identity, a_person(), told_at=MORNING), **changes)


def owed(now: datetime, *recipients: Recipient, rungs: frozenset[Rung] = EVERY, **changes: Any) -> list[Owed]:
    return ladder.owed(a_transfer(**changes), recipients, now, rungs)


def test_at_half_of_the_time_whoever_has_not_opened_gets_an_email() -> None:
    assert owed(HALF, told(), told(TWO, opened_at=MORNING)) == [(Kind.REMINDER, ONE, Channel.EMAIL)]


def test_on_the_last_day_a_text_message_goes_where_there_is_a_mobile_and_an_email_elsewhere() -> None:
    without = told(TWO, person=a_person(2, mobile=None))

    assert owed(LAST, told(), without)[:2] == [(Kind.REMINDER, ONE, Channel.SMS), (Kind.REMINDER, TWO, Channel.EMAIL)]


def test_on_the_last_day_the_sender_hears_that_somebody_has_not_opened() -> None:
    assert (Kind.UNOPENED, None, Channel.EMAIL) in owed(LAST, told(), told(TWO, opened_at=MORNING))
    assert owed(LAST, told(opened_at=MORNING), told(TWO, revoked_at=MORNING)) == []


def test_the_sender_hears_of_whoever_was_out_of_reach_although_nobody_reminds_them() -> None:
    assert owed(LAST, told(bounced_at=MORNING)) == [(Kind.UNOPENED, None, Channel.EMAIL)]


@pytest.mark.parametrize("why", ["opened_at", "bounced_at", "complained_at", "revoked_at"])
@pytest.mark.parametrize("now", [HALF, LAST])
def test_nobody_is_reminded_who_opened_bounced_complained_or_was_revoked(now: datetime, why: str) -> None:
    assert not [one for one in owed(now, told(**{why: MORNING})) if one[0] is Kind.REMINDER]


@pytest.mark.parametrize("now", [HALF, LAST])
def test_nobody_is_reminded_of_what_they_were_never_told(now: datetime) -> None:
    assert not [one for one in owed(now, told(told_at=None)) if one[0] is Kind.REMINDER]


@pytest.mark.parametrize("why", ["asked_at", "proved_at", "delayed_at", "delivered_at", "reminded_at"])
def test_whoever_came_part_of_the_way_is_reminded(why: str) -> None:
    assert owed(HALF, told(**{why: MORNING})) == [(Kind.REMINDER, ONE, Channel.EMAIL)]


def standing_by(now: datetime, *first: Recipient, **changes: Any) -> list[RecipientId | None]:
    """List whom of those standing by the ladder tells."""
    people = (*first, told(TWO, **{"told_at": None, **changes}))
    return [one for kind, one, _ in owed(now, *people, standby=[TWO]) if kind is Kind.SHARE_LINK]


def test_whoever_stands_by_is_told_on_the_last_day_when_nobody_first_has_opened() -> None:
    assert standing_by(LAST, told()) == [TWO]
    assert standing_by(HALF, told()) == []
    assert standing_by(LAST, told(opened_at=MORNING)) == []
    assert standing_by(LAST, told(), told(THREE, opened_at=MORNING)) == []


def test_whoever_stands_by_is_told_when_everybody_first_was_revoked() -> None:
    assert standing_by(LAST, told(revoked_at=MORNING)) == [TWO]


@pytest.mark.parametrize("why", ["told_at", "revoked_at"])
def test_whoever_stands_by_is_told_once_and_never_when_revoked(why: str) -> None:
    assert standing_by(LAST, told(), **{why: MORNING}) == []


def test_whoever_stood_by_and_was_told_is_reminded_like_the_others() -> None:
    said = owed(LAST, told(opened_at=None), told(TWO), standby=[TWO])

    assert (Kind.REMINDER, TWO, Channel.SMS) in said


def test_the_sender_hears_nothing_of_whoever_only_stands_by() -> None:
    said = owed(LAST, told(opened_at=MORNING), told(TWO, told_at=None), standby=[TWO])

    assert said == []


@pytest.mark.parametrize("rungs", ALL_LADDERS, ids=lambda rungs: "+".join(sorted(rungs)) or "none")
def test_a_rung_the_clinic_did_not_choose_is_never_climbed(rungs: frozenset[Rung]) -> None:
    people = told(), told(THREE, person=a_person(3, mobile=None)), told(TWO, told_at=None)

    half, last = (owed(now, *people, rungs=rungs, standby=[TWO]) for now in (HALF, LAST))

    way = Channel.EMAIL if Rung.EMAIL in rungs else None
    by_text = Channel.SMS if Rung.SMS in rungs else way
    assert half == [(Kind.REMINDER, one, way) for one in (ONE, THREE) if way]
    wanted = [(Kind.REMINDER, one, how) for one, how in ((ONE, by_text), (THREE, way)) if how]
    wanted += [(Kind.UNOPENED, None, Channel.EMAIL)] if Rung.SENDER in rungs else []
    wanted += [(Kind.SHARE_LINK, TWO, Channel.EMAIL)] if Rung.ALTERNATE in rungs else []
    assert last == wanted


MOMENTS = [
    (1, [0.5]),
    (2, [1]),
    (3, [1.5, 2]),
    (7, [3.5, 6]),
    (30, [15, 29]),
]


@pytest.mark.parametrize(("days", "moments"), MOMENTS)
def test_the_moments_of_reminding_follow_the_lifetime(days: int, moments: list[float]) -> None:
    transfer, met = a_transfer(days), []

    while transfer.reminder_at is not None:
        met.append((transfer.reminder_at - MORNING) / DAY)
        transfer = replace(transfer, reminded_until=transfer.reminder_at)

    assert met == moments


def test_half_of_the_time_counts_from_the_sealing() -> None:
    assert a_transfer(7, sealed_after=10 * HOUR).reminder_at == MORNING + 10 * HOUR + (7 * DAY - 10 * HOUR) / 2


def test_a_sweep_that_comes_late_climbs_once_for_every_moment_it_missed() -> None:
    late = replace(a_transfer(), reminded_until=LAST + HOUR)

    assert late.reminder_at is None
    assert late.due_at == END


def test_a_longer_life_has_moments_again() -> None:
    done = replace(a_transfer(), reminded_until=LAST, expires_at=MORNING + 20 * DAY)

    assert done.reminder_at == MORNING + 10 * DAY
    assert replace(done, reminded_until=MORNING + 10 * DAY).reminder_at == MORNING + 19 * DAY


@given(st.integers(3600, 30 * 86_400), st.integers(0, 86_399), st.integers(-1, 31 * 86_400))
def test_no_moment_of_reminding_is_before_half_of_the_time_or_at_its_end(lifetime: int, sealed: int, done: int) -> None:
    transfer = a_transfer(lifetime / 86_400, sealed_after=min(sealed, lifetime - 2) * SECOND)
    transfer = transfer if done < 0 else replace(transfer, reminded_until=MORNING + done * SECOND)
    begun = transfer.sealed_at or MORNING

    at = transfer.reminder_at

    if at is not None:
        assert begun + (transfer.expires_at - begun) / 2 - SECOND <= at < transfer.expires_at
        assert transfer.reminded_until is None or at > transfer.reminded_until


@pytest.mark.parametrize(
    ("rungs", "at"),
    [
        ({Rung.EMAIL}, HALF),
        ({Rung.EMAIL, Rung.SMS}, HALF),
        ({Rung.SMS}, LAST),
        ({Rung.SENDER, Rung.ALTERNATE}, None),
        (set(), None),
    ],
)
def test_the_next_reminder_is_the_next_that_leaves(rungs: set[Rung], at: datetime | None) -> None:
    assert ladder.next_reminder(a_transfer(), [told()], frozenset(rungs)) == at


def test_no_reminder_is_announced_where_everybody_opened_or_only_stands_by() -> None:
    standing_by = Recipient(TWO, a_person())

    assert ladder.next_reminder(a_transfer(standby=[TWO]), [told(opened_at=MORNING), standing_by], EVERY) is None


def test_no_text_message_is_announced_where_nobody_has_a_mobile() -> None:
    assert ladder.next_reminder(a_transfer(), [told(person=a_person(mobile=None))], frozenset({Rung.SMS})) is None

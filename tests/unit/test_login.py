"""Sessions and challenges, to the second."""

from datetime import timedelta

import pytest

from chalicelib.domain import factor, login, member, throttle
from chalicelib.domain.errors import Unauthenticated
from chalicelib.domain.ids import MemberId, SessionKey
from chalicelib.domain.login import Door, Session
from tests.fake_aws import MORNING

SECOND = timedelta(seconds=1)


def a_session() -> Session:
    return login.open_session(SessionKey("s"), Door(member=MemberId("m")), MORNING)


def test_an_idle_session_lives_for_half_an_hour() -> None:
    session = a_session()

    session.require_alive(MORNING + timedelta(minutes=30) - SECOND)

    for late in (timedelta(minutes=30), timedelta(minutes=30) + SECOND):
        with pytest.raises(Unauthenticated, match="signin_required"):
            session.require_alive(MORNING + late)


def test_a_session_in_use_ends_after_four_hours_all_the_same() -> None:
    session, now = a_session(), MORNING
    while now < MORNING + timedelta(hours=4) - SECOND:
        session.require_alive(now)
        session = session.touched(now) or session
        now += timedelta(minutes=10)
    session = session.touched(MORNING + timedelta(hours=4) - SECOND) or session

    session.require_alive(MORNING + timedelta(hours=4) - SECOND)

    with pytest.raises(Unauthenticated):
        session.require_alive(MORNING + timedelta(hours=4))


def test_being_seen_is_written_once_in_five_minutes() -> None:
    session = a_session()

    assert session.touched(MORNING + timedelta(minutes=5) - SECOND) is None
    touched = session.touched(MORNING + timedelta(minutes=5))

    assert touched is not None
    assert touched.seen_at == MORNING + timedelta(minutes=5)
    assert touched.expires_at == session.expires_at


def test_the_lifetimes_are_those_that_were_decided() -> None:
    assert timedelta(minutes=5) == login.CODE_LIFETIME
    assert timedelta(minutes=30) == login.SESSION_IDLE
    assert timedelta(hours=4) == login.SESSION_LIFETIME
    assert timedelta(minutes=5) == login.FRESH
    assert timedelta(hours=72) == member.INVITATION_LIFETIME
    assert timedelta(days=365) == member.REVIEW_EVERY
    assert timedelta(minutes=10) == factor.SETTING_UP
    assert (login.CODE_DIGITS, login.CODE_TRIES) == (6, 5)
    assert (throttle.PAUSES, throttle.LONG_AFTER, throttle.LOCKED_AFTER) == ((0, 0, 1, 5, 15), 10, 100)

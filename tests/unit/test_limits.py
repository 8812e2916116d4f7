"""Windows, sizes and identifiers."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain import ids
from chalicelib.domain.errors import Invalid
from chalicelib.domain.limits import Limit, Sizes
from tests.fake_aws import MORNING, FakeRandom

SIZES = Sizes(file_most=100, transfer_most=150, files_most=3, recipients_most=2)


@given(st.integers(0, 10**7), st.sampled_from([timedelta(minutes=15), timedelta(hours=1), timedelta(hours=24)]))
def test_a_window_ends_when_the_next_begins(second: int, window: timedelta) -> None:
    limit, now = Limit("x", 3, window), MORNING + timedelta(seconds=second)

    left = limit.left(now)

    assert timedelta(0) < left <= window
    assert limit.start(now + left) == limit.start(now) + window.total_seconds()
    assert limit.start(now + left - timedelta(seconds=1)) == limit.start(now)


@pytest.mark.parametrize(
    ("sizes", "code", "field"),
    [
        ((), "no_file", "sizes"),
        ((1, 1, 1, 1), "too_many_files", "sizes"),
        ((1, -1), "bad_size", "sizes.1"),
        ((101,), "file_too_large", "sizes.0"),
        ((10**400,), "file_too_large", "sizes.0"),
        ((76, 75), "transfer_too_large", "sizes"),
    ],
)
def test_files_that_are_not_allowed_are_refused(sizes: tuple[int, ...], code: str, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        SIZES.check_files(sizes)

    assert (caught.value.code, caught.value.field) == (code, field)


@pytest.mark.parametrize("sizes", [(0,), (100,), (100, 50), (0, 0, 0)])
def test_files_up_to_the_limits_are_allowed(sizes: tuple[int, ...]) -> None:
    SIZES.check_files(sizes)


@pytest.mark.parametrize(
    ("emails", "code"),
    [([], "no_recipient"), (["a", "b", "c"], "too_many_recipients"), (["a", "a"], "duplicate_recipient")],
)
def test_recipients_that_are_not_allowed_are_refused(emails: list[str], code: str) -> None:
    with pytest.raises(Invalid, match=code):
        SIZES.check_recipients(emails)


def test_an_id_is_26_characters_of_base32_and_never_repeats() -> None:
    random = FakeRandom()

    made = {ids.id_from(random.bytes(16)) for _ in range(1000)}

    assert len(made) == 1000
    assert all(ids.is_id(one) for one in made)


@pytest.mark.parametrize("length", [0, 15, 17])
def test_an_id_is_made_of_128_bits(length: int) -> None:
    with pytest.raises(ValueError, match="16 random bytes"):
        ids.id_from(bytes(length))


@pytest.mark.parametrize(
    "text", ["", "a" * 25, "a" * 27, "A" * 26, "a" * 25 + "1", "a" * 26 + "\n", "\uff41" * 26, "../" + "a" * 23, "a" * 25 + "\0"]
)
def test_what_is_not_an_id_is_known_by_its_shape(text: str) -> None:
    assert ids.is_id("a" * 26)

    assert not ids.is_id(text)

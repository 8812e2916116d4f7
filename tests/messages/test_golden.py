"""Every e-mail and SMS is exactly the one that was read and agreed to."""

import pytest

from chalicelib.domain.notice import Letter
from tests.messages.cases import GOLDEN, letters, parts

LETTERS = list(letters())


@pytest.mark.parametrize(("case", "language", "letter"), LETTERS, ids=[f"{case}-{language}" for case, language, _ in LETTERS])
def test_a_message_is_its_golden_copy(case: str, language: str, letter: Letter) -> None:
    for ending, text in parts(letter).items():
        assert text == (GOLDEN / f"{case}.{language}.{ending}").read_text("utf-8")


def test_there_is_no_golden_copy_of_a_message_that_is_gone() -> None:
    written = {f"{case}.{language}.{ending}" for case, language, letter in LETTERS for ending in parts(letter)}

    assert {file.name for file in GOLDEN.iterdir()} == written

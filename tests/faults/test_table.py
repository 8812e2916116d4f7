"""docs/reference/faults.md names every fault, and every test it names exists."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TABLE = (ROOT / "docs" / "reference" / "faults.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| F-(\d\d) ([^|]*)\|([^|]*)\|([^|]*)\|$", TABLE, re.MULTILINE)
NUMBERS = [n for n in range(1, 41) if n not in (11, 13, 15)]  # the list itself leaves these out


def test_every_fault_is_in_the_table_once() -> None:
    assert [int(number) for number, *_ in ROWS] == NUMBERS


def test_every_fault_names_a_test_or_says_why_it_cannot_apply() -> None:
    for number, _, must, tests in ROWS:
        assert "`" in tests or "cannot apply" in must, number


def test_every_test_it_names_exists() -> None:
    for name in re.findall(r"`(tests/[^`]*)`", TABLE):
        path, _, function = name.partition("::")
        text = (ROOT / path).read_text(encoding="utf-8")
        assert not function or f"def {function}(" in text, name

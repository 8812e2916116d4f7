"""JSON that two readers cannot read as two things: no key twice, no NaN, no infinity."""

import json
from collections.abc import Sequence
from typing import Any


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    built = dict(pairs)
    if len(built) != len(pairs):
        raise ValueError("a key is given twice")
    return built


def _no_constant(name: str) -> None:
    raise ValueError(name)


DECODER = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_no_constant)

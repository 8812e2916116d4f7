"""The dated price list that travels with the app (ADR 0025). Nothing is asked of AWS: a bill must come out the same tomorrow."""

import json
from datetime import date
from functools import cache
from pathlib import Path

from chalicelib.domain.cost import Price, PriceList, Unit

REGION = "eu-west-3"  # where every clinic is
_HERE = Path(__file__).parents[1] / "prices"


@cache
def price_list() -> PriceList:
    """Read the list."""
    said = json.loads((_HERE / f"{REGION}.json").read_text("utf-8"))
    prices = {unit: _price(said["prices"][unit]) for unit in Unit}
    return PriceList(said["region"], date.fromisoformat(said["as_of"]), prices, 1 / said["euro"]["dollars"])


def _price(said: dict[str, object]) -> Price:
    dollars, per, free = (float(str(said[name])) for name in ("dollars", "per", "free_a_month"))
    return Price(dollars / per, free, str(said["source"]), date.fromisoformat(str(said["as_of"])), said["to_confirm"] is True)

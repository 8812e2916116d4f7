"""What the clinic costs: for its administrator. Few ask, so what bills are made of is imported when one of them does."""

from chalice.app import Blueprint

from chalicelib.domain.member import Action
from chalicelib.web import forms, values
from chalicelib.web.edge import Answer, Call, route
from chalicelib.web.guard import may
from chalicelib.wiring import ports

blueprint = Blueprint(__name__)


@route(blueprint, "GET", "/api/usage", may(Action.SEE_COSTS))
def month(call: Call) -> Answer:
    """Give the bill of a month."""
    from chalicelib.usecases import usage

    written = usage.bill(forms.month(call.query), ports())
    return Answer(200, {"usage": values.bill(written, ports().prices()), "months": [f"{one:%Y-%m}" for one in usage.months(ports())]})


@route(blueprint, "GET", "/api/usage/days", may(Action.SEE_COSTS))
def days(call: Call) -> Answer:
    """Give a month day by day, for spreadsheets."""
    from chalicelib.usecases import usage

    written = usage.bill(forms.month(call.query), ports())
    rows = [values.day_of_bill(one, ports().prices()) for one in written.days]
    return Answer(200, {"name": f"couts-{written.month:%Y-%m}.csv", "csv": values.csv_of(rows)})

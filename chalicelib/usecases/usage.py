"""Show what the clinic used, and what that costs."""

from datetime import date

from chalicelib.domain import cost
from chalicelib.domain.cost import Bill
from chalicelib.domain.errors import Invalid
from chalicelib.usecases.ports import Ports

MONTHS = 25  # as long as the counters are kept


def months(ports: Ports) -> tuple[date, ...]:
    """List the months there are bills of, the newest first."""
    this = ports.clock.now().date().replace(day=1)
    numbers = range(this.year * 12 + this.month - 1, this.year * 12 + this.month - 1 - MONTHS, -1)
    return tuple(date(number // 12, number % 12 + 1, 1) for number in numbers)


def bill(month: date | None, ports: Ports) -> Bill:
    """Write the bill of a month, or of the present one; one read. Raise `Invalid("bad_field")` for a month there is none of."""
    today, known = ports.clock.now().date(), months(ports)
    chosen = known[0] if month is None else month
    if chosen not in known:
        raise Invalid("bad_field", "month")
    until = today.day if chosen == known[0] else cost.days_in(chosen)
    return cost.bill(chosen, until, ports.meter.month(chosen), ports.clinic.guards, ports.prices())

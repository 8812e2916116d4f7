"""What usage costs: what each step asks of AWS, at the prices of a dated list. `docs/explanation/cost.md` says how the numbers came."""

import calendar
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from chalicelib.domain.clinic import Guards
from chalicelib.domain.usage import Usage, total

GB = 1_000_000_000
SECONDS_A_MONTH = 730 * 3600  # as AWS counts months of storage
LOG_OF_A_RUN = 1_000 / GB  # bytes: three lines of Lambda's own and one of ours
LOG_OF_A_CALL = 400 / GB  # bytes, in the gateway's access log
LOG_OF_AN_EVENT = 2_000 / GB  # bytes, of the trail: each use of the key, each request to the bucket
PAGES_OF_A_RECIPIENT = 31  # /c and every script and style it loads, once for each device; a test compares this with the page
PAGE_OF_A_RECIPIENT = 120_000 / GB  # bytes, at most
RECORDS_KEPT = 12 * 20_000 / GB  # GB-months: twenty kilobytes of records and trail of a transfer, for a year


class Unit(StrEnum):
    """What AWS counts when it writes a bill."""

    KEY = "key"  # months of one KMS key
    KMS = "kms"
    STORAGE = "storage"  # GB-months
    PUTS = "puts"
    GETS = "gets"
    OUT = "out"  # GB to browsers
    CALLS = "calls"  # of API Gateway
    RUNS = "runs"  # of Lambda
    SECONDS = "seconds"  # GB-seconds of Lambda
    READS = "reads"  # units of DynamoDB
    WRITES = "writes"
    RECORDS = "records"  # GB-months of DynamoDB, with recovery
    QUEUE = "queue"  # requests of SQS
    LOGS = "logs"  # GB
    EMAILS = "emails"
    TEXTS = "texts"
    FIREWALL = "firewall"  # months
    RULES = "rules"  # of the firewall, months
    CHECKED = "checked"  # calls the firewall looked at
    ALARMS = "alarms"  # months
    METRICS = "metrics"  # months
    DASHBOARD = "dashboard"  # months
    EVENTS = "events"  # of the bucket, in the trail


Asked = Mapping[Unit, float]


def api(calls: float, *, reads: float = 0, writes: float = 0, seconds: float = 0.1) -> dict[Unit, float]:
    """Say what calls of the API ask: each runs the function of 1 GB; how long is an estimate until AWS has measured it."""
    return {Unit.CALLS: calls, Unit.RUNS: calls, Unit.SECONDS: calls * seconds, Unit.READS: reads, Unit.WRITES: writes}


def worker(seconds: float, *, reads: float = 0, writes: float = 0, queue: float = 0) -> dict[Unit, float]:
    """Say what one run of a worker asks. `queue`: sent, received, deleted."""
    return {Unit.RUNS: 1, Unit.SECONDS: seconds, Unit.READS: reads, Unit.WRITES: writes, Unit.QUEUE: queue}


def together(*asked: Asked) -> Counter[Unit]:
    """Add up."""
    found: Counter[Unit] = Counter()
    for one in asked:
        for unit, amount in one.items():
            found[unit] += amount  # type: ignore[assignment]
    return found


# What one of each counter asks (docs/reference/aws-calls.md). A unit of writing is a kilobyte; in a transaction it counts twice, and
# each index costs its own. tests/contract/test_cost.py measures a whole transfer against these.
STEPS: Mapping[str, Asked] = {
    "drafts": together(api(1, reads=4, writes=14), {Unit.KMS: 1}, api(1, reads=5, writes=9)),  # and the envelope
    "files": together(  # its addresses, its landing
        api(1, reads=5, writes=4), worker(0.3, reads=5, writes=9, queue=3), {Unit.KMS: 1, Unit.GETS: 3}
    ),
    "large_files": together(api(1, reads=5, writes=2), {Unit.PUTS: 2, Unit.GETS: 1}),
    "parts": {Unit.PUTS: 1},
    "transfers": {Unit.KMS: 1, Unit.READS: 5, Unit.WRITES: 10, Unit.QUEUE: 1, Unit.RECORDS: RECORDS_KEPT},
    "recipients": {Unit.KMS: 1, Unit.WRITES: 6},
    "notices": worker(0.15, reads=4, writes=15, queue=3),
    "codes": together(api(1, reads=2, writes=16), worker(0.15, reads=3, writes=6, queue=3)),
    "emails": together(worker(0.05, reads=1), {Unit.EMAILS: 1}),  # and what becomes of it
    "texts": {Unit.TEXTS: 1, Unit.WRITES: 4},
    "signins": api(12, reads=30, writes=14),  # with the pages and lists one then looks at
    "proofs": together(api(1, reads=3, writes=16), api(PAGES_OF_A_RECIPIENT, seconds=0.02), {Unit.OUT: PAGE_OF_A_RECIPIENT}),
    "openings": together(api(2, reads=9, writes=8), {Unit.KMS: 1}),
    "downloads": together(api(1, reads=3, writes=8), {Unit.GETS: 1}),
    "download_bytes": {Unit.OUT: 1 / GB},
    "receipts": api(1, reads=3, writes=8),
    "destroyed": {Unit.READS: 15, Unit.WRITES: 50, Unit.QUEUE: 1},  # and both moments of reminding
    "byte_seconds": {Unit.STORAGE: 1 / GB / SECONDS_A_MONTH},
}
SWEEPS_A_DAY = 24 * 60 // 2
POLLS_A_DAY = 3 * 5 * 3 * 24 * 60  # three queues, five listeners of Lambda's on each, three times a minute: whether or not anything comes
IDLE_DAY: Asked = together(*[worker(0.15, reads=2, writes=2)] * SWEEPS_A_DAY, {Unit.QUEUE: POLLS_A_DAY})
IDLE_MONTH: Asked = {Unit.KEY: 1}

# What stands around the service (ADR 0024), whatever it does; a test compares this with the template.
STANDING: Asked = {Unit.KEY: 1, Unit.METRICS: 8, Unit.DASHBOARD: 1}
FIREWALL: Asked = {Unit.FIREWALL: 1, Unit.RULES: 2}
ALARMS: Asked = {Unit.ALARMS: 29}
ALARM_OF_FIREWALL: Asked = {Unit.ALARMS: 1}
GUARDS_A_DAY: Asked = {Unit.PUTS: 300, Unit.LOGS: 0.002}  # the trail's own files, and what it says of an account where nothing happens


def asked_by_month(guards: Guards) -> Counter[Unit]:
    """Say what stands around the service asks in a month."""
    chosen = ((FIREWALL, guards.firewall), (ALARMS, guards.alarms), (ALARM_OF_FIREWALL, guards.firewall and guards.alarms))
    return together(STANDING, *(asked for asked, stands in chosen if stands))


def asked_by(used: Usage, guards: Guards) -> Counter[Unit]:
    """Say what usage asks of AWS: its steps, what the firewall and the trail see of them, and their logs."""
    counts = used.counts()
    asked = together(*({unit: amount * counts[name] for unit, amount in each.items()} for name, each in STEPS.items()))
    events = asked[Unit.PUTS] + asked[Unit.GETS]
    logs = asked[Unit.RUNS] * LOG_OF_A_RUN + asked[Unit.CALLS] * LOG_OF_A_CALL + (asked[Unit.KMS] + events) * LOG_OF_AN_EVENT
    return together(asked, {Unit.CHECKED: asked[Unit.CALLS] * guards.firewall, Unit.EVENTS: events, Unit.LOGS: logs})


def days_in(month: date) -> int:
    """Count the days of a month."""
    return calendar.monthrange(month.year, month.month)[1]


def asked_by_service(month: date, days: int) -> Counter[Unit]:
    """Say what the service itself asks in so many days of a month in which nobody comes."""
    logs = {Unit.LOGS: IDLE_DAY[Unit.RUNS] * LOG_OF_A_RUN}
    return together(_times(days, IDLE_DAY), _times(days, logs), _times(days / days_in(month), IDLE_MONTH))


def asked_by_guards(month: date, days: int, guards: Guards) -> Counter[Unit]:
    """Say what stands around it asks in those days."""
    return together(_times(days, GUARDS_A_DAY), _times(days / days_in(month), asked_by_month(guards)))


def asked_idle(month: date, days: int, guards: Guards) -> Counter[Unit]:
    """Say what a clinic asks in so many days of a month in which nobody comes."""
    return together(asked_by_service(month, days), asked_by_guards(month, days, guards))


def _times(number: float, asked: Asked) -> Asked:
    return {unit: amount * number for unit, amount in asked.items()}


@dataclass(frozen=True, slots=True)
class Price:
    """What one unit costs in dollars, how many AWS gives each account each month; which public list says so, for which day, read or not."""

    dollars: float
    free: float
    source: str
    as_of: date
    to_confirm: bool


@dataclass(frozen=True, slots=True)
class PriceList:
    """The prices of one region, before taxes, and what a dollar was worth."""

    region: str
    as_of: date
    prices: Mapping[Unit, Price]
    euros_a_dollar: float

    @property
    def to_confirm(self) -> bool:
        """Tell whether some price was written down without its source at hand."""
        return any(price.to_confirm for price in self.prices.values())

    def euros(self, unit: Unit, amount: float) -> float:
        """Price an amount as listed."""
        return amount * self.prices[unit].dollars * self.euros_a_dollar

    def sum(self, asked: Asked) -> float:
        """Price everything as listed."""
        return sum(self.euros(unit, amount) for unit, amount in asked.items())

    def sum_after_allowances(self, asked: Asked) -> float:
        """Price what lies beyond the monthly allowances of an account that has nothing else in it."""
        return self.sum({unit: max(0.0, amount - self.prices[unit].free) for unit, amount in asked.items()})


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a bill, in euros."""

    unit: Unit
    amount: float
    euros: float


@dataclass(frozen=True, slots=True)
class Day:
    """One day: what was used, and what that asked."""

    date: date
    used: Usage
    asked: Asked
    euros: float

    def lines(self, prices: PriceList) -> dict[Unit, float]:
        """Give what each unit cost, in euros."""
        return {unit: prices.euros(unit, self.asked.get(unit, 0)) for unit in Unit}


@dataclass(frozen=True, slots=True)
class Bill:
    """A month, or as much of it as is over. All in euros, as listed and before taxes; the lines that matter come first."""

    month: date
    days: tuple[Day, ...]
    lines: tuple[Line, ...]
    used: Usage
    total: float
    idle: float
    after_allowances: float

    @property
    def per_transfer(self) -> float | None:
        """Give what one transfer cost on average, without what the clinic costs idle."""
        return (self.total - self.idle) / self.used.transfers if self.used.transfers else None


def bill(month: date, until: int, used: Mapping[date, Usage], guards: Guards, prices: PriceList) -> Bill:
    """Write the bill of the first `until` days of a month. `month` is its first day."""
    days = [_day(month.replace(day=number), used, guards, prices) for number in range(1, until + 1)]
    everything = total(day.used for day in days)
    idle = asked_idle(month, until, guards)
    asked = together(*(day.asked for day in days))
    lines = sorted((Line(unit, asked[unit], prices.euros(unit, asked[unit])) for unit in Unit), key=lambda line: -line.euros)
    sums = prices.sum(asked), prices.sum(idle), prices.sum_after_allowances(asked)
    return Bill(month, tuple(days), tuple(lines), everything, *sums)


def _day(at: date, used: Mapping[date, Usage], guards: Guards, prices: PriceList) -> Day:
    mine = used.get(at, Usage())
    asked = together(asked_by(mine, guards), asked_idle(at, 1, guards))
    return Day(at, mine, asked, prices.sum(asked))

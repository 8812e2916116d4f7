"""What a clinic would cost, simulated with the counters of the service itself: `python -m infra.costs` prints the tables of cost.md."""

import sys
from datetime import date

from chalicelib.adapters.price_list import price_list
from chalicelib.domain import cost, envelope
from chalicelib.domain.clinic import Guards
from chalicelib.domain.cost import Asked, Unit
from chalicelib.domain.login import Channel
from chalicelib.domain.usage import Usage, of_code, of_notice

GUARDS = Guards()
MONTH = date(2026, 11, 1)  # of thirty days
TEN_CENTS = 0.1
SIZE = 10_000_000  # bytes
DAYS = 7
VOLUMES = (10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000)
FAMILIES: dict[str, tuple[Unit, ...]] = {
    "Keys (KMS)": (Unit.KEY, Unit.KMS),
    "Storage, records": (Unit.STORAGE, Unit.RECORDS),
    "DynamoDB requests": (Unit.READS, Unit.WRITES),
    "API Gateway, Lambda, logs": (Unit.CALLS, Unit.RUNS, Unit.SECONDS, Unit.LOGS),
    "S3 requests, SQS": (Unit.PUTS, Unit.GETS, Unit.QUEUE),
    "Data out": (Unit.OUT,),
    "E-mails": (Unit.EMAILS,),
    "Text messages": (Unit.TEXTS,),
    "Firewall": (Unit.FIREWALL, Unit.RULES, Unit.CHECKED),
    "Alarms, metrics, dashboard": (Unit.ALARMS, Unit.METRICS, Unit.DASHBOARD),
    "Trail of the bucket": (Unit.EVENTS,),
}


def sent(transfers: int, by: Channel) -> Usage:
    """Count transfers of one file of 10 MB to one recipient, who opens and downloads once; kept for seven days.

    The link goes by e-mail, the code by `by`, news of the end to the sender by e-mail; a member signs in for ten transfers.
    """
    plan = envelope.plan(SIZE)
    held = Usage(transfers=1, files=1, large_files=int(plan.parts > 1), parts=plan.parts, recipients=1, clear_bytes=SIZE)
    told = of_notice(Channel.EMAIL).times(2) + of_code(by)
    read = Usage(proofs=1, openings=1, downloads=1, download_bytes=plan.sealed_size, receipts=1)
    gone = Usage(drafts=1, sealed_bytes=plan.sealed_size, destroyed=1, byte_seconds=plan.sealed_size * DAYS * 24 * 3600)
    return (held + told + read + gone).times(transfers) + Usage(signins=-(-transfers // 10))


def month(used: Usage) -> Asked:
    """Say what a whole month with this usage asks."""
    return cost.together(cost.asked_by(used, GUARDS), cost.asked_idle(MONTH, 30, GUARDS))


def by_family() -> list[str]:
    """Write what an idle month and a thousand transfers cost, by what they cost it for."""
    prices = price_list()
    idle = [cost.asked_by_service(MONTH, 30), cost.asked_by_guards(MONTH, 30, GUARDS)]
    columns = [*idle, *(cost.asked_by(sent(1000, by), GUARDS) for by in (Channel.EMAIL, Channel.SMS))]
    head = "| € | an idle month: the service | what guards it | 1,000 transfers, codes by e-mail | 1,000 transfers, codes by SMS |"
    lines = [head, "|---|---|---|---|---|"]
    for name, units in FAMILIES.items():
        cells = [prices.sum({unit: asked.get(unit, 0) for unit in units}) for asked in columns]
        lines.append(f"| {name} | " + " | ".join(map(money, cells)) + " |")
    return [*lines, "| **Together** | " + " | ".join(f"**{money(prices.sum(asked))}**" for asked in columns) + " |"]


def idle() -> list[str]:
    """Write what an idle month costs with what a clinic chose to have around its service."""
    prices = price_list()
    chosen = {
        "the service itself": cost.asked_by_service(MONTH, 30),
        "with its trail and dashboard": cost.asked_idle(MONTH, 30, Guards(firewall=False, alarms=False)),
        "and alarms": cost.asked_idle(MONTH, 30, Guards(firewall=False)),
        "and the firewall": cost.asked_idle(MONTH, 30, GUARDS),
    }
    lines = ["| an idle month, € | as listed | after allowances |", "|---|---|---|"]
    return lines + [f"| {name} | {money(prices.sum(one))} | {money(prices.sum_after_allowances(one))} |" for name, one in chosen.items()]


def growth() -> list[str]:
    """Write what ever more transfers a month cost, the idle clinic included."""
    prices = price_list()
    lines = ["| transfers a month | e-mail, € | each | after allowances | SMS, € | each |", "|---|---|---|---|---|---|"]
    for number in VOLUMES:
        email, text = (month(sent(number, by)) for by in (Channel.EMAIL, Channel.SMS))
        sums = (
            prices.sum(email),
            prices.sum(email) / number,
            prices.sum_after_allowances(email),
            prices.sum(text),
            prices.sum(text) / number,
        )
        lines.append(f"| {number:,} | " + " | ".join(map(money, sums)) + " |")
    return lines


def money(amount: float) -> str:
    """Write euros: to the cent, and below ten cents to a hundredth of one."""
    return f"{amount:,.2f}" if amount == 0 or amount >= TEN_CENTS else f"{amount:.4f}"


def main() -> None:
    """Print the tables."""
    sys.stdout.write("\n".join([*by_family(), "", *idle(), "", *growth(), ""]))


if __name__ == "__main__":
    main()

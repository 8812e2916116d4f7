"""Costs: every counter has its price, every price its source, and the sums agree."""

import json
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from chalicelib import rendering
from chalicelib.adapters.price_list import price_list
from chalicelib.domain import cost
from chalicelib.domain.clinic import Guards
from chalicelib.domain.cost import GB, IDLE_DAY, PAGE_OF_A_RECIPIENT, PAGES_OF_A_RECIPIENT, SECONDS_A_MONTH, STEPS, Unit
from chalicelib.domain.login import Channel
from chalicelib.domain.usage import COUNTERS, Usage
from infra import costs

PRICES = price_list()
ROOT = Path(rendering.__file__).parents[1]
GUARDS = Guards()
LIST = json.loads((Path(rendering.__file__).parent / "prices" / "eu-west-3.json").read_text("utf-8"))
NOVEMBER = date(2026, 11, 1)
COUNTED_ELSEWHERE = {"clear_bytes", "sealed_bytes"}  # stored as byte-seconds; kept for people to read


def test_every_counter_asks_something_and_nothing_else_does() -> None:
    assert set(STEPS) == set(COUNTERS) - COUNTED_ELSEWHERE
    assert all(any(asked.values()) for asked in STEPS.values())


def test_every_unit_is_asked_by_something() -> None:
    asked = {unit for one in (*STEPS.values(), IDLE_DAY) for unit, amount in one.items() if amount}

    derived = {Unit.CHECKED, Unit.EVENTS, Unit.LOGS}
    assert set(Unit) - asked - set(cost.asked_by_month(GUARDS)) == derived
    assert all(cost.asked_by(Usage(drafts=1, parts=1), GUARDS)[unit] for unit in derived)


def test_every_price_is_dated_and_says_where_it_is_listed() -> None:
    assert set(LIST["prices"]) == set(Unit)
    for said in (*LIST["prices"].values(), LIST["euro"]):
        assert said["source"].startswith("https://")
        assert date.fromisoformat(said["as_of"]) <= NOVEMBER
        assert isinstance(said["to_confirm"], bool)


def test_a_price_is_that_of_one() -> None:
    assert PRICES.prices[Unit.EMAILS].dollars == pytest.approx(0.0001)
    assert PRICES.euros(Unit.KMS, 10_000) == pytest.approx(0.03 / 1.1741)


@pytest.mark.parametrize(
    ("used", "unit", "amount"),
    [
        (Usage(byte_seconds=GB * SECONDS_A_MONTH * 3), Unit.STORAGE, 3),
        (Usage(texts=4, emails=2), Unit.TEXTS, 4),
        (Usage(texts=4, emails=2), Unit.EMAILS, 2),
        (Usage(download_bytes=5 * GB), Unit.OUT, 5),
        (Usage(parts=7), Unit.PUTS, 7),
        (Usage(recipients=3, transfers=1, openings=2, drafts=1), Unit.KMS, 7),
    ],
)
def test_usage_asks_what_it_should(used: Usage, unit: Unit, amount: float) -> None:
    assert cost.asked_by(used, GUARDS)[unit] == pytest.approx(amount)


def test_the_days_of_a_bill_add_up_to_it() -> None:
    used = {NOVEMBER.replace(day=day): Usage(transfers=day, texts=day) for day in (1, 5, 30)}

    bill = cost.bill(NOVEMBER, 30, used, GUARDS, PRICES)

    assert sum(day.euros for day in bill.days) == pytest.approx(bill.total)
    assert sum(line.euros for line in bill.lines) == pytest.approx(bill.total)
    assert sum(sum(day.lines(PRICES).values()) for day in bill.days) == pytest.approx(bill.total)
    assert bill.used == Usage(transfers=36, texts=36)
    assert bill.per_transfer == pytest.approx(PRICES.sum(cost.asked_by(Usage(transfers=1, texts=1), GUARDS)))


def test_what_guards_the_service_is_what_the_template_says() -> None:
    template: dict[str, Any] = {}
    for path in (ROOT / "infra" / "resources").glob("*.yaml"):
        template |= yaml.safe_load(path.read_text("utf-8")).get("Resources", {})
    types = Counter(one["Type"] for one in template.values() if "Type" in one)
    mappings = sum("SqsEventSource" in name for name in (ROOT / "infra" / "resources" / "functions.yaml").read_text("utf-8").split())

    guards = cost.asked_by_month(GUARDS)
    together = cost.together(cost.IDLE_MONTH, guards)
    assert together[Unit.KEY] == types["AWS::KMS::Key"]
    assert (guards[Unit.FIREWALL], guards[Unit.RULES]) == (types["AWS::WAFv2::WebACL"], len(template["Firewall"]["Properties"]["Rules"]))
    assert guards[Unit.ALARMS] == types["AWS::CloudWatch::Alarm"]
    assert guards[Unit.METRICS] == types["AWS::Logs::MetricFilter"]
    assert guards[Unit.DASHBOARD] == types["AWS::CloudWatch::Dashboard"]
    assert mappings * 5 * 3 * 24 * 60 == cost.POLLS_A_DAY


@pytest.mark.parametrize(
    ("guards", "nothing", "alarms"),
    [
        (Guards(), set(), 30),
        (Guards(firewall=False), {Unit.FIREWALL, Unit.RULES, Unit.CHECKED}, 29),
        (Guards(alarms=False), {Unit.ALARMS}, 0),
        (Guards(firewall=False, alarms=False), {Unit.FIREWALL, Unit.RULES, Unit.CHECKED, Unit.ALARMS}, 0),
    ],
)
def test_a_bill_counts_what_the_clinic_chose_to_be_guarded_by(guards: Guards, nothing: set[Unit], alarms: int) -> None:
    used = {NOVEMBER: Usage(drafts=1, transfers=1, openings=1)}

    bill = cost.bill(NOVEMBER, 30, used, guards, PRICES)

    amounts = {line.unit: line.amount for line in bill.lines}
    guarding = {Unit.FIREWALL, Unit.RULES, Unit.CHECKED, Unit.ALARMS}
    assert {unit for unit in guarding if not amounts[unit]} == nothing
    assert amounts[Unit.ALARMS] == pytest.approx(alarms)
    assert sum(day.euros for day in bill.days) == pytest.approx(bill.total)


def test_a_month_without_anybody_costs_its_idling_and_its_keys_once() -> None:
    bill = cost.bill(NOVEMBER, 30, {}, GUARDS, PRICES)

    assert bill.total == pytest.approx(bill.idle)
    assert {line.unit: line.amount for line in bill.lines}[Unit.KEY] == pytest.approx(2)
    assert bill.per_transfer is None


def test_half_a_month_costs_half_of_its_idling() -> None:
    half, whole = (cost.bill(NOVEMBER, days, {}, GUARDS, PRICES).total for days in (15, 30))

    assert half == pytest.approx(whole / 2)


def test_allowances_are_taken_off_each_unit_and_no_further() -> None:
    few = PRICES.sum_after_allowances({Unit.OUT: 40, Unit.TEXTS: 1})
    many = PRICES.sum_after_allowances({Unit.OUT: 140, Unit.TEXTS: 1})

    assert few == pytest.approx(PRICES.euros(Unit.TEXTS, 1))
    assert many == pytest.approx(few + PRICES.euros(Unit.OUT, 40))


def test_a_recipient_s_page_is_as_large_as_it_is_billed() -> None:
    scripts = set(rendering.modules("collect")).union(rendering.modules("opening-worker"))
    files = ["page", "site.css", "seal.svg", *scripts]
    size = sum(len(text_of(one).encode()) for one in scripts) + len((rendering.static_text("css", "site.css") or "").encode())

    assert len(files) == PAGES_OF_A_RECIPIENT
    assert 0.5 * PAGE_OF_A_RECIPIENT <= size / GB <= PAGE_OF_A_RECIPIENT


def text_of(script: str) -> str:
    text = rendering.static_text("js", script)
    assert text is not None, script
    return text


PAGE = (Path(rendering.__file__).parents[1] / "docs" / "explanation" / "cost.md").read_text("utf-8")


@pytest.mark.parametrize("table", [costs.by_family, costs.idle, costs.growth], ids=["by family", "idle", "growth"])
def test_the_documentation_shows_what_the_counters_say(table: Callable[[], list[str]]) -> None:
    assert "\n".join(table()) in PAGE


def test_the_documentation_says_what_an_idle_month_costs() -> None:
    service = cost.asked_by_service(costs.MONTH, 30)
    polls = PRICES.euros(Unit.QUEUE, service[Unit.QUEUE])

    assert f"it is {costs.money(PRICES.sum(service))} €" in PAGE
    assert f"it is **{costs.money(PRICES.sum_after_allowances(service))} €**" in PAGE
    assert f"it would be {costs.money(PRICES.sum(service) - polls)} €" in PAGE
    assert PRICES.sum_after_allowances(service) <= 1.50


def test_the_readme_says_the_same() -> None:
    readme = (Path(rendering.__file__).parents[1] / "README.md").read_text("utf-8")
    idle, thousand = cost.asked_idle(costs.MONTH, 30, GUARDS), cost.asked_by(costs.sent(1000, Channel.EMAIL), GUARDS)
    least, most = PRICES.sum_after_allowances(idle), PRICES.sum(idle)

    assert f"an idle month {costs.money(least)} to {costs.money(most)} €" in readme
    assert f"a thousand transfers by e-mail {costs.money(PRICES.sum(thousand))} € more" in readme


def test_the_documentation_names_the_day_of_its_prices() -> None:
    assert f"as of {PRICES.as_of}" in PAGE


def test_a_simulated_transfer_is_that_of_the_counters() -> None:
    one = costs.sent(1, Channel.SMS)

    assert (one.emails, one.texts, one.notices, one.codes) == (2, 1, 2, 1)
    assert one.byte_seconds == one.sealed_bytes * 7 * 86_400
    assert one.download_bytes == one.sealed_bytes > one.clear_bytes == costs.SIZE
    assert costs.sent(1000, Channel.SMS).texts == 1000
    assert {name for name, count in one.counts().items() if not count} == set()

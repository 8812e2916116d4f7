"""The bill over HTTP: what it says, for which month, and as a table."""

import csv
import io
from typing import Any

import pytest

from chalicelib.domain.member import Role
from chalicelib.usecases.ports import Ports
from tests.builders import a_told_transfer
from tests.fakes import SETTINGS
from tests.http.visitor import Visitor, signed_in


@pytest.fixture
def administrator(ports: Ports) -> Visitor:
    return signed_in(ports, role=Role.ADMINISTRATOR)


def test_a_bill_says_what_was_counted_and_what_it_costs(ports: Ports, administrator: Visitor) -> None:
    before = administrator.call("GET", "/api/usage").json["usage"]
    a_told_transfer(ports)

    seen = administrator.call("GET", "/api/usage").json
    usage = seen["usage"]

    assert (usage["month"], len(seen["months"]), seen["months"][0]) == (f"{ports.clock.now():%Y-%m}", 25, usage["month"])
    assert (before["counts"]["transfers"], usage["counts"]["transfers"], usage["counts"]["emails"]) == (0, 1, 1)
    assert usage["total"] > before["total"] > 0
    assert sum(line["euros"] for line in usage["lines"]) == pytest.approx(usage["total"], abs=1e-5)
    assert usage["days"][-1] == {
        "day": ports.clock.now().date().isoformat(),
        "euros": pytest.approx(usage["days"][-1]["euros"]),
        "transfers": 1,
    }
    assert usage["per_transfer"] == pytest.approx(usage["total"] - usage["idle"], abs=1e-5)
    assert [line["euros"] for line in usage["lines"]] == sorted((line["euros"] for line in usage["lines"]), reverse=True)


def test_another_month_has_another_bill(ports: Ports, administrator: Visitor) -> None:
    a_told_transfer(ports)
    months = administrator.call("GET", "/api/usage").json["months"]

    usage = administrator.call("GET", f"/api/usage?month={months[1]}").json["usage"]

    assert (usage["month"], usage["counts"]["transfers"], usage["per_transfer"]) == (months[1], 0, None)


@pytest.mark.parametrize("month", ["", "2026", "2026-13", "2026-1", "1999-01", "2099-01", "2026-11-01", "٢٠٢٦-١١"])
@pytest.mark.parametrize("path", ["/api/usage", "/api/usage/days"])
def test_a_month_there_is_no_bill_of_is_refused(administrator: Visitor, path: str, month: str) -> None:
    seen = administrator.call("GET", f"{path}?month={month}")

    assert (seen.status, seen.json) == (422, {"error": "bad_field", "field": "month"})


def test_a_month_by_day_is_a_table_for_french_spreadsheets(ports: Ports, administrator: Visitor) -> None:
    a_told_transfer(ports)

    table = administrator.call("GET", "/api/usage/days").json
    bill = administrator.call("GET", "/api/usage").json["usage"]

    rows = list(csv.DictReader(io.StringIO(table["csv"]), delimiter=";"))
    assert table["name"] == f"couts-{bill['month']}.csv"
    assert table["csv"].startswith('"day";"drafts";"transfers";')
    assert [row["day"] for row in rows] == [day["day"] for day in bill["days"]]
    assert sum(number(row["eur_total"]) for row in rows) == pytest.approx(bill["total"], abs=1e-4)
    assert sum(number(row[name]) for row in rows for name in row if name.startswith("eur_") and name != "eur_total") == pytest.approx(
        bill["total"], abs=1e-3
    )
    assert rows[-1]["transfers"] == "1"


def number(text: Any) -> float:
    assert "." not in text
    return float(text.replace(",", "."))


def test_a_bill_names_nobody(ports: Ports, administrator: Visitor) -> None:
    sending = a_told_transfer(ports)

    seen = administrator.call("GET", "/api/usage").text + administrator.call("GET", "/api/usage/days").text

    for secret in (sending.id, sending.sender, *sending.recipients, "ada", SETTINGS.clinic.id):
        assert secret not in seen.lower()

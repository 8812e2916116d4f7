"""`make bench`: how fast it starts, answers, seals and is deployed, and how large it is; each number beside what is allowed, in one run.

Prints a table and writes the same rows to build/bench.json: name, value, unit, allowed, met, against. Exit status 1 when one is missed.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from infra.package import package
from tests.bench import deploying, sealing, serving, starting

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Row:
    """One measure. `allowed` is the most it may be, or None where nothing was promised."""

    name: str
    value: float
    unit: str
    allowed: float | None
    against: str = ""

    @property
    def met(self) -> bool | None:
        """Tell whether the promise is kept."""
        return None if self.allowed is None else self.value <= self.allowed

    def __str__(self) -> str:
        """Write a line of the table."""
        verdict = {None: "", True: "met", False: "MISSED"}[self.met]
        allowed = "" if self.allowed is None else f"≤ {self.allowed:g}"
        return f"{self.name:58} {self.value:8.2f} {self.unit:6} {allowed:8} {verdict:7} {self.against}".rstrip()


def starts() -> Iterator[Row]:
    """Measure what a visitor waits for when no function is warm."""
    first = starting.first_answers(ROOT)
    beside = f"Chalice that says hello, same clients: {first['least']:.0f} ms"
    yield Row("API, import to first page, fresh process", first["page"], "ms", 200, "median of 7")
    yield Row("API, import to first answer with every client of AWS", first["session"], "ms", None, "median of 7")
    yield Row("the same, beside the least such function", first["ratio"], "times", 1.25, beside)


def serves() -> Iterator[Row]:
    """Measure each route once warm, without AWS; the slowest of each kind is told here, all of them in the file."""
    taken = serving.milliseconds()
    (ROOT / "build" / "bench-routes.json").write_text(json.dumps({" ".join(route): ms for route, ms in taken.items()}, indent=1), "utf-8")
    answered = {route: ms for route, ms in taken.items() if route not in serving.DRAWING}
    slowest = max(answered, key=lambda route: answered[route])
    yield Row(f"slowest of {len(answered)} routes, warm, without AWS", answered[slowest], "ms", 3, " ".join(slowest))
    for route in sorted(serving.DRAWING):
        yield Row("a route that draws, warm, without AWS", taken[route], "ms", 50, " ".join(route))


def weighs() -> Iterator[Row]:
    """Measure what is uploaded, and how long until it stands."""
    yield Row("zip of the functions", package(ROOT).code.stat().st_size / 1e6, "MB", 20)
    yield Row("deployment to the emulator from nothing", deploying.seconds(ROOT), "s", 10)


def seals() -> Iterator[Row]:
    """Measure the browser."""
    rates = sealing.rates(ROOT)
    plain = f"plain AES-GCM of the same bytes, 1 MiB blocks: {rates['plain']:.0f} MiB/s"
    yield Row("sealing in the page, one thread", rates["seal"], "MiB/s", None, plain)
    yield Row("sealing in two workers, as pages do", rates["crew"], "MiB/s", None, plain)
    beside = f"RFC 8188 as a stream, AES-128-GCM, 64 KiB records: {rates['ece']:.0f} MiB/s"
    yield Row("the same, beside the encrypted content encoding", rates["crew"] / rates["ece"], "times", None, beside)


def main() -> int:
    """Print the table, write the file, and answer the exit status."""
    (ROOT / "build").mkdir(exist_ok=True)
    rows = []
    for measure in (starts, serves, weighs, seals):
        for row in measure():
            print(row, flush=True)
            rows.append(asdict(row) | {"met": row.met})
    (ROOT / "build" / "bench.json").write_text(json.dumps(rows, indent=1, ensure_ascii=False), encoding="utf-8")
    return int(any(row["met"] is False for row in rows))


if __name__ == "__main__":
    sys.exit(main())

"""`make bench`: how fast it starts and seals, each number beside what it is compared with, in one run on one machine.

Prints a table and writes the same rows to build/bench.json: name, value, unit, against, target, met.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.bench import sealing, starting

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Row:
    """One measure. `met` is None where nothing was promised."""

    name: str
    value: float
    unit: str
    against: str
    target: str | None
    met: bool | None


def rows() -> list[Row]:
    """Measure everything."""
    started = starting.import_milliseconds(ROOT)
    rates = sealing.rates(ROOT)
    plain = f"plain AES-GCM of the same bytes, 1 MiB blocks: {rates['plain']:.0f} MiB/s"
    return [
        Row("API function, import in a fresh process", started, "ms, median of 7", "packaged form", "≤ 250", started <= 250),
        Row("Sealing in the page, one thread", rates["seal"], "MiB/s", plain, None, None),
        Row("Sealing in two workers, as pages do", rates["crew"], "MiB/s", plain, None, None),
    ]


def main() -> None:
    """Print the table and write the file."""
    measured = rows()
    for row in measured:
        verdict = "" if row.met is None else "met" if row.met else "MISSED"
        print(f"{row.name:42} {row.value:8.1f} {row.unit:16} {row.target or '':8} {verdict:7} against {row.against}")
    out = ROOT / "build" / "bench.json"
    out.parent.mkdir(exist_ok=True)
    out.write_text(json.dumps([asdict(row) for row in measured], indent=1, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main()

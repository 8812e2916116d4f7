"""Stop a clinic at night, and start it again: `python -m infra.stop infra/clinics/NAME.json`, then with `--start`.

No function runs any more: no page, no opening, no message, and no sweep either, so that promised destructions wait. Nothing is lost:
queues keep what comes for four days. A deployment starts it again, too. Exit status: as of `infra.deploy`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from infra import doors
from infra.clinic_file import ClinicFile
from infra.commands import done
from infra.place import place
from infra.shelf import shelf


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says; answer the exit status."""
    parser = argparse.ArgumentParser(prog="python -m infra.stop", description="Let no function of a clinic run, or let them run again.")
    parser.add_argument("file", type=Path, help="the clinic's file, such as infra/clinics/lilas.json")
    parser.add_argument("--start", action="store_true", help="let them run again")
    said = parser.parse_args(arguments)

    def work(clinic: ClinicFile) -> None:
        where = place(clinic.region)
        (doors.open_again if said.start else doors.close)(where, shelf(where), clinic)
        print(f"{clinic.name}: {'its functions run again' if said.start else 'no function runs any more'}.")

    return done(said.file, work)


if __name__ == "__main__":
    sys.exit(main())

"""The Firefox of this machine, led through `fox.js`: Playwright drives no Firefox but its own."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

PATIENCE = 60_000  # milliseconds
MISSING = "The browser tests need firefox-esr: install it (apt-get install firefox-esr), then try again."


class Fox:
    """One page of a Firefox, and the folder of its downloads."""

    def __init__(self, said: IO[str], heard: IO[str], downloads: Path) -> None:
        self.said = said
        self.heard = heard
        self.downloads = downloads
        self.expected: list[str] = []  # faults

    def goes(self, address: str) -> None:
        """Go to an address."""
        self._does("goes", address)

    def clicks(self, selector: str) -> None:
        """Click what can be seen and clicked."""
        self._does("clicks", selector)

    def fills(self, selector: str, text: str) -> None:
        """Write in a field."""
        self._does("fills", selector, text)

    def chooses(self, selector: str, files: Sequence[Path]) -> None:
        """Choose files."""
        self._does("chooses", selector, [str(one) for one in files])

    def sees(self, selector: str) -> None:
        """Wait until something can be seen."""
        self._does("sees", selector, PATIENCE)

    def reads(self, selector: str) -> str:
        """Read the text of something."""
        return str(self._does("reads", selector))

    def runs(self, script: str) -> Any:
        """Run a script in the page."""
        return self._does("runs", script)

    def keeps(self, cookies: Sequence[Any]) -> None:
        """Keep these cookies."""
        self._does("keeps", cookies)

    def ended(self, count: int) -> list[str]:
        """Wait until so many downloads have ended, and say how."""
        return list(self._does("ended", count, PATIENCE))

    def faults(self) -> list[str]:
        """List the errors that nobody caught, and what the browser reports as such."""
        return list(self._does("faults"))

    def _does(self, verb: str, *what: object) -> Any:
        self.said.write(json.dumps([verb, *what]) + "\n")
        self.said.flush()
        done = json.loads(self.heard.readline())
        assert "error" not in done, (verb, what, done["error"])
        return done.get("answer")


@contextmanager
def firefox(downloads: Path, width: int = 1280) -> Iterator[Fox]:
    """Start it; `downloads` is where it saves."""
    found = shutil.which("firefox-esr")
    assert found, MISSING
    script = Path(__file__).with_name("fox.js")
    with subprocess.Popen(
        ["node", str(script), found, str(downloads), str(width)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as node:
        assert node.stdin
        assert node.stdout
        yield Fox(node.stdin, node.stdout, downloads)
        node.stdin.close()

"""How a page may be looked at: by day and by night, on a desk, on a phone, and enlarged."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Page

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
PAINTED = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
RUN = "options => axe.run(document, options).then(found => found.violations)"


@dataclass(frozen=True, slots=True)
class Look:
    """A width in CSS pixels, a colour scheme, and how many screen pixels one of CSS has."""

    width: int
    scheme: Literal["light", "dark"]
    scale: int = 1

    @property
    def name(self) -> str:
        """Name a picture."""
        return f"{self.width:04}-{self.scheme}"


DESK, DESK_AT_NIGHT, PHONE, PHONE_AT_NIGHT = Look(1280, "light"), Look(1280, "dark"), Look(320, "light"), Look(320, "dark")
ENLARGED = Look(640, "light", scale=2)  # a window of 1280 pixels at 200 %
LOOKS = (DESK, DESK_AT_NIGHT, PHONE, PHONE_AT_NIGHT)


@contextmanager
def seen(page: Page, look: Look) -> Iterator[None]:
    """Look at a page, then give it its window back."""
    before = page.viewport_size
    assert before
    page.emulate_media(color_scheme=look.scheme, reduced_motion="reduce")
    page.set_viewport_size({"width": look.width, "height": 900})
    if look.scale != 1:
        metrics = {"width": look.width, "height": 900, "deviceScaleFactor": look.scale, "mobile": False}
        page.context.new_cdp_session(page).send("Emulation.setDeviceMetricsOverride", metrics)
    page.evaluate(PAINTED)
    yield
    page.set_viewport_size({"width": before["width"] + 1, "height": before["height"]})
    page.set_viewport_size(before)


def overflow(page: Page) -> int:
    """Answer by how many pixels a page is wider than its window."""
    wider: int = page.evaluate(WIDER)
    return wider


def violations(page: Page, rules: list[str] | None = None) -> list[str]:
    """Run axe, wholly or for some rules; answer one line for each element that breaks one."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    options: dict[str, Any] = {"resultTypes": ["violations"]}
    if rules:
        options["runOnly"] = {"type": "rule", "values": rules}
    found = page.evaluate(RUN, options)
    return [f"{one['id']}: {json.dumps(node['target'])} {node['failureSummary']}" for one in found for node in one["nodes"]]

"""What browsers are given: whole scripts without their comments, and not many bytes of them."""

import re
import subprocess
from pathlib import Path

import pytest

from chalicelib import rendering

SCRIPTS = sorted(path.name for path in (Path(rendering.__file__).parent / "static" / "js").glob("*.js"))
PAGES = (
    "health",
    "signin",
    "join",
    "psc",
    "account",
    "settings",
    "send",
    "resume",
    "transfers",
    "transfer",
    "members",
    "costs",
    "collect",
    "verify",
)
WORKERS = {"send": ("sealing-worker.js",), "resume": ("sealing-worker.js",), "collect": ("opening-worker.js",)}
LATER = ("saving-worker.js", "client-zip.js")  # the service worker, which a recipient's first large download brings
MOST = 64 * 1024  # bytes, before compression
MOST_LATER = 16 * 1024


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_without_its_comments_is_still_a_script(name: str) -> None:
    text = rendering.static_text("js", name)

    checked = subprocess.run(["node", "--input-type=module", "--check"], input=text, text=True, capture_output=True, check=False)

    assert text
    assert checked.returncode == 0, checked.stderr
    assert not re.search(r"^\s*(//|\*\s|/\*.*\*/\s*$)", text, re.MULTILINE)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_loads_less_than_sixty_four_kibibytes_of_script(page: str) -> None:
    loaded = set(rendering.modules(page)).union(*(rendering.modules(worker[:-3]) for worker in WORKERS.get(page, ())))

    size = sum(len((rendering.static_text("js", name) or "").encode()) for name in loaded)

    assert f"{page}.js" in loaded
    assert size < MOST, f"{page}: {size} bytes in {len(loaded)} scripts"


def test_what_a_large_download_loads_besides_is_small() -> None:
    sizes = {name: len((rendering.static_text("js", name) or "").encode()) for name in LATER}

    assert sum(sizes.values()) < MOST_LATER, sizes

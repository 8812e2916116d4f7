"""One clinic and one Chromium for the whole ring; a fresh browser for each person of each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, StorageState, expect

from tests.browser import arrivals
from tests.browser.arrivals import PATIENCE, Arrivals
from tests.browser.member import Member
from tests.browser.people import To
from tests.browser.recipient import Recipient
from tests.browser.staff import Staff, opening
from tests.stack import Stack, stack

expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let a browser that was too slow try once more; the run says so with an R. Nothing but a time-out is forgiven."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.flaky(reruns=1, only_rerun=["TimeoutError", "with timeout"]))


@pytest.fixture(scope="session")
def clinic() -> Iterator[Stack]:
    with stack() as opened:
        yield opened


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with arrivals.chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def staff(chromium: Browser, clinic: Stack) -> Iterator[Staff]:
    came = Arrivals(chromium, clinic)
    yield opening(came, clinic)
    came.leave()


@pytest.fixture(scope="session")
def camille(staff: Staff) -> StorageState:
    return staff.camille


@pytest.fixture
def host(staff: Staff) -> Member:
    """An administrator with a passkey, who can prove who they are again and again; in one browser all along."""
    staff.host.goes("/members")
    return staff.host


@pytest.fixture
def came(chromium: Browser, clinic: Stack) -> Iterator[Arrivals]:
    """Whoever comes in one test; no page of theirs may break, or breach its policy."""
    arrived = Arrivals(chromium, clinic)
    yield arrived
    faults = arrived.faults
    arrived.leave()
    assert faults == []


@pytest.fixture
def sender(came: Arrivals, camille: StorageState, clinic: Stack) -> Member:
    return Member(came.page(signed_in=camille), clinic)


@pytest.fixture
def recipient(came: Arrivals, clinic: Stack) -> Callable[..., Recipient]:
    """Make the browser of somebody a transfer is for."""

    def make(to: To, **options: Any) -> Recipient:
        return Recipient(came.page(to.language, **options), clinic, to)

    return make


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path

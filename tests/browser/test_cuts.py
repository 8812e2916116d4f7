"""The network is cut at random places, on either side: every byte arrives, or a clear refusal does. CUTS=100 cuts it more often."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
from playwright.sync_api import StorageState, expect

from tests.browser.arrivals import Arrivals
from tests.browser.cutting import Scissors, road
from tests.browser.files import PART, digests, noise, written
from tests.browser.member import Member
from tests.browser.people import somebody
from tests.browser.recipient import Recipient, digest
from tests.stack import Stack

CUTS = int(os.environ.get("CUTS", "10"))
SEED = int(os.environ.get("SEED", "20261124"))
PATIENCE = 60_000 + CUTS * 3_000  # milliseconds


@pytest.fixture
def chance() -> random.Random:
    print(f"CUTS={CUTS} SEED={SEED}")  # shown when the test fails
    return random.Random(SEED)


def test_what_a_recipient_reads_is_whole_however_often_it_is_cut(
    came: Arrivals, sender: Member, clinic: Stack, folder: Path, chance: random.Random
) -> None:
    contents = {"irm.bin": noise(3 * PART + 12_345)}
    ada = somebody()
    sender.sends(written(folder, contents), [ada])
    scissors = Scissors(f"{clinic.aws_url}/{clinic.bucket}/", "GET", CUTS, PART // CUTS, chance)

    with road(scissors) as proxy:
        reading = Recipient(came.page(proxy={"server": proxy}), clinic, ada)
        reading.enters()
        with reading.page.expect_download(timeout=PATIENCE) as saved:
            reading.row("irm.bin").get_by_role("button").click()
        expect(reading.row("irm.bin")).to_contain_text(reading.words("collect.live_verified"))

        assert digest(saved.value) == digests(contents)["irm.bin"]
        assert scissors.made.total() == CUTS
        reading.page.close()


def test_what_a_member_sends_is_whole_however_often_it_is_cut(
    came: Arrivals, camille: StorageState, clinic: Stack, folder: Path, chance: random.Random
) -> None:
    contents = {"irm.bin": noise(2 * PART + 12_345)} | {f"coupe {n}.bin": noise(200_000, n) for n in range(CUTS)}
    ada = somebody()
    scissors = Scissors(f"{clinic.aws_url}/{clinic.bucket}/", "PUT", CUTS, 300_000, chance)

    with road(scissors) as proxy:
        sender = Member(came.page(signed_in=camille, proxy={"server": proxy}), clinic)
        sender.fills(written(folder, contents), [ada])
        sender.seals()
        expect(sender.heading("sending.live_sealed")).to_be_visible(timeout=PATIENCE)
        assert scissors.made.total() == CUTS
        sender.page.close()

    reading = Recipient(came.page(), clinic, ada)
    reading.enters()
    assert reading.downloads_all() == digests(contents)

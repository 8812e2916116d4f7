"""The end of a transfer: revoked, expired, tampered with; keys first, then objects, and a calm page for who comes late."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.files import noise, written
from tests.browser.member import Member, Sent
from tests.browser.people import somebody
from tests.browser.recipient import Recipient
from tests.browser.store import Store
from tests.stack import Stack

Comes = Callable[..., Recipient]
LETTER = {"lettre.txt": b"bonjour"}


def finds_it_over(who: Recipient, end: str = "transfer_revoked") -> None:
    """See the calm page of what is no more: what happened, what is kept, whom to ask."""
    expect(who.heading(f"collect.end.{end}.title")).to_be_visible()
    who.sees(f"collect.end.{end}.todo")
    expect(who.page.locator(".file--row:visible")).to_have_count(0)


def steps(store: Store, sent: Sent) -> list[str]:
    """List the last two steps of a transfer, whatever was told to whom meanwhile."""
    return [tag for tag in store.trail(sent.id) if tag.startswith("transfer.")][-2:]


def test_revoking_from_the_list_closes_at_once_and_leaves_no_key(sender: Member, recipient: Comes, clinic: Stack, folder: Path) -> None:
    ada, store = somebody(), Store(clinic)
    sent = sender.sends(written(folder, LETTER), [ada])
    inside, late = recipient(ada), recipient(ada)
    inside.enters()

    sender.revokes(sent)
    assert (store.objects(sent.id), store.keys(sent.id)) == ([], [])
    expect(sender.row(sent)).to_contain_text(sender.words("state.revoked"))
    inside.row("lettre.txt").get_by_role("button").click()
    late.opens()
    late.button("collect.ask").click()

    finds_it_over(inside)
    finds_it_over(late)
    assert steps(store, sent) == ["transfer.ended", "transfer.shredded"]


def test_revoking_one_recipient_leaves_the_others_their_access(sender: Member, recipient: Comes, clinic: Stack, folder: Path) -> None:
    ada, grace = somebody(), somebody("Grace Hopper")
    sent = sender.sends(written(folder, LETTER), [ada, grace])
    sender.goes(f"/transfers/{sent.id}")

    sender.button("transfer.live_revoke_one", name=ada.name).click()
    sender.confirms("revoke.one_yes")
    sender.sees("transfer.live_revoked_one", name=ada.name)

    closed, open_still = recipient(ada), recipient(grace)
    closed.opens()
    closed.button("collect.ask").click()
    finds_it_over(closed)
    open_still.enters()
    kept = str(Store(clinic).keys(sent.id))
    first, second = (one["recipient"] for one in sender.transfer(sent.id)["recipients"])
    assert (first in kept, second in kept) == (False, True)


def test_past_its_deadline_a_transfer_is_refused_before_any_sweep_then_destroyed_by_one(
    sender: Member, recipient: Comes, clinic: Stack, folder: Path
) -> None:
    ada, store = somebody(), Store(clinic)
    sent = sender.sends(written(folder, LETTER), [ada])
    inside, late = recipient(ada), recipient(ada)
    inside.enters()
    past = datetime.now(UTC) - timedelta(seconds=2)

    store.set_deadline(sent.id, past)
    inside.row("lettre.txt").get_by_role("button").click()
    late.opens()
    late.button("collect.ask").click()
    finds_it_over(inside, "transfer_expired")
    finds_it_over(late, "transfer_expired")
    assert store.objects(sent.id) != []
    assert store.keys(sent.id) != []

    store.set_due(sent.id, past)
    clinic.sweep()
    assert (store.objects(sent.id), store.keys(sent.id)) == ([], [])
    assert store.tombstone(sent.id)["state"] == "shredded"
    assert steps(store, sent) == ["transfer.ended", "transfer.shredded"]
    sender.goes(f"/transfers/{sent.id}")
    sender.sees("ended.expired")


def test_an_object_changed_after_the_seal_is_told_and_never_saved(sender: Member, recipient: Comes, clinic: Stack, folder: Path) -> None:
    ada, store = somebody(), Store(clinic)
    sent = sender.sends(written(folder, {"bon.bin": noise(1000), "altere.bin": noise(200_000)}), [ada])
    sealed = bytearray(store.sealed(sent.id, 1))
    sealed[150_000] ^= 1
    store.overwrite(sent.id, bytes(sealed), 1)
    collecting = recipient(ada)
    collecting.enters()
    saved: list[str] = []
    collecting.page.on("download", lambda one: saved.append(one.suggested_filename))

    collecting.row("altere.bin").get_by_role("button").click()
    expect(collecting.row("altere.bin")).to_contain_text(collecting.words("refusal.integrity"))
    collecting.downloads("bon.bin")

    assert saved == ["bon.bin"]
    assert sender.transfer(sent.id)["recipients"][0]["collected_files"] == 1

"""Every page in every state: walks that stop at each state worth looking at. Accessibility and pictures use the same ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Page, StorageState, expect

from tests.browser.arrivals import Arrivals
from tests.browser.files import noise, written
from tests.browser.member import Member
from tests.browser.network import Gate
from tests.browser.people import Person, To, somebody
from tests.browser.recipient import Recipient
from tests.browser.store import Store
from tests.stack import Stack

FILES = {"échographie du 3 mars 2026 – compte rendu détaillé.pdf": noise(300_000), "irm.zip": noise(2_400_000, 2)}
LETTER = "Bonjour Madame,\n\nVoici vos résultats. Ils ne demandent rien d’urgent ; parlons-en mardi.\n\nBien à vous"


@dataclass(frozen=True, slots=True)
class Scene:
    """Where states are made."""

    came: Arrivals
    clinic: Stack
    camille: StorageState
    folder: Path
    language: str = "fr"

    def member(self) -> Member:
        """Let the administrator come."""
        return Member(self.came.page(self.language, signed_in=self.camille), self.clinic, self.language)

    def person(self) -> Person:
        """Let somebody come whom nobody knows."""
        return Person(self.came.page(self.language), self.clinic, self.language)

    def recipient(self, to: To) -> Recipient:
        """Let somebody come whom a transfer is for."""
        return Recipient(self.came.page(to.language), self.clinic, to)

    def somebody(self, name: str = "Dr Ada Lovelace", *, mobile: bool = True) -> To:
        """Make up a person of this scene's language."""
        return somebody(name, mobile=mobile, language=self.language)


Walk = Callable[[Scene], Iterator[tuple[str, Page]]]


def signing_in(scene: Scene) -> Iterator[tuple[str, Page]]:
    """Go through the sign-in page."""
    who = scene.person()
    who.goes("/signin")
    yield "signin-01-address", who.page
    who.button("signin.ask").click()
    who.sees("refusal.bad_email")
    yield "signin-02-address-error", who.page
    who.field("signin.email").fill(somebody().email)
    who.button("signin.ask").click()
    expect(who.heading("signin.code_title")).to_be_visible()
    yield "signin-03-code", who.page
    who.types("000000")
    who.sees("refusal.wrong_code")
    yield "signin-04-code-wrong", who.page


def filling(scene: Scene) -> Iterator[tuple[str, Page]]:
    """Fill in the sending page."""
    member = scene.member()
    member.goes("/send")
    yield "send-01-empty", member.page
    member.seals()
    member.sees("refusal.no_file")
    yield "send-02-errors", member.page
    to = [scene.somebody(), scene.somebody("Anne-Sophie de La Rochefoucauld-Montmorency", mobile=False)]
    member.fills(written(scene.folder, FILES), to, LETTER, basis="patient_consent")
    yield "send-03-filled", member.page


def sending(scene: Scene) -> Iterator[tuple[str, Page]]:
    """Send, pause, go on, be sealed."""
    member, gate = _held(scene)
    yield "sending-01-running", member.page
    member.button("sending.live_pause").click()
    expect(member.heading("sending.live_paused")).to_be_visible()
    yield "sending-02-paused", member.page
    member.button("sending.cancel").click()
    yield "sending-03-cancel-question", member.page
    member.confirms("sending.cancel_no")
    gate.open()
    member.button("sending.live_resume").click()
    member.sees_sealed()
    yield "sending-04-sealed", member.page


def failing(scene: Scene) -> Iterator[tuple[str, Page]]:
    """Send what ends badly: interrupted, cancelled, refused."""
    member, _ = _held(scene)
    member.button("sending.cancel").click()
    member.confirms("sending.cancel_yes")
    expect(member.heading("sending.live_cancelled")).to_be_visible()
    yield "sending-05-cancelled", member.page
    member = scene.member()
    member.page.route("**/parts", lambda route: route.fulfill(status=429, headers={"Retry-After": "90"}, json={"error": "too_many"}))
    member.fills(written(scene.folder, FILES), [scene.somebody()])
    member.seals()
    expect(member.heading("sending.live_failed")).to_be_visible()
    yield "sending-06-failed", member.page
    member, gate = _held(scene)
    identity = member.newest["transfer"]
    Store(scene.clinic).overwrite(identity, noise(1000), 1)
    member.waits(lambda: member.transfer(identity)["state"] == "refused")
    gate.open()
    expect(member.heading("sending.live_refused")).to_be_visible()
    yield "sending-07-refused", member.page
    member.goes(f"/transfers/{identity}")
    member.sees("refused.size_differs")
    yield "transfer-04-refused", member.page


def following(scene: Scene) -> Iterator[tuple[str, Page]]:
    """Look at the list and at one transfer."""
    member = scene.member()
    ada, grace = scene.somebody(), scene.somebody("Anne-Sophie de La Rochefoucauld-Montmorency", mobile=False)
    sent = member.sends(written(scene.folder, FILES), [ada, grace, scene.somebody("Hélène Martin")], LETTER)
    reading = scene.recipient(ada)
    reading.enters()
    reading.downloads("irm.zip")
    member.goes("/transfers")
    yield "transfers-02-filled", member.page
    member.row(sent).get_by_role("button").click()
    yield "transfers-03-revoke-question", member.page
    member.goes("/transfers?show=progress")
    yield "transfers-04-filter", member.page
    member.goes(f"/transfers/{sent.id}")
    yield "transfer-01-sealed", member.page
    member.button("transfer.live_revoke_one", name=ada.name).click()
    member.confirms("revoke.one_yes")
    member.sees("transfer.live_revoked_one", name=ada.name)
    yield "transfer-02-one-revoked", member.page
    member.button("revoke.whole").click()
    member.confirms("revoke.yes")
    member.sees("transfer.live_revoked")
    yield "transfer-03-revoked", member.page


def managing(scene: Scene) -> Iterator[tuple[str, Page]]:
    """Invite somebody, then be that somebody, who has sent nothing yet."""
    member = scene.member()
    member.goes("/members")
    yield "members-01-list", member.page
    member.button("members.submit").click()
    member.sees("refusal.bad_name")
    yield "members-02-errors", member.page
    new = scene.somebody("Dominique Secrétaire")
    member.field("members.name").fill(new.name)
    member.field("members.email").fill(new.email)
    member.button("members.submit").click()
    member.sees("members.live_invited", name=new.name)
    yield "members-03-invited", member.page
    invited = Member(scene.came.page(scene.language), scene.clinic, scene.language)
    invited.signs_in(new.email, by="email")
    invited.goes("/transfers")
    yield "transfers-01-empty", invited.page
    invited.goes("/members")
    yield "error-01-forbidden", invited.page


def _held(scene: Scene) -> tuple[Member, Gate]:
    """Stop a sending when one of its two files has arrived."""
    member = scene.member()
    member.fills(written(scene.folder, FILES), [scene.somebody(), scene.somebody("Grace Hopper", mobile=False)], LETTER)
    gate = Gate(member.page, scene.clinic, "t/*/1*")
    gate.shut()
    member.seals()
    member.waits(lambda: gate.held)
    member.waits(lambda: member.newest["landed"] == 1)
    return member, gate


def past_deadline(scene: Scene, transfer: str) -> None:
    """Let a transfer's time be over."""
    Store(scene.clinic).set_deadline(transfer, datetime.now(UTC) - timedelta(seconds=2))

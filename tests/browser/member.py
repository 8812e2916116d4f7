"""A member of the clinic, as a sender or an administrator sees the pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import FilePayload, Locator, expect

from tests.browser.people import Person, To, invitation_in

Files = Sequence[Path] | Sequence[FilePayload]
BASIS = "taking_part_in_care"
PROVE = """async () => {
  const ask = (path, body) => fetch(path, {method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify(body)});
  const {options} = await (await ask('/api/signin/passkey/options', {})).json();
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  const credential = await navigator.credentials.get({publicKey});
  return (await ask('/api/signin/passkey', {credential: credential.toJSON()})).status;
}"""


@dataclass(frozen=True, slots=True)
class Sent:
    """A transfer that was sealed."""

    id: str
    to: Sequence[To]


class Member(Person):
    """Somebody who may send."""

    def follows(self, invitation: str) -> None:
        """Open the link of an invitation, and begin."""
        self.page.goto(invitation)
        self.button("join.begin").click()
        expect(self.heading("join.choose")).to_be_visible()

    def joins(self, invitation: str) -> None:
        """Follow an invitation, and leave the choice of stronger means for later."""
        self.follows(invitation)
        self.button("join.later").click()
        self.page.wait_for_url("**/send")

    def proves(self) -> None:
        """Show a passkey again, as the dialog that asks for a fresh proof does."""
        assert self.page.evaluate(PROVE) == 201

    def invites(self, new: To, role: str = "sender") -> str:
        """Invite somebody by the API, proving oneself anew; give the link of their letter."""
        self.proves()
        body = {"name": new.name, "email": new.email, "mobile": new.mobile, "language": new.language, "role": role}
        answer = self.calls("POST", "/api/members", body)
        assert answer["status"] == 201, answer
        return self.waits(lambda: self.clinic.mail(new.email) and invitation_in(self.clinic.mail(new.email)))

    def signs_in(self, email: str, *, by: str, mobile: str | None = None) -> None:
        """Sign in with a code by e-mail or by SMS."""
        self.shows_code(email, by=by, mobile=mobile)
        self.page.wait_for_url("**/send")

    def shows_code(self, email: str, *, by: str, mobile: str | None = None) -> None:
        """Show a code by e-mail or by SMS as a first proof."""
        self.goes("/signin")
        self.field("signin.email").fill(email)
        self.field(f"signin.by_{by}").check()
        letters = (lambda: self.clinic.sms(mobile)) if mobile and by == "sms" else (lambda: self.clinic.mail(email))
        self.types(self.gets_code(letters, self.button("signin.ask").click))

    def fills(self, files: Files, to: Sequence[To], message: str = "", basis: str = BASIS) -> None:
        """Fill in the sending page."""
        self.goes("/send")
        for number, one in enumerate(to):
            if number:
                self.button("send.add").click()
            self.names(number, one)
        if files:
            self.chooses(files)
        self.page.locator("#message").fill(message)
        self.field(f"basis.{basis}").check()

    def names(self, number: int, one: To) -> None:
        """Write who a transfer is for."""
        row = self.page.get_by_role("group", name=self.words("send.recipient_number", number=number + 1), exact=True)
        row.get_by_label(self.words("send.name")).fill(one.name)
        row.get_by_label(self.words("send.email")).fill(one.email)
        row.get_by_label(self.words("send.mobile")).fill(one.mobile or "")
        row.get_by_label(self.words("send.language")).select_option(one.language)
        row.get_by_label(self.words("send.shared")).set_checked(one.shared)

    def chooses(self, files: Files) -> None:
        """Choose files with the picker."""
        with self.page.expect_file_chooser() as chooser:
            self.page.locator("#sizes").click()
        chooser.value.set_files(files)

    def drops(self, paths: Sequence[Path]) -> None:
        """Drop files and folders on the page, as the desktop does."""
        zone = self.page.locator(".drop")
        zone.scroll_into_view_if_needed()
        box = zone.bounding_box()
        assert box
        spot = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
        carried = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
        browser = self.page.context.new_cdp_session(self.page)
        for kind in ("dragEnter", "dragOver", "drop"):
            browser.send("Input.dispatchDragEvent", {"type": kind, **spot, "data": carried})

    def seals(self) -> None:
        """Press the one main button."""
        self.button("send.submit").click()

    def sees_sealed(self, to: Sequence[To] = ()) -> Sent:
        """Wait for the seal, on the same page."""
        expect(self.heading("sending.live_sealed")).to_be_visible(timeout=60_000)
        address = self.page.get_by_role("link", name=self.words("sealed.see")).get_attribute("href")
        assert address
        return Sent(address.rpartition("/")[2], to)

    def sends(self, files: Files, to: Sequence[To], message: str = "") -> Sent:
        """Send files from the empty page to the seal."""
        self.fills(files, to, message)
        self.seals()
        return self.sees_sealed(to)

    def transfer(self, identity: str) -> dict[str, Any]:
        """Ask the API about a transfer."""
        transfer: dict[str, Any] = self.calls("GET", f"/api/transfers/{identity}")["body"]["transfer"]
        return transfer

    @property
    def newest(self) -> dict[str, Any]:
        """Ask the API about the transfer made last."""
        transfer: dict[str, Any] = self.calls("GET", "/api/transfers")["body"]["transfers"][0]
        return transfer

    def row(self, sent: Sent) -> Locator:
        """Find a transfer in the list."""
        return self.page.locator("[data-row]").filter(has=self.page.locator(f'a[href="/transfers/{sent.id}"]'))

    def confirms(self, key: str) -> None:
        """Say yes to a question asked before something is destroyed."""
        self.page.get_by_role("dialog").get_by_role("button", name=self.words(key), exact=True).click()

    def revokes(self, sent: Sent) -> None:
        """Revoke a transfer from the list."""
        self.goes("/transfers")
        self.row(sent).get_by_role("button").click()
        self.confirms("revoke.yes")
        self.sees("transfers.live_revoked")

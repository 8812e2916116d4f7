"""A virtual authenticator in a page's browser, as Chromium's own debugging protocol makes them."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import CDPSession, Page

VIRTUAL = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


class Keys:
    """What stands for the fingerprint reader of a page's device."""

    def __init__(self, page: Page) -> None:
        self.browser: CDPSession = page.context.new_cdp_session(page)
        self.browser.send("WebAuthn.enable")
        self.id: str = self.browser.send("WebAuthn.addVirtualAuthenticator", {"options": VIRTUAL})["authenticatorId"]

    @property
    def credentials(self) -> list[dict[str, Any]]:
        """List the passkeys it holds, private keys included."""
        found: list[dict[str, Any]] = self.browser.send("WebAuthn.getCredentials", {"authenticatorId": self.id})["credentials"]
        return found

    def rewind(self) -> None:
        """Become a copy: the same key, whose counter stands where it stood long ago."""
        (kept,) = self.credentials
        self.browser.send("WebAuthn.clearCredentials", {"authenticatorId": self.id})
        self.browser.send("WebAuthn.addCredential", {"authenticatorId": self.id, "credential": {**kept, "signCount": 1}})

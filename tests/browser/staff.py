"""The people who are there before any test: Camille, who was invited when the clinic was founded, and a host."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import StorageState, expect

from infra.local.clinic import ADMINISTRATOR
from tests.browser.arrivals import Arrivals
from tests.browser.keys import Keys
from tests.browser.member import Member
from tests.browser.people import To, invitation_in
from tests.stack import Stack

HOST = To("Alix Accueil", "accueil@clinique.example")


@dataclass(frozen=True, slots=True)
class Staff:
    """`camille` is a signed-in state that many browsers may share: no proof may be shown in them, for that ends the session."""

    camille: StorageState
    host: Member


def opening(came: Arrivals, clinic: Stack) -> Staff:
    """Let Camille join by the founding invitation, and invite the host, who makes a passkey."""
    camille, host = (Member(came.page(), clinic) for _ in range(2))
    camille.joins(camille.waits(lambda: clinic.mail(ADMINISTRATOR[1]) and invitation_in(clinic.mail(ADMINISTRATOR[1]))))
    body = {"name": HOST.name, "email": HOST.email, "mobile": None, "language": "fr", "role": "administrator"}
    assert camille.calls("POST", "/api/members", body)["status"] == 201
    Keys(host.page)
    host.follows(host.waits(lambda: clinic.mail(HOST.email) and invitation_in(clinic.mail(HOST.email))))
    host.button("join.passkey").click()
    expect(host.heading("join.done")).to_be_visible()
    camille.page.context.clear_cookies(name="lang")  # of the link in French: who borrows the session speaks as they like
    return Staff(camille.page.context.storage_state(), host)

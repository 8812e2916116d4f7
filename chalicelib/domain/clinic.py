"""The clinic this deployment serves, and the choices it made."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from chalicelib.domain.ids import RecipientId, TransferId
from chalicelib.domain.ladder import Rung
from chalicelib.domain.limits import Quota, Sizes
from chalicelib.domain.person import Language
from chalicelib.domain.texts import Texts
from chalicelib.domain.transfer import Lifetime


class Federated(StrEnum):
    """Whether members may, or must, sign in with Pro Santé Connect."""

    OFF = "off"
    OFFERED = "offered"
    MANDATORY = "mandatory"


@dataclass(frozen=True, slots=True)
class Guards:
    """What a clinic chose to have around its service, beside a key and a trail, which always are."""

    firewall: bool = True
    alarms: bool = True


@dataclass(frozen=True, slots=True)
class Clinic:
    """One clinic. `languages` are those its pages are offered in; the first is spoken where nobody asks for another."""

    id: str
    name: str
    support: str
    origin: str
    hosting: str
    codes_per_ip: int
    languages: tuple[Language, ...]
    lifetime: Lifetime
    sizes: Sizes
    ladder: frozenset[Rung]
    texts: Texts
    openings_most: int
    member_quota: Quota
    clinic_quota: Quota
    guards: Guards
    psc: Federated = Federated.OFF
    hosted_until: date | None = None  # when the first certificate of hosting ends, as far as anybody wrote it down

    @property
    def psc_wanted(self) -> bool:
        """Tell whether nobody is let in without Pro Santé Connect."""
        return self.psc is Federated.MANDATORY

    def context(self, transfer: TransferId, recipient: RecipientId | None = None) -> dict[str, str]:
        """Give the encryption context of a transfer's key, or of one recipient's wrap of it: opaque ids only."""
        context = {"clinic": self.id, "transfer": transfer}
        return context if recipient is None else {**context, "recipient": recipient}

    def share_link(self, transfer: TransferId, recipient: RecipientId, secret: str, language: Language) -> str:
        """Write a recipient's link; everything that opens anything is behind the `#`, which no server is sent."""
        return f"{self.origin}/c?lang={language}#{transfer}.{recipient}.{secret}"

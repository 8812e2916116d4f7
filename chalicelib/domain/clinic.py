"""The clinic this deployment serves, and the choices it made."""

from dataclasses import dataclass

from chalicelib.domain.ids import RecipientId, TransferId
from chalicelib.domain.ladder import Rung
from chalicelib.domain.limits import Quota, Sizes
from chalicelib.domain.person import Language
from chalicelib.domain.texts import Texts


@dataclass(frozen=True, slots=True)
class Clinic:
    """One clinic. `email_codes`: a recipient without a mobile may get the code by e-mail (a recorded risk acceptance, R17, R27)."""

    id: str
    name: str
    support: str
    origin: str
    hosting: str
    email_codes: bool
    codes_per_ip: int
    sizes: Sizes
    ladder: frozenset[Rung]
    texts: Texts
    openings_most: int
    member_quota: Quota
    clinic_quota: Quota

    def context(self, transfer: TransferId, recipient: RecipientId | None = None) -> dict[str, str]:
        """Give the encryption context of a transfer's key, or of one recipient's wrap of it: opaque ids only."""
        context = {"clinic": self.id, "transfer": transfer}
        return context if recipient is None else {**context, "recipient": recipient}

    def share_link(self, transfer: TransferId, recipient: RecipientId, secret: str, language: Language) -> str:
        """Write a recipient's link; everything that opens anything is behind the `#`, which no server is sent."""
        return f"{self.origin}/c?lang={language}#{transfer}.{recipient}.{secret}"

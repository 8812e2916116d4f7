"""On what ground health data is shared, with the date or the duty that ground needs."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from chalicelib.domain.errors import Invalid


class Basis(StrEnum):
    """On what ground health data is shared (Code de la santé publique, L.1110-4; R11)."""

    SAME_CARE_TEAM = "same_care_team"
    TAKING_PART_IN_CARE = "taking_part_in_care"
    PATIENT_CONSENT = "patient_consent"
    PATIENT_HIMSELF = "patient_himself"
    OTHER_LEGAL_DUTY = "other_legal_duty"


class LegalDuty(StrEnum):
    """The duties to tell that `Basis.OTHER_LEGAL_DUTY` may name."""

    NOTIFIABLE_DISEASE = "notifiable_disease"
    SOCIAL_SECURITY_CONTROL = "social_security_control"
    CHILD_PROTECTION = "child_protection"
    COURT_ORDER = "court_order"


@dataclass(frozen=True, slots=True)
class Sharing:
    """The ground of one transfer, with the date or the duty it needs."""

    basis: Basis
    consent_date: date | None = None
    legal_duty: LegalDuty | None = None

    def check(self, today: date) -> None:
        """Raise `Invalid` when a consent has no date (or a future one), or a legal duty is not named."""
        if self.basis is Basis.PATIENT_CONSENT and self.consent_date is None:
            raise Invalid("consent_date_required", "consent_date")
        if self.consent_date is not None and self.consent_date > today:
            raise Invalid("bad_consent_date", "consent_date")
        if self.basis is Basis.OTHER_LEGAL_DUTY and self.legal_duty is None:
            raise Invalid("legal_duty_required", "legal_duty")

"""Keep what the clinic's administrator decides about signing in, and show what it comes to."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain import acceptance
from chalicelib.domain.acceptance import Acceptance
from chalicelib.domain.audit import Tag
from chalicelib.domain.errors import Conflict
from chalicelib.domain.factor import Means
from chalicelib.domain.login import SignedIn
from chalicelib.domain.member import Standing
from chalicelib.usecases.ports import Ports


@dataclass(frozen=True, slots=True)
class Report:
    """How the members sign in: for the file by which a care structure homologates its means (requirement R29)."""

    at: datetime
    acceptance: Acceptance | None
    members: Mapping[Standing, int]
    secured: int
    means: Mapping[Means, int]


def accept(by: SignedIn, reason: str, ports: Ports) -> Acceptance:
    """Keep that the risk of codes by e-mail is accepted; raise `Invalid("bad_reason")` or `Forbidden`."""
    by.require_bound()
    by.require_fresh(ports.clock.now())
    accepted = Acceptance(by.member.id, by.member.person.name, ports.clock.now(), acceptance.reason(reason))
    ports.policy.accept(accepted, ports.event(Tag.RISK_ACCEPTED, member=by.member.id))
    return accepted


def withdraw(by: SignedIn, ports: Ports) -> None:
    """Take the acceptance back: from now on two factors are needed, so only somebody who showed them may.

    Raise `Forbidden`, or `Conflict("last_administrator")` where nobody could administer the clinic then.
    """
    replace(by, acceptance=None).require_bound()
    by.require_fresh(ports.clock.now())
    if not any(one.active and one.administers and one.equipped(psc_wanted=ports.clinic.psc_wanted) for one in ports.members.all()):
        raise Conflict("last_administrator")
    ports.policy.withdraw(ports.event(Tag.RISK_WITHDRAWN, member=by.member.id))


def unsecured(ports: Ports) -> int:
    """Count the active members who could not sign in without the acceptance."""
    return sum(one.active and not one.secured for one in ports.members.all())


def report(by: SignedIn, ports: Ports) -> Report:
    """Count the accounts by means, and keep that it was asked; raise `Forbidden`."""
    by.require_fresh(ports.clock.now())
    ports.audit.record(ports.event(Tag.REPORT_MADE, member=by.member.id, reason="sign-in"))
    members = ports.members.all()
    standing = Counter(one.standing for one in members)
    means = Counter(means for one in members for means in one.usable)
    return Report(ports.clock.now(), by.acceptance, standing, sum(one.secured for one in members), means)


def keep_psc_secret(secret: str, ports: Ports) -> None:
    """Keep what this clinic signs in to Pro Santé Connect with, in place of the one before."""
    ports.policy.keep_psc_secret(secret)

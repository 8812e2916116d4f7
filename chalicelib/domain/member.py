"""The people of the clinic: what each role may do, and where each member stands."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.errors import Conflict
from chalicelib.domain.factor import BOUND, STRONG, Means, level
from chalicelib.domain.ids import MemberId
from chalicelib.domain.person import Person

INVITATION_LIFETIME = timedelta(hours=72)
REVIEW_EVERY = timedelta(days=365)  # R13
REVIEW_AGAIN = timedelta(days=30)  # how often a review that is overdue is recalled


class Role(StrEnum):
    """What a member is to the clinic."""

    ADMINISTRATOR = "administrator"
    SENDER = "sender"
    DPO = "dpo"


class Action(StrEnum):
    """What can be done in the clinic. Every route for members names one."""

    SEND = "send"
    FOLLOW = "follow"
    OWN_ACCOUNT = "own_account"
    SEE_MEMBERS = "see_members"
    CHANGE_MEMBERS = "change_members"
    SEE_POLICY = "see_policy"
    CHANGE_POLICY = "change_policy"
    SEE_REPORTS = "see_reports"
    SEE_COSTS = "see_costs"
    SEE_HEALTH = "see_health"


# Nobody may open what they neither sent nor received: reading what was sent is FOLLOW, and a sender follows their own only.
MAY: Mapping[Role, frozenset[Action]] = {
    Role.ADMINISTRATOR: frozenset(Action),
    Role.SENDER: frozenset({Action.SEND, Action.FOLLOW, Action.OWN_ACCOUNT}),
    Role.DPO: frozenset({Action.OWN_ACCOUNT, Action.SEE_MEMBERS, Action.SEE_POLICY, Action.SEE_REPORTS}),
}
ADMINISTRATION = frozenset({Action.CHANGE_MEMBERS, Action.CHANGE_POLICY})  # wants a passkey or Pro Santé Connect (R28)


class Standing(StrEnum):
    """Where a member stands: invited and not yet in, active, or shut out."""

    INVITED = "invited"
    ACTIVE = "active"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of the clinic. Every change of rights, address or means begins another `turn`, which ends all that was begun before.

    `means` lists what they have set up; a mobile number makes text messages one more.
    """

    id: MemberId
    person: Person
    role: Role
    invited_at: datetime
    last_seen_at: datetime | None = None
    standing: Standing = Standing.ACTIVE
    turn: int = 0
    means: frozenset[Means] = frozenset()

    @property
    def active(self) -> bool:
        """Tell whether they may use the service."""
        return self.standing is Standing.ACTIVE

    @property
    def usable(self) -> frozenset[Means]:
        """List the means they can show. Recovery codes stand in for the second proof beside a password, and for nothing else."""
        shown = self.means if Means.PASSWORD in self.means else self.means - {Means.RECOVERY}
        return shown | {Means.SMS} if self.person.mobile is not None else shown

    @property
    def secured(self) -> bool:
        """Tell whether what they have set up reaches two factors. Recovery codes, for when something is lost, secure nobody."""
        return level(self.usable - {Means.RECOVERY}) >= STRONG

    @property
    def administers(self) -> bool:
        """Tell whether their role changes people or rules."""
        return bool(MAY[self.role] & ADMINISTRATION)

    def equipped(self, *, psc_wanted: bool) -> bool:
        """Tell whether what they have set up lets them do all that their role may, with no risk accepted by anybody (R15, R28)."""
        bound = not self.administers or bool(self.means & BOUND)
        return self.secured and bound and (not psc_wanted or Means.PSC in self.means)

    def invited_until(self) -> datetime:
        """Tell until when the link of their invitation works."""
        return self.invited_at + INVITATION_LIFETIME

    def require(self, *standings: Standing) -> None:
        """Raise `Conflict("wrong_standing")` unless they stand there."""
        if self.standing not in standings:
            raise Conflict("wrong_standing")

    def turned(self, **changes: object) -> "Member":
        """Give them in their next turn, changed."""
        return replace(self, turn=self.turn + 1, **changes)  # type: ignore[arg-type]

"""Who may pass where: every route names its gate, and a view is reached only through it."""

from dataclasses import dataclass, replace
from enum import StrEnum

from chalicelib.domain.errors import Forbidden, Unauthenticated
from chalicelib.domain.factor import Means
from chalicelib.domain.login import PHRASE_LIFETIME, SESSION_LIFETIME, SignedIn
from chalicelib.domain.member import ADMINISTRATION, MAY, Action
from chalicelib.usecases import collect, signin
from chalicelib.usecases.collect import Entered
from chalicelib.usecases.earning import Browser, Earned
from chalicelib.web.edge import Call, cookie
from chalicelib.wiring import ports

SESSION_COOKIE = "__Host-session"
COLLECT_COOKIE = "__Host-collect"
CHALLENGE_COOKIE = "__Host-challenge"
GESTURE_COOKIE = "__Host-gesture"
PSC_COOKIE = "__Host-psc"
DEVICE_COOKIE = "__Host-device"
CHALLENGE_SECONDS = 600
PHRASE_SECONDS = int(PHRASE_LIFETIME.total_seconds())
DEVICE_SECONDS = 365 * 24 * 3600
SESSION_SECONDS = int(SESSION_LIFETIME.total_seconds())


class Passer(StrEnum):
    """Who comes to a gate."""

    ANYBODY = "anybody"
    RECIPIENT = "recipient"
    HALF = "half"  # a member who has shown one proof at least
    JOINING = "joining"  # a member, or somebody who follows an invitation
    MEMBER = "member"


@dataclass(frozen=True, slots=True)
class Gate:
    """Who may pass; a member, if their role may do this."""

    passer: Passer
    action: Action | None = None

    def __call__(self, call: Call) -> Call:
        """Give the call with who it is; raise `Unauthenticated` or `Forbidden`."""
        if self.passer is Passer.ANYBODY:
            return call
        if self.passer is Passer.RECIPIENT:
            return replace(call, recipient=collect.whose(call.cookies.get(COLLECT_COOKIE), ports()))
        who = signin.whose(call.cookies.get(SESSION_COOKIE), ports(), call.cookies.get(DEVICE_COOKIE))
        if call.member not in (None, who.member.id):  # somebody else has signed in since, in another tab
            raise Unauthenticated("signin_required")
        if self.passer is Passer.MEMBER or (self.passer is Passer.JOINING and not who.joining):
            who.require_enough()
        if self.action is not None:
            require(who, self.action)
        return replace(call, signed_in=who)


ANYBODY = Gate(Passer.ANYBODY)
RECIPIENT = Gate(Passer.RECIPIENT)
HALF = Gate(Passer.HALF)
JOINING = Gate(Passer.JOINING, Action.OWN_ACCOUNT)


def may(action: Action) -> Gate:
    """Build the gate of members whose role may do this."""
    return Gate(Passer.MEMBER, action)


def require(who: SignedIn, action: Action) -> None:
    """Raise `Forbidden`: for a role that may not do this, and for administration without a passkey or Pro Santé Connect."""
    if action not in MAY[who.member.role]:
        raise Forbidden("forbidden")
    if action in ADMINISTRATION:
        who.require_bound()


def somebody(call: Call) -> SignedIn | None:
    """Give who is signed in, wholly, if anybody is."""
    try:
        who = signin.whose(call.cookies.get(SESSION_COOKIE), ports())
    except Unauthenticated:
        return None
    return who if who.enough else None


def browser_of(call: Call) -> Browser:
    """Give what the browser brings along."""
    names = (SESSION_COOKIE, CHALLENGE_COOKIE, GESTURE_COOKIE, PSC_COOKIE, DEVICE_COOKIE)
    session, challenge, gesture, going, known = (call.cookies.get(name) for name in names)
    return Browser(call.ip, session, challenge, gesture, going, known, call.agent)


def earned_cookies(earned: Earned) -> list[str]:
    """Write what a browser keeps after a proof: the session, and the mark of a device that is known from now on."""
    marks = [] if earned.known is None else [cookie(DEVICE_COOKIE, earned.known, DEVICE_SECONDS)]
    spent = [no_cookie(name) for name in (CHALLENGE_COOKIE, GESTURE_COOKIE, PSC_COOKIE)]
    return [session_cookie(SESSION_COOKIE, earned.token), *spent, *marks]


def session_cookie(name: str, token: str) -> str:
    """Write a session's cookie."""
    return cookie(name, token, SESSION_SECONDS)


def collect_cookie(entered: Entered) -> str:
    """Write the cookie of a recipient's session; on a device of their own it lasts as long as the session may."""
    return cookie(COLLECT_COOKIE, entered.token, int(entered.lasts.total_seconds()))


def challenge_cookie(token: str, way: Means | None = None) -> str:
    """Write the cookie that binds a code, or a phrase, to the browser that asked for it."""
    return cookie(CHALLENGE_COOKIE, token, PHRASE_SECONDS if way is Means.PHRASE else CHALLENGE_SECONDS)


def gesture_cookie(token: str) -> str:
    """Write the cookie that binds a passkey's challenge to the browser that asked."""
    return cookie(GESTURE_COOKIE, token, CHALLENGE_SECONDS)


def psc_cookie(token: str) -> str:
    """Write the cookie that binds Pro Santé Connect's answer to the browser that went there."""
    return cookie(PSC_COOKIE, token, CHALLENGE_SECONDS)


def no_cookie(name: str) -> str:
    """Take a cookie back."""
    return cookie(name, "", 0)

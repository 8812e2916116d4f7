"""Who is asking: the session behind a cookie."""

from chalicelib.domain.errors import Forbidden, Unauthenticated
from chalicelib.domain.ids import MemberId
from chalicelib.domain.login import SESSION_LIFETIME, Role, Session
from chalicelib.usecases import signin
from chalicelib.usecases.ports import Ports
from chalicelib.web.edge import Call, cookie

SESSION_COOKIE = "__Host-session"
COLLECT_COOKIE = "__Host-collect"
CHALLENGE_COOKIE = "__Host-challenge"
CHALLENGE_SECONDS = 600
SESSION_SECONDS = int(SESSION_LIFETIME.total_seconds())


def session_of(call: Call, ports: Ports) -> tuple[Session, MemberId]:
    """Give a member's session and whose it is; raise `Unauthenticated`."""
    session = signin.whose(call.cookies.get(SESSION_COOKIE), ports)
    if session.door.member is None:
        raise Unauthenticated("signin_required")
    return session, session.door.member


def member_of(call: Call, ports: Ports) -> MemberId:
    """Give who is signed in; raise `Unauthenticated`."""
    return session_of(call, ports)[1]


def administrator_of(call: Call, ports: Ports) -> MemberId:
    """Give the administrator who is signed in; raise `Unauthenticated` or `Forbidden`."""
    session, member = session_of(call, ports)
    if session.role is not Role.ADMINISTRATOR:
        raise Forbidden("forbidden")
    return member


def recipient_session_of(call: Call, ports: Ports) -> Session:
    """Give the session of a recipient; raise `Unauthenticated`."""
    session = signin.whose(call.cookies.get(COLLECT_COOKIE), ports)
    if session.door.recipient is None:
        raise Unauthenticated("signin_required")
    return session


def session_cookie(name: str, token: str) -> str:
    """Write a session's cookie."""
    return cookie(name, token, SESSION_SECONDS)


def challenge_cookie(token: str) -> str:
    """Write the cookie that binds a code to the browser that asked for it."""
    return cookie(CHALLENGE_COOKIE, token, CHALLENGE_SECONDS)


def no_cookie(name: str) -> str:
    """Take a cookie back."""
    return cookie(name, "", 0)

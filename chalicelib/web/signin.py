"""Signing in and out."""

from chalice.app import Blueprint

from chalicelib.usecases import signin
from chalicelib.usecases.challenge import EnterCode
from chalicelib.usecases.signin import AskCode
from chalicelib.web import forms, guard, values
from chalicelib.web.edge import Answer, Call, route
from chalicelib.web.forms import Form
from chalicelib.wiring import ports

blueprint = Blueprint(__name__)


@route(blueprint, "POST", "/api/signin/codes")
def ask_code(call: Call) -> Answer:
    """Ask for a code."""
    form = Form(call.body, "email", "by")
    token = signin.ask_code(AskCode(forms.read_email(form), forms.read_channel(form), call.ip), ports())
    return Answer(202, {}, [guard.challenge_cookie(token)])


@route(blueprint, "POST", "/api/signin/sessions")
def open_session(call: Call) -> Answer:
    """Trade a code for a session."""
    earned = signin.open_session(entered(call), ports())
    cookies = [guard.session_cookie(guard.SESSION_COOKIE, earned.token), guard.no_cookie(guard.CHALLENGE_COOKIE)]
    return Answer(201, {"member": values.member(earned.member)}, cookies)


@route(blueprint, "GET", "/api/session")
def who(call: Call) -> Answer:
    """Say who is signed in."""
    return Answer(200, {"member": values.member(signin.who(guard.member_of(call, ports()), ports()))})


@route(blueprint, "DELETE", "/api/session")
def sign_out(call: Call) -> Answer:
    """End the session."""
    Form(call.body)
    session, _ = guard.session_of(call, ports())
    signin.sign_out(session, ports())
    return Answer(204, cookies=[guard.no_cookie(guard.SESSION_COOKIE)])


def entered(call: Call) -> EnterCode:
    """Read a code as it was typed, with the browser's challenge."""
    code = forms.read_code(Form(call.body, "code"))
    return EnterCode(code, call.cookies.get(guard.CHALLENGE_COOKIE), call.ip)

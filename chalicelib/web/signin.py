"""Signing in, proof by proof, and out."""

from contextlib import suppress

from chalice.app import Blueprint

from chalicelib.domain.errors import Refusal
from chalicelib.domain.login import Channel
from chalicelib.usecases import federate, join, signin
from chalicelib.usecases.federate import Returned
from chalicelib.usecases.signin import AskCode
from chalicelib.web import forms, guard, values
from chalicelib.web.edge import Answer, Call, route
from chalicelib.web.forms import Form
from chalicelib.web.guard import ANYBODY, HALF
from chalicelib.wiring import ports

blueprint = Blueprint(__name__)


@route(blueprint, "POST", "/api/signin/codes", ANYBODY)
def ask_code(call: Call) -> Answer:
    """Ask for a code."""
    form = Form(call.body, "email", "by")
    by = form.choice("by", Channel, "bad_field")
    token = signin.ask_code(AskCode(forms.read_email(form), by, guard.browser_of(call)), ports())
    return Answer(202, {}, [guard.challenge_cookie(token)])


@route(blueprint, "POST", "/api/signin/sessions", ANYBODY)
def show_code(call: Call) -> Answer:
    """Show the code."""
    earned = signin.show_code(forms.read_code(Form(call.body, "code")), guard.browser_of(call), ports())
    return Answer(201, {}, guard.earned_cookies(earned))


@route(blueprint, "POST", "/api/signin/password", ANYBODY)
def show_password(call: Call) -> Answer:
    """Show a password."""
    form = Form(call.body, "email", "password")
    earned = signin.show_password(forms.read_email(form), form.text("password"), guard.browser_of(call), ports())
    return Answer(201, {}, guard.earned_cookies(earned))


@route(blueprint, "POST", "/api/signin/authenticator", ANYBODY)
def show_authenticator(call: Call) -> Answer:
    """Show the code of an authenticator app."""
    earned = signin.show_authenticator(forms.read_code(Form(call.body, "code")), guard.browser_of(call), ports())
    return Answer(201, {}, guard.earned_cookies(earned))


@route(blueprint, "POST", "/api/signin/recovery", ANYBODY)
def show_recovery(call: Call) -> Answer:
    """Show a recovery code."""
    earned = signin.show_recovery(forms.read_recovery(Form(call.body, "code")), guard.browser_of(call), ports())
    return Answer(201, {}, guard.earned_cookies(earned))


@route(blueprint, "POST", "/api/signin/passkey/options", ANYBODY)
def ask_passkey(call: Call) -> Answer:
    """Ask for a passkey."""
    Form(call.body)
    asked = signin.ask_passkey(call.ip, ports())
    return Answer(200, {"options": asked.options}, [guard.gesture_cookie(asked.token)])


@route(blueprint, "POST", "/api/signin/passkey", ANYBODY)
def show_passkey(call: Call) -> Answer:
    """Show a passkey."""
    answer = Form(call.body, "credential").get("credential", dict)
    return Answer(201, {}, guard.earned_cookies(signin.show_passkey(answer, guard.browser_of(call), ports())))


@route(blueprint, "POST", "/api/signin/psc", ANYBODY)
def ask_psc(call: Call) -> Answer:
    """Go to Pro Santé Connect."""
    Form(call.body)
    asked = federate.begin(call.ip, ports())
    return Answer(200, {"url": asked.url}, [guard.psc_cookie(asked.token)])


@route(blueprint, "POST", "/api/signin/psc/answer", ANYBODY)
def show_psc(call: Call) -> Answer:
    """Come back from there."""
    form = Form(call.body, "code", "state")
    known = federate.finish(Returned(form.text("code"), form.text("state")), guard.browser_of(call), ports())
    return Answer(201, {"linked": known.linked, **values.workplaces(known.link)}, guard.earned_cookies(known.earned))


@route(blueprint, "POST", "/api/join", ANYBODY)
def join_clinic(call: Call) -> Answer:
    """Follow an invitation."""
    earned = join.join(forms.read_invitation_link(call.body), guard.browser_of(call), ports())
    return Answer(201, {}, guard.earned_cookies(earned))


@route(blueprint, "POST", "/api/join/again", ANYBODY)
def invite_again(call: Call) -> Answer:
    """Ask for another invitation, with one that is over."""
    join.again(forms.read_invitation_link(call.body), call.ip, ports())
    return Answer(202, {})


@route(blueprint, "GET", "/api/session", HALF)
def who(call: Call) -> Answer:
    """Say who is signed in, and what is still to be shown."""
    return Answer(200, values.session(call.who, ports().clock.now()))


@route(blueprint, "DELETE", "/api/session", HALF)
def sign_out(call: Call) -> Answer:
    """End the session."""
    Form(call.body)
    signin.sign_out(call.who.session, ports())
    with suppress(Refusal):  # signed out here in any case
        if url := federate.leave(call.who, ports()):
            return Answer(200, {"url": url}, [guard.no_cookie(guard.SESSION_COOKIE)])
    return Answer(204, cookies=[guard.no_cookie(guard.SESSION_COOKIE)])

"""Collecting a transfer, for its recipient."""

from chalice.app import Blueprint

from chalicelib.usecases import collect, signin
from chalicelib.web import forms, guard, values
from chalicelib.web.edge import Answer, Call, route
from chalicelib.web.signin import entered
from chalicelib.wiring import ports

blueprint = Blueprint(__name__)


@route(blueprint, "POST", "/api/collect/codes")
def ask_code(call: Call) -> Answer:
    """Ask for a code, with a share link."""
    asked = collect.ask_code(forms.read_link(call.body, call.ip), ports())
    body = {"channel": asked.channel, "expires_at": values.instant(asked.transfer.expires_at)}
    return Answer(202, body, [guard.challenge_cookie(asked.token)])


@route(blueprint, "POST", "/api/collect/sessions")
def open_session(call: Call) -> Answer:
    """Trade a code for a session on one transfer."""
    token = collect.open_session(entered(call), ports())
    return Answer(201, {}, [guard.session_cookie(guard.COLLECT_COOKIE, token), guard.no_cookie(guard.CHALLENGE_COOKIE)])


@route(blueprint, "DELETE", "/api/collect/session")
def leave(call: Call) -> Answer:
    """End the session: on a borrowed device, nothing opens any more."""
    forms.Form(call.body)
    signin.sign_out(guard.recipient_session_of(call, ports()), ports())
    return Answer(204, cookies=[guard.no_cookie(guard.COLLECT_COOKIE)])


@route(blueprint, "GET", "/api/collect")
def open_transfer(call: Call) -> Answer:
    """Give what opens the transfer."""
    return Answer(200, values.opened(collect.open_transfer(guard.recipient_session_of(call, ports()), call.ip, ports())))


@route(blueprint, "POST", "/api/collect/files/{file}")
def sign_file(call: Call) -> Answer:
    """Sign the URL of one file."""
    forms.Form(call.body)
    session = guard.recipient_session_of(call, ports())
    url = collect.sign_file(session, forms.file_number(call.path), call.ip, ports())
    return Answer(200, {"url": url, "expires_in": collect.URL_SECONDS})


@route(blueprint, "POST", "/api/collect/files/{file}/receipt")
def acknowledge(call: Call) -> Answer:
    """Keep that a file was verified whole."""
    forms.Form(call.body)
    collect.acknowledge(guard.recipient_session_of(call, ports()), forms.file_number(call.path), call.ip, ports())
    return Answer(204)

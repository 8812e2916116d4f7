"""Collecting a transfer, for its recipient."""

from chalice.app import Blueprint

from chalicelib.usecases import collect
from chalicelib.web import forms, guard, values
from chalicelib.web.edge import Answer, Call, route
from chalicelib.web.guard import ANYBODY, RECIPIENT
from chalicelib.wiring import ports

blueprint = Blueprint(__name__)


@route(blueprint, "POST", "/api/collect/codes", ANYBODY)
def ask_code(call: Call) -> Answer:
    """Ask for a code, or for another way, with a share link; the answer names the way and nothing of anybody's."""
    asked = collect.ask_code(forms.read_link(call.body, call.ip), ports())
    body = {"channel": asked.way, "shared": asked.shared, "expires_at": values.instant(asked.transfer.expires_at)}
    return Answer(202, body, [guard.challenge_cookie(asked.token, asked.way)])


@route(blueprint, "POST", "/api/collect/sessions", ANYBODY)
def open_session(call: Call) -> Answer:
    """Trade a code, or a phrase, for a session on one transfer."""
    form = forms.Form(call.body, "code", "name", "remember")
    name = None if form.maybe("name") is None else forms.read_name(form)
    proof, remember = forms.read_proof(form), form.flag("remember")
    entered = collect.open_session(proof, guard.browser_of(call), ports(), name, remember=remember)
    return Answer(201, {}, [guard.collect_cookie(entered), guard.no_cookie(guard.CHALLENGE_COOKIE)])


@route(blueprint, "GET", "/api/collect/session", RECIPIENT)
def look(call: Call) -> Answer:
    """Tell which transfer this browser still opens; nothing is opened by it."""
    return Answer(200, values.recipient_session(collect.look(call.session, ports())))


@route(blueprint, "DELETE", "/api/collect/session", RECIPIENT)
def leave(call: Call) -> Answer:
    """End the session: on a borrowed device, nothing opens any more."""
    forms.Form(call.body)
    collect.close(call.session, ports())
    return Answer(204, cookies=[guard.no_cookie(guard.COLLECT_COOKIE)])


@route(blueprint, "GET", "/api/collect", RECIPIENT)
def open_transfer(call: Call) -> Answer:
    """Give what opens the transfer."""
    return Answer(200, values.opened(collect.open_transfer(call.session, call.ip, ports())))


@route(blueprint, "POST", "/api/collect/files/{file}", RECIPIENT)
def sign_file(call: Call) -> Answer:
    """Sign the URL of one file."""
    forms.Form(call.body)
    session = call.session
    url = collect.sign_file(session, forms.file_number(call.path), call.ip, ports())
    return Answer(200, {"url": url, "expires_in": collect.URL_SECONDS})


@route(blueprint, "POST", "/api/collect/files/{file}/receipt", RECIPIENT)
def acknowledge(call: Call) -> Answer:
    """Keep that a file was verified whole."""
    forms.Form(call.body)
    collect.acknowledge(call.session, forms.file_number(call.path), call.ip, ports())
    return Answer(204)

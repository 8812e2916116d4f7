"""A member's own account."""

from chalice.app import Blueprint

from chalicelib.domain.factor import Means
from chalicelib.domain.member import Action
from chalicelib.domain.person import Language
from chalicelib.usecases import account, federate
from chalicelib.usecases.earning import Earned
from chalicelib.web import forms, guard, values
from chalicelib.web.edge import Answer, Call, route
from chalicelib.web.forms import Form
from chalicelib.web.guard import JOINING, may
from chalicelib.wiring import ports

blueprint = Blueprint(__name__)
OWN = may(Action.OWN_ACCOUNT)


@route(blueprint, "GET", "/api/account", JOINING)
def overview(call: Call) -> Answer:
    """Look at one's account."""
    return Answer(200, values.account(account.overview(call.who, ports()), call.who))


@route(blueprint, "POST", "/api/account/passkeys/options", JOINING)
def ask_passkey(call: Call) -> Answer:
    """Ask for a new passkey."""
    Form(call.body)
    return Answer(200, {"options": account.ask_passkey(call.who, ports())})


@route(blueprint, "POST", "/api/account/passkeys", JOINING)
def add_passkey(call: Call) -> Answer:
    """Keep a new passkey."""
    form = Form(call.body, "name", "credential")
    passkey, earned = account.add_passkey(call.who, forms.read_name(form), form.get("credential", dict), ports())
    return Answer(201, {"passkey": passkey}, guard.earned_cookies(earned))


@route(blueprint, "DELETE", "/api/account/passkeys/{passkey}", OWN)
def drop_passkey(call: Call) -> Answer:
    """Forget a passkey."""
    Form(call.body)
    return _done(account.drop_passkey(call.who, call.path.get("passkey", ""), ports()))


@route(blueprint, "PUT", "/api/account/password", JOINING)
def set_password(call: Call) -> Answer:
    """Keep a password."""
    return _done(account.set_password(call.who, Form(call.body, "password").text("password"), ports()))


@route(blueprint, "DELETE", "/api/account/password", OWN)
def drop_password(call: Call) -> Answer:
    """Forget the password."""
    return _drop(call, Means.PASSWORD)


@route(blueprint, "POST", "/api/account/authenticator", JOINING)
def ask_authenticator(call: Call) -> Answer:
    """Show an authenticator app its secret, once."""
    Form(call.body)
    waiting = account.ask_authenticator(call.who, ports())
    return Answer(201, {"secret": values.in_fours(waiting.secret), "uri": waiting.uri, "qr": waiting.qr})


@route(blueprint, "POST", "/api/account/authenticator/confirm", JOINING)
def confirm_authenticator(call: Call) -> Answer:
    """Confirm the app with one of its codes."""
    return _done(account.confirm_authenticator(call.who, forms.read_code(Form(call.body, "code")), ports()))


@route(blueprint, "DELETE", "/api/account/authenticator", OWN)
def drop_authenticator(call: Call) -> Answer:
    """Forget the authenticator app."""
    return _drop(call, Means.AUTHENTICATOR)


@route(blueprint, "POST", "/api/account/recovery", OWN)
def new_recovery(call: Call) -> Answer:
    """Make recovery codes, shown once."""
    Form(call.body)
    codes, earned = account.new_recovery(call.who, ports())
    return Answer(201, {"codes": list(codes)}, guard.earned_cookies(earned))


@route(blueprint, "POST", "/api/account/psc", JOINING)
def ask_psc(call: Call) -> Answer:
    """Go to Pro Santé Connect, to link one's account there."""
    Form(call.body)
    asked = federate.begin_link(call.who, call.ip, ports())
    return Answer(200, {"url": asked.url}, [guard.psc_cookie(asked.token)])


@route(blueprint, "DELETE", "/api/account/psc", OWN)
def drop_psc(call: Call) -> Answer:
    """Unlink it."""
    return _drop(call, Means.PSC)


@route(blueprint, "PUT", "/api/account/place", OWN)
def choose_workplace(call: Call) -> Answer:
    """Choose among one's places of practice."""
    federate.choose_workplace(call.who, Form(call.body, "place").text("place"), ports())
    return Answer(204)


@route(blueprint, "DELETE", "/api/account/sessions/{session}", OWN)
def end_session(call: Call) -> Answer:
    """Sign out on one device."""
    Form(call.body)
    account.end_session(call.who, call.path.get("session", ""), ports())
    return Answer(204)


@route(blueprint, "DELETE", "/api/account/sessions", OWN)
def end_sessions(call: Call) -> Answer:
    """Sign out everywhere."""
    Form(call.body)
    account.end_sessions(call.who, ports())
    return Answer(204, cookies=[guard.no_cookie(guard.SESSION_COOKIE)])


@route(blueprint, "PUT", "/api/account/language", OWN)
def speak(call: Call) -> Answer:
    """Choose the language one is written to in."""
    account.speak(call.who, Form(call.body, "language").choice("language", Language, "bad_language"), ports())
    return Answer(204)


@route(blueprint, "GET", "/api/account/export", OWN)
def export(call: Call) -> Answer:
    """Give all that is kept of oneself."""
    return Answer(200, values.account(account.export(call.who, ports()), call.who))


@route(blueprint, "DELETE", "/api/account", OWN)
def erase(call: Call) -> Answer:
    """Be forgotten."""
    Form(call.body)
    account.erase(call.who, ports())
    return Answer(204, cookies=[guard.no_cookie(guard.SESSION_COOKIE)])


def _drop(call: Call, means: Means) -> Answer:
    Form(call.body)
    return _done(account.drop(call.who, means, ports()))


def _done(earned: Earned) -> Answer:
    return Answer(204, cookies=guard.earned_cookies(earned))

"""The pages, and the scripts and styles they need."""

from collections.abc import Mapping

from chalice.app import Blueprint

from chalicelib import rendering
from chalicelib.domain.errors import Forbidden, NotFound, Refusal, Unauthenticated
from chalicelib.domain.ids import is_id
from chalicelib.domain.ladder import Rung
from chalicelib.domain.login import Role
from chalicelib.domain.person import Language
from chalicelib.domain.transfer import LIFETIME_MOST_DAYS
from chalicelib.usecases import signin
from chalicelib.web import edge, forms, guard, values
from chalicelib.web.edge import Answer, Call, Failure
from chalicelib.wiring import ports, settings

blueprint = Blueprint(__name__)
LIFETIME_DEFAULT_DAYS = 7  # R46
YEAR = 365 * 24 * 3600
TYPES = {"js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8", "svg": "image/svg+xml"}


def policy() -> str:
    """Say what a page may do: our own scripts and styles, our own API and the bucket; nothing inline, nothing framed."""
    allowed = f"script-src 'self'; style-src 'self'; worker-src 'self'; connect-src 'self' {settings().bucket_origin}"
    return f"default-src 'none'; {allowed}; img-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"


def language_of(call: Call) -> Language:
    """Choose the language: the address, then the cookie, then the browser, then French."""
    for wish in (call.query.get("lang"), call.cookies.get("lang"), call.languages[:2].lower()):
        if wish in tuple(Language):
            return Language(wish)
    return Language.FRENCH


def shown(call: Call, name: str, status: int = 200, *, member: object = None, page_values: Mapping[str, object] | None = None) -> Answer:
    """Render a page."""
    clinic, language = settings().clinic, language_of(call)
    sizes = clinic.sizes
    limits = {
        "max_file_bytes": sizes.file_most,
        "max_transfer_bytes": sizes.transfer_most,
        "max_files": sizes.files_most,
        "max_recipients": sizes.recipients_most,
        "lifetime_days": {"default": LIFETIME_DEFAULT_DAYS, "max": LIFETIME_MOST_DAYS},
        "standby": Rung.ALTERNATE in clinic.ladder,
    }
    given = {
        "clinic": {"name": clinic.name, "support": clinic.support, "hosting": clinic.hosting},
        "member": member,
        "limits": limits,
        "email_codes": clinic.email_codes,
        "values": page_values or {},
    }
    remembered = [f"lang={language}; Path=/; Max-Age={YEAR}; Secure; SameSite=Lax"] if "lang" in call.query else []
    headers = {"Content-Security-Policy": policy(), "Content-Language": str(language)}
    return Answer(status, rendering.page(name, given, language), remembered, headers, "text/html; charset=utf-8")


def page(path: str) -> edge.Register:
    """Register a page; its refusals are pages too, and somebody who is not signed in is led to the door."""
    return edge.route(blueprint, "GET", path, refused)


def refused(refusal: Refusal | Failure, call: Call) -> Answer:
    """Show what happened; lead somebody who is not signed in to the sign-in page."""
    if isinstance(refusal, Failure):
        return shown(call, "error", 500, page_values={"code": "failure", "reference": refusal.reference})
    if isinstance(refusal, Unauthenticated):
        meant = call.path.get("transfer", "")
        return Answer(303, "", headers={"Location": f"/signin#/transfers/{meant}" if is_id(meant) else "/signin"})
    return shown(call, "error", edge.status_of(refusal), member=somebody(call), page_values={"code": refusal.code, "reference": None})


def somebody(call: Call) -> object:
    """Give who is signed in, if anybody is: their way on stays on the page."""
    try:
        return values.member(signin.who(guard.member_of(call, ports()), ports()))
    except Unauthenticated:
        return None


def for_member(call: Call, name: str, page_values: Mapping[str, object] | None = None) -> Answer:
    """Render a page for who is signed in."""
    member = signin.who(guard.member_of(call, ports()), ports())
    if name == "members" and member.role is not Role.ADMINISTRATOR:
        raise Forbidden("forbidden")
    return shown(call, name, member=values.member(member), page_values=page_values)


@page("/")
def front(call: Call) -> Answer:
    """Lead to the sending page, which leads on to sign-in where needed."""
    return Answer(303, "", headers={"Location": "/send"})


@page("/signin")
def sign_in(call: Call) -> Answer:
    """Show the sign-in page."""
    return shown(call, "signin")


@page("/send")
def send(call: Call) -> Answer:
    """Show the sending page."""
    return for_member(call, "send")


@page("/transfers")
def transfers(call: Call) -> Answer:
    """Show what one sent."""
    return for_member(call, "transfers")


@page("/transfers/{transfer}")
def transfer(call: Call) -> Answer:
    """Show one transfer."""
    return for_member(call, "transfer", {"transfer": forms.transfer_id(call.path)})


@page("/members")
def members(call: Call) -> Answer:
    """Show the members of the clinic."""
    return for_member(call, "members")


@page("/c")
def collect(call: Call) -> Answer:
    """Show the page a share link leads to. Everything it needs to know is behind the `#`."""
    return shown(call, "collect")


@page("/verify")
def verify(call: Call) -> Answer:
    """Show where anybody can check a destruction certificate."""
    return shown(call, "verify", page_values={"key": values.b64(ports().secrets.public_key())})


@page("/about")
def about(call: Call) -> Answer:
    """Say who hosts what where, how accessible it is, what is kept, and whom to ask."""
    return shown(call, "about")


@page("/{unknown}")
def nowhere(call: Call) -> Answer:
    """Say that there is no such page."""
    raise NotFound


@edge.route(blueprint, "GET", "/static/{version}/{kind}/{name}")
def static(call: Call) -> Answer:
    """Give a script or a style; its address changes with its contents, so browsers keep it for ever."""
    kind, name = call.path.get("kind", ""), call.path.get("name", "")
    text = rendering.static_text(kind, name) if kind in TYPES else None
    if text is None:
        raise NotFound
    ours = call.path.get("version") == rendering.static_version()  # a page of before a deployment must not keep what it gets now
    kept = {"Cache-Control": "public, max-age=31536000, immutable"} if ours else {}
    headers = {"Content-Security-Policy": worker_policy(), **kept}
    return Answer(200, text, headers=headers, content_type=TYPES[kind])


def worker_policy() -> str:
    """Say what a worker's own script may do: load its modules and read the bucket."""
    return f"default-src 'none'; script-src 'self'; connect-src 'self' {settings().bucket_origin}"

"""The pages, and the scripts and styles they need."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from chalice.app import Blueprint

from chalicelib import rendering
from chalicelib.domain.errors import NotFound, Refusal, Unauthenticated
from chalicelib.domain.ids import is_id
from chalicelib.domain.ladder import Rung
from chalicelib.domain.member import MAY, Action
from chalicelib.domain.person import Language
from chalicelib.web import edge, forms, guard, values
from chalicelib.web.edge import Answer, Call, Failure, Gate
from chalicelib.web.guard import ANYBODY, may
from chalicelib.wiring import ports, settings

blueprint = Blueprint(__name__)
MEANT = ("/account", "/costs", "/health", "/members", "/settings")  # pages one is led back to after signing in, as a transfer's
YEAR = 365 * 24 * 3600
SAVING_WORKER = "saving-worker.js"  # the service worker, which fetches nothing but its zip, and answers for one path alone (ADR 0031)
SAVING = {"Content-Security-Policy": "default-src 'none'; script-src 'self'", "Service-Worker-Allowed": "/saving/"}
TYPES = {"js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8", "svg": "image/svg+xml"}


def policy(name: str = "") -> str:
    """Say what a page may do: our own scripts and styles, our own API and the bucket; nothing inline, nothing framed.

    The page that collects starts its downloads in a frame of our own.
    """
    frames = "frame-src 'self'; " if name == "collect" else ""
    allowed = f"script-src 'self'; style-src 'self'; worker-src 'self'; connect-src 'self' {settings().bucket_origin}"
    return f"default-src 'none'; {allowed}; {frames}img-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"


def language_of(call: Call) -> Language:
    """Choose the language, of those the clinic offers: the address, then the cookie, then the browser, then the clinic's first."""
    offered = settings().clinic.languages
    for wish in (call.query.get("lang"), call.cookies.get("lang"), call.languages[:2].lower()):
        if wish in offered:
            return Language(wish)
    return offered[0]


def shown(call: Call, name: str, status: int = 200, *, page_values: Mapping[str, object] | None = None) -> Answer:
    """Render a page, for who passed its gate."""
    who = call.signed_in
    clinic, language = settings().clinic, language_of(call)
    sizes = clinic.sizes
    limits = {
        "max_file_bytes": sizes.file_most,
        "max_transfer_bytes": sizes.transfer_most,
        "max_files": sizes.files_most,
        "max_recipients": sizes.recipients_most,
        "lifetime_days": {"default": clinic.lifetime.usual, "max": clinic.lifetime.most},
        "standby": Rung.ALTERNATE in clinic.ladder,
    }
    given: dict[str, object] = {
        "clinic": {"name": clinic.name, "support": clinic.support, "hosting": clinic.hosting},
        "member": None if who is None else values.member(who.member),
        "limits": limits,
        "languages": clinic.languages,
        "email_codes": who is not None and who.acceptance is not None,
        "values": page_values or {},
    }
    if who is not None:
        given["session"] = values.lasting(who.session)
    remembered = [f"lang={language}; Path=/; Max-Age={YEAR}; Secure; SameSite=Lax"] if "lang" in call.query else []
    headers = {"Content-Security-Policy": policy(name), "Content-Language": str(language)}
    return Answer(status, rendering.page(name, given, language), remembered, headers, "text/html; charset=utf-8")


def page(path: str, gate: Gate = ANYBODY) -> edge.Register:
    """Register a page; its refusals are pages too, and somebody who is not signed in is led to the door."""
    return edge.route(blueprint, "GET", path, gate, partial(refused, path))


def refused(path: str, refusal: Refusal | Failure, call: Call) -> Answer:
    """Show what happened; lead somebody who is not signed in to the sign-in page, which knows the way back."""
    if isinstance(refusal, Failure):
        return shown(call, "error", 500, page_values={"code": "failure", "reference": refusal.reference})
    if isinstance(refusal, Unauthenticated) or refusal.code == "second_factor_required":
        transfer = call.path.get("transfer", "")
        meant = f"/transfers/{transfer}" if is_id(transfer) else path if path in MEANT else ""
        return Answer(303, "", headers={"Location": f"/signin#{meant}" if meant else "/signin"})
    seen = replace(call, signed_in=guard.somebody(call))  # their way on stays on the page
    return shown(seen, "error", edge.status_of(refusal), page_values={"code": refusal.code, "reference": None})


@page("/")
def front(call: Call) -> Answer:
    """Lead to the page one begins with, which leads on to sign-in where needed."""
    who = guard.somebody(call)
    sends = who is None or Action.SEND in MAY[who.member.role]
    return Answer(303, "", headers={"Location": "/send" if sends else "/members"})


@page("/signin")
def sign_in(call: Call) -> Answer:
    """Show the sign-in page."""
    return shown(call, "signin", page_values=_ways_in())


@page("/signin/psc")
def psc(call: Call) -> Answer:
    """Show the page Pro Santé Connect leads back to; its script shows the answer, for a mere visit changes nothing."""
    return shown(call, "psc", page_values=_ways_in())


@page("/join")
def join(call: Call) -> Answer:
    """Show the page the link of an invitation leads to. Everything it needs to know is behind the `#`."""
    return shown(call, "join", page_values=_ways_in())


@page("/send", may(Action.SEND))
def send(call: Call) -> Answer:
    """Show the sending page."""
    return shown(call, "send")


@page("/transfers", may(Action.FOLLOW))
def transfers(call: Call) -> Answer:
    """Show what one sent."""
    return shown(call, "transfers")


@page("/transfers/{transfer}", may(Action.FOLLOW))
def transfer(call: Call) -> Answer:
    """Show one transfer."""
    return shown(call, "transfer", page_values={"transfer": forms.transfer_id(call.path)})


@page("/transfers/{transfer}/resume", may(Action.SEND))
def resume(call: Call) -> Answer:
    """Show what an unfinished sending needs to go on."""
    return shown(call, "resume", page_values={"transfer": forms.transfer_id(call.path)})


@page("/account", may(Action.OWN_ACCOUNT))
def account(call: Call) -> Answer:
    """Show one's own account."""
    return shown(call, "account", page_values={"psc": settings().clinic.psc})


@page("/members", may(Action.SEE_MEMBERS))
def members(call: Call) -> Answer:
    """Show the members of the clinic."""
    return shown(call, "members")


@page("/health", may(Action.SEE_HEALTH))
def health(call: Call) -> Answer:
    """Show how the service does."""
    return shown(call, "health")


@page("/settings", may(Action.SEE_POLICY))
def rules(call: Call) -> Answer:
    """Show the clinic's rules for signing in."""
    return shown(call, "settings", page_values={"psc": settings().clinic.psc})


@page("/costs", may(Action.SEE_COSTS))
def costs(call: Call) -> Answer:
    """Show what the clinic costs."""
    return shown(call, "costs")


def _ways_in() -> Mapping[str, object]:
    """Say what the sign-in pages may offer, and since when the clinic accepts codes by e-mail: by whom is for its members to know."""
    accepted = ports().policy.acceptance()
    return {"psc": settings().clinic.psc, "accepted_at": None if accepted is None else values.instant(accepted.at)}


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


@edge.route(blueprint, "GET", "/static/{version}/{kind}/{name}", ANYBODY)
def static(call: Call) -> Answer:
    """Give a script or a style; its address changes with its contents, so browsers keep it for ever."""
    kind, name = call.path.get("kind", ""), call.path.get("name", "")
    text = rendering.static_text(kind, name) if kind in TYPES else None
    if text is None:
        raise NotFound
    ours = call.path.get("version") == rendering.static_version()  # a page of before a deployment must not keep what it gets now
    kept = {"Cache-Control": "public, max-age=31536000, immutable"} if ours else {}
    allowed = SAVING if name == SAVING_WORKER else {"Content-Security-Policy": worker_policy()}
    return Answer(200, text, headers={**allowed, **kept}, content_type=TYPES[kind])


def worker_policy() -> str:
    """Say what a worker's own script may do: load its modules and read the bucket."""
    return f"default-src 'none'; script-src 'self'; connect-src 'self' {settings().bucket_origin}"

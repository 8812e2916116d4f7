"""The edge of the API: one decorator that every route goes through on its way in and out."""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import Any
from uuid import uuid4

from chalice.app import Blueprint, Request, Response

from chalicelib.domain.errors import (
    Conflict,
    Forbidden,
    Invalid,
    Malformed,
    NotFound,
    Over,
    Refusal,
    TooLarge,
    TooMany,
    Unauthenticated,
    Unavailable,
)
from chalicelib.domain.login import Session, SignedIn
from chalicelib.domain.strict_json import DECODER
from chalicelib.wiring import settings

log = logging.getLogger("sceau")

STATUS: Mapping[type[Refusal], int] = {
    Malformed: 400,
    Unauthenticated: 401,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    Over: 410,
    TooLarge: 413,
    Invalid: 422,
    TooMany: 429,
    Unavailable: 503,
}
SAFE_METHODS = ("GET", "HEAD")
SHOWN_TO = "sceau-member"
BODY_METHODS = ("POST", "PUT")
BODY_MOST = 2_000_000  # bytes: ten thousand parts of one file, and no more
HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


@dataclass(frozen=True, slots=True)
class Call:
    """One request as the views see it: parsed, with nothing of Chalice in it."""

    path: Mapping[str, str]
    query: Mapping[str, str]
    cookies: Mapping[str, str] = field(repr=False)
    languages: str
    ip: str
    agent: str = field(default="", repr=False)
    member: str | None = None  # whom the page was shown to
    body: Mapping[str, Any] = field(default_factory=dict, repr=False)
    signed_in: SignedIn | None = field(default=None, repr=False)
    recipient: Session | None = field(default=None, repr=False)

    @property
    def who(self) -> SignedIn:
        """Give the member the gate let in."""
        if self.signed_in is None:
            raise Unauthenticated("signin_required")
        return self.signed_in

    @property
    def session(self) -> Session:
        """Give the recipient's session the gate let in."""
        if self.recipient is None:
            raise Unauthenticated("signin_required")
        return self.recipient


@dataclass(frozen=True, slots=True)
class Failure:
    """Anything that is not a refusal. The caller learns its reference, the log the rest."""

    reference: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a view answers: JSON unless `content_type` says otherwise."""

    status: int = 200
    body: Mapping[str, object] | str | None = field(default=None, repr=False)
    cookies: Sequence[str] = field(default=(), repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json"


View = Callable[[Call], Answer]
Gate = Callable[[Call], Call]
Register = Callable[[View], View]
Refuse = Callable[[Refusal | Failure, Call], Answer]


GATES: dict[tuple[str, str], Gate] = {}  # of every route there is


def route(blueprint: Blueprint, method: str, path: str, gate: Gate, refuse: Refuse | None = None) -> Register:
    """Register a view behind its gate: parse the request, turn refusals and failures into answers."""
    GATES[method, path] = gate

    def register(view: View) -> View:
        def entry(**captured: str) -> Response:
            return respond(lambda call: view(gate(call)), blueprint.current_request, captured, refuse or refused)

        entry.__name__ = f"{view.__module__.rpartition('.')[2]}_{view.__name__}"
        blueprint.route(path, methods=[method], content_types=["*/*"])(entry)  # ours to refuse, with our own headers
        return view

    return register


def respond(view: View, request: Request, captured: Mapping[str, str], refuse: Refuse) -> Response:
    """Do one request from end to end, and log that it was answered: the route's pattern, never its values."""
    begun = perf_counter()
    answer = _answer(view, request, read(request, captured), refuse)
    route_pattern = f"{request.method} {request.context.get('resourcePath', '')}"
    milliseconds = round((perf_counter() - begun) * 1000)
    log.info("answered", extra={"route": route_pattern, "status": answer.status, "ms": milliseconds})
    return sent(answer)


def _answer(view: View, request: Request, call: Call, refuse: Refuse) -> Answer:
    told: Refusal | Failure
    try:
        if request.method not in SAFE_METHODS:
            _require_own_page(request.method, request.headers)
            call = replace(call, body=_body(request.raw_body))
        return view(call)
    except Refusal as refusal:
        told = refusal
        if notes := getattr(refusal, "__notes__", None):  # for whoever runs the clinic: the name of a check, never a value
            log.warning("refused", extra={"refusal": refusal.code, "notes": notes})
    except Exception:
        told = Failure(uuid4().hex)
        log.exception("failure", extra={"reference": told.reference})
    try:
        return refuse(told, call)
    except Exception:
        log.exception("not told as it should be", extra={"reference": getattr(told, "reference", "")})
        return refused(told, call)


def refused(refusal: Refusal | Failure, call: Call) -> Answer:
    """Answer a refusal, or a failure, in JSON."""
    if isinstance(refusal, Failure):
        return Answer(500, {"error": "failure", "reference": refusal.reference})
    body = {"error": refusal.code} if refusal.field is None else {"error": refusal.code, "field": refusal.field}
    return Answer(status_of(refusal), body, headers=waiting(refusal))


def status_of(refusal: Refusal) -> int:
    """Give the status of a refusal."""
    return STATUS[type(refusal)]


def waiting(refusal: Refusal) -> Mapping[str, str]:
    """Say how long to wait, where there is a wait."""
    return {"Retry-After": str(int(refusal.retry_after.total_seconds()) + 1)} if isinstance(refusal, TooMany) else {}


def read(request: Request, captured: Mapping[str, str]) -> Call:
    """Parse what every request has; nothing here can refuse."""
    identity = request.context.get("identity", {})
    return Call(
        captured,
        dict(request.query_params or {}),
        _cookies(request.headers.get("cookie", "")),
        request.headers.get("accept-language", ""),
        identity.get("sourceIp", ""),
        request.headers.get("user-agent", ""),
        request.headers.get(SHOWN_TO),
    )


def _require_own_page(method: str, headers: Mapping[str, str]) -> None:
    """Refuse what a form or a script of another site could send: its origin, its kind of site, or its kind of body gives it away."""
    site = headers.get("sec-fetch-site", "same-origin")
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    own = headers.get("origin") == settings().clinic.origin and site in ("same-origin", "none")
    if not own or (method in BODY_METHODS and kind != "application/json"):
        raise Forbidden("foreign_origin")


def _cookies(header: str) -> Mapping[str, str]:
    """Read cookies one by one: a stranger's odd one must not hide ours."""
    pairs = (pair.partition("=") for pair in header.split(";"))
    return {name.strip(): value.strip() for name, _, value in pairs}


def _body(raw: str | bytes) -> Mapping[str, Any]:
    if len(raw) > BODY_MOST:
        raise TooLarge
    if not raw:
        return {}
    try:
        text = raw.decode() if isinstance(raw, bytes) else raw  # UTF-8 and nothing else
        body = DECODER.decode(text)
    except (ValueError, RecursionError) as error:
        raise Malformed("bad_json") from error
    if not isinstance(body, dict):
        raise Malformed("bad_json")
    return body


def sent(answer: Answer) -> Response:
    """Put an answer on the wire, with the headers every answer has."""
    headers: dict[str, Any] = {**HEADERS, "Content-Type": answer.content_type, **answer.headers}
    if answer.cookies:
        headers["Set-Cookie"] = list(answer.cookies)
    body = answer.body if isinstance(answer.body, str) else json.dumps(answer.body) if answer.body is not None else ""
    return Response(body, headers=headers, status_code=answer.status)


def cookie(name: str, value: str, seconds: int) -> str:
    """Write a cookie only this origin's own pages send back, and no script reads."""
    return f"{name}={value}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=Strict"
